//! A difference in words, the same in the terminal, on the card, in tables and charts.

use super::measure::Measure;
use super::reading::word;
use crate::record::Results;
use crate::record::results::{Difference, Estimate, Judgement, MinEffect};

fn estimate<'a>(results: &'a Results, policy: &str, metric: &str) -> Option<&'a Estimate> {
    let policy = results.policies.iter().find(|other| other.name == policy)?;
    policy.metrics.get(metric)
}

/// Whether both values lie at the deadline: what is known of each is "at least", and of their
/// difference nothing.
pub(super) fn both_at_horizon(results: &Results, measure: &Measure, d: &Difference) -> bool {
    let at = |policy: &str| estimate(results, policy, &measure.name).is_some_and(|e| e.at_horizon);
    at(&d.policy) && at(&d.baseline)
}

/// The difference with its unit: "−35.8 s"; or "both ≥ 60 s" where neither value is known.
pub(super) fn delta(results: &Results, measure: &Measure, d: &Difference) -> String {
    match estimate(results, &d.policy, &measure.name) {
        Some(a) if both_at_horizon(results, measure, d) => {
            format!("both\u{a0}{}", measure.value(a))
        }
        _ => {
            let decimals = measure.delta_decimals(d.value, d.interval);
            format!(
                "{}{}",
                measure.delta(d.value, decimals),
                measure.delta_suffix
            )
        }
    }
}

/// Its interval: "[−36.3, −35.2]"; nothing where neither value is known.
pub(super) fn interval(results: &Results, measure: &Measure, d: &Difference) -> String {
    if both_at_horizon(results, measure, d) {
        return String::new();
    }
    measure.interval(d.interval, measure.delta_decimals(d.value, d.interval))
}

/// "99.99 % against 47.5 %"; nothing where the difference says it already.
pub(super) fn against(results: &Results, measure: &Measure, d: &Difference) -> String {
    if both_at_horizon(results, measure, d) {
        return String::new();
    }
    let value = |policy: &str| estimate(results, policy, &measure.name).map(|e| measure.value(e));
    match (value(&d.policy), value(&d.baseline)) {
        (Some(a), Some(b)) => format!("{a} against {b}"),
        _ => String::new(),
    }
}

/// The verdict in words: "better", "equivalent within ±25 %"; why there is none; and of a difference that is not
/// shown what would have been.
pub(super) fn verdict(results: &Results, measure: &Measure, d: &Difference) -> String {
    let more = more(results, measure, d).map_or(String::new(), |more| format!(": {more}"));
    format!("{}{more}", brief(results, measure, d))
}

/// Of a difference that is not shown: "the smallest detectable is ±0.8 %, try 96 replications".
pub(super) fn more(results: &Results, measure: &Measure, d: &Difference) -> Option<String> {
    let open = d.verdict == Some(Judgement::NoDifferenceShown);
    if !open || both_at_horizon(results, measure, d) {
        return None;
    }
    let base = estimate(results, &d.baseline, &measure.name);
    self::open(results, measure, d, base.map_or(0.0, |e| e.value.abs()))
}

/// The verdict in words, without what would have been.
pub(super) fn brief(results: &Results, measure: &Measure, d: &Difference) -> String {
    match d.verdict {
        _ if both_at_horizon(results, measure, d) => "at the deadline, as failures are".to_owned(),
        Some(Judgement::Equivalent) => {
            let within = within(results, measure);
            format!("{}{within}", word(Judgement::Equivalent))
        }
        Some(verdict) => word(verdict).to_owned(),
        None => "no verdict".to_owned(),
    }
}

/// What a difference that is not shown might have been: "the smallest detectable is ±0.8 %, try 96
/// replications". `base` is what it is compared with, as a size.
pub(super) fn open(
    results: &Results,
    measure: &Measure,
    d: &Difference,
    base: f64,
) -> Option<String> {
    let size = d.detectable?;
    let relative = matches!(
        results.compare.min_effect.get(&measure.name),
        Some(MinEffect::Relative(_))
    );
    let digits = |x: f64| super::number::plain(x, super::number::leading(x) + 1);
    let size = if relative && base > 0.0 {
        format!("{}\u{202f}%", digits(100.0 * size / base))
    } else {
        let scaled = digits(measure.scaled(size));
        format!("{}{scaled}{}", measure.prefix, measure.delta_suffix)
    };
    let more = d
        .replications_needed
        .map_or(String::new(), |n| format!(", try {n} replications"));
    Some(format!("the smallest detectable is ±{size}{more}"))
}

/// The least effect that matters: " within ±25 %", " within ±0.1 points".
pub(super) fn within(results: &Results, measure: &Measure) -> String {
    let plain = |value: f64| super::number::plain(value, 6);
    match results.compare.min_effect.get(&measure.name) {
        Some(MinEffect::Relative(share)) => format!(" within ±{}\u{202f}%", plain(share * 100.0)),
        Some(MinEffect::Absolute(amount)) => format!(
            " within ±{}{}{}",
            measure.prefix,
            plain(measure.scaled(*amount)),
            measure.delta_suffix
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::reading::difference;

    #[test]
    fn of_two_values_at_the_deadline_no_difference_is_told() {
        let results = fixture::outage();
        let p99 = Measure::of(&results, "latency_good_ms_p99");
        let d = difference(&results, "breaker", &p99.name).unwrap();
        assert_eq!(delta(&results, &p99, d), "both\u{a0}≥\u{a0}60\u{a0}s");
        assert_eq!(interval(&results, &p99, d), "");
        assert!(verdict(&results, &p99, d).contains("deadline"));
    }

    #[test]
    fn what_is_not_shown_says_what_would_have_been_and_what_to_try() {
        let mut results = fixture::outage();
        for d in &mut results.differences {
            d.verdict = Some(Judgement::NoDifferenceShown);
            d.replications_needed = Some(96);
            d.detectable = Some(match d.metric.as_str() {
                "success_ratio" => 0.0046,
                _ => 0.000_176,
            });
        }
        let told = |name: &str| {
            let measure = Measure::of(&results, name);
            verdict(
                &results,
                &measure,
                difference(&results, "breaker", name).unwrap(),
            )
        };
        assert_eq!(
            told("success_ratio"),
            "no difference shown: the smallest detectable is ±0.46\u{a0}points, try 96 replications"
        );
        let base = results
            .policies
            .iter()
            .find(|p| p.name == "retry-only")
            .unwrap();
        let share = 100.0 * 0.000_176 / base.metrics["cost_usd_per_success"].value;
        let (cost, shown) = (told("cost_usd_per_success"), format!("±{share:.2}"));
        assert!(
            cost.contains(&shown) && cost.contains('%'),
            "{cost} {shown}"
        );
    }

    #[test]
    fn equivalence_says_within_what() {
        let mut results = fixture::outage();
        let success = Measure::of(&results, "success_ratio");
        for d in &mut results.differences {
            d.verdict = Some(Judgement::Equivalent);
        }
        let d = difference(&results, "breaker", &success.name).unwrap();
        assert_eq!(
            verdict(&results, &success, d),
            "equivalent within ±0.1\u{a0}points"
        );
        let cost = Measure::of(&results, "cost_usd_per_success");
        let d = difference(&results, "breaker", &cost.name).unwrap();
        assert_eq!(verdict(&results, &cost, d), "equivalent within ±2\u{202f}%");
    }
}
