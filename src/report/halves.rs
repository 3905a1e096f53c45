//! A value with half the width of its interval, where no other values decide how many digits it has.

use super::number::{fixed, leading};
use crate::record::metric::Metric;
use crate::record::results::Estimate;

/// In a unit that people use, with as many digits as the interval is worth, and never more than five.
pub(super) fn with_half(estimate: &Estimate, metric: &str) -> String {
    let unit = Metric::named(metric).map_or("", |metric| metric.unit);
    let (factor, before, after) = match unit {
        "ratio" => (100.0, "", "\u{202f}%"),
        "ms" if estimate.value >= 1000.0 => (1e-3, "", "\u{202f}s"),
        "ms" => (1.0, "", "\u{202f}ms"),
        "s" => (1.0, "", "\u{202f}s"),
        "usd" => (1.0, "$", ""),
        _ => (1.0, "", ""),
    };
    let half = match estimate.ci95 {
        [Some(low), Some(high)] => Some((high - low) / 2.0 * factor),
        _ => None,
    };
    let value = estimate.value * factor;
    let size = half.filter(|half| *half > 0.0);
    let digits = leading(size.unwrap_or(value.abs() * 1e-2));
    let digits = digits.min(leading(value.abs() * 1e-4));
    let least = if estimate.at_horizon { "≥ " } else { "" };
    let number = fixed(value, digits);
    match half {
        Some(half) => format!("{least}{before}{number}{after} ± {}", fixed(half, digits)),
        None => format!("{least}{before}{number}{after}"),
    }
}

/// The same, but where the interval is not even the interval itself: of a percentile one way may be ten times
/// the other, or have no end.
pub(super) fn with_interval(estimate: &Estimate, metric: &str) -> String {
    let even = match estimate.ci95 {
        [Some(low), Some(high)] => {
            let (down, up) = (estimate.value - low, high - estimate.value);
            (up - down).abs() <= 0.2 * (up + down)
        }
        [None, None] => true,
        _ => false,
    };
    if even {
        return with_half(estimate, metric);
    }
    let bare = |value: f64| {
        let mut bare = estimate.clone();
        (bare.value, bare.ci95, bare.at_horizon) = (value, [None, None], false);
        with_half(&bare, metric)
    };
    let [low, high] = estimate.ci95.map(|end| end.map_or("?".to_owned(), bare));
    let least = if estimate.at_horizon { "≥ " } else { "" };
    format!("{least}{} [{low}, {high}]", bare(estimate.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_that_the_interval_is_worth() {
        let told = |value: f64, half: f64, metric: &str| {
            let estimate = Estimate {
                value,
                ci95: [Some(value - half), Some(value + half)],
                ..Estimate::default()
            };
            with_half(&estimate, metric)
        };
        assert_eq!(
            told(0.99551, 0.00021, "success_ratio"),
            "99.55\u{202f}% ± 0.02"
        );
        assert_eq!(
            told(6234.0, 55.0, "latency_good_ms_p99"),
            "6.23\u{202f}s ± 0.06"
        );
        assert_eq!(
            told(0.0075123, 0.00002, "cost_usd_per_success"),
            "$0.00751 ± 0.00002"
        );
        assert_eq!(told(1000.0, 0.0, "retries_peak_per_100ms"), "1000 ± 0");
    }

    #[test]
    fn an_interval_that_is_not_even_stands_as_it_is() {
        let told = |value: f64, ci95: [Option<f64>; 2]| {
            let estimate = Estimate {
                value,
                ci95,
                ..Estimate::default()
            };
            with_interval(&estimate, "latency_good_ms_p99")
        };
        assert_eq!(
            told(6000.0, [Some(5900.0), Some(6110.0)]),
            "6.0\u{202f}s ± 0.1"
        );
        let uneven = told(6000.0, [Some(5900.0), Some(9000.0)]);
        assert_eq!(uneven, "6.00\u{202f}s [5.90\u{202f}s, 9.00\u{202f}s]");
        let open = told(6000.0, [Some(5900.0), None]);
        assert_eq!(open, "6.00\u{202f}s [5.90\u{202f}s, ?]");
    }
}
