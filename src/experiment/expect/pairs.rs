//! Expectations of several policies: that they stand in an order, or are the same.
//!
//! Pairs are judged by the paired 95 % interval, so what the weather does to both cancels.

use super::{Verdict, missing};
use crate::experiment::book::Book;
use crate::experiment::compare::least_effect;
use crate::experiment::estimate::absent::Absent;
use crate::experiment::needed;
use crate::experiment::pair::{Paired, paired};
use crate::experiment::sample::{LEVEL, Sample};
use crate::experiment::words::{interval, side_of, tolerance, unit_of_difference};
use crate::record::metric::Metric;
use crate::record::results::{Expectation, MinEffect, Outcome};

/// Two policies' difference in a metric, in words and as judged.
struct Pair {
    words: String,
    verdict: Verdict,
}

/// How a difference is judged: its verdict, and how far it may lie on either side of zero.
type Judged = (Verdict, f64);

/// Each policy is below the next, by the paired 95 % interval.
pub fn order(
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
            let verdict = (outcome, more(found, -found.value, outcome, a.n));
            (verdict, 0.0)
        })
    });
    let text = format!("{}: {}", metric.name, policies.join(" < "));
    together(metric, text, during, pairs.collect())
}

/// Every policy lies within ± the least effect of the first, by the paired 95 % interval.
pub fn same(
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
            let inside = |(l, h): (f64, f64)| -least <= l && h <= least;
            let within = !found.at_horizon && low.zip(high).is_some_and(inside);
            let beyond = low.is_some_and(|l| l > least) || high.is_some_and(|h| h < -least);
            let outcome = match (within, beyond) {
                (true, _) => Outcome::Passed,
                (_, true) => Outcome::Failed,
                _ => Outcome::NotShown,
            };
            let needed = more(found, least - found.value.abs(), outcome, a.n);
            ((outcome, needed), least)
        })
    });
    let least = match effect {
        MinEffect::Absolute(x) => tolerance(x, unit_of_difference(metric)),
        MinEffect::Relative(x) => tolerance(x, "ratio"),
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
    // More replications of "at least H" say no more than that.
    let se = found.se.filter(|_| !found.at_horizon)?;
    let variance = se * se * now as f64;
    needed::for_margin(variance, margin, LEVEL, now)
}

fn pair(
    metric: &Metric,
    (a, b): (&str, &str),
    during: Option<&str>,
    book: &Book<'_>,
    judge: impl FnOnce(&Paired, &Sample, &Sample) -> Judged,
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
    let (verdict, least) = judge(&found, sample_a, sample_b);
    let side = |x: f64| side_of(x, [-least, least]);
    let unit = unit_of_difference(metric);
    let difference = interval(found.value, found.interval, unit, &side);
    Pair {
        words: format!("{a} − {b} = {difference}"),
        verdict,
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
        ..Expectation::default()
    }
}
