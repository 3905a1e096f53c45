//! The selection among finalists, and the certificate of who was selected.
//!
//! Statistics.md, Tuning. The finalists fly through replications that no search has seen. Selected is
//! the best by the objective of those whose one-sided bounds at 1 − 0.05/(8 · limits · weathers) meet
//! every limit; so the chance that any of the eight passes by luck alone is 5 %. The certificate is flown on
//! third replications and on weathers held out, once, and is reported whatever it says.

use super::crew::Crew;
use super::plan::LEAST_SELECT;
use super::problem::{Problem, Reading, Subject};
use super::score::Score;
use super::search::{FINALISTS, Trial};
use super::space::Candidate;
use crate::base::draw::Stage;

/// The chance that a candidate that is beyond a limit is selected.
const ERROR: f64 = 0.05;

/// One finalist after the selection's replications.
#[derive(Clone, Debug)]
pub struct Finalist {
    /// What was flown.
    pub candidate: Candidate,
    /// By weather of the suite; empty if it cannot be flown.
    pub readings: Vec<Reading>,
    /// Its bounds against the limits, and the objective.
    pub score: Score,
}

/// What a selection says.
#[derive(Clone, Debug)]
pub struct Selected {
    /// All finalists, the best first.
    pub finalists: Vec<Finalist>,
    /// Replications each flew through each weather.
    pub replications: u32,
    /// Confidence of the bounds.
    pub confidence: f64,
}

impl Selected {
    /// The one that meets every limit and is best by the objective; None if none does.
    pub fn winner(&self) -> Option<&Finalist> {
        self.finalists
            .first()
            .filter(|first| first.score.feasible())
    }
}

/// Confidence of the selection's bounds.
pub fn confidence<P: Problem>(problem: &P) -> f64 {
    let tests = FINALISTS * problem.limits() * problem.weathers().0;
    1.0 - ERROR / tests.max(1) as f64
}

/// Selects among as many as can each have [`LEAST_SELECT`] replications; None if it was told to stop.
pub fn select<P: Problem>(crew: &Crew<'_, P>, finalists: &[Trial], spend: u64) -> Option<Selected> {
    let problem = crew.problem;
    let weathers = problem.weathers().0;
    let reference = problem.reference();
    let beside = usize::from(reference.is_some());
    let pays = spend / (LEAST_SELECT * weathers.max(1) as u64);
    let number = (pays as usize).saturating_sub(beside).clamp(1, FINALISTS);
    let finalists = &finalists[..finalists.len().min(number)];
    let each = spend / ((finalists.len() + beside) * weathers).max(1) as u64;
    let replications = each.clamp(1, 10_000) as u32;
    let subjects = finalists
        .iter()
        .map(|trial| Subject::Candidate(trial.candidate.clone()));
    let subjects: Vec<Subject> = subjects.chain(reference).collect();
    let flown = crew.fly(&subjects, 0..weathers, Stage::Select, 0..replications)?;
    let reference = flown.get(finalists.len());
    let confidence = confidence(problem);
    let finalist = |(trial, runs): (&Trial, &_)| {
        let readings: Option<Vec<Reading>> = crew.judge(runs, reference).into_iter().collect();
        let readings = readings.unwrap_or_default();
        Finalist {
            candidate: trial.candidate.clone(),
            score: bounded(problem, &readings, confidence),
            readings,
        }
    };
    let mut finalists: Vec<Finalist> = finalists.iter().zip(&flown).map(finalist).collect();
    finalists.sort_by(|a, b| a.score.order(&b.score));
    Some(Selected {
        finalists,
        replications,
        confidence,
    })
}

/// How far the bounds are beyond the limits, and the objective as found.
fn bounded<P: Problem>(problem: &P, readings: &[Reading], confidence: f64) -> Score {
    if readings.is_empty() {
        return Score::WORST;
    }
    Score::by(readings, problem.combine(), |held| {
        let bound = held.bound(confidence)?;
        Some(held.limit.excess(bound))
    })
}

/// Flies subjects through every weather, held out ones too, on replications of their own; readings by
/// subject, then by weather (None where it cannot be flown).
pub fn certify<P: Problem>(
    crew: &Crew<'_, P>,
    subjects: &[Subject],
    replications: u32,
) -> Option<Vec<Vec<Option<Reading>>>> {
    let (suite, held_out) = crew.problem.weathers();
    let weathers = 0..suite + held_out;
    let flown = crew.fly(subjects, weathers, Stage::Certify, 0..replications)?;
    let reference = crew.problem.reference();
    let reference = subjects
        .iter()
        .position(|subject| Some(subject) == reference.as_ref());
    let reference = reference.map(|place| &flown[place]);
    Some(
        flown
            .iter()
            .map(|runs| crew.judge(runs, reference))
            .collect(),
    )
}
