//! How a metric is called and written for people: words, unit, factor, digits.
//!
//! Scaling to a handier unit (a share to per cent, ms to s, dollars to dollars per thousand) is all
//! the arithmetic there is.

use super::number::{exact, fixed, leading, list, plain, signed, three};
use super::words::{label, short};
use crate::record::Results;
use crate::record::metric::{Better, Metric};
use crate::record::results::{Estimate, PolicyResults};

/// One metric of one report, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    /// Its name in `results.json`.
    pub(super) name: String,
    /// In words: "p99 to a good answer".
    pub(super) label: String,
    /// Heading of a narrow column: "p99 s".
    pub(super) short: String,
    /// What one row of the table's small print says: "seconds".
    pub(super) unit_words: &'static str,
    /// Multiplies a value of `results.json`.
    pub(super) factor: f64,
    /// Before the number: "$" or nothing.
    pub(super) prefix: &'static str,
    /// After the number, with a space that does not break: " %", " s".
    pub(super) suffix: &'static str,
    /// After a difference: " points" where the value has " %".
    pub(super) delta_suffix: &'static str,
    /// Fewest and most decimals.
    digits: (usize, usize),
    /// Which way is better.
    pub(super) better: Better,
}

/// Units in which a metric may be written.
#[derive(Clone, Copy)]
struct Unit {
    factor: f64,
    prefix: &'static str,
    suffix: &'static str,
    delta_suffix: &'static str,
    words: &'static str,
    digits: (usize, usize),
}

const fn unit(
    factor: f64,
    prefix: &'static str,
    suffix: &'static str,
    delta_suffix: &'static str,
    words: &'static str,
    digits: (usize, usize),
) -> Unit {
    Unit {
        factor,
        prefix,
        suffix,
        delta_suffix,
        words,
        digits,
    }
}

const PERCENT: Unit = unit(100.0, "", "\u{202f}%", "\u{a0}points", "% of calls", (1, 4));
const SECONDS: Unit = unit(1.0, "", "\u{a0}s", "\u{a0}s", "seconds", (0, 2));
const MS_AS_S: Unit = unit(1e-3, "", "\u{a0}s", "\u{a0}s", "seconds", (0, 2));
const MS: Unit = unit(1.0, "", "\u{a0}ms", "\u{a0}ms", "milliseconds", (0, 1));
const PER_THOUSAND: Unit = unit(1000.0, "$", "", "", "USD", (2, 4));
const DOLLARS: Unit = unit(1.0, "$", "", "", "USD", (2, 4));
const PER_S: Unit = unit(1.0, "", "\u{a0}/s", "\u{a0}/s", "per second", (0, 2));
const TIMES: Unit = unit(1.0, "", "\u{a0}×", "\u{a0}×", "per call", (2, 2));
const COUNT: Unit = unit(1.0, "", "", "", "mean of runs", (0, 1));

impl Measure {
    /// The metric of that name, in the unit that suits its largest value in these results.
    pub(super) fn of(results: &Results, name: &str) -> Measure {
        let estimates = || {
            results
                .policies
                .iter()
                .filter_map(|policy| policy.metrics.get(name))
        };
        let known = Metric::named(name);
        let raw = known
            .map(|metric| metric.unit)
            .or_else(|| estimates().next().map(|e| e.unit.as_str()))
            .unwrap_or("count");
        let largest = estimates().map(|e| e.value.abs()).fold(0.0, f64::max);
        let unit = match raw {
            "ratio" => PERCENT,
            "s" => SECONDS,
            "ms" if largest > 0.0 && largest < 1000.0 => MS,
            "ms" => MS_AS_S,
            "usd" if name.contains("_per_") => PER_THOUSAND,
            "usd" => DOLLARS,
            "per_s" => PER_S,
            "attempts_per_call" => TIMES,
            _ => COUNT,
        };
        let unit = match raw {
            "ratio" => Unit {
                words: share_of(name),
                ..unit
            },
            _ => unit,
        };
        Measure {
            name: name.to_owned(),
            label: label(name),
            short: short(name, unit.suffix),
            unit_words: unit.words,
            factor: unit.factor,
            prefix: unit.prefix,
            suffix: unit.suffix,
            delta_suffix: unit.delta_suffix,
            digits: unit.digits,
            better: known.map_or(Better::Neither, |metric| metric.better),
        }
    }

    /// The value in the unit it is written in.
    pub(super) fn scaled(&self, value: f64) -> f64 {
        value * self.factor
    }

    /// Decimals that show a value as exactly as its interval allows.
    pub(super) fn decimals(&self, estimate: &Estimate) -> usize {
        let by_interval = match (half_width(estimate), estimate.ci95) {
            (Some(half), _) => leading(self.scaled(half)),
            // An interval of no width says that every run gave this very value.
            (None, [Some(_), Some(_)]) => exact(self.scaled(estimate.value)),
            (None, _) => self.digits.0,
        };
        // 99.99 % must not become 100.0 % because its interval is wide.
        let to_all = 100.0 - self.scaled(estimate.value);
        let by_nines = if self.suffix == PERCENT.suffix && to_all > 0.0 && to_all < 1.0 {
            leading(to_all)
        } else {
            0
        };
        by_interval
            .max(by_nines)
            .clamp(self.digits.0, self.digits.1)
    }

    /// The number alone, with its prefix, "≥ 60" at the horizon.
    pub(super) fn number(&self, estimate: &Estimate, decimals: usize) -> String {
        let value = self.scaled(estimate.value);
        if estimate.at_horizon {
            format!("≥\u{a0}{}{}", self.prefix, plain(value, 1))
        } else if self.suffix == PERCENT.suffix && value >= 100.0 {
            "100".to_owned()
        } else {
            format!("{}{}", self.prefix, fixed(value, decimals))
        }
    }

    /// The value with prefix and unit: "99.99 %", "$11.62", "≥ 60 s".
    pub(super) fn value(&self, estimate: &Estimate) -> String {
        format!(
            "{}{}",
            self.number(estimate, self.decimals(estimate)),
            self.suffix
        )
    }

    /// Decimals for a difference: those its interval deserves.
    pub(super) fn delta_decimals(&self, value: f64, interval: [Option<f64>; 2]) -> usize {
        let half = match interval {
            [Some(lo), Some(hi)] => (hi - lo) / 2.0,
            [Some(bound), None] | [None, Some(bound)] => (value - bound).abs(),
            [None, None] => value.abs(),
        };
        let extra = usize::from(self.suffix == PERCENT.suffix && self.scaled(half) < 1.0);
        let digits = if half > 0.0 {
            leading(self.scaled(half))
        } else {
            three(self.scaled(value))
        };
        digits.max(extra).clamp(self.digits.0, self.digits.1)
    }

    /// A difference without its unit: "+52.5", "−$10.61".
    pub(super) fn delta(&self, value: f64, decimals: usize) -> String {
        let text = signed(self.scaled(value), decimals);
        match text.strip_prefix(['+', '−']) {
            Some(rest) if !self.prefix.is_empty() => {
                let sign = &text[..text.len() - rest.len()];
                format!("{sign}{}{rest}", self.prefix)
            }
            _ => format!("{}{text}", self.prefix),
        }
    }

    /// An interval: "[+44.4, +60.7]"; a bound that does not exist is an open end.
    pub(super) fn interval(&self, interval: [Option<f64>; 2], decimals: usize) -> String {
        let bound = |b: Option<f64>, open: &str| {
            b.map_or(open.to_owned(), |b| signed(self.scaled(b), decimals))
        };
        match interval {
            [None, None] => "no interval".to_owned(),
            [lo, hi] => format!("[{}, {}]", bound(lo, "−∞"), bound(hi, "+∞")),
        }
    }
}

/// What a share is a share of.
fn share_of(name: &str) -> &'static str {
    match name {
        "recovered_ratio" | "lock_up_share" => "% of runs",
        "bad_answer_ratio" => "% of successes",
        "bad_answers_flagged_ratio" => "% of bad answers",
        "good_answers_flagged_ratio" => "% of good answers",
        "alerted_ratio" => "% of faults",
        "limited_ratio" | "status_429_ratio" => "% of attempts",
        name if name.starts_with("limited_by_") => "% of those for a limit",
        "cached_input_ratio" => "% of prompt tokens",
        "reasoning_ratio" => "% of answer tokens",
        "deferred_answered_ratio" | "deferred_lost_ratio" => "% of deferred calls",
        name if name.starts_with("degraded_") && name != "degraded_ratio" => "% of degraded calls",
        _ => PERCENT.words,
    }
}

/// Half the width of a two-sided interval.
pub(super) fn half_width(estimate: &Estimate) -> Option<f64> {
    match estimate.ci95 {
        [Some(lo), Some(hi)] if hi > lo => Some((hi - lo) / 2.0),
        _ => None,
    }
}

/// The headline metrics that at least one policy has.
pub(super) fn headline(results: &Results) -> Vec<Measure> {
    results
        .compare
        .metrics
        .iter()
        .filter(|name| {
            results
                .policies
                .iter()
                .any(|policy| policy.metrics.contains_key(*name))
        })
        .map(|name| Measure::of(results, name))
        .collect()
}

/// The share of bad answers under success from which they are told of: with fewer no figure of three digits
/// changes, and there are always some that stopped at max-tokens.
const BAD_ENOUGH: f64 = 0.001;

/// Whether a policy's share of bad answers is worth telling.
fn is_bad_enough(policy: &PolicyResults) -> bool {
    let bad = policy.metrics.get("bad_answer_ratio");
    bad.is_some_and(|share| share.value >= BAD_ENOUGH)
}

/// Shares with a column of their own where any policy has some and they are no headline metrics:
/// degraded answers are neither success nor failure, bad ones are successes that are not.
pub(super) fn apart(results: &Results) -> Vec<Measure> {
    let names = ["degraded_ratio", "bad_answer_ratio"].into_iter();
    let given = |name: &str| {
        let some = |p: &PolicyResults| p.metrics.get(name).is_some_and(|e| e.value > 0.0);
        let bad = name == "bad_answer_ratio";
        let told = |p: &PolicyResults| if bad { is_bad_enough(p) } else { some(p) };
        results.policies.iter().any(told)
    };
    let headline = |name: &str| results.compare.metrics.iter().any(|metric| metric == name);
    let apart = names.filter(|name| given(name) && !headline(name));
    apart.map(|name| Measure::of(results, name)).collect()
}

/// The cost of what went well: of a good answer where some were bad under success, else of a success.
pub(super) fn cost_of_well(results: &Results) -> &'static str {
    let name = "cost_usd_per_good_answer";
    let told = |p: &PolicyResults| p.metrics.contains_key(name);
    if went_well(results) == "good_ratio" && results.policies.iter().any(told) {
        name
    } else {
        "cost_usd_per_success"
    }
}

/// Which share of calls went well: good answers where some were bad under success, else successes.
pub(super) fn went_well(results: &Results) -> &'static str {
    let told = |p: &PolicyResults| p.metrics.contains_key("good_ratio");
    if results.policies.iter().any(is_bad_enough) && results.policies.iter().all(told) {
        "good_ratio"
    } else {
        "success_ratio"
    }
}

/// The words of several metrics as one list.
pub(super) fn labels(measures: &[&Measure]) -> String {
    let words: Vec<&str> = measures.iter().map(|m| m.label.as_str()).collect();
    list(&words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::METRICS;

    fn estimate(value: f64, half: f64) -> Estimate {
        Estimate {
            value,
            ci95: [Some(value - half), Some(value + half)],
            ..Estimate::default()
        }
    }

    #[test]
    fn every_metric_has_words_of_its_own() {
        let results = Results::default();
        for metric in &METRICS {
            let measure = Measure::of(&results, metric.name);
            assert!(!measure.label.contains('_'), "{}", measure.label);
            assert!(measure.short.chars().count() <= 16, "{}", measure.short);
        }
    }

    /// The denominators of the formulas, told from what each counts.
    #[test]
    fn a_share_says_what_it_is_a_share_of() {
        use crate::record::metric::Formula;
        use crate::record::{Sums, replication::UsageRow};
        let mut sums = Sums {
            calls: 2,
            success: 3,
            degraded: 5,
            ..Sums::default()
        };
        sums.fallbacks.given.insert("defer".into(), 7);
        sums.statuses.insert(200, 24);
        sums.limited.insert("day".into(), 23);
        sums.attempts[0] = 29;
        sums.usage.push(UsageRow {
            bad_answers: 11,
            input_tokens: 17,
            cached_input_tokens: 1,
            output_tokens: 19,
            reasoning_tokens: 1,
            ..UsageRow::default()
        });
        for metric in METRICS.iter().filter(|metric| metric.unit == "ratio") {
            let of = match metric.formula {
                Formula::Ratio(_, below, _) => match below(&sums) {
                    2 => "% of calls",
                    3 => "% of successes",
                    5 => "% of degraded calls",
                    7 => "% of deferred calls",
                    11 => "% of bad answers",
                    13 => "% of good answers",
                    17 => "% of prompt tokens",
                    19 => "% of answer tokens",
                    23 => "% of those for a limit",
                    29 => "% of attempts",
                    other => panic!("{} is a share of {other}", metric.name),
                },
                Formula::AlertedRatio => "% of faults",
                _ => "% of runs",
            };
            let said = Measure::of(&Results::default(), metric.name).unit_words;
            assert_eq!(said, of, "{}", metric.name);
        }
    }

    #[test]
    fn money_has_its_sign_in_every_heading() {
        let results = Results::default();
        for metric in METRICS.iter().filter(|metric| metric.unit == "usd") {
            let measure = Measure::of(&results, metric.name);
            assert!(measure.short.contains('$'), "{}", measure.short);
        }
    }

    /// At the share that is told of there is a column and good answers count; just below it neither.
    #[test]
    fn bad_answers_are_told_of_from_one_in_a_thousand_on() {
        let with = |bad: f64| {
            let metrics = [("bad_answer_ratio", bad), ("good_ratio", 0.9)];
            let of = |(name, value): (&str, f64)| (name.to_owned(), estimate(value, 0.0));
            Results {
                policies: vec![PolicyResults {
                    metrics: metrics.map(of).into(),
                    ..PolicyResults::default()
                }],
                ..Results::default()
            }
        };
        let columns = |bad| apart(&with(bad)).len();
        assert_eq!((columns(0.00099), columns(0.001)), (0, 1));
        assert_eq!(went_well(&with(0.00099)), "success_ratio");
        assert_eq!(went_well(&with(0.001)), "good_ratio");
    }

    #[test]
    fn digits_stop_at_the_interval() {
        let results = Results::default();
        let success = Measure::of(&results, "success_ratio");
        assert_eq!(success.value(&estimate(0.9999, 0.0001)), "99.99\u{202f}%");
        assert_eq!(success.value(&estimate(0.4746, 0.0534)), "47.5\u{202f}%");
        assert_eq!(success.value(&estimate(0.99994, 0.05)), "99.994\u{202f}%");
        let p99 = Measure::of(&results, "latency_good_ms_p99");
        assert_eq!(
            p99.value(&estimate(2_500.0, 0.0)),
            "2.5\u{a0}s",
            "every run"
        );
        let cost = Measure::of(&results, "cost_usd_per_success");
        assert_eq!(cost.value(&estimate(0.01162, 0.00002)), "$11.62");
        assert_eq!(cost.delta(-0.0106, 2), "−$10.60");
        assert_eq!(cost.delta(0.0, 2), "$0.00");
    }

    #[test]
    fn the_horizon_is_a_lower_bound() {
        let results = Results::default();
        let p99 = Measure::of(&results, "latency_good_ms_p99");
        let at = Estimate {
            value: 60_000.0,
            at_horizon: true,
            ..Estimate::default()
        };
        assert_eq!(p99.value(&at), "≥\u{a0}60\u{a0}s");
        assert_eq!(p99.interval([Some(-36_300.0), None], 1), "[−36.3, +∞]");
    }
}
