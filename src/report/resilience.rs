//! Whether an overload would outlive its trigger, in words: the same in the terminal, on the page and in
//! `summary.md`.

use super::number::{fixed, three};
use crate::record::Results;
use crate::record::results::{Colour, Law, StabilityVerdict, Trigger};

/// What is told of one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) policy: String,
    pub(super) colour: Colour,
    /// "0.98: 16.3/s × 3 attempts of 50/s".
    pub(super) load: String,
    /// "7.5 s [6.2, 8]", "none up to 40 s in 60 runs".
    pub(super) smallest: String,
    /// "12 s".
    pub(super) recovery: String,
    /// Why, in a sentence.
    pub(super) reason: String,
}

/// The columns after the policy.
pub(super) const HEADS: [&str; 4] = [
    "stability",
    "worst load by the law",
    "smallest trigger that locks up half the runs",
    "recovers in",
];

/// One row for each policy with a verdict, in order of the file.
pub(super) fn rows(results: &Results) -> Vec<Row> {
    let policies = results.policies.iter();
    let told = policies.filter_map(|policy| {
        let verdict = policy.stability_verdict.as_ref()?;
        Some(row(&policy.name, verdict))
    });
    told.collect()
}

fn row(policy: &str, verdict: &StabilityVerdict) -> Row {
    Row {
        policy: policy.to_owned(),
        colour: verdict.colour,
        load: load(&verdict.law),
        smallest: smallest(verdict),
        recovery: recovery(verdict),
        reason: sentence(&verdict.reason),
    }
}

/// The question, and what the trigger is.
pub(super) fn heading(results: &Results) -> String {
    format!("Does an overload outlive its trigger? {}", trigger(results))
}

/// What the trigger is, in a sentence.
pub(super) fn trigger(results: &Results) -> String {
    let verdicts = || {
        results
            .policies
            .iter()
            .filter_map(|p| p.stability_verdict.as_ref())
    };
    let trigger = verdicts().find_map(|verdict| verdict.trigger.as_ref());
    let grown = trigger.map_or(
        "Nothing in the file begins an overload".to_owned(),
        |trigger| {
            let size = |x| size(trigger, x);
            format!(
                "The trigger is {}: {} in the file, tried up to {}",
                trigger.what,
                size(trigger.shipped),
                size(trigger.largest)
            )
        },
    );
    format!("{grown}.")
}

fn load(law: &Law) -> String {
    let number = |x: f64| fixed(x, three(x).min(2));
    match law {
        Law::Load(worst) => format!(
            "{}: {}/s × {} of {}/s",
            fixed(worst.load, 2),
            number(worst.calls_per_s),
            number(worst.attempts),
            number(worst.capacity_per_s)
        ),
        Law::Unbounded => "no bound".to_owned(),
        Law::None(why) => format!("no closed form: {why}"),
    }
}

fn smallest(verdict: &StabilityVerdict) -> String {
    let Some(trigger) = &verdict.trigger else {
        return "none tried".to_owned();
    };
    let size = |x| size(trigger, x);
    if let Some(smallest) = verdict.smallest {
        let bound = |x: Option<f64>| x.map_or("…".to_owned(), size);
        let [low, high] = smallest.interval;
        let least = if smallest.at_most { "≤ " } else { "" };
        return format!(
            "{least}{} [{}, {}]",
            size(smallest.size),
            bound(low),
            bound(high)
        );
    }
    match verdict.flown.last() {
        Some(last) if last.of > 0 => {
            let some = match last.locked {
                0 => String::new(),
                n => format!(" ({n} locked up)"),
            };
            format!("none up to {} in {} runs{some}", size(last.size), last.of)
        }
        _ => "cannot be told: not watched for long enough".to_owned(),
    }
}

fn recovery(verdict: &StabilityVerdict) -> String {
    let shipped = verdict.trigger.as_ref().map(|trigger| trigger.shipped);
    let flown = verdict
        .flown
        .iter()
        .find(|flown| Some(flown.size) == shipped);
    match (flown, verdict.recovery_median_s) {
        (None, _) => "none tried".to_owned(),
        (Some(_), Some(s)) => format!("{}\u{202f}s", fixed(s, 0)),
        (Some(flown), None) if flown.of == 0 => "cannot be told".to_owned(),
        (Some(_), None) => "more than half did not".to_owned(),
    }
}

fn size(trigger: &Trigger, x: f64) -> String {
    let number = fixed(x, three(x).min(2));
    let number = match number.contains('.') {
        true => number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => number,
    };
    match trigger.unit.as_str() {
        "ratio" => format!("×{number}"),
        unit => format!("{number}\u{202f}{unit}"),
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}
