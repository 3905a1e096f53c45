//! A profile that ships with Squall against a log: `squall fit LOG --against NAME`.

use super::distance::Distance;
use super::drawn::{self, Answer, sorted};
use super::latency::FEWEST;
use super::law::{Fitted, Unit};
use super::log::{Attempt, Log, Outcome};
use crate::provider::latency::{self as served, profile as latency_profile};
use crate::provider::profiles::LATENCY;
use crate::workload::profiles::TOKENS;
use crate::workload::tokens::{self, Law, profile as token_profile};

/// The names of all profiles.
pub fn names() -> Vec<&'static str> {
    let tokens = TOKENS.iter().map(|p| p.name);
    tokens.chain(LATENCY.iter().map(|p| p.name)).collect()
}

/// One quantity of a log against a profile, and how near the best fit of its own would be.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What was measured.
    pub what: &'static str,
    /// The profile's distance from it.
    pub profile: Distance,
    /// The own fit's.
    pub own: Option<Fitted>,
}

/// The distances of a profile from the answers of a log; None if there is no such profile. Empty if the log does
/// not say what the profile is about.
pub fn against(log: &Log, name: &str) -> Option<Vec<Row>> {
    let answered: Vec<&Attempt> = log
        .attempts
        .iter()
        .filter(|a| a.outcome == Outcome::Answered)
        .collect();
    if TOKENS.iter().any(|p| p.name == name) {
        return Some(of_tokens(&answered, name));
    }
    LATENCY
        .iter()
        .any(|p| p.name == name)
        .then(|| of_latency(&answered, name))
}

fn of_tokens(answered: &[&Attempt], name: &str) -> Vec<Row> {
    let law = tokens::Config::Profile(token_profile::Config { name: name.into() }).law();
    let Law::Drawn { input, output } = law else {
        return Vec::new();
    };
    let row = |what, values: Vec<f64>, law: &tokens::Clamped| {
        let values = sorted(values);
        (values.len() >= FEWEST).then(|| Row {
            what,
            profile: Distance::of(&values, |u| f64::from(law.at(u))),
            own: Fitted::of(values, Unit::Tokens),
        })
    };
    let of = |number: fn(&Attempt) -> Option<u32>| -> Vec<f64> {
        answered
            .iter()
            .filter_map(|a| number(a).map(f64::from))
            .collect()
    };
    let rows = [
        row("prompt tokens", of(|a| a.input), &input),
        row("answer tokens", of(|a| a.output), &output),
    ];
    rows.into_iter().flatten().collect()
}

fn of_latency(answered: &[&Attempt], name: &str) -> Vec<Row> {
    let profile = latency_profile::Config {
        name: name.into(),
        uncached: false,
    };
    let law = served::Config::Profile(profile).law();
    let answers: Vec<Answer> = answered.iter().map(|a| Answer::of(a)).collect();
    let [first, whole] = drawn::distances(
        &answers,
        |answer, u| {
            let median = law.base_s + law.per_prompt_token_s * answer.prompt;
            median * law.first_token_factor.at(u)
        },
        |_, u| law.per_token_s * law.decode_factor.at(u),
    );
    let row = |what, distance: Option<Distance>, measured: Vec<f64>| {
        distance.map(|profile| Row {
            what,
            profile,
            own: Fitted::of(sorted(measured), Unit::Seconds),
        })
    };
    let firsts = answers.iter().filter_map(|a| a.first_s).collect();
    let wholes = answers.iter().filter_map(|a| a.whole_s).collect();
    let rows = [
        row("time to the first token", first, firsts),
        row("time to the whole answer", whole, wholes),
    ];
    rows.into_iter().flatten().collect()
}
