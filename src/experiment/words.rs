//! Estimates in words: as many digits as the interval is worth, with units people use.

use crate::record::metric::Metric;

use super::sample::{LEVEL, Sample, Spread, hits, possible};

/// How numbers of a unit are shown.
struct Shown {
    factor: f64,
    before: &'static str,
    after: &'static str,
}

/// The unit of a difference of two ratios.
const POINTS: &str = "points";

/// The unit in which a difference of a metric is told.
pub fn unit_of_difference(metric: &Metric) -> &'static str {
    if metric.unit == "ratio" {
        POINTS
    } else {
        metric.unit
    }
}

/// Milliseconds from a thousand up are seconds; ratios are percentages.
fn shown(unit: &str, magnitude: f64) -> Shown {
    let (factor, before, after) = match unit {
        "ratio" => (100.0, "", " %"),
        POINTS => (100.0, "", " points"),
        "ms" if magnitude.abs() >= 1000.0 => (0.001, "", " s"),
        "ms" => (1.0, "", " ms"),
        "s" => (1.0, "", " s"),
        "per_s" => (1.0, "", "/s"),
        "usd" => (1.0, "$", ""),
        _ => (1.0, "", ""),
    };
    Shown {
        factor,
        before,
        after,
    }
}

/// A number as a person would write it: six significant digits, no trailing zeros. For limits.
pub fn amount(value: f64, unit: &str) -> String {
    let shown = shown(unit, value);
    let scaled = value * shown.factor;
    let text = format!("{scaled:.*}", decimals(scaled, 6));
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => &text,
    };
    format!("{}{text}{}", shown.before, shown.after)
}

/// A value with its interval: `1.37 [1.35, 1.39]`, `27.3 s [25.1, none]`, `≥ 60 s [60, 60]`.
pub fn found(sample: &Sample, metric: &Metric) -> String {
    let at_least = if sample.at_horizon() { "≥ " } else { "" };
    let reasonable = possible(sample.interval(LEVEL), metric.unit);
    let interval = interval(sample.value, reasonable, metric.unit);
    let runs = match &sample.spread {
        Spread::Share(answers) => {
            let (hits, of) = hits(answers);
            format!("{hits} of {of} runs, ")
        }
        _ => String::new(),
    };
    format!("{runs}{at_least}{interval}")
}

/// A value with an interval in a unit.
pub fn interval(value: f64, [low, high]: [Option<f64>; 2], unit: &str) -> String {
    let shown = shown(unit, value);
    // The farther bound says how much the value is worth.
    let reach = [low, high]
        .into_iter()
        .flatten()
        .map(|bound| (bound - value).abs());
    let reach = reach.fold(0.0, f64::max) * shown.factor;
    let scaled = value * shown.factor;
    // One digit of the interval's reach, two where it begins with a one.
    let worth = decimals(reach * 0.501, 1);
    let decimals = match (reach > 0.0, scaled == 0.0) {
        (true, true) => worth,
        (true, false) => worth.min(decimals(scaled, 6)),
        (false, _) => decimals(scaled, 4),
    };
    let number = |x: f64| {
        let text = format!("{:.decimals$}", x * shown.factor);
        // What rounds to nothing has no sign.
        let nothing = text
            .trim_start_matches('-')
            .chars()
            .all(|c| c == '0' || c == '.');
        if nothing {
            text.trim_start_matches('-').to_owned()
        } else {
            text.replace('-', "−")
        }
    };
    let value = format!("{}{}{}", shown.before, number(value), shown.after);
    if low.is_none() && high.is_none() {
        return value;
    }
    let bound = |x: Option<f64>| x.map_or("none".to_owned(), number);
    format!("{value} [{}, {}]", bound(low), bound(high))
}

/// Decimal places that show so many significant digits.
fn decimals(value: f64, significant: i32) -> usize {
    let value = value.abs();
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let place = libm::floor(libm::log10(value)) as i32;
    // At most twelve: cents of a cent of a cent are enough for anybody.
    usize::try_from((significant - 1 - place).clamp(0, 12)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_written_as_people_write_them() {
        assert_eq!(amount(2.0, "attempts_per_call"), "2");
        assert_eq!(amount(0.999, "ratio"), "99.9 %");
        assert_eq!(amount(0.07, "ratio"), "7 %");
        assert_eq!(amount(30_000.0, "ms"), "30 s");
        assert_eq!(amount(250.0, "ms"), "250 ms");
        assert_eq!(amount(0.0025, "usd"), "$0.0025");
        assert_eq!(amount(100.0, "per_s"), "100/s");
        assert_eq!(amount(0.0, "ratio"), "0 %");
    }

    #[test]
    fn an_estimate_has_as_many_digits_as_its_interval_is_worth() {
        let text = |value, low, high, unit| interval(value, [Some(low), Some(high)], unit);
        assert_eq!(text(1.3712, 1.3512, 1.3912, "count"), "1.37 [1.35, 1.39]");
        assert_eq!(text(27_312.0, 25_100.0, 29_950.0, "ms"), "27 s [25, 30]");
        assert_eq!(
            text(27_312.0, 26_100.0, 28_450.0, "ms"),
            "27.3 s [26.1, 28.4]"
        );
        assert_eq!(
            text(0.99812, 0.997, 0.999, "ratio"),
            "99.81 % [99.70, 99.90]"
        );
        assert_eq!(text(1.2, 1.2, 1.2, "count"), "1.200 [1.200, 1.200]");
        assert_eq!(text(0.0, -0.0001, 0.02, "count"), "0.00 [0.00, 0.02]");
        assert_eq!(
            text(1.2, 1.2, 1.2 + 1e-12, "count"),
            "1.20000 [1.20000, 1.20000]"
        );
        assert_eq!(interval(5.0, [Some(3.0), None], "s"), "5 s [3, none]");
        assert_eq!(interval(5.0, [None, None], "s"), "5.000 s");
    }
}
