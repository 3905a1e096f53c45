//! Ticks and scales.

use crate::report::number::{clock, plain};

/// A linear map from values to px.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Maps `low` to `from` and `high` to `to`; a range without width is widened.
    pub(super) fn new(low: f64, high: f64, from: f64, to: f64) -> Scale {
        let high = if high > low { high } else { low + 1.0 };
        Scale {
            low,
            high,
            from,
            to,
        }
    }

    /// The px of a value, values beyond the ends kept at the ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The lowest and the highest value.
    pub(super) fn range(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Whether a value lies within.
    pub(super) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// A tick: its value and its words.
pub(super) type Tick = (f64, String);

/// A step of 1, 2 or 5 times a power of ten that makes about `count` of them span `range`.
pub(in crate::report) fn step(range: f64, count: f64) -> f64 {
    let rough = (range / count).max(1e-12);
    let power = libm::pow(10.0, libm::log10(rough).floor());
    let lead = rough / power;
    let lead = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|&s| lead <= s + 1e-9);
    lead.unwrap_or(10.0) * power
}

/// The largest of 1, 2 and 5 times a power of ten that is not above `value`.
pub(super) fn round_below(value: f64) -> f64 {
    let value = value.max(1e-12);
    let power = libm::pow(10.0, libm::log10(value).floor());
    let leads = [5.0, 2.0, 1.0].into_iter().map(|lead| lead * power);
    leads
        .into_iter()
        .find(|round| *round <= value * (1.0 + 1e-9))
        .unwrap_or(power)
}

/// Even ticks from `low` to `high`.
pub(super) fn even(low: f64, high: f64, count: f64) -> Vec<Tick> {
    let step = step(high - low, count);
    let decimals = crate::report::number::leading(step);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last)
        .map(|k| k as f64 * step)
        .map(|value| (value, plain(value, decimals)))
        .collect()
}

/// Ticks 1, 2, 5, 10 … (or 1, 10, 100 … over many decades), values unlogged.
pub(super) fn decades(low: f64, high: f64) -> Vec<f64> {
    let from = libm::log10(low.max(1e-12)).floor() as i32;
    let to = libm::log10(high.max(1e-12)).ceil() as i32;
    let leads: &[f64] = if to - from > 4 {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    (from..=to)
        .flat_map(|k| {
            leads
                .iter()
                .map(move |lead| lead * libm::pow(10.0, f64::from(k)))
        })
        .filter(|value| *value >= low * 0.999 && *value <= high * 1.001)
        .collect()
}

/// Ticks of a clock: whole seconds, minutes or hours, at most about `count`.
pub(super) fn clocks(from_ns: u64, to_ns: u64, count: u64) -> Vec<(u64, String)> {
    const MS: u64 = 1_000_000;
    const STEPS: [u64; 20] = [
        100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
        600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
    ];
    let range = to_ns.saturating_sub(from_ns);
    let step = STEPS
        .into_iter()
        .map(|ms| ms * MS)
        .find(|step| range / step <= count)
        .unwrap_or(range / count + 1);
    let first = from_ns.div_ceil(step);
    let last = to_ns / step;
    (first..=last)
        .map(|k| (k * step, clock(k * step)))
        .collect()
}

/// How many nines a share has: 0.99 → 2. One without end becomes `most`.
pub(super) fn nines(share: f64, most: f64) -> f64 {
    let rest = 1.0 - share;
    if rest <= 0.0 {
        most
    } else {
        (-libm::log10(rest)).clamp(0.0, most)
    }
}

/// The ticks of an axis of nines: 0, 50 %, 90 %, 99 % … up to `most` nines.
pub(super) fn nine_ticks(low: f64, most: f64) -> Vec<Tick> {
    let whole = (1..=9).map(|k: i32| {
        let text = match k {
            1 => "90".to_owned(),
            2 => "99".to_owned(),
            k => format!("99.{}", "9".repeat(k as usize - 2)),
        };
        (f64::from(k), format!("{text}\u{202f}%"))
    });
    [
        (0.0, "0".to_owned()),
        (nines(0.5, 9.0), "50\u{202f}%".to_owned()),
    ]
    .into_iter()
    .chain(whole)
    .filter(|(value, _)| (low - 1e-9..=most + 1e-9).contains(value))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(step(100.0, 5.0), 20.0);
        assert!((step(0.9, 5.0) - 0.2).abs() < 1e-12);
        let ticks: Vec<String> = even(-0.25, 0.2, 4.0).into_iter().map(|t| t.1).collect();
        assert_eq!(ticks, ["−0.2", "0", "0.2"]);
    }

    #[test]
    fn clocks_tick_in_whole_units() {
        const S: u64 = 1_000_000_000;
        let ticks: Vec<String> = clocks(60 * S, 600 * S, 9)
            .into_iter()
            .map(|t| t.1)
            .collect();
        assert_eq!(ticks.len(), 10);
        assert_eq!(ticks[0], "1:00");
        assert_eq!(clocks(0, 32 * S, 8)[1].1, "0:05");
    }

    #[test]
    fn nines_have_an_end() {
        assert_eq!(nines(1.0, 4.5), 4.5);
        assert!((nines(0.99, 9.0) - 2.0).abs() < 1e-9);
        assert_eq!(
            nine_ticks(0.0, 3.0).last().map(|t| t.1.clone()),
            Some("99.9\u{202f}%".into())
        );
    }
}
