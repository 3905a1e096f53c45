//! What is compared and what must hold, condition by condition.

use super::super::model::{Compare, Condition, Expect, Gate, Scenario};
use super::super::phrases;
use crate::base::Duration;
use crate::record::metric::Metric;
use crate::record::results::{Calls, MinEffect, Severity};

/// The metrics that get verdicts, each with the least effect that matters.
pub(super) fn compared(compare: &Compare) -> String {
    let effect = |metric: &&Metric| {
        let effect = compare.min_effect.get(metric.name)?;
        Some(format!(
            "{} by {} or more",
            metric.name,
            least(metric, *effect)
        ))
    };
    let name = |metric: &&'static Metric| effect(metric).unwrap_or_else(|| metric.name.into());
    let metrics: Vec<String> = compare.metrics.iter().map(name).collect();
    format!("{}.", metrics.join(", "))
}

fn least(metric: &Metric, effect: MinEffect) -> String {
    match effect {
        MinEffect::Relative(share) => percent(share),
        MinEffect::Absolute(size) if metric.unit == "ratio" => {
            format!("{} points", short(size * 100.0))
        }
        MinEffect::Absolute(size) => value(metric, size),
    }
}

/// More lines than these nobody reads.
const MOST: usize = 20;

/// What must hold, one sentence each.
pub(super) fn expected(scenario: &Scenario) -> Vec<String> {
    let each = |expect: &Expect| -> Vec<String> {
        let said = expect.conditions.iter();
        said.map(|condition| sentence(expect, condition)).collect()
    };
    let mut all: Vec<String> = scenario.expectations.iter().flat_map(each).collect();
    let more = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    if more > 0 {
        all.push(format!("And {more} more."));
    }
    if all.is_empty() {
        all.push("nothing.".into());
    }
    all
}

fn sentence(expect: &Expect, condition: &Condition) -> String {
    let policy = expect.policy.as_deref().unwrap_or("every policy");
    let policy = match &expect.layer {
        Some(layer) => &format!("{policy}, layer {layer}"),
        None => policy,
    };
    let gate = match expect.gate {
        Gate::Bound => "",
        Gate::Mean => " (by the mean)",
        Gate::Runs(_) => " in each run",
    };
    let said = match condition {
        Condition::Min(m, least) => {
            format!("{policy}: {} at least {}{gate}", m.name, value(m, *least))
        }
        Condition::Max(m, most) => {
            format!("{policy}: {} at most {}{gate}", m.name, value(m, *most))
        }
        Condition::Within {
            metric: m,
            value: is,
            within,
        } => format!(
            "{policy}: {} {} ± {}",
            m.name,
            value(m, *is),
            value(m, *within)
        ),
        Condition::Order(m, policies) => format!("{}: {}", m.name, policies.join(" < ")),
        Condition::Same(m, policies, effect) => {
            let (all, least) = (policies.join(", "), least(m, *effect));
            format!("{}: {all} differ by less than {least}", m.name)
        }
    };
    let rest = [
        calls(&expect.calls),
        runs(expect.gate),
        only(expect.severity),
    ];
    format!("{said}{}.", rest.concat())
}

/// The calls it is about: ", of critical calls of acme, during outage".
fn calls(calls: &Calls) -> String {
    let whose = Calls {
        during: None,
        after: None,
        ..calls.clone()
    };
    let of = match (whose.is_all(), whose.priority) {
        (true, _) => String::new(),
        (false, Some(_)) => format!(", of {}", whose.name()),
        (false, None) => format!(", {}", whose.name()),
    };
    let during = calls.during.as_ref();
    let during = during.map_or(String::new(), |fault| format!(", during {fault}"));
    let after = calls.after.as_ref();
    let after = after.map_or(String::new(), |fault| format!(", after {fault}"));
    of + &during + &after
}

fn runs(gate: Gate) -> String {
    match gate {
        Gate::Bound | Gate::Mean => String::new(),
        Gate::Runs(share) => format!(
            ", in {} of runs (shown by {} clean ones)",
            percent(share),
            Gate::clean_runs(share)
        ),
    }
}

fn only(severity: Severity) -> String {
    match severity {
        Severity::Fail => String::new(),
        Severity::Warn => " (warns only)".to_owned(),
    }
}

/// A value as a person writes it, in the metric's unit.
fn value(metric: &Metric, value: f64) -> String {
    match metric.unit {
        "ratio" => percent(value),
        "ms" => phrases::moment(Duration::from_s_f64(value / 1e3)),
        "s" => phrases::moment(Duration::from_s_f64(value)),
        "usd" => format!("${}", short(value)),
        "per_s" => format!("{} per second", short(value)),
        _ => short(value),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{}\u{a0}%", short(share * 100.0))
}

/// Without the digits that only come from counting in twos.
fn short(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
