//! The sentences that say what was found. Each claims what a verdict claims and no more.

use super::measure::labels;
use super::reading::{Finding, Reading, in_order};
use crate::record::results::Judgement;
use crate::record::{LEAST_REPLICATIONS, Results};

/// A stretch of a sentence: names of policies stand apart, as they may be coloured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    Name(String),
}

/// A sentence in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sentence(Vec<Piece>);

impl Sentence {
    pub(super) fn say(mut self, words: impl Into<String>) -> Sentence {
        self.0.push(Piece::Words(words.into()));
        self
    }

    pub(super) fn name(mut self, name: &str) -> Sentence {
        self.0.push(Piece::Name(name.to_owned()));
        self
    }

    /// One name, or how many there are.
    fn few(self, names: &[&str]) -> Sentence {
        match names {
            [only] => self.name(only),
            many => self.say(format!("{} others", many.len())),
        }
    }

    /// Its pieces in order.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// All of it as plain text.
    pub(super) fn text(&self) -> String {
        let texts = self.0.iter().map(|piece| match piece {
            Piece::Words(text) | Piece::Name(text) => text.as_str(),
        });
        texts.collect()
    }
}

/// The sentence a report begins with.
pub(super) fn headline(results: &Results, reading: &Reading<'_>) -> Sentence {
    let base = results.compare.baseline.as_str();
    let start = Sentence::default();
    match &reading.finding {
        Finding::Alone => match results.policies.first() {
            Some(policy) => start
                .name(&policy.name)
                .say(" alone: there is nothing to compare it with."),
            None => start.say("No policy was run."),
        },
        Finding::TooFew if results.meta.replications < LEAST_REPLICATIONS => start.say(format!(
            "No verdict under {LEAST_REPLICATIONS} replications: these are {}.",
            results.meta.replications
        )),
        Finding::TooFew => start.say("No verdict: no headline metric could be compared."),
        Finding::Better { best } => {
            let on = on_metrics(results, reading, best);
            start
                .name(best)
                .say(" is better than ")
                .name(base)
                .say(format!(" {on}."))
        }
        Finding::BaselineHolds => match reading.worse.as_slice() {
            [only] => start.name(only).say(" is worse than ").name(base).say("."),
            _ => start
                .say("Every other policy is worse than ")
                .name(base)
                .say("."),
        },
        Finding::TradeOff(name) => trade_off(results, reading, name),
        Finding::Equivalent => match in_order(results).as_slice() {
            policies @ [_, _] => {
                let other = policies.iter().find(|policy| policy.name != base);
                start
                    .name(other.map_or("", |policy| &policy.name))
                    .say(" is equivalent to ")
            }
            policies => start.say(format!(
                "All {} other policies are equivalent to ",
                policies.len() - 1
            )),
        }
        .name(base)
        .say(": every interval lies within the least effect that matters."),
        Finding::NothingBetter => start
            .say("No policy is shown to be better than ")
            .name(base)
            .say("."),
        Finding::NothingShown => nothing_shown(results, reading),
    }
}

/// Those that are equivalent are not among those between which nothing is shown.
fn nothing_shown(results: &Results, reading: &Reading<'_>) -> Sentence {
    let start = Sentence::default().say("No difference shown between ");
    if reading.equivalent.is_empty() {
        return others_and(results, start).say(".");
    }
    let base = results.compare.baseline.as_str();
    let open = in_order(results);
    let open = open.iter().map(|policy| policy.name.as_str());
    let open: Vec<&str> = open
        .filter(|name| *name != base && !reading.equivalent.contains(name))
        .collect();
    let sentence = start.name(base).say(" and ").few(&open);
    let verb = if reading.equivalent.len() == 1 {
        " is equivalent."
    } else {
        " are equivalent."
    };
    sentence.say("; ").few(&reading.equivalent).say(verb)
}

/// "on all 3 headline metrics", or "on a and b; no difference shown on c".
fn on_metrics(results: &Results, reading: &Reading<'_>, policy: &str) -> String {
    let better = reading.on(results, policy, Judgement::Better);
    if better.len() == reading.headline.len() {
        return match better.as_slice() {
            [only] => format!("on {}", only.label),
            all => format!("on all {} headline metrics", all.len()),
        };
    }
    let mut text = format!("on {}", labels(&better));
    let same = reading.on(results, policy, Judgement::Equivalent);
    if !same.is_empty() {
        text.push_str(&format!("; equivalent on {}", labels(&same)));
    }
    let at = reading.at_horizon(results, policy);
    if !at.is_empty() {
        text.push_str(&format!("; both at the deadline on {}", labels(&at)));
    }
    let open = reading.on(results, policy, Judgement::NoDifferenceShown);
    if !open.is_empty() {
        text.push_str(&format!("; no difference shown on {}", labels(&open)));
    }
    text
}

fn trade_off(results: &Results, reading: &Reading<'_>, name: &str) -> Sentence {
    let base = &results.compare.baseline;
    let better = labels(&reading.on(results, name, Judgement::Better));
    let worse = reading.on(results, name, Judgement::Worse);
    let start = Sentence::default()
        .name(name)
        .say(" is better than ")
        .name(base);
    if worse.is_empty() {
        return start.say(format!(
            " on {better}, but a loss elsewhere is not excluded: no policy is better overall."
        ));
    }
    start.say(format!(
        " on {better} and worse on {}: no policy is better overall.",
        labels(&worse)
    ))
}

/// "full-jitter and equal-jitter", or "retry-only and the 8 other policies".
fn others_and(results: &Results, start: Sentence) -> Sentence {
    let base = results.compare.baseline.as_str();
    let policies = in_order(results);
    let others: Vec<&str> = policies
        .iter()
        .map(|policy| policy.name.as_str())
        .filter(|name| *name != base)
        .collect();
    match others.as_slice() {
        [only] => start.name(only).say(" and ").name(base),
        many => start
            .name(base)
            .say(format!(" and the {} other policies", many.len())),
    }
}
