//! The search: a Sobol design raced by halving, then CMA-ES from the best of the best arms.
//!
//! Statistics.md, Tuning. Everything that is compared has flown through the same replications; every
//! rung and every generation has new ones, so that nobody is tuned to the luck of a few runs. The
//! scores here choose who goes on and are never reported as results.

use std::collections::BTreeMap;

use super::cmaes::Cma;
use super::crew::{Crew, Runs};
use super::lots::Lots;
use super::plan::Spend;
use super::problem::{Problem, Subject};
use super::score::Score;
use super::sobol::Sobol;
use super::space::{Arm, Candidate, Space};
use crate::base::draw::Stage;

/// Rungs of the race, if that can be paid; each keeps the better half.
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
    let before = crew.spent();
    let spent = || crew.spent() - before;
    let (points, rungs) = search.field(spend.race);
    let design = search.design(points, seed);
    let raced = search.race(design, rungs)?;
    let climb = (spend.race + spend.climb).saturating_sub(spent());
    let climbed = search.climb(&raced, climb, seed)?;
    let finalists = search.last_rung(raced, climbed, spend.all().saturating_sub(spent()))?;
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
    /// How many points a race can pay, and over how many rungs: as many of those as it can with a point in
    /// each arm.
    fn field(&self, spend: u64) -> (usize, u32) {
        let each = (spend / self.weathers.max(1) as u64) as usize;
        let arms = self.arms.len();
        let cost = |points: usize, rungs: u32| -> usize {
            (0..rungs)
                .map(|rung| stay(points, rung, arms) << rung)
                .sum()
        };
        let rungs = (1..=RUNGS).rev().find(|&rungs| cost(arms, rungs) <= each);
        let rungs = rungs.unwrap_or(1);
        // Each rung costs about as much as the first, half as many, twice as long: so many at most.
        let most = (each / rungs as usize).max(arms);
        let points = (arms..=most)
            .rev()
            .find(|&points| cost(points, rungs) <= each);
        (points.unwrap_or(arms), rungs)
    }

    /// Points of a Sobol design in each arm's cube.
    fn design(&self, pays: usize, seed: u64) -> Vec<(usize, Candidate)> {
        let arms = self.arms.len();
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

    /// Halves a field after each rung but the last, but keeps the best of each arm.
    fn race(&mut self, field: Vec<(usize, Candidate)>, rungs: u32) -> Option<Vec<Racer<P::Run>>> {
        let mut racers: Vec<Racer<P::Run>> = field.into_iter().map(Racer::new).collect();
        let points = racers.len();
        for rung in 0..rungs {
            self.rung(&mut racers, 1 << rung)?;
            if rung + 1 < rungs {
                let kept = self.keep(stay(points, rung + 1, self.arms.len()), &racers);
                let mut place = 0;
                racers.retain(|_| {
                    place += 1;
                    kept[place - 1]
                });
            }
        }
        Some(racers)
    }

    /// Who stays: the first of each arm, and of the others the best until there are so many.
    fn keep(&self, number: usize, racers: &[Racer<P::Run>]) -> Vec<bool> {
        let mut seen = vec![false; self.arms.len()];
        let first = |racer: &Racer<P::Run>| !std::mem::replace(&mut seen[racer.arm], true);
        let mut stays: Vec<bool> = racers.iter().map(first).collect();
        let firsts = stays.iter().filter(|stays| **stays).count();
        let others = stays.iter_mut().filter(|stays| !**stays);
        others
            .take(number.saturating_sub(firsts))
            .for_each(|stays| *stays = true);
        stays
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
        self.crew.read(runs).map_or(Score::WORST, |readings| {
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
        let domains = cube
            .axes
            .iter()
            .map(|&axis| self.space.parameters[axis].domain);
        let mut cma = Cma::new(&self.space.point(&cube, start), SIGMA, domains.collect());
        let mut lots = Lots::new(seed, 1 << 32 | arm as u64);
        let one = (cma.lambda() * self.weathers) as u64;
        // Two runs each if that leaves a dozen generations: ranks by one are noisy.
        let replications = if spend >= 24 * one { 2 } else { 1 };
        let (mut left, mut alike) = (spend, 0);
        let mut last: Vec<(usize, Candidate)> = Vec::new();
        // Where a search has come down to one candidate it has nothing left to tell apart.
        while alike < 3 {
            let points = cma.ask(&mut lots);
            let (field, places) = distinct(points.iter().map(|point| self.space.at(&cube, point)));
            let cost = (field.len() * self.weathers) as u64 * replications;
            if cost > left {
                break;
            }
            left -= cost;
            alike = if field.len() == 1 { alike + 1 } else { 0 };
            let best = self.generation(arm, (points, field, places), replications as u32)?;
            last.push((arm, self.space.at(&cube, &best[0])));
            cma.tell(&best);
        }
        last.drain(..last.len().saturating_sub(3));
        if !last.is_empty() {
            last.push((arm, self.space.at(&cube, cma.mean())));
        }
        Some(last)
    }

    /// Flies a generation, each of its candidates once; its points, the best first.
    fn generation(
        &mut self,
        arm: usize,
        (points, field, places): (Vec<Vec<f64>>, Vec<Candidate>, Vec<usize>),
        replications: u32,
    ) -> Option<Vec<Vec<f64>>> {
        let subjects: Vec<Subject> = field.iter().cloned().map(Subject::Candidate).collect();
        let flown = self.fly(&subjects, replications)?;
        let scores: Vec<Score> = flown.iter().map(|runs| self.score(runs)).collect();
        for (candidate, &score) in field.into_iter().zip(&scores) {
            self.trials.push(Trial {
                arm,
                candidate,
                score,
            });
        }
        let scored = points.into_iter().zip(places);
        let mut scored: Vec<(Score, Vec<f64>)> = scored
            .map(|(point, place)| (scores[place], point))
            .collect();
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
        // Two runs each at least, or one is not told from another.
        let most = (spend / (2 * self.weathers.max(1) as u64)).clamp(1, POOL as u64) as usize;
        let best_raced = raced.into_iter().take(POOL - climbed.len().min(POOL / 2));
        let entrants = climbed.into_iter().rev();
        let entrants = entrants.chain(best_raced.map(|racer| (racer.arm, racer.candidate)));
        for entrant in entrants {
            if pool.len() < most && !pool.iter().any(|(_, other)| *other == entrant.1) {
                pool.push(entrant);
            }
        }
        let each = spend / (pool.len() * self.weathers).max(1) as u64;
        let mut racers: Vec<Racer<P::Run>> = pool.into_iter().map(Racer::new).collect();
        self.rung(&mut racers, each.clamp(1, 64) as u32)?;
        let trial = |racer: Racer<P::Run>| Trial {
            arm: racer.arm,
            candidate: racer.candidate,
            score: racer.score,
        };
        Some(racers.into_iter().take(FINALISTS).map(trial).collect())
    }
}

/// How many of a field are left in a rung: half for each before it, but one of each arm.
fn stay(points: usize, rung: u32, arms: usize) -> usize {
    points.div_ceil(1 << rung).max(arms.min(points))
}

/// Each candidate once, and the place of each among those.
fn distinct(all: impl Iterator<Item = Candidate>) -> (Vec<Candidate>, Vec<usize>) {
    let mut field: Vec<Candidate> = Vec::new();
    let place = |candidate: Candidate| {
        let known = field.iter().position(|other| *other == candidate);
        known.unwrap_or_else(|| {
            field.push(candidate);
            field.len() - 1
        })
    };
    let places = all.map(place).collect();
    (field, places)
}

/// What was flown before and what is new, of one weather.
fn join<R>((before, new): (Option<Vec<R>>, Option<Vec<R>>)) -> Option<Vec<R>> {
    let (mut before, new) = (before?, new?);
    before.extend(new);
    Some(before)
}
