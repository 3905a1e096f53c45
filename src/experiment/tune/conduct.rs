//! A whole tuning: search, selection, sensitivity, certificate, and what they come to.

use super::crew::Crew;
use super::flights::Flights;
use super::problem::{Problem, Reading, Subject};
use super::search::{Searched, Spend, search};
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

/// How a budget is divided: half is for the search, a third for telling its best apart beyond doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Of the search.
    pub search: u64,
    /// Of the selection.
    pub select: u64,
    /// Of moving one parameter at a time.
    pub sense: u64,
}

impl Shares {
    /// Of a budget.
    pub fn of(budget: u64) -> Shares {
        let (search, select) = (budget * 55 / 100, budget * 33 / 100);
        Shares {
            search,
            select,
            sense: budget - search - select,
        }
    }
}

/// Runs that a tuning takes, about: those of its budget and of its certificate.
pub fn runs(flights: &Flights<'_>) -> u64 {
    let tuning = flights.tuning;
    let policies = 1 + tuning.rivals.len() as u64;
    tuning.budget + policies * tuning.weathers.len() as u64 * u64::from(tuning.certify)
}

/// Tunes; None if it was told to stop.
pub fn conduct(flights: &Flights<'_>, frame: &Frame<'_>) -> Option<Tuned> {
    let tuning = flights.tuning;
    let crew = Crew::new(flights, frame.threads, frame.stop, frame.done);
    let shares = Shares::of(tuning.budget);
    let mut spent = Spent::default();
    let spend = Spend::of(shares.search);
    let searched = search(&flights.space, &crew, spend, tuning.seed)?;
    spent.search = crew.spent();
    let selected = select(&crew, &searched.finalists, shares.select)?;
    spent.select = crew.spent() - spent.search;
    let found = selected
        .finalists
        .first()
        .map(|first| first.candidate.clone());
    let found = found.unwrap_or_default();
    let axes = flights.space.parameters.len() as u64;
    let weathers = flights.weathers().0 as u64;
    let each = shares.sense / ((1 + 2 * axes) * weathers).max(1);
    let fresh = selected.replications;
    let nudges = nudges(
        &crew,
        &flights.space,
        &found,
        fresh,
        each.clamp(4, 64) as u32,
    )?;
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
    let ranges = flat(&flights.space, &course.searched.trials);
    Some(told::tuned(flights, &course, &ranges))
}
