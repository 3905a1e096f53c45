//! A whole tuning: search, selection, sensitivity, certificate, and what they come to.

use super::crew::Crew;
use super::flights::Flights;
use super::problem::{Problem, Reading, Subject};
use super::search::{Searched, search};
use super::select::{Selected, certify, select};
use super::sense::{Nudge, flat, nudges};
use super::told;
use crate::base::Stop;
use crate::record::tuning::{Spent, Tuned};

/// How a tuning is flown; nothing of it changes what is found.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Threads.
    pub threads: usize,
    /// A wish to stop.
    pub stop: &'a Stop,
    /// Told how many more runs are done, from any thread.
    pub done: &'a (dyn Fn(u64) + Sync),
}

/// What a tuning's stages found.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) searched: Searched,
    pub(super) selected: Selected,
    pub(super) nudges: Vec<Nudge>,
    /// By subject (what was found, then each rival), then by weather.
    pub(super) certificate: Vec<Vec<Option<Reading>>>,
    pub(super) spent: Spent,
}

/// Runs of a certificate: beside the budget.
pub fn certificate_runs(flights: &Flights<'_>) -> u64 {
    let tuning = flights.tuning;
    let policies = 1 + tuning.rivals.len() as u64;
    policies * tuning.weathers.len() as u64 * u64::from(tuning.certify)
}

/// Runs that a tuning takes at most: those of its budget and of its certificate, without those that are done
/// when the flights are there.
pub fn runs(flights: &Flights<'_>) -> u64 {
    let plan = &flights.plan;
    plan.search.all() + plan.select + plan.sense + certificate_runs(flights)
}

/// Tunes; None if it was told to stop.
pub fn conduct(flights: &Flights<'_>, frame: &Frame<'_>) -> Option<Tuned> {
    let tuning = flights.tuning;
    let crew = Crew::new(flights, frame.threads, frame.stop, frame.done);
    let plan = &flights.plan;
    let searched = search(&flights.space, &crew, plan.search, tuning.seed)?;
    let mut spent = Spent {
        reference: plan.reference,
        search: crew.spent(),
        ..Spent::default()
    };
    // What the search leaves over is the selection's, what that leaves is for the moves.
    let left = |stages: u64| stages.saturating_sub(crew.spent());
    let selected = select(
        &crew,
        &searched.finalists,
        left(plan.search.all() + plan.select),
    )?;
    spent.select = crew.spent() - spent.search;
    let found = selected.finalists.first();
    let found = found
        .map(|first| first.candidate.clone())
        .unwrap_or_default();
    let moves = left(plan.search.all() + plan.select + plan.sense);
    let fresh = selected.replications;
    let nudges = nudges(&crew, &flights.space, &found, fresh, moves)?;
    spent.sense = crew.spent() - spent.search - spent.select;
    let rivals = (0..tuning.rivals.len()).map(Subject::Rival);
    let subjects: Vec<Subject> = std::iter::once(Subject::Candidate(found))
        .chain(rivals)
        .collect();
    let before = crew.spent();
    let certificate = certify(&crew, &subjects, tuning.certify)?;
    spent.certify = crew.spent() - before;
    let course = Course {
        searched,
        selected,
        nudges,
        certificate,
        spent,
    };
    let finalists = &course.selected.finalists;
    let ranges = flat(&flights.space, finalists, &course.nudges, flights.combine());
    Some(told::tuned(flights, &course, &ranges))
}
