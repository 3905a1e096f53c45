//! Flies many subjects through many weathers, on several threads, and keeps count.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::problem::{Flight, Look, Problem, Reading, Subject};
use crate::base::Stop;
use crate::base::draw::Stage;
use crate::sim::parallel;

/// Who flies.
pub struct Crew<'a, P: Problem> {
    /// What is flown.
    pub problem: &'a P,
    /// On how many threads; the results do not depend on it.
    pub threads: usize,
    /// A wish to stop.
    pub stop: &'a Stop,
    /// Told how many more runs are done, from any thread.
    pub done: &'a (dyn Fn(u64) + Sync),
    /// Runs flown so far.
    pub flown: AtomicU64,
}

/// The runs of one subject: by weather; None where it cannot be flown.
pub type Runs<R> = Vec<Option<Vec<R>>>;

impl<'a, P: Problem> Crew<'a, P> {
    /// A crew that has flown nothing.
    pub fn new(
        problem: &'a P,
        threads: usize,
        stop: &'a Stop,
        done: &'a (dyn Fn(u64) + Sync),
    ) -> Crew<'a, P> {
        Crew {
            problem,
            threads,
            stop,
            done,
            flown: AtomicU64::new(0),
        }
    }

    /// Runs so far.
    pub fn spent(&self) -> u64 {
        self.flown.load(Ordering::Relaxed)
    }

    /// Flies every subject through every one of some weathers; by subject, then by weather. None if it
    /// was told to stop.
    pub fn fly(
        &self,
        subjects: &[Subject],
        weathers: Range<usize>,
        stage: Stage,
        replications: Range<u32>,
    ) -> Option<Vec<Runs<P::Run>>> {
        let each = weathers.len();
        let one = |i: usize| {
            let flight = Flight {
                subject: &subjects[i / each],
                weather: weathers.start + i % each,
                stage,
                replications: replications.clone(),
            };
            let runs = self.problem.fly(&flight, self.stop)?;
            let number = runs.as_ref().map_or(0, Vec::len) as u64;
            self.flown.fetch_add(number, Ordering::Relaxed);
            (self.done)(number);
            Some(runs)
        };
        let n = subjects.len() * each;
        let mut all = parallel::map(n, self.threads, self.stop, one, || ())?.into_iter();
        let by_subject = |_| all.by_ref().take(each).collect();
        Some(subjects.iter().map(by_subject).collect())
    }

    /// What runs of one subject say while searching, by weather; None if it cannot be flown in one of them.
    pub fn read(&self, runs: &Runs<P::Run>) -> Option<Vec<Reading>> {
        let of = |(weather, runs): (usize, &Option<Vec<P::Run>>)| {
            Some(self.problem.read(weather, runs.as_ref()?, Look::Rough))
        };
        runs.iter().enumerate().map(of).collect()
    }

    /// What runs of one subject say where something is judged, by weather (None where it cannot be flown),
    /// with those of the reference on the same replications.
    pub fn judge(
        &self,
        runs: &Runs<P::Run>,
        reference: Option<&Runs<P::Run>>,
    ) -> Vec<Option<Reading>> {
        let one = |(weather, runs): (usize, &Option<Vec<P::Run>>)| {
            let beside = reference.and_then(|runs| runs[weather].as_deref());
            let look = Look::Strict(beside);
            Some(self.problem.read(weather, runs.as_ref()?, look))
        };
        runs.iter().enumerate().map(one).collect()
    }
}
