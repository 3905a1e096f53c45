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
}
