//! What the drift monitors, guards and limits of a policy raised alerts about, in a sentence.

use super::measure::Measure;
use super::number::fixed;
use crate::record::Results;
use crate::record::results::{Estimate, NamedAlerts, PolicyResults};

/// Faults that are told one by one.
const MOST: usize = 3;

/// Names that are told one by one: all guards and limits there are, and some monitors.
const MOST_NAMES: usize = 8;

/// How often they alarmed, how often falsely, and how they met each fault; None of a policy without.
pub(super) fn told(results: &Results, policy: &PolicyResults) -> Option<String> {
    let value = |name: &str, estimate: &Estimate| Measure::of(results, name).value(estimate);
    let alerts = policy.metrics.get("alerts")?;
    let mut said = format!("{} in one run", value("alerts", alerts));
    if let Some(wrong) = policy.metrics.get("false_alerts") {
        said.push_str(&format!(", {} of them false", value("false_alerts", wrong)));
    }
    let met = results.faults.iter().filter_map(|fault| {
        let metrics = policy.during.get(&fault.name)?;
        let share = metrics.get("alerted_ratio")?;
        if fault.drawn {
            let share = value("alerted_ratio", share);
            let delay = metrics
                .get("alert_delay_s")
                .map(|delay| after(results, delay));
            let delay = delay.map(|delay| format!(", after {delay} on average"));
            let (name, delay) = (&fault.name, delay.unwrap_or_default());
            return Some(format!("{name}: {share} of incidents met{delay}"));
        }
        // A share of runs: each was met in it, or missed.
        let met = (share.value * share.n as f64).round() as u64;
        let delay = metrics.get("alert_delay_s").map(|delay| {
            let after = after(results, delay);
            match met < share.n {
                true => format!(", in those after {after}"),
                false => format!(", after {after}"),
            }
        });
        let (name, of) = (&fault.name, share.n);
        let delay = delay.unwrap_or_default();
        Some(format!("{name} met in {met} of {of} runs{delay}"))
    });
    for one in met.take(MOST) {
        said.push_str(&format!("; {one}"));
    }
    // A single monitor is told by the sum.
    let names = &policy.alerts;
    if names.len() > 1 || names.iter().any(|one| one.ratio.is_some()) {
        for one in names.iter().take(MOST_NAMES) {
            said.push_str(&format!("; {}", told_of(results, one)));
        }
    }
    Some(said)
}

/// A time to an alert; from two days on in days, which nobody reads out of seconds.
fn after(results: &Results, seconds: &Estimate) -> String {
    const DAY_S: f64 = 86_400.0;
    match seconds.value < 2.0 * DAY_S {
        true => Measure::of(results, "alert_delay_s").value(seconds),
        false => format!("{} days", fixed(seconds.value / DAY_S, 1)),
    }
}

/// How often one of them did, of how much, and when first.
fn told_of(results: &Results, named: &NamedAlerts) -> String {
    let value = |name: &str, estimate: &Estimate| Measure::of(results, name).value(estimate);
    let mut said = format!("{} {}", named.name, value("alerts", &named.alerts));
    let Some(first) = named.first_s.as_ref() else {
        return said;
    };
    if let Some(share) = &named.ratio {
        let of = match named.name.as_str() {
            "guard.judge" => "verdicts",
            name if name.starts_with("limit.") => "calls",
            _ => "answers",
        };
        let share = value("alerted_ratio", share);
        said.push_str(&format!(" ({share} of {of})"));
    }
    if let Some(wrong) = named
        .false_alerts
        .as_ref()
        .filter(|wrong| wrong.value > 0.0)
    {
        said.push_str(&format!(", {} of them false", value("false_alerts", wrong)));
    }
    let first = after(results, first);
    said.push_str(&format!(", first {first} into the run"));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::FaultRecord;

    #[test]
    fn it_says_how_often_how_falsely_and_how_each_fault_was_met() {
        let estimate = |value: f64| Estimate {
            value,
            n: 32,
            ci95: [Some(value), Some(value)],
            ..Estimate::default()
        };
        let entry = |name: &str, value| (name.to_owned(), estimate(value));
        let mut policy = PolicyResults::default();
        let fault = FaultRecord {
            name: "drift".into(),
            ..FaultRecord::default()
        };
        let mut results = Results::default();
        results.faults.push(fault);
        assert_eq!(told(&results, &policy), None);
        policy.metrics = [entry("alerts", 60.0), entry("false_alerts", 2.0)].into();
        let met = [entry("alerted_ratio", 1.0), entry("alert_delay_s", 11.0)];
        policy.during.insert("drift".into(), met.into());
        let said = told(&results, &policy)
            .unwrap()
            .replace(['\u{202f}', '\u{a0}'], " ");
        assert_eq!(
            said,
            "60 in one run, 2 of them false; drift met in 32 of 32 runs, after 11 s"
        );
        let some = [entry("alerted_ratio", 0.75), entry("alert_delay_s", 11.0)];
        policy.during.insert("drift".into(), some.into());
        let said = told(&results, &policy).unwrap().replace('\u{a0}', " ");
        let wanted = "; drift met in 24 of 32 runs, in those after 11 s";
        assert!(said.ends_with(wanted), "{said}");
        policy
            .during
            .insert("drift".into(), [entry("alerted_ratio", 0.0)].into());
        let said = told(&results, &policy)
            .unwrap()
            .replace(['\u{202f}', '\u{a0}'], " ");
        assert!(said.ends_with("; drift met in 0 of 32 runs"), "{said}");
        let of = |name: &str, alerts, ratio: Option<f64>, first: Option<f64>| NamedAlerts {
            name: name.into(),
            alerts: estimate(alerts),
            ratio: ratio.map(estimate),
            first_s: first.map(estimate),
            ..NamedAlerts::default()
        };
        policy.alerts = vec![of("quality", 60.0, None, Some(90.0))];
        assert!(!told(&results, &policy).unwrap().contains("quality"));
        policy
            .alerts
            .push(of("guard.schema", 30.0, Some(0.25), Some(12.0)));
        policy.alerts[1].false_alerts = Some(estimate(2.0));
        policy.alerts.push(of("limit.turns", 0.0, Some(0.0), None));
        let said = told(&results, &policy)
            .unwrap()
            .replace(['\u{202f}', '\u{a0}'], " ");
        let names = "; quality 60, first 90 s into the run; guard.schema 30 (25.0 % of answers), \
                     2 of them false, first 12 s into the run; limit.turns 0";
        assert!(said.ends_with(names), "{said}");
    }

    #[test]
    fn of_incidents_that_are_drawn_a_run_has_many_and_a_share_of_them_is_told() {
        let estimate = |value: f64| Estimate {
            value,
            n: 32,
            ..Estimate::default()
        };
        let entry = |name: &str, value| (name.to_owned(), estimate(value));
        let results = Results {
            faults: vec![FaultRecord {
                name: "incidents".into(),
                drawn: true,
                ..FaultRecord::default()
            }],
            ..Results::default()
        };
        let met = [entry("alerted_ratio", 0.25), entry("alert_delay_s", 11.0)];
        let policy = PolicyResults {
            metrics: [entry("alerts", 60.0)].into(),
            during: [("incidents".to_owned(), met.into())].into(),
            ..PolicyResults::default()
        };
        let said = told(&results, &policy).unwrap();
        let said = said.replace(['\u{202f}', '\u{a0}'], " ");
        assert!(said.contains("; incidents: 25"), "{said}");
        assert!(
            said.ends_with("of incidents met, after 11 s on average"),
            "{said}"
        );
    }
}
