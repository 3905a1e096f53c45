//! The expectations of a scenario against what was found.
//!
//! A limit holds when the one-sided 95 % bound lies inside it, and is broken when the opposite
//! bound lies outside; between the two nothing is shown, which fails the gate as well.

pub mod pairs;
mod runs;

use std::borrow::Cow;
use std::cmp::Ordering;

use self::pairs::{order, same};
use super::book::Book;
use super::estimate::absent::Absent;
use super::layers;
use super::needed::{self, ONE_SIDED};
use super::sample::{Sample, Spread};
use super::words::{
    Judged, amount, compare, found, one_sided, side_of, tolerance, unit_of_difference, with_error,
};
use crate::base::Stop;
use crate::record::Replication;
use crate::record::metric::Metric;
use crate::record::results::{Bound, Expectation, Outcome};
use crate::scenario::Scenario;
use crate::scenario::model::{Condition, Expect, Gate, LAW_REPLICATIONS};

/// Every condition of every expectation, in order of the file; one without a policy holds each
/// policy to its limits. `runs` are those the book was made of. None if it was told to stop.
pub fn expectations(
    scenario: &Scenario,
    book: &Book<'_>,
    runs: &[Vec<Replication>],
    stop: &Stop,
) -> Option<Vec<Expectation>> {
    let mut all = Vec::new();
    for expect in &scenario.expectations {
        let scope = expect.scope();
        let court = Court {
            expect,
            scope: scope.as_deref(),
            scenario,
            book,
            runs,
        };
        for condition in &expect.conditions {
            stop.check()?;
            all.extend(court.judge(condition));
        }
    }
    Some(all)
}

/// One expectation and what it is held against.
struct Court<'a> {
    expect: &'a Expect,
    /// The name of its scope; None: all calls.
    scope: Option<&'a str>,
    scenario: &'a Scenario,
    book: &'a Book<'a>,
    runs: &'a [Vec<Replication>],
}

impl<'a> Court<'a> {
    fn judge(&self, condition: &Condition) -> Vec<Expectation> {
        let mut found = match condition {
            Condition::Order(metric, policies) => {
                vec![order(metric, policies, self.scope, self.book)]
            }
            Condition::Same(metric, policies, effect) => {
                vec![same(metric, policies, *effect, self.scope, self.book)]
            }
            Condition::Min(metric, _)
            | Condition::Max(metric, _)
            | Condition::Within { metric, .. } => {
                let policies = self.policies().into_iter();
                policies
                    .map(|policy| self.one(metric, condition, policy))
                    .collect()
            }
        };
        for one in &mut found {
            one.severity = self.expect.severity;
        }
        found
    }

    /// The policies it is about: of a layer those chains that have it.
    fn policies(&self) -> Vec<&'a str> {
        match &self.expect.policy {
            Some(policy) => vec![policy.as_str()],
            None => {
                let all = self.book.policies.iter().copied();
                let has =
                    |policy: &&str| self.expect.layer.is_none() || self.layer(policy).is_some();
                all.filter(has).collect()
            }
        }
    }

    /// The place of its layer in a chain.
    fn layer(&self, policy: &str) -> Option<usize> {
        let wanted = self.expect.layer.as_deref()?;
        let policies = &self.scenario.policies;
        let (_, config) = policies.iter().find(|(name, _)| name == policy)?;
        config.chain.iter().position(|layer| layer.name == wanted)
    }

    /// What is known of a policy in a metric.
    fn sample(&self, policy: &str, metric: &Metric) -> Result<Cow<'a, Sample>, Absent> {
        if self.expect.layer.is_none() {
            return self
                .book
                .find(policy, self.scope, metric)
                .map(Cow::Borrowed);
        }
        let place = self.book.place(policy, self.scope);
        let (policy_place, scope) = place.ok_or(Absent::Nothing)?;
        let layer = self.layer(policy).ok_or(Absent::Nothing)?;
        let sample = layers::sample(&self.runs[policy_place], layer, scope);
        sample.map(Cow::Owned).ok_or(Absent::Nothing)
    }

    /// A condition on one policy's metric.
    fn one(&self, metric: &Metric, condition: &Condition, policy: &str) -> Expectation {
        let gate = self.expect.gate;
        let layer = self.expect.layer.as_deref();
        let place = self
            .scope
            .map_or(String::new(), |calls| format!(", {calls}"));
        let at = layer.map_or(String::new(), |layer| format!(", layer {layer}"));
        let limit = limit(metric, condition);
        let (found, bound, verdict) = match gate {
            Gate::Runs(share) => self.in_runs(share, metric, condition, policy),
            Gate::Bound | Gate::Mean => {
                let sample = self.sample(policy, metric);
                let verdict = verdict(sample.as_deref(), condition, gate);
                let (found, bound) = match &sample {
                    Ok(sample) => told(sample, metric, condition, gate, verdict.0),
                    Err(absent) => (absent.to_string(), None),
                };
                (found, bound, verdict)
            }
        };
        let share = match gate {
            Gate::Runs(share) => format!(" in {} of runs", amount(share, "ratio")),
            Gate::Bound | Gate::Mean => String::new(),
        };
        let (outcome, needed) = verdict;
        Expectation {
            text: format!("{policy}{place}{at}: {} {limit}{share}", metric.name),
            policy: Some(policy.to_owned()),
            during: self.scope.map(str::to_owned),
            layer: layer.map(str::to_owned),
            metric: metric.name.to_owned(),
            found,
            bound,
            outcome,
            severity: self.expect.severity,
            replications_needed: needed,
        }
    }
}

/// The limit of a condition in words.
fn limit(metric: &Metric, condition: &Condition) -> String {
    let says = |x: f64| amount(x, metric.unit);
    match condition {
        Condition::Min(_, limit) => format!("≥ {}", says(*limit)),
        Condition::Max(_, limit) => format!("≤ {}", says(*limit)),
        Condition::Within { value, within, .. } => {
            let off = tolerance(*within, unit_of_difference(metric));
            format!("= {} ± {off}", says(*value))
        }
        Condition::Order(..) | Condition::Same(..) => String::new(),
    }
}

/// What became of a condition: the outcome, and replications that would show it.
type Verdict = (Outcome, Option<u64>);

/// The verdict on all runs together.
fn verdict(sample: Result<&Sample, &Absent>, condition: &Condition, gate: Gate) -> Verdict {
    match (sample, condition) {
        (Err(absent), _) => missing(*absent),
        (Ok(sample), Condition::Min(_, limit)) => against(sample, Bound::AtLeast, *limit, gate),
        (Ok(sample), Condition::Max(_, limit)) => against(sample, Bound::AtMost, *limit, gate),
        (Ok(sample), Condition::Within { value, within, .. }) => law(sample, *value, *within),
        (Ok(_), Condition::Order(..) | Condition::Same(..)) => (Outcome::NotShown, None),
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
    let inside = |x: f64| inside(sample, side, limit, x);
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

/// Whether a value or bound of a sample is inside a limit. A time at H is "at least H": no limit however long
/// holds it.
fn inside(sample: &Sample, side: Bound, limit: f64, x: f64) -> bool {
    let cut = sample.horizon_ms.unwrap_or(f64::INFINITY);
    match side {
        Bound::AtLeast => x >= limit,
        Bound::AtMost => x <= limit && x < cut,
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
