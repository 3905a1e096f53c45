//! What a tuner needs to know of a problem: how to fly a subject, and what its runs say.

use std::ops::Range;

use super::space::Candidate;
use crate::base::Stop;
use crate::base::draw::Stage;
use crate::experiment::Sample;

pub use super::held::{Held, Limit};
pub use crate::scenario::tune::Combine;

/// Who is flown.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Values for the parameters.
    Candidate(Candidate),
    /// A policy to be compared with, by its place.
    Rival(usize),
}

/// What is to be flown: subjects that are compared get the same stage and replications, and so the same
/// weather.
#[derive(Clone, Debug)]
pub struct Flight<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// Through which weather, by its place: first the suite's, then those held out.
    pub weather: usize,
    /// What for: no weather of one stage is met again in another.
    pub stage: Stage,
    /// Which replications.
    pub replications: Range<u32>,
}

/// How runs are read.
#[derive(Debug)]
pub enum Look<'a, R> {
    /// To rank what was flown a few times: percentiles of however few calls, and limits that are multiples of
    /// a baseline's figures by what was found of it beforehand.
    Rough,
    /// To judge: such limits by the baseline's runs through the same replications, if there are such.
    Strict(Option<&'a [R]>),
}

/// What the runs of one subject in one weather say.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The objective, the smaller the better; None if it does not apply.
    pub objective: Option<Sample>,
    /// What it is held to, in the order of the limits.
    pub held: Vec<Held>,
    /// Runs that locked up, of those watched long enough.
    pub locked: (u64, u64),
}

/// A problem to be tuned.
pub trait Problem: Sync {
    /// What one run leaves.
    type Run: Send + Sync;

    /// How many weathers there are: in the suite, and held out.
    fn weathers(&self) -> (usize, usize);

    /// How many limits there are, each of which holds in every weather.
    fn limits(&self) -> usize;

    /// How the objectives of weathers become one.
    fn combine(&self) -> Combine;

    /// The policy that has to fly along wherever something is judged, since limits are multiples of its
    /// figures.
    fn reference(&self) -> Option<Subject> {
        None
    }

    /// Flies; an inner None if the subject is none that can be flown there, an outer one if it was told
    /// to stop.
    fn fly(&self, flight: &Flight<'_>, stop: &Stop) -> Option<Option<Vec<Self::Run>>>;

    /// What runs of one subject in one weather say.
    fn read(&self, weather: usize, runs: &[Self::Run], look: Look<'_, Self::Run>) -> Reading;
}
