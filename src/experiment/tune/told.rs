//! From the stages of a tuning to its record.

use super::conduct::Course;
use super::flights::Flights;
use super::problem::{self, Reading};
use super::space::{Candidate, Value};
use super::{claims, problem::Combine};
use crate::experiment::distributions::share_upper;
use crate::experiment::words::amount;
use crate::record::metric::Metric;
use crate::record::results::{Bound, Estimate, Outcome};
use crate::record::tuning::{
    Certified, Finalist, Held, Limit, Miss, Nudge, Objective, Parameter, Step, Tuned, Weather,
};
use crate::record::{MODEL_VERSION, SCHEMA_VERSION};
use crate::scenario::Tuning;
use crate::scenario::tune::{At, Moves};

/// The level of the certificate's one-sided bounds.
pub(super) const CONFIDENCE: f64 = 0.95;

/// The record of a tuning.
pub(super) fn tuned(flights: &Flights<'_>, course: &Course, flat: &[Option<[Value; 2]>]) -> Tuned {
    let tuning = flights.tuning;
    let found = course.selected.finalists.first();
    let candidate = found
        .map(|found| found.candidate.clone())
        .unwrap_or_default();
    let metric = tuning.objective.metric;
    let mut tuned = Tuned {
        schema_version: SCHEMA_VERSION,
        model_version: MODEL_VERSION,
        squall_version: env!("CARGO_PKG_VERSION").to_owned(),
        name: tuning.name.clone(),
        file: tuning.file.clone(),
        title: tuning.title.clone(),
        seed: tuning.seed,
        budget: tuning.budget,
        policy: tuning.policy.clone(),
        objective: Objective {
            metric: metric.name.to_owned(),
            minimize: tuning.objective.minimize,
            combine: combine_name(tuning.combine).to_owned(),
            unit: metric.unit.to_owned(),
        },
        limits: limits(flights, course),
        weathers: weathers(flights),
        parameters: parameters(flights, course, &candidate, flat),
        feasible: course.selected.winner().is_some(),
        confidence: course.selected.confidence,
        progress: progress(flights, course),
        spent: course.spent,
        finalists: finalists(flights, course),
        certificate: certificate(flights, course),
        sentences: Vec::new(),
        policy_file: tuning.policy_file(&Flights::settings(&candidate)),
    };
    tuned.sentences = claims::sentences(&tuned);
    tuned
}

fn weathers(flights: &Flights<'_>) -> Vec<Weather> {
    let one = |weather: &crate::scenario::tuning::Weather| Weather {
        name: weather.name.clone(),
        file: weather.file.clone(),
        held_out: weather.held_out,
    };
    flights.tuning.weathers.iter().map(one).collect()
}

/// How weathers become one, in the words of the file.
pub(super) fn combine_name(combine: Combine) -> &'static str {
    match combine {
        Combine::Mean => "mean",
        Combine::Worst => "worst",
    }
}

/// A limit in words: `≥ 99.5 %`, `≤ 1.1 × defaults`.
pub(super) fn limit_text(tuning: &Tuning<'_>, limit: &crate::scenario::tune::Limit) -> String {
    let sign = match limit.side {
        Bound::AtLeast => "≥",
        Bound::AtMost => "≤",
    };
    match limit.at {
        At::Value(x) => format!("{sign} {}", amount(x, limit.metric.unit)),
        At::Times(x) => {
            let of = tuning.baseline.as_deref().unwrap_or_default();
            format!("{sign} {x} × {of}")
        }
    }
}

/// The objective of a reading, the way round that the file has it.
pub(super) fn objective_estimate(tuning: &Tuning<'_>, reading: &Reading) -> Option<Estimate> {
    let sample = reading.objective.as_ref()?;
    let mut estimate = sample.estimate(tuning.objective.metric.unit);
    if !tuning.objective.minimize {
        estimate.value = -estimate.value;
        estimate.ci95 = turned(sample.interval(0.95), false);
    }
    Some(estimate)
}

fn limits(flights: &Flights<'_>, course: &Course) -> Vec<Limit> {
    let tuning = flights.tuning;
    let one = |(place, limit): (usize, &crate::scenario::tune::Limit)| Limit {
        metric: limit.metric.name.to_owned(),
        text: limit_text(tuning, limit),
        binds: binds(course, place),
    };
    tuning.limits.iter().enumerate().map(one).collect()
}

/// Whether a limit keeps the objective from being better.
fn binds(course: &Course, place: usize) -> bool {
    let better_beyond =
        |nudge: &super::sense::Nudge| nudge.change < 0.0 && nudge.beyond.contains(&place);
    let near = |reading: &Reading| reading.held[place].is_near();
    let found = course.selected.finalists.first();
    course.nudges.iter().any(better_beyond)
        || found.is_some_and(|found| found.readings.iter().any(near))
}

fn parameters(
    flights: &Flights<'_>,
    course: &Course,
    found: &Candidate,
    flat: &[Option<[Value; 2]>],
) -> Vec<Parameter> {
    let tuning = flights.tuning;
    let sign = if tuning.objective.minimize { 1.0 } else { -1.0 };
    let written = |place: usize, value: Value| {
        let setting = Flights::settings(&vec![Some(value)])[0];
        setting.map_or(String::new(), |setting| tuning.text(place, setting))
    };
    let nudge = |place: usize, nudge: &super::sense::Nudge| Nudge {
        to: written(place, nudge.to),
        change: sign * nudge.change,
        ci95: turned(nudge.interval, tuning.objective.minimize),
        beyond: nudge
            .beyond
            .iter()
            .map(|&limit| tuning.limits[limit].metric.name.to_owned())
            .collect(),
    };
    let one = |(place, parameter): (usize, &crate::scenario::tune::Parameter)| {
        let own = course
            .nudges
            .iter()
            .filter(|nudge| nudge.parameter == place);
        let ends = flat.get(place).copied().flatten();
        Parameter {
            name: parameter.name.clone(),
            range: match &parameter.moves {
                Moves::Choice(labels) => labels.join(", "),
                Moves::Range(range) => {
                    let scale = if range.log { ", logarithmic" } else { "" };
                    format!(
                        "{} to {}{scale}",
                        range.text(range.from),
                        range.text(range.to)
                    )
                }
            },
            found: found
                .get(place)
                .copied()
                .flatten()
                .map(|value| written(place, value)),
            flat: ends.map(|ends| ends.map(|value| written(place, value))),
            nudges: own.map(|own| nudge(place, own)).collect(),
        }
    };
    tuning.parameters.iter().enumerate().map(one).collect()
}

fn finalists(flights: &Flights<'_>, course: &Course) -> Vec<Finalist> {
    let tuning = flights.tuning;
    let sign = if tuning.objective.minimize { 1.0 } else { -1.0 };
    let one = |finalist: &super::select::Finalist| {
        let settings = Flights::settings(&finalist.candidate);
        let text = |(place, setting): (usize, &Option<_>)| setting.map(|s| tuning.text(place, s));
        let known = |x: f64| Some(x).filter(|x| x.is_finite());
        let (outcome, misses) = judged(flights, finalist, course.selected.confidence);
        Finalist {
            outcome,
            misses,
            settings: settings.iter().enumerate().map(text).collect(),
            objective: known(sign * finalist.score.objective),
            excess: known(finalist.score.excess).filter(|excess| *excess < 1e5),
        }
    };
    course.selected.finalists.iter().map(one).collect()
}

/// The interval of the other sign, if more is better.
fn turned([low, high]: [Option<f64>; 2], minimize: bool) -> [Option<f64>; 2] {
    match minimize {
        true => [low, high],
        false => [high.map(|x| -x), low.map(|x| -x)],
    }
}

/// Whether the selection shows a finalist to meet every limit, to fail one, or neither; and the limits it is not
/// shown to meet.
fn judged(
    flights: &Flights<'_>,
    finalist: &super::select::Finalist,
    confidence: f64,
) -> (Outcome, Vec<Miss>) {
    let tuning = flights.tuning;
    let mut misses = Vec::new();
    for (weather, reading) in tuning.weathers.iter().zip(&finalist.readings) {
        for (limit, held) in tuning.limits.iter().zip(&reading.held) {
            let outcome = held.outcome(confidence);
            if outcome != Outcome::Passed {
                let sample = held.sample.as_ref();
                misses.push(Miss {
                    weather: weather.name.clone(),
                    metric: limit.metric.name.to_owned(),
                    estimate: sample.map(|sample| sample.estimate(limit.metric.unit)),
                    limit: held.limit.at,
                    outcome,
                    needs: held
                        .needs(confidence)
                        .filter(|_| outcome == Outcome::NotShown),
                });
            }
        }
    }
    let any = |outcome| misses.iter().any(|miss: &Miss| miss.outcome == outcome);
    let outcome = if finalist.readings.is_empty() || any(Outcome::Failed) {
        Outcome::Failed
    } else if any(Outcome::NotShown) {
        Outcome::NotShown
    } else {
        Outcome::Passed
    };
    (outcome, misses)
}

fn certificate(flights: &Flights<'_>, course: &Course) -> Vec<Certified> {
    let tuning = flights.tuning;
    let names = std::iter::once(&tuning.policy).chain(&tuning.rivals);
    let mut all = Vec::new();
    for (name, readings) in names.zip(&course.certificate) {
        for (weather, reading) in tuning.weathers.iter().zip(readings) {
            all.push(match reading {
                Some(reading) => certified(flights, name, &weather.name, reading),
                None => not_flown(flights, name, &weather.name),
            });
        }
    }
    all
}

/// A policy whose settings cannot be flown in a weather: it meets nothing there.
fn not_flown(flights: &Flights<'_>, policy: &str, weather: &str) -> Certified {
    let held = |limit: &crate::scenario::tune::Limit| Held {
        metric: limit.metric.name.to_owned(),
        outcome: Outcome::Failed,
        ..Held::default()
    };
    Certified {
        policy: policy.to_owned(),
        weather: weather.to_owned(),
        held: flights.tuning.limits.iter().map(held).collect(),
        ..Certified::default()
    }
}

fn certified(flights: &Flights<'_>, policy: &str, weather: &str, reading: &Reading) -> Certified {
    let tuning = flights.tuning;
    let (locked, of) = reading.locked;
    let objective = objective_estimate(tuning, reading);
    let held = tuning.limits.iter().zip(&reading.held);
    Certified {
        policy: policy.to_owned(),
        weather: weather.to_owned(),
        replications: tuning.certify,
        objective,
        held: held
            .map(|(limit, held)| against(limit.metric, held))
            .collect(),
        locked,
        of,
        share_upper95: (of > 0).then(|| share_upper(locked, of, CONFIDENCE)),
    }
}

/// A metric against its limit, as an expectation is judged: shown, shown not to be, or neither.
fn against(metric: &Metric, held: &problem::Held) -> Held {
    Held {
        metric: metric.name.to_owned(),
        estimate: held
            .sample
            .as_ref()
            .map(|sample| sample.estimate(metric.unit)),
        limit: held.limit.at,
        bound: held.bound(CONFIDENCE),
        outcome: held.outcome(CONFIDENCE),
        needs: match held.outcome(CONFIDENCE) {
            Outcome::NotShown => held.needs(CONFIDENCE),
            _ => None,
        },
    }
}

/// The most trials of a search that are told: a picture shows no more.
const MOST_TRIALS: usize = 600;

/// How the search went: its trials, evenly thinned if there are many.
fn progress(flights: &Flights<'_>, course: &Course) -> Vec<Step> {
    let sign = if flights.tuning.objective.minimize {
        1.0
    } else {
        -1.0
    };
    let trials = &course.searched.trials;
    let every = trials.len().div_ceil(MOST_TRIALS).max(1);
    let step = |(place, trial): (usize, &super::search::Trial)| Step {
        trial: place as u64 + 1,
        excess: Some(trial.score.excess).filter(|excess| *excess < 1e5),
        objective: Some(sign * trial.score.objective).filter(|x| x.is_finite()),
    };
    trials.iter().enumerate().step_by(every).map(step).collect()
}
