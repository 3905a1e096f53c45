//! How much each parameter matters around what was found, and how flat it is there.
//!
//! One parameter at a time is moved by a tenth of its range to either side (a whole number by one at
//! least), or to another choice, with all else as it is, on replications that neither the search nor the
//! selection has seen. What is told is the change of the objective, and whether a limit is then exceeded.

use super::crew::Crew;
use super::problem::{Combine, Problem, Reading, Subject};
use super::score::{difference, objective};
use super::select::Finalist;
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
    /// Its 95 % interval; a bound that does not exist is None.
    pub interval: [Option<f64>; 2],
    /// Limits that are exceeded there, by place.
    pub beyond: Vec<usize>,
}

/// The most replications of a parameter that is moved: more tell nobody anything.
const MOST: u64 = 64;

/// Moves each parameter, for so many runs at most; None if it was told to stop. `first` is the first
/// replication of the selection's stage that nobody has flown.
pub fn nudges<P: Problem>(
    crew: &Crew<'_, P>,
    space: &Space,
    found: &Candidate,
    first: u32,
    spend: u64,
) -> Option<Vec<Nudge>> {
    let moves = moves(space, found);
    let reference = crew.problem.reference();
    let number = (1 + moves.len() + usize::from(reference.is_some())) as u64;
    let each = spend / (number * crew.problem.weathers().0 as u64).max(1);
    if moves.is_empty() || each == 0 {
        return Some(Vec::new());
    }
    let replications = each.min(MOST) as u32;
    let mut subjects = vec![Subject::Candidate(found.clone())];
    for (parameter, to) in &moves {
        let mut candidate = found.clone();
        candidate[*parameter] = Some(*to);
        subjects.push(Subject::Candidate(candidate));
    }
    subjects.extend(reference.clone());
    let weathers = crew.problem.weathers().0;
    let range = first..first + replications;
    let flown = crew.fly(&subjects, 0..weathers, Stage::Select, range)?;
    let combine = crew.problem.combine();
    let reference = reference.and_then(|_| flown.last());
    let judged = flown.iter().map(|runs| crew.judge(runs, reference));
    let read: Vec<Option<Vec<Reading>>> = judged.map(|all| all.into_iter().collect()).collect();
    let at_home = read[0].clone();
    let nudge = |((parameter, to), readings): ((usize, Value), Option<Vec<Reading>>)| {
        let readings = readings?;
        let beyond: Vec<usize> = (0..crew.problem.limits())
            .filter(|&i| exceeds(&readings, i))
            .collect();
        let home = at_home.as_ref()?;
        Some(Nudge {
            parameter,
            to,
            change: objective(&readings, combine) - objective(home, combine),
            interval: difference(&readings, home, combine, 0.95),
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
    let beyond = |reading: &Reading| {
        reading.held[limit]
            .excess()
            .is_none_or(|excess| excess > 0.0)
    };
    readings.iter().any(beyond)
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
                let sides = [
                    (u - STEP, x.saturating_sub(1)),
                    (u + STEP, x.saturating_add(1)),
                ];
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

/// The most moves there can be of any candidate.
pub fn most_moves(space: &Space) -> u64 {
    let each = |(place, parameter): (usize, &super::space::Parameter)| match parameter.domain {
        Domain::Choice(_) if steers(space, place) => 0,
        Domain::Choice(n) => n.saturating_sub(1) as u64,
        _ => 2,
    };
    space.parameters.iter().enumerate().map(each).sum()
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

/// By parameter: the least and the largest value at which a candidate is as good as what was found, and
/// what was found itself; None where the parameter does not apply to it.
///
/// As good is who meets every limit and whose objective is shown to be worse by at most [`FLAT`], on
/// replications that had no part in finding him: the other finalists by the selection, and each parameter
/// moved alone. Of the search's own trials the luckiest would set the mark.
pub fn flat(
    space: &Space,
    finalists: &[Finalist],
    nudges: &[Nudge],
    combine: Combine,
) -> Vec<Option<[Value; 2]>> {
    let Some(found) = finalists.first().filter(|found| !found.readings.is_empty()) else {
        return vec![None; space.parameters.len()];
    };
    let least = FLAT * objective(&found.readings, combine).abs();
    let small = |interval: [Option<f64>; 2]| interval[1].is_some_and(|worse| worse <= least);
    let as_good = |other: &&Finalist| {
        other.score.feasible() && {
            small(difference(&other.readings, &found.readings, combine, 0.90))
        }
    };
    let good: Vec<&Finalist> = finalists.iter().skip(1).filter(as_good).collect();
    let range = |place: usize| {
        let domain = space.parameters[place].domain;
        let own = found.candidate[place]?;
        let moved = nudges.iter().filter(|nudge| nudge.parameter == place);
        let moved = moved.filter(|nudge| nudge.beyond.is_empty() && small(nudge.interval));
        let others = good.iter().filter_map(|other| other.candidate[place]);
        let mut values: Vec<Value> = others.chain(moved.map(|nudge| nudge.to)).collect();
        values.push(own);
        values.sort_by(|a, b| domain.unit(*a).total_cmp(&domain.unit(*b)));
        Some([*values.first()?, *values.last()?])
    };
    (0..space.parameters.len()).map(range).collect()
}
