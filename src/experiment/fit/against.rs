//! A profile that ships with Squall against a log: `squall fit LOG --against NAME`.

use super::distance::Distance;
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

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
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
    // Spread evenly, and both together too: see `latency::measured`.
    let spread = |i: usize, step: f64| ((i as f64 + 0.5) * step).fract().clamp(1e-6, 1.0 - 1e-6);
    let drawn = |(i, a): (usize, &&Attempt)| {
        let prompt = f64::from(a.input.unwrap_or(0));
        let first = (law.base_s + law.per_prompt_token_s * prompt)
            * law
                .first_token_factor
                .at(spread(i, 0.414_213_562_373_095_1));
        let steps = f64::from(a.output.unwrap_or(1).max(1) - 1);
        let pace = law.per_token_s * law.decode_factor.at(spread(i, 0.618_033_988_749_894_9));
        (first, first + steps * pace)
    };
    let drawn: Vec<(f64, f64)> = answered.iter().enumerate().map(drawn).collect();
    let row = |what, measured: Vec<f64>, drawn: Vec<f64>| {
        let measured = sorted(measured);
        (measured.len() >= FEWEST).then(|| Row {
            what,
            profile: Distance::between(&measured, &sorted(drawn)),
            own: Fitted::of(measured, Unit::Seconds),
        })
    };
    let rows = [
        row(
            "time to the first token",
            answered.iter().filter_map(|a| a.first_token_s).collect(),
            drawn.iter().map(|d| d.0).collect(),
        ),
        row(
            "time to the whole answer",
            answered.iter().filter_map(|a| a.took_s).collect(),
            drawn.iter().map(|d| d.1).collect(),
        ),
    ];
    rows.into_iter().flatten().collect()
}
