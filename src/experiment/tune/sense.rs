//! How much each parameter matters around what was found, and how flat it is there.
//!
//! One parameter at a time is moved by a tenth of its range to either side (a whole number by one at
//! least), or to another choice, with all else as it is, on replications that neither the search nor the
//! selection has seen. What is told is the change of the objective, and whether a limit is then exceeded.

use super::crew::Crew;
use super::problem::{Problem, Reading, Subject};
use super::score::objective;
use super::search::Trial;
use super::space::{Candidate, Domain, Space, Value};
use crate::base::draw::Stage;

/// How far a number is moved, as a share of its range.
const STEP: f64 = 0.1;
/// Objectives within this share of the best are as good: the least effect of comparisons.
pub const FLAT: f64 = 0.02;

/// One parameter moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Nudge {
    /// Which.
    pub parameter: usize,
    /// Where to.
    pub to: Value,
    /// The objective there less that of what was found, with the same weather.
    pub change: f64,
    /// Limits that are exceeded there, by place.
    pub beyond: Vec<usize>,
}

/// Moves each parameter; None if it was told to stop. `first` is the first replication of the
/// selection's stage that nobody has flown.
pub fn nudges<P: Problem>(
    crew: &Crew<'_, P>,
    space: &Space,
    found: &Candidate,
    first: u32,
    replications: u32,
) -> Option<Vec<Nudge>> {
    let moves = moves(space, found);
    let mut subjects = vec![Subject::Candidate(found.clone())];
    for (parameter, to) in &moves {
        let mut candidate = found.clone();
        candidate[*parameter] = Some(*to);
        subjects.push(Subject::Candidate(candidate));
    }
    let weathers = crew.problem.weathers().0;
    let range = first..first + replications;
    let flown = crew.fly(&subjects, 0..weathers, Stage::Select, range)?;
    let combine = crew.problem.combine();
    let read: Vec<Option<Vec<Reading>>> = flown.iter().map(|runs| crew.read(runs, 0)).collect();
    let at_home = read[0]
        .as_ref()
        .map(|readings| objective(readings, combine));
    let nudge = |((parameter, to), readings): ((usize, Value), Option<Vec<Reading>>)| {
        let readings = readings?;
        let beyond: Vec<usize> = (0..crew.problem.limits())
            .filter(|&i| exceeds(&readings, i))
            .collect();
        Some(Nudge {
            parameter,
            to,
            change: objective(&readings, combine) - at_home?,
            beyond,
        })
    };
    Some(
        moves
            .into_iter()
            .zip(read.into_iter().skip(1))
            .filter_map(nudge)
            .collect(),
    )
}

fn exceeds(readings: &[Reading], limit: usize) -> bool {
    readings.iter().any(|reading| {
        let held = &reading.held[limit];
        held.sample
            .as_ref()
            .is_none_or(|s| held.limit.excess_of(s) > 0.0)
    })
}

/// Where each parameter that applies is moved to. Another choice brings no settings of its own, so one
/// under which others would apply is left to the search.
fn moves(space: &Space, found: &Candidate) -> Vec<(usize, Value)> {
    let mut all = Vec::new();
    for (place, (parameter, value)) in space.parameters.iter().zip(found).enumerate() {
        let Some(value) = *value else { continue };
        let targets: Vec<Value> = match (parameter.domain, value) {
            (Domain::Choice(_), _) if steers(space, place) => Vec::new(),
            (Domain::Choice(n), _) => (0..n).map(Value::Choice).collect(),
            (domain, Value::Integer(x)) => {
                let u = domain.unit(value);
                let sides = [(u - STEP, x - 1), (u + STEP, x + 1)];
                let side = |(u, next): (f64, i64)| match domain.at(u) {
                    Value::Integer(far) if far != x => Value::Integer(far),
                    _ => Value::Integer(next),
                };
                sides
                    .map(side)
                    .into_iter()
                    .filter(|to| within(domain, *to))
                    .collect()
            }
            (domain, _) => {
                let u = domain.unit(value);
                vec![domain.at(u - STEP), domain.at(u + STEP)]
            }
        };
        all.extend(
            targets
                .into_iter()
                .filter(|to| *to != value)
                .map(|to| (place, to)),
        );
    }
    all
}

fn within(domain: Domain, value: Value) -> bool {
    match (domain, value) {
        (Domain::Integer { from, to, .. }, Value::Integer(x)) => (from..=to).contains(&x),
        _ => true,
    }
}

/// Whether other parameters apply under this choice.
fn steers(space: &Space, place: usize) -> bool {
    let asks = |(choice, _): &(usize, Vec<usize>)| *choice == place;
    space
        .parameters
        .iter()
        .any(|parameter| parameter.when.iter().any(asks))
}

/// By parameter: the least and the largest value among the candidates that were as good as the best of
/// the search and met every limit; None where it did not apply to any.
pub fn flat(space: &Space, trials: &[Trial]) -> Vec<Option<[Value; 2]>> {
    let feasible = trials.iter().filter(|trial| trial.score.feasible());
    let best = feasible
        .clone()
        .map(|trial| trial.score.objective)
        .fold(f64::INFINITY, f64::min);
    let good = feasible.filter(|trial| trial.score.objective <= best + FLAT * best.abs());
    let good: Vec<&Trial> = good.collect();
    let range = |place: usize| {
        let domain = space.parameters[place].domain;
        let mut values: Vec<Value> = good
            .iter()
            .filter_map(|trial| trial.candidate[place])
            .collect();
        values.sort_by(|a, b| domain.unit(*a).total_cmp(&domain.unit(*b)));
        Some([*values.first()?, *values.last()?])
    };
    (0..space.parameters.len()).map(range).collect()
}
