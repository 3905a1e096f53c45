//! The expectations of a scenario against what was found.
//!
//! A limit holds when the one-sided 95 % bound lies inside it, and is broken when the opposite
//! bound lies outside; between the two nothing is shown, which fails the gate as well.

pub mod pairs;

use std::cmp::Ordering;

use self::pairs::{order, same};
use super::book::Book;
use super::estimate::absent::Absent;
use super::needed::{self, ONE_SIDED};
use super::sample::{Sample, Spread};
use super::words::{
    Judged, amount, compare, found, one_sided, side_of, tolerance, unit_of_difference, with_error,
};
use crate::base::Stop;
use crate::record::metric::Metric;
use crate::record::results::{Bound, Expectation, Outcome};
use crate::scenario::Scenario;
use crate::scenario::model::{Condition, Expect, Gate, LAW_REPLICATIONS};

/// Every condition of every expectation, in order of the file; one without a policy holds each
/// policy to its limits. None if it was told to stop.
pub fn expectations(scenario: &Scenario, book: &Book<'_>, stop: &Stop) -> Option<Vec<Expectation>> {
    let conditions = scenario.expectations.iter().flat_map(|expect| {
        let each = expect.conditions.iter();
        each.map(move |condition| (expect, condition))
    });
    let mut all = Vec::new();
    for (expect, condition) in conditions {
        stop.check()?;
        all.extend(judge(expect, condition, book));
    }
    Some(all)
}

fn judge(expect: &Expect, condition: &Condition, book: &Book<'_>) -> Vec<Expectation> {
    let during = expect.during.as_deref();
    match condition {
        Condition::Order(metric, policies) => {
            vec![order(metric, policies, during, book)]
        }
        Condition::Same(metric, policies, effect) => {
            vec![same(metric, policies, *effect, during, book)]
        }
        Condition::Min(metric, _)
        | Condition::Max(metric, _)
        | Condition::Within { metric, .. } => {
            let policies = match &expect.policy {
                Some(policy) => vec![policy.as_str()],
                None => book.policies.clone(),
            };
            let one = |policy| one(metric, condition, expect.gate, (policy, during), book);
            policies.into_iter().map(one).collect()
        }
    }
}

/// What became of a condition: the outcome, and replications that would show it.
type Verdict = (Outcome, Option<u64>);

/// A condition on one policy's metric.
fn one(
    metric: &Metric,
    condition: &Condition,
    gate: Gate,
    (policy, during): (&str, Option<&str>),
    book: &Book<'_>,
) -> Expectation {
    let says = |x: f64| amount(x, metric.unit);
    let limit = match condition {
        Condition::Min(_, limit) => format!("≥ {}", says(*limit)),
        Condition::Max(_, limit) => format!("≤ {}", says(*limit)),
        Condition::Within { value, within, .. } => {
            let off = tolerance(*within, unit_of_difference(metric));
            format!("= {} ± {off}", says(*value))
        }
        Condition::Order(..) | Condition::Same(..) => String::new(),
    };
    let sample = book.find(policy, during, metric);
    let (outcome, needed) = match (&sample, condition) {
        (Err(absent), _) => missing(*absent),
        (Ok(sample), Condition::Min(_, limit)) => against(sample, Bound::AtLeast, *limit, gate),
        (Ok(sample), Condition::Max(_, limit)) => against(sample, Bound::AtMost, *limit, gate),
        (Ok(sample), Condition::Within { value, within, .. }) => law(sample, *value, *within),
        (Ok(_), Condition::Order(..) | Condition::Same(..)) => (Outcome::NotShown, None),
    };
    let place = during.map_or(String::new(), |fault| format!(", {fault}"));
    let (found, bound) = match &sample {
        Ok(sample) => told(sample, metric, condition, gate, outcome),
        Err(absent) => (absent.to_string(), None),
    };
    Expectation {
        text: format!("{policy}{place}: {} {limit}", metric.name),
        policy: Some(policy.to_owned()),
        during: during.map(str::to_owned),
        metric: metric.name.to_owned(),
        found,
        bound,
        outcome,
        replications_needed: needed,
    }
}

/// What was found, with what the gate goes by: the bound that has to be inside the limit, or the
/// opposite one where that is outside. In words, and which bound that is where it exists.
fn told(
    sample: &Sample,
    metric: &Metric,
    condition: &Condition,
    gate: Gate,
    outcome: Outcome,
) -> (String, Option<Bound>) {
    let (worst, best) = match condition {
        Condition::Min(..) => (Bound::AtLeast, Bound::AtMost),
        Condition::Max(..) => (Bound::AtMost, Bound::AtLeast),
        Condition::Within { within, .. } => {
            let judged = |x: f64| held_against(x, condition);
            return (by_law(sample, metric, *within, &judged), None);
        }
        Condition::Order(..) | Condition::Same(..) => return (String::new(), None),
    };
    let bound = match (by_value(sample, gate), outcome) {
        (true, _) => None,
        (false, Outcome::Failed) => Some(best),
        (false, Outcome::Passed | Outcome::NotShown) => Some(worst),
    };
    let words = found(sample, metric, bound, &|x| held_against(x, condition));
    let exists = |side: &Bound| one_sided(sample, *side, metric.unit).is_some();
    (words, bound.filter(exists))
}

/// On which side of a limit or of a law a number lies; at the limit is inside.
fn held_against(x: f64, condition: &Condition) -> Ordering {
    match condition {
        Condition::Min(_, limit) => compare(x, *limit).then(Ordering::Greater),
        Condition::Max(_, limit) => compare(x, *limit).then(Ordering::Less),
        Condition::Within { value, within, .. } => side_of(x, [value - within, value + within]),
        Condition::Order(..) | Condition::Same(..) => Ordering::Equal,
    }
}

fn by_law(sample: &Sample, metric: &Metric, within: f64, judged: Judged<'_>) -> String {
    let text = with_error(sample, metric, within / 4.0, judged);
    if sample.n >= LAW_REPLICATIONS || matches!(sample.spread, Spread::None) {
        return text;
    }
    format!(
        "{text}; {} of the {LAW_REPLICATIONS} replications that `within` needs",
        sample.n
    )
}

/// Whether only the value counts: by the file's wish, or because a maximum has no bounds.
fn by_value(sample: &Sample, gate: Gate) -> bool {
    gate == Gate::Mean || matches!(sample.spread, Spread::None)
}

/// A metric that does not apply fails what is expected of it; one with too few calls shows nothing.
fn missing(absent: Absent) -> Verdict {
    match absent {
        Absent::TooFew { replications } => (Outcome::NotShown, Some(replications)),
        _ => (Outcome::Failed, None),
    }
}

/// A value against a limit.
fn against(sample: &Sample, side: Bound, limit: f64, gate: Gate) -> Verdict {
    // A time at H is "at least H": no limit however long holds it.
    let cut = sample.horizon_ms.unwrap_or(f64::INFINITY);
    let inside = |x: f64| match side {
        Bound::AtLeast => x >= limit,
        Bound::AtMost => x <= limit && x < cut,
    };
    if by_value(sample, gate) {
        return (shown(inside(sample.value)), None);
    }
    let [low, high] = sample.interval(ONE_SIDED);
    let (worst, best) = match side {
        Bound::AtLeast => (low, high),
        Bound::AtMost => (high, low),
    };
    if worst.is_some_and(inside) {
        (Outcome::Passed, None)
    } else if best.is_some_and(|best| !inside(best)) {
        (Outcome::Failed, None)
    } else {
        (Outcome::NotShown, needed::replications(sample, side, limit))
    }
}

fn shown(holds: bool) -> Outcome {
    if holds {
        Outcome::Passed
    } else {
        Outcome::Failed
    }
}

/// The rule for laws: |estimate − value| ≤ within and se ≤ within ÷ 4 over 50 replications. A right
/// model then fails about one row in 10 000, and one wrong by twice the tolerance never passes. A
/// maximum has no se, and its value alone decides.
///
/// A time at H is "at least H". It never is what a law says, and is shown not to be only where the
/// law ends below H.
fn law(sample: &Sample, value: f64, within: f64) -> Verdict {
    if sample.at_horizon() && value + within >= sample.value {
        return (Outcome::NotShown, None);
    }
    let off = (sample.value - value).abs();
    let Some(se) = sample.se() else {
        return match sample.spread {
            Spread::None => (shown(off <= within), None),
            _ => (
                Outcome::NotShown,
                (sample.n < LAW_REPLICATIONS).then_some(LAW_REPLICATIONS),
            ),
        };
    };
    // Also without any variance: a few equal runs say nothing about what is rare.
    let sure = se <= within / 4.0 && sample.n >= LAW_REPLICATIONS;
    if sure {
        return (shown(off <= within), None);
    }
    let ratio = se / (within / 4.0);
    let enough = (sample.n as f64 * ratio * ratio).ceil() as u64;
    let needed = enough.max(LAW_REPLICATIONS);
    // Two standard errors beyond the tolerance, more replications would not bring it back.
    let far = sample.n >= LAW_REPLICATIONS && off > within + 2.0 * se;
    if far {
        (Outcome::Failed, None)
    } else {
        (Outcome::NotShown, (needed > sample.n).then_some(needed))
    }
}

#[cfg(test)]
mod tests;
