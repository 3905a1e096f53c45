//! From the stages of a tuning to its record.

use super::conduct::Course;
use super::flights::Flights;
use super::problem::{self, Reading};
use super::space::{Candidate, Value};
use super::{claims, problem::Combine};
use crate::experiment::distributions::share_upper;
use crate::experiment::sample::Sample;
use crate::experiment::words::amount;
use crate::record::metric::Metric;
use crate::record::results::{Bound, Outcome};
use crate::record::tuning::{
    Certified, Finalist, Held, Limit, Nudge, Objective, Parameter, Tuned, Weather,
};
use crate::record::{MODEL_VERSION, SCHEMA_VERSION};
use crate::scenario::tune::{At, Moves};

/// The level of the certificate's one-sided bounds.
const CONFIDENCE: f64 = 0.95;

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
        policy: tuning.policy.clone(),
        objective: Objective {
            metric: metric.name.to_owned(),
            minimize: tuning.objective.minimize,
            combine: match tuning.combine {
                Combine::Mean => "mean".to_owned(),
                Combine::Worst => "worst".to_owned(),
            },
            unit: metric.unit.to_owned(),
        },
        limits: limits(flights, course),
        weathers: weathers(flights),
        parameters: parameters(flights, course, &candidate, flat),
        feasible: course.selected.winner().is_some(),
        confidence: course.selected.confidence,
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

fn limits(flights: &Flights<'_>, course: &Course) -> Vec<Limit> {
    let tuning = flights.tuning;
    let one = |(place, limit): (usize, &crate::scenario::tune::Limit)| {
        let sign = match limit.side {
            Bound::AtLeast => "≥",
            Bound::AtMost => "≤",
        };
        let at = match limit.at {
            At::Value(x) => amount(x, limit.metric.unit),
            At::Times(x) => {
                let of = tuning.baseline.as_deref().unwrap_or_default();
                format!("{x} × {of}")
            }
        };
        Limit {
            metric: limit.metric.name.to_owned(),
            text: format!("{sign} {at}"),
            binds: binds(course, place),
        }
    };
    tuning.limits.iter().enumerate().map(one).collect()
}

/// Whether a limit keeps the objective from being better.
fn binds(course: &Course, place: usize) -> bool {
    let better_beyond =
        |nudge: &super::sense::Nudge| nudge.change < 0.0 && nudge.beyond.contains(&place);
    let near = |reading: &Reading| {
        let held = &reading.held[place];
        let Some(sample) = &held.sample else {
            return true;
        };
        let off = 2.0 * sample.se().unwrap_or_default();
        let worse = match held.limit.side {
            Bound::AtLeast => sample.value - off,
            Bound::AtMost => sample.value + off,
        };
        held.limit.excess(worse) > 0.0
    };
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
        Finalist {
            settings: settings.iter().enumerate().map(text).collect(),
            objective: known(sign * finalist.score.objective),
            excess: known(finalist.score.excess).filter(|excess| *excess < 1e5),
        }
    };
    course.selected.finalists.iter().map(one).collect()
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
    let metric = tuning.objective.metric;
    let objective = reading.objective.as_ref().map(|sample| {
        let mut estimate = sample.estimate(metric.unit);
        if !tuning.objective.minimize {
            estimate.value = -estimate.value;
            let [low, high] = sample.interval(0.95);
            estimate.ci95 = [high.map(|x| -x), low.map(|x| -x)];
        }
        estimate
    });
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
    let Some(sample) = &held.sample else {
        return Held {
            metric: metric.name.to_owned(),
            limit: held.limit.at,
            outcome: Outcome::Failed,
            ..Held::default()
        };
    };
    let bound = held.limit.bound(sample, CONFIDENCE);
    let inside = |x: f64| held.limit.excess(x) == 0.0;
    let outcome = if bound.is_some_and(inside) {
        Outcome::Passed
    } else if best(sample, held.limit.side).is_some_and(|best| !inside(best))
        || (sample.at_horizon()
            && best(sample, held.limit.side).is_some_and(|best| at_h(sample, best)))
    {
        Outcome::Failed
    } else {
        Outcome::NotShown
    };
    Held {
        metric: metric.name.to_owned(),
        estimate: Some(sample.estimate(metric.unit)),
        limit: held.limit.at,
        bound,
        outcome,
    }
}

/// Whether a bound lies at H too: then all that is known is that no limit holds it.
fn at_h(sample: &Sample, bound: f64) -> bool {
    sample.horizon_ms.is_some_and(|h| bound >= h)
}

/// The bound on the other side: beyond the limit, the limit is shown to be exceeded.
fn best(sample: &Sample, side: Bound) -> Option<f64> {
    let [low, high] = sample.interval(2.0 * CONFIDENCE - 1.0);
    match side {
        Bound::AtLeast => high,
        Bound::AtMost => low,
    }
}
