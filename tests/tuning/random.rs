//! Random search with the same budget, common replications and the same selection.

use squall::base::draw::Stage;
use squall::experiment::tune::lots::Lots;
use squall::experiment::tune::score::Score;
use squall::experiment::tune::search::{FINALISTS, Trial};
use squall::experiment::tune::{Candidate, Crew, Problem, Subject};

use crate::made::Made;

/// Runs each random candidate flies through each weather: few, so that there are many.
const EACH: u32 = 3;

/// The best of as many random candidates as the budget pays.
pub(crate) fn search(problem: &Made, crew: &Crew<'_, Made>, spend: u64, seed: u64) -> Vec<Trial> {
    let number = spend / (u64::from(EACH) * problem.weathers as u64);
    let mut lots = Lots::new(seed, 0xabcd);
    let arms = problem.space.arms();
    let candidates: Vec<(usize, Candidate)> = (0..number)
        .map(|_| {
            let arm = (lots.unit() * arms.len() as f64) as usize;
            let point: Vec<f64> = arms[arm].axes.iter().map(|_| lots.unit()).collect();
            (arm, problem.space.at(&arms[arm], &point))
        })
        .collect();
    let subjects: Vec<Subject> = candidates
        .iter()
        .map(|(_, candidate)| Subject::Candidate(candidate.clone()))
        .collect();
    let flown = crew
        .fly(&subjects, 0..problem.weathers, Stage::Search, 0..EACH)
        .unwrap();
    let mut trials: Vec<Trial> = candidates
        .into_iter()
        .zip(&flown)
        .map(|((arm, candidate), runs)| {
            let readings = crew.read(runs).unwrap();
            let score = Score::of(&readings, problem.combine(), 1.0);
            Trial {
                arm,
                candidate,
                score,
            }
        })
        .collect();
    trials.sort_by(|a, b| a.score.order(&b.score));
    trials.truncate(FINALISTS);
    trials
}
