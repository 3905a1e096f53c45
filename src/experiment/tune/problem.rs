//! What a tuner needs to know of a problem: how to fly a subject, and what its runs say.

use std::ops::Range;

use super::space::Candidate;
use crate::base::Stop;
use crate::base::draw::Stage;
use crate::experiment::Sample;
use crate::record::results::Bound;

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

/// A metric that a limit holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The limit in this weather.
    pub limit: Limit,
    /// The metric; None if it does not apply.
    pub sample: Option<Sample>,
}

/// A limit on a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Whether the metric is to be at least or at most this.
    pub side: Bound,
    /// The limit, in the metric's unit.
    pub at: f64,
    /// How much beyond it counts as much beyond any other limit.
    pub scale: f64,
}

impl Limit {
    /// How far a value is beyond the limit, in its scale; 0 within.
    pub fn excess(&self, value: f64) -> f64 {
        let beyond = match self.side {
            Bound::AtLeast => self.at - value,
            Bound::AtMost => value - self.at,
        };
        match beyond <= 0.0 {
            true => 0.0,
            false => beyond / self.scale,
        }
    }

    /// How far a sample's value is beyond the limit. A time at H is "at least H": no limit however long holds
    /// it, and it is a whole scale beyond at least.
    pub fn excess_of(&self, sample: &Sample) -> f64 {
        match sample.at_horizon() && self.side == Bound::AtMost {
            true => self.excess(sample.value).max(1.0),
            false => self.excess(sample.value),
        }
    }

    /// The one-sided bound of a sample that has to be within the limit, at a confidence; None if there
    /// is none.
    pub fn bound(&self, sample: &Sample, confidence: f64) -> Option<f64> {
        if sample.at_horizon() && self.side == Bound::AtMost {
            return None;
        }
        let [low, high] = sample.interval(2.0 * confidence - 1.0);
        match self.side {
            Bound::AtLeast => low,
            Bound::AtMost => high.filter(|high| sample.horizon_ms.is_none_or(|h| *high < h)),
        }
    }
}

pub use crate::scenario::tune::Combine;

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

    /// Flies; an inner None if the subject is none that can be flown there, an outer one if it was told
    /// to stop.
    fn fly(&self, flight: &Flight<'_>, stop: &Stop) -> Option<Option<Vec<Self::Run>>>;

    /// What runs of one subject in one weather say.
    fn read(&self, weather: usize, runs: &[Self::Run]) -> Reading;
}
