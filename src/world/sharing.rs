//! Answers whose pace depends on how many there are: processor sharing and batching.
//!
//! All answers in progress go at the same share of their own speed, so one clock serves them all: the
//! service that an answer would have had that was there from the beginning. On it every answer has its
//! first token and its end at instants that never change, whoever comes and goes; an answer that begins
//! or ends changes only how fast the clock goes, which costs the logarithm of their number and not
//! the number. [`super::job::Phase::Sharing`] holds instants of that clock. A fault that slows everybody slows the
//! clock; one that slows only some makes theirs longer on it, so that they hold the others up for longer, too.

use std::collections::BTreeSet;

use crate::base::{Duration, Instant};
use crate::provider::capacity::pace::Pace;

use super::job::Service;
use super::state::{Output, World};

/// What comes next of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    FirstToken,
    End,
}

/// The clock of answers that share a provider, and what is due by it.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pace: Pace,
    /// How many times as long everything takes, by faults.
    slowdown: f64,
    /// The instant up to which `served` counts.
    at: Instant,
    /// What the clock says then, in ns. As a float it is exact to a ns for a hundred days of service.
    served: f64,
    /// How fast the clock goes.
    speed: f64,
    /// First tokens and ends of the answers in progress, by the clock.
    due: BTreeSet<(Instant, u32, Step)>,
}

impl Shared {
    pub(super) fn new(pace: Pace) -> Shared {
        Shared {
            pace,
            slowdown: 1.0,
            at: Instant::ZERO,
            served: 0.0,
            speed: 0.0,
            due: BTreeSet::new(),
        }
    }

    /// What the clock says at an instant; of one before its last change, at the speed it has now.
    pub(super) fn clock(&self, now: Instant) -> Instant {
        let passed = now.0 as f64 - self.at.0 as f64;
        Instant((self.served + passed * self.speed).max(0.0) as u64)
    }

    /// From now on there are so many answers in progress.
    fn goes_on_with(&mut self, now: Instant, answers: u32) {
        self.served += now.since(self.at).0 as f64 * self.speed;
        self.at = now;
        self.speed = self.pace.speed(answers) / self.slowdown;
    }

    /// From now on everything takes so many times as long.
    pub(super) fn slow(&mut self, now: Instant, slowdown: f64, answers: u32) {
        self.slowdown = slowdown;
        self.goes_on_with(now, answers);
    }

    /// An answer begins: its times by the clock.
    pub(super) fn begin(
        &mut self,
        now: Instant,
        (job, answers): (u32, u32),
        (first, rest): (Duration, Duration),
    ) -> Service {
        self.goes_on_with(now, answers);
        let paced_at = self.clock(now) + first;
        let ends = paced_at + rest;
        self.due.insert((paced_at, job, Step::FirstToken));
        self.due.insert((ends, job, Step::End));
        Service {
            ends,
            paced_at,
            done: 0,
        }
    }

    /// What is left of an answer takes longer, or not so long any more, by itself: its times by the clock
    /// were these and are those.
    pub(super) fn move_to(&mut self, job: u32, was: &Service, is: &Service) {
        // A first token that went on its way is not due again.
        if self.due.remove(&(was.paced_at, job, Step::FirstToken)) {
            self.due.insert((is.paced_at, job, Step::FirstToken));
        }
        self.due.remove(&(was.ends, job, Step::End));
        self.due.insert((is.ends, job, Step::End));
    }

    /// An answer is over or was given up; so many are left.
    pub(super) fn leave(&mut self, now: Instant, job: u32, service: &Service, answers: u32) {
        self.due.remove(&(service.paced_at, job, Step::FirstToken));
        self.due.remove(&(service.ends, job, Step::End));
        self.goes_on_with(now, answers);
    }

    /// What is due by now, once.
    fn pop(&mut self, now: Instant) -> Option<(u32, Step)> {
        let &(at, job, step) = self.due.first()?;
        if at > self.clock(now) {
            return None;
        }
        self.due.pop_first();
        Some((job, step))
    }

    /// Whether something is due by now.
    fn is_due(&self, now: Instant) -> bool {
        let first = self.due.first();
        first.is_some_and(|(at, ..)| *at <= self.clock(now))
    }

    /// When the next is due if nobody comes or goes before; after `now`, unless it is due.
    pub(super) fn next(&self, now: Instant) -> Instant {
        if self.is_due(now) {
            return now;
        }
        match self.due.first() {
            Some((at, ..)) if self.speed > 0.0 => {
                let left = (at.0 as f64 - self.served).max(0.0) / self.speed;
                let there = self.at + Duration(libm::ceil(left) as u64);
                // What a rounding left over is there with the next nanosecond.
                there.max(now + Duration(1))
            }
            _ => Instant::NEVER,
        }
    }

    /// How long ago, at the speed of now, the clock stood at an instant of it.
    pub(super) fn ago(&self, now: Instant, at: Instant) -> Duration {
        let served = self.clock(now).since(at).0 as f64;
        match self.speed > 0.0 {
            true => Duration((served / self.speed) as u64),
            false => Duration::ZERO,
        }
    }
}

impl<N> World<N> {
    /// Ends an answer that is complete by now, or sends a first token on its way. One at a time: what a client
    /// does about it may end another that is due in the same instant.
    pub(super) fn serve_shared(
        &mut self,
        now: Instant,
        provider: usize,
        outputs: &mut Vec<Output>,
    ) {
        let shared = &mut self.providers[provider].shared;
        let Some((job, step)) = shared.as_mut().and_then(|shared| shared.pop(now)) else {
            return;
        };
        let state = &mut self.jobs[job];
        match step {
            Step::FirstToken if state.has_first_token() => state.first_seen = now + state.back,
            Step::FirstToken => {}
            Step::End => self.serve_end(now, job, outputs),
        }
        self.pass_on(now, job, outputs);
        self.plan(job, outputs);
    }
}
