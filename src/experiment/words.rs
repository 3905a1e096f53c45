//! Estimates in words: as many digits as the interval is worth, with units people use.

use crate::record::metric::Metric;

use super::needed::{ONE_SIDED, Side};
use super::sample::{Sample, Spread, hits, possible};

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
    with_digits(value, unit, 6)
}

/// How far something may be off: nobody means more than three digits of it.
pub fn tolerance(value: f64, unit: &str) -> String {
    with_digits(value, unit, 3)
}

fn with_digits(value: f64, unit: &str, significant: i32) -> String {
    let shown = shown(unit, value);
    let scaled = value * shown.factor;
    let text = format!("{scaled:.*}", decimals(scaled, significant));
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => &text,
    };
    format!("{}{text}{}", shown.before, shown.after)
}

/// A value with the bound that decides about it, of the one-sided 95 % bounds the lower or the
/// upper: `1.37, at most 1.39`, `27.3 s, no upper bound`, `≥ 60 s, at least 60 s`; with None what
/// is judged by the value alone.
pub fn found(sample: &Sample, metric: &Metric, bound: Option<Side>) -> String {
    let Some(side) = bound else {
        let alone = number(sample.value, 0.0, metric.unit);
        return format!("{}{alone}", before(sample));
    };
    let [low, high] = possible(sample.interval(ONE_SIDED), metric.unit);
    let (bound, words, none) = match side {
        Side::AtLeast => (low, "at least", "no lower bound"),
        Side::AtMost => (high, "at most", "no upper bound"),
    };
    let reach = bound.map_or(0.0, |bound| (bound - sample.value).abs());
    let value = number(sample.value, reach, metric.unit);
    let bound = match bound {
        // In the unit and with the digits of the value, whatever its own size.
        Some(bound) => format!("{words} {}", like(bound, sample.value, reach, metric.unit)),
        None => none.to_owned(),
    };
    format!("{}{value}, {bound}", before(sample))
}

/// A value with its standard error, as laws are judged by it: `1.203, standard error 0.0021
/// (0.0025 allowed)`.
pub fn with_error(sample: &Sample, metric: &Metric, most: f64) -> String {
    let se = sample.se();
    let value = number(sample.value, se.unwrap_or(0.0), metric.unit);
    let unit = unit_of_difference(metric);
    let error = se.map_or(String::new(), |se| {
        let (se, most) = (tolerance(se, unit), tolerance(most, unit));
        format!(", standard error {se} ({most} allowed)")
    });
    format!("{}{value}{error}", before(sample))
}

/// What stands before a value: "≥ " where failures sit, and how many of the runs say so.
fn before(sample: &Sample) -> String {
    let at_least = if sample.at_horizon() { "≥ " } else { "" };
    let runs = match &sample.spread {
        Spread::Share(answers) => {
            let (hits, of) = hits(answers);
            format!("{hits} of {of} runs, ")
        }
        _ => String::new(),
    };
    format!("{runs}{at_least}")
}

/// A value with an interval in a unit.
pub fn interval(value: f64, [low, high]: [Option<f64>; 2], unit: &str) -> String {
    let shown = shown(unit, value);
    // The farther bound says how much the value is worth.
    let reach = [low, high]
        .into_iter()
        .flatten()
        .map(|bound| (bound - value).abs());
    let reach = reach.fold(0.0, f64::max);
    let text = number(value, reach, unit);
    if low.is_none() && high.is_none() {
        return text;
    }
    let decimals = worth(value, reach, &shown);
    let bound = |x: Option<f64>| {
        x.map_or("none".to_owned(), |x| {
            let (sign, digits) = signed(x * shown.factor, decimals);
            format!("{sign}{digits}")
        })
    };
    format!("{text} [{}, {}]", bound(low), bound(high))
}

/// A value in its unit, with the digits that an interval of this reach is worth: `−$0.000349`.
fn number(value: f64, reach: f64, unit: &str) -> String {
    like(value, value, reach, unit)
}

/// A number in the unit and with the digits in which another is shown.
fn like(x: f64, value: f64, reach: f64, unit: &str) -> String {
    let shown = shown(unit, value);
    let (sign, digits) = signed(x * shown.factor, worth(value, reach, &shown));
    format!("{sign}{}{digits}{}", shown.before, shown.after)
}

/// Decimals: one digit of the interval's reach, two where it begins with a one.
fn worth(value: f64, reach: f64, shown: &Shown) -> usize {
    let (reach, scaled) = (reach * shown.factor, value * shown.factor);
    let worth = decimals(reach * 0.501, 1);
    match (reach > 0.0, scaled == 0.0) {
        (true, true) => worth,
        (true, false) => worth.min(decimals(scaled, 6)),
        (false, _) => decimals(scaled, 4),
    }
}

/// The sign and the digits of a number; what rounds to nothing has no sign.
fn signed(x: f64, decimals: usize) -> (&'static str, String) {
    let text = format!("{:.decimals$}", x.abs());
    let nothing = text.chars().all(|c| c == '0' || c == '.');
    let sign = if x < 0.0 && !nothing { "−" } else { "" };
    (sign, text)
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
        assert_eq!(tolerance(0.0111111, "ratio"), "1.11 %");
        assert_eq!(tolerance(0.0005, POINTS), "0.05 points");
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
        assert_eq!(
            text(-0.000349, -0.0004, -0.0003, "usd"),
            "−$0.00035 [−0.00040, −0.00030]"
        );
        assert_eq!(interval(5.0, [Some(3.0), None], "s"), "5 s [3, none]");
        assert_eq!(interval(5.0, [None, None], "s"), "5.000 s");
    }

    #[test]
    fn what_was_found_ends_in_the_bound_that_decides() {
        let metric = Metric::named("amplification").unwrap();
        // 1.5 ± 0.5: se = 0.2887, and t with 3 degrees of freedom is 2.3534 at a one-sided 95 %.
        let sample = Sample::mean(&[1.0, 2.0, 2.0, 1.0]).unwrap();
        let at = |bound| found(&sample, metric, bound);
        assert_eq!(at(Some(Side::AtLeast)), "1.5, at least 0.8");
        assert_eq!(at(Some(Side::AtMost)), "1.5, at most 2.2");
        assert_eq!(at(None), "1.500");
        let one = Sample::mean(&[1.0]).unwrap();
        assert_eq!(
            found(&one, metric, Some(Side::AtMost)),
            "1.000, no upper bound"
        );
        assert_eq!(
            with_error(&sample, metric, 0.25),
            "1.5, standard error 0.289 (0.25 allowed)"
        );
    }
}
