//! The search: a Sobol design raced by halving, then CMA-ES from the best of the best arms.
//!
//! Statistics.md, Tuning. Everything that is compared has flown through the same replications; every
//! rung and every generation has new ones, so that nobody is tuned to the luck of a few runs. The
//! scores here choose who goes on and are never reported as results.

use std::collections::BTreeMap;

use super::cmaes::Cma;
use super::crew::{Crew, Runs};
use super::lots::Lots;
use super::problem::{Problem, Subject};
use super::score::Score;
use super::sobol::Sobol;
use super::space::{Arm, Candidate, Space};
use crate::base::draw::Stage;

/// Rungs of the race; each keeps the better half.
const RUNGS: u32 = 3;
/// Standard errors that a limit is taken to be nearer than found.
const CAUTION: f64 = 1.0;
/// Arms that are searched further.
const MOST_ARMS: usize = 3;
/// First steps of CMA-ES, as a share of each range: the best of a design is about this far off.
const SIGMA: f64 = 0.2;
/// Candidates that come into the last rung of the search.
const POOL: usize = 16;
/// Candidates that go on to the selection.
pub const FINALISTS: usize = 8;

/// What a search may spend, in runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spend {
    /// On the design and its race.
    pub race: u64,
    /// On CMA-ES.
    pub climb: u64,
    /// On the last rung.
    pub pool: u64,
}

impl Spend {
    /// How a search divides what it may spend: a third on finding the valley, half on going down in it,
    /// the rest on telling its best apart.
    pub fn of(runs: u64) -> Spend {
        let (race, pool) = (runs * 35 / 100, runs * 15 / 100);
        Spend {
            race,
            climb: runs - race - pool,
            pool,
        }
    }
}

/// One candidate that was flown while searching.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Its arm.
    pub arm: usize,
    /// Where.
    pub candidate: Candidate,
    /// How it did, over all it has flown.
    pub score: Score,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// The best, at most [`FINALISTS`], the best first.
    pub finalists: Vec<Trial>,
    /// Everything that was flown.
    pub trials: Vec<Trial>,
}

/// Searches; None if it was told to stop.
pub fn search<P: Problem>(
    space: &Space,
    crew: &Crew<'_, P>,
    spend: Spend,
    seed: u64,
) -> Option<Searched> {
    let mut search = Search {
        space,
        arms: space.arms(),
        crew,
        weathers: crew.problem.weathers().0,
        next: 0,
        trials: Vec::new(),
    };
    let design = search.design(spend.race, seed);
    let raced = search.race(design)?;
    let climbed = search.climb(&raced, spend.climb, seed)?;
    let finalists = search.last_rung(raced, climbed, spend.pool)?;
    Some(Searched {
        finalists,
        trials: search.trials,
    })
}

struct Search<'a, 'c, P: Problem> {
    space: &'a Space,
    arms: Vec<Arm>,
    crew: &'a Crew<'c, P>,
    weathers: usize,
    /// The first replication that nobody has flown.
    next: u32,
    trials: Vec<Trial>,
}

/// A candidate with what it has flown.
struct Racer<R> {
    arm: usize,
    candidate: Candidate,
    runs: Runs<R>,
    score: Score,
}

impl<R> Racer<R> {
    fn new((arm, candidate): (usize, Candidate)) -> Racer<R> {
        Racer {
            arm,
            candidate,
            runs: Vec::new(),
            score: Score::WORST,
        }
    }
}

impl<P: Problem> Search<'_, '_, P> {
    /// Points of a Sobol design in each arm's cube, as many as the race can pay.
    fn design(&self, spend: u64, seed: u64) -> Vec<(usize, Candidate)> {
        // Each rung costs about as much as the first: half as many, twice as long.
        let pays = spend / (u64::from(RUNGS) * self.weathers.max(1) as u64);
        let (arms, pays) = (self.arms.len(), pays as usize);
        let mut all: Vec<(usize, Candidate)> = Vec::new();
        for (i, arm) in self.arms.iter().enumerate() {
            let points = (pays / arms + usize::from(i < pays % arms)).max(1);
            let mut lots = Lots::new(seed, i as u64);
            let design = Sobol::new(arm.axes.len(), &mut lots);
            for point in design.take(points) {
                let candidate = self.space.at(arm, &point);
                if !all.iter().any(|(_, other)| *other == candidate) {
                    all.push((i, candidate));
                }
            }
        }
        all
    }

    /// Halves a field until a quarter is left, but keeps the best of each arm.
    fn race(&mut self, field: Vec<(usize, Candidate)>) -> Option<Vec<Racer<P::Run>>> {
        let mut racers: Vec<Racer<P::Run>> = field.into_iter().map(Racer::new).collect();
        for rung in 0..RUNGS {
            self.rung(&mut racers, 1 << rung)?;
            if rung + 1 < RUNGS {
                let kept = self.keep(racers.len().div_ceil(2), &racers);
                let mut place = 0;
                racers.retain(|_| {
                    place += 1;
                    kept[place - 1]
                });
            }
        }
        Some(racers)
    }

    /// Who stays: the first so many, and the first of each arm.
    fn keep(&self, number: usize, racers: &[Racer<P::Run>]) -> Vec<bool> {
        let mut seen = vec![false; self.arms.len()];
        let stays = |(place, racer): (usize, &Racer<P::Run>)| {
            let first = !std::mem::replace(&mut seen[racer.arm], true);
            first || place < number
        };
        racers.iter().enumerate().map(stays).collect()
    }

    /// Flies everybody through new replications and sorts by all that each has flown.
    fn rung(&mut self, racers: &mut [Racer<P::Run>], replications: u32) -> Option<()> {
        let subjects: Vec<Subject> = racers
            .iter()
            .map(|racer| Subject::Candidate(racer.candidate.clone()))
            .collect();
        let flown = self.fly(&subjects, replications)?;
        for (racer, new) in racers.iter_mut().zip(flown) {
            racer.runs = match std::mem::take(&mut racer.runs) {
                before if before.is_empty() => new,
                before => before.into_iter().zip(new).map(join).collect(),
            };
            racer.score = self.score(&racer.runs);
            self.trials.push(Trial {
                arm: racer.arm,
                candidate: racer.candidate.clone(),
                score: racer.score,
            });
        }
        racers.sort_by(|a, b| a.score.order(&b.score));
        Some(())
    }

    fn fly(&mut self, subjects: &[Subject], replications: u32) -> Option<Vec<Runs<P::Run>>> {
        let range = self.next..self.next + replications;
        self.next = range.end;
        self.crew
            .fly(subjects, 0..self.weathers, Stage::Search, range)
    }

    fn score(&self, runs: &Runs<P::Run>) -> Score {
        let problem = self.crew.problem;
        self.crew.read(runs, 0).map_or(Score::WORST, |readings| {
            Score::of(&readings, problem.combine(), CAUTION)
        })
    }

    /// CMA-ES from the best of the best arms; the last candidates of each.
    fn climb(
        &mut self,
        raced: &[Racer<P::Run>],
        spend: u64,
        seed: u64,
    ) -> Option<Vec<(usize, Candidate)>> {
        let mut starts: BTreeMap<usize, (usize, &Racer<P::Run>)> = BTreeMap::new();
        for (place, racer) in raced.iter().enumerate() {
            let climbs = !self.arms[racer.arm].axes.is_empty();
            if climbs && (starts.len() < MOST_ARMS || starts.contains_key(&racer.arm)) {
                starts.entry(racer.arm).or_insert((place, racer));
            }
        }
        let mut starts: Vec<(usize, Candidate, usize)> = starts
            .into_iter()
            .map(|(arm, (place, racer))| (arm, racer.candidate.clone(), place))
            .collect();
        starts.sort_by_key(|&(_, _, place)| place);
        // The leader gets half, the second half of the rest: an arm that is far behind seldom wins.
        let mut left = spend;
        let mut found = Vec::new();
        let number = starts.len();
        for (i, (arm, start, _)) in starts.into_iter().enumerate() {
            let share = if i + 1 == number { left } else { left / 2 };
            left -= share;
            found.extend(self.climb_arm(arm, &start, share, seed)?);
        }
        Some(found)
    }

    fn climb_arm(
        &mut self,
        arm: usize,
        start: &Candidate,
        spend: u64,
        seed: u64,
    ) -> Option<Vec<(usize, Candidate)>> {
        let cube = self.arms[arm].clone();
        let level = |&axis: &usize| self.space.parameters[axis].domain.levels();
        let levels: Vec<Option<u64>> = cube.axes.iter().map(level).collect();
        let mut cma = Cma::new(&self.space.point(&cube, start), SIGMA, &levels);
        let mut lots = Lots::new(seed, 1 << 32 | arm as u64);
        let one = (cma.lambda() * self.weathers) as u64;
        // Two runs each if that leaves a dozen generations: ranks by one are noisy.
        let replications = if spend >= 24 * one { 2 } else { 1 };
        let generations = spend / (one * replications).max(1);
        let mut last: Vec<(usize, Candidate)> = Vec::new();
        for generation in 0..generations {
            let points = cma.ask(&mut lots);
            let best = self.generation(arm, &cube, points, replications as u32)?;
            if generation + 3 >= generations {
                last.push((arm, self.space.at(&cube, &best[0])));
            }
            cma.tell(&best);
        }
        if generations > 0 {
            last.push((arm, self.space.at(&cube, cma.mean())));
        }
        Some(last)
    }

    /// Flies a generation; its points, the best first.
    fn generation(
        &mut self,
        arm: usize,
        cube: &Arm,
        points: Vec<Vec<f64>>,
        replications: u32,
    ) -> Option<Vec<Vec<f64>>> {
        let candidates: Vec<Candidate> = points
            .iter()
            .map(|point| self.space.at(cube, point))
            .collect();
        let subjects: Vec<Subject> = candidates.iter().cloned().map(Subject::Candidate).collect();
        let flown = self.fly(&subjects, replications)?;
        let mut scored: Vec<(Score, Vec<f64>)> = Vec::new();
        for ((runs, candidate), point) in flown.iter().zip(candidates).zip(points) {
            let score = self.score(runs);
            self.trials.push(Trial {
                arm,
                candidate,
                score,
            });
            scored.push((score, point));
        }
        scored.sort_by(|a, b| a.0.order(&b.0));
        Some(scored.into_iter().map(|(_, point)| point).collect())
    }

    /// The best of the race and of the climbs, together through new replications.
    fn last_rung(
        &mut self,
        raced: Vec<Racer<P::Run>>,
        climbed: Vec<(usize, Candidate)>,
        spend: u64,
    ) -> Option<Vec<Trial>> {
        let mut pool: Vec<(usize, Candidate)> = Vec::new();
        let best_raced = raced.into_iter().take(POOL - climbed.len().min(POOL / 2));
        let entrants = climbed.into_iter().rev();
        let entrants = entrants.chain(best_raced.map(|racer| (racer.arm, racer.candidate)));
        for entrant in entrants {
            if pool.len() < POOL && !pool.iter().any(|(_, other)| *other == entrant.1) {
                pool.push(entrant);
            }
        }
        let each = spend / (pool.len() * self.weathers).max(1) as u64;
        let mut racers: Vec<Racer<P::Run>> = pool.into_iter().map(Racer::new).collect();
        self.rung(&mut racers, each.clamp(2, 64) as u32)?;
        let trial = |racer: Racer<P::Run>| Trial {
            arm: racer.arm,
            candidate: racer.candidate,
            score: racer.score,
        };
        Some(racers.into_iter().take(FINALISTS).map(trial).collect())
    }
}

/// What was flown before and what is new, of one weather.
fn join<R>((before, new): (Option<Vec<R>>, Option<Vec<R>>)) -> Option<Vec<R>> {
    let (mut before, new) = (before?, new?);
    before.extend(new);
    Some(before)
}
