//! The expectations of a scenario against what was found.
//!
//! A limit holds when the one-sided 95 % bound lies inside it, and is broken when the opposite
//! bound lies outside; between the two nothing is shown, which fails the gate as well.

use super::book::Book;
use super::compare::{Paired, least_effect, paired};
use super::estimate::absent::Absent;
use super::needed::{self, ONE_SIDED, Side};
use super::sample::{LEVEL, Sample, Spread};
use super::words::{amount, found, interval};
use crate::record::metric::Metric;
use crate::record::results::{Expectation, MinEffect, Outcome};
use crate::scenario::Scenario;
use crate::scenario::model::{Condition, Expect, Gate};

/// A law is judged from this many replications: fewer know their own variance too badly.
const LAW_REPLICATIONS: u64 = 50;

/// Every condition of every expectation, in order of the file; one without a policy holds each
/// policy to its limits.
pub fn expectations(scenario: &Scenario, book: &Book<'_>) -> Vec<Expectation> {
    let conditions = scenario.expectations.iter().flat_map(|expect| {
        let each = expect.conditions.iter();
        each.map(move |condition| (expect, condition))
    });
    conditions
        .flat_map(|(expect, condition)| judge(expect, condition, book))
        .collect()
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
            format!("= {} ± {}", says(*value), says(*within))
        }
        Condition::Order(..) | Condition::Same(..) => String::new(),
    };
    let sample = book.find(policy, during, metric);
    let (outcome, needed) = match (&sample, condition) {
        (Err(absent), _) => missing(*absent),
        (Ok(sample), Condition::Min(_, limit)) => against(sample, Side::AtLeast, *limit, gate),
        (Ok(sample), Condition::Max(_, limit)) => against(sample, Side::AtMost, *limit, gate),
        (Ok(sample), Condition::Within { value, within, .. }) => law(sample, *value, *within),
        (Ok(_), Condition::Order(..) | Condition::Same(..)) => (Outcome::NotShown, None),
    };
    let place = during.map_or(String::new(), |fault| format!(", {fault}"));
    Expectation {
        text: format!("{policy}{place}: {} {limit}", metric.name),
        policy: Some(policy.to_owned()),
        during: during.map(str::to_owned),
        metric: metric.name.to_owned(),
        found: sample.map_or_else(|absent| absent.to_string(), |s| found(s, metric)),
        outcome,
        replications_needed: needed,
    }
}

/// A metric that does not apply fails what is expected of it; one with too few calls shows nothing.
fn missing(absent: Absent) -> Verdict {
    match absent {
        Absent::TooFew { replications } => (Outcome::NotShown, Some(replications)),
        _ => (Outcome::Failed, None),
    }
}

/// A value against a limit.
fn against(sample: &Sample, side: Side, limit: f64, gate: Gate) -> Verdict {
    // A time at H is "at least H": no limit however long holds it.
    let cut = sample.horizon_ms.unwrap_or(f64::INFINITY);
    let inside = |x: f64| match side {
        Side::AtLeast => x >= limit,
        Side::AtMost => x <= limit && x < cut,
    };
    let by_value = gate == Gate::Mean || matches!(sample.spread, Spread::None);
    if by_value {
        return (shown(inside(sample.value)), None);
    }
    let [low, high] = sample.interval(ONE_SIDED);
    let (worst, best) = match side {
        Side::AtLeast => (low, high),
        Side::AtMost => (high, low),
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
/// model then fails about one row in 10 000, and one wrong by twice the tolerance never passes.
fn law(sample: &Sample, value: f64, within: f64) -> Verdict {
    let off = (sample.value - value).abs();
    let Some(se) = sample.se() else {
        return match sample.spread {
            Spread::None => (shown(off <= within), None),
            _ => (Outcome::NotShown, Some(LAW_REPLICATIONS)),
        };
    };
    // Without any variance the first replication has said it all.
    let sure = se == 0.0 || (se <= within / 4.0 && sample.n >= LAW_REPLICATIONS);
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

/// Two policies' difference in a metric, in words and as judged.
struct Pair {
    words: String,
    verdict: Verdict,
}

/// Each policy is below the next, by the paired 95 % interval.
fn order(
    metric: &Metric,
    policies: &[String],
    during: Option<&str>,
    book: &Book<'_>,
) -> Expectation {
    let pairs = policies.windows(2).map(|two| {
        pair(metric, (&two[0], &two[1]), during, book, |found, a, _| {
            let [low, high] = found.interval;
            let outcome = if high.is_some_and(|high| high < 0.0) {
                Outcome::Passed
            } else if low.is_some_and(|low| low > 0.0) {
                Outcome::Failed
            } else {
                Outcome::NotShown
            };
            (outcome, more(found, -found.value, outcome, a.n))
        })
    });
    let text = format!("{}: {}", metric.name, policies.join(" < "));
    together(metric, text, during, pairs.collect())
}

/// Every policy lies within ± the least effect of the first, by the paired 95 % interval.
fn same(
    metric: &Metric,
    policies: &[String],
    effect: MinEffect,
    during: Option<&str>,
    book: &Book<'_>,
) -> Expectation {
    let Some((first, others)) = policies.split_first() else {
        return together(metric, metric.name.to_owned(), during, Vec::new());
    };
    let pairs = others.iter().map(|other| {
        pair(metric, (other, first), during, book, |found, a, b| {
            let least = least_effect(effect, b.value);
            let [low, high] = found.interval;
            let within = low
                .zip(high)
                .is_some_and(|(l, h)| -least <= l && h <= least);
            let beyond = low.is_some_and(|l| l > least) || high.is_some_and(|h| h < -least);
            let outcome = match (within, beyond) {
                (true, _) => Outcome::Passed,
                (_, true) => Outcome::Failed,
                _ => Outcome::NotShown,
            };
            (
                outcome,
                more(found, least - found.value.abs(), outcome, a.n),
            )
        })
    });
    let least = match effect {
        MinEffect::Absolute(x) => amount(x, metric.unit),
        MinEffect::Relative(x) => amount(x, "ratio"),
    };
    let text = format!(
        "{}: {} equal within ± {least}",
        metric.name,
        policies.join(", ")
    );
    together(metric, text, during, pairs.collect())
}

/// Replications that would bring the paired interval inside the margin.
fn more(found: &Paired, margin: f64, outcome: Outcome, now: u64) -> Option<u64> {
    if outcome != Outcome::NotShown {
        return None;
    }
    let variance = found.se? * found.se? * now as f64;
    needed::for_margin(variance, margin, LEVEL, now)
}

fn pair(
    metric: &Metric,
    (a, b): (&str, &str),
    during: Option<&str>,
    book: &Book<'_>,
    judge: impl FnOnce(&Paired, &Sample, &Sample) -> Verdict,
) -> Pair {
    let absent = |policy: &str, absent: Absent| Pair {
        words: format!("{policy}: {absent}"),
        verdict: missing(absent),
    };
    let sample_a = match book.find(a, during, metric) {
        Ok(sample) => sample,
        Err(reason) => return absent(a, reason),
    };
    let sample_b = match book.find(b, during, metric) {
        Ok(sample) => sample,
        Err(reason) => return absent(b, reason),
    };
    let found = paired(sample_a, sample_b, LEVEL);
    let difference = interval(found.value, found.interval, metric.unit);
    Pair {
        words: format!("{a} − {b} = {difference}"),
        verdict: judge(&found, sample_a, sample_b),
    }
}

/// One expectation of several pairs: it fails with the first that fails, and passes with all.
fn together(metric: &Metric, text: String, during: Option<&str>, pairs: Vec<Pair>) -> Expectation {
    let any = |outcome| pairs.iter().any(|pair| pair.verdict.0 == outcome);
    let outcome = if any(Outcome::Failed) {
        Outcome::Failed
    } else if any(Outcome::NotShown) {
        Outcome::NotShown
    } else {
        Outcome::Passed
    };
    // If one of them would never be shown, no number of replications shows all.
    let open = pairs
        .iter()
        .filter(|pair| pair.verdict.0 == Outcome::NotShown);
    let needed: Option<Vec<u64>> = open.map(|pair| pair.verdict.1).collect();
    let needed = needed.and_then(|all| all.into_iter().max());
    let words: Vec<&str> = pairs.iter().map(|pair| pair.words.as_str()).collect();
    Expectation {
        text: during.map_or(text.clone(), |fault| format!("{fault}: {text}")),
        policy: None,
        during: during.map(str::to_owned),
        metric: metric.name.to_owned(),
        found: words.join("; "),
        outcome,
        replications_needed: needed.filter(|_| outcome == Outcome::NotShown),
    }
}

#[cfg(test)]
mod tests;
