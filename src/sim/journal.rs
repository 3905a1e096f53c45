//! A journal of a run: every attempt as the world had it, and what no client sees of it.
//!
//! It is for those who check a run from outside, attempt by attempt; memory is O(attempts), so nothing
//! else keeps one.

use std::collections::BTreeMap;

use crate::base::wire::{Ending, Signal};
use crate::base::{Dimension, Instant, Receipt, Request, Usage};
use crate::world::{Classes, NewJob, Output, World};

/// One attempt, from its client to its bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Which try of which call, where; of a judgement the call is the judge's.
    pub receipt: Receipt,
    /// What it asked for.
    pub request: Request,
    /// Tokens of the complete answer, before max-tokens cuts it and faults change its length.
    pub answer_tokens: u32,
    /// When its client sent it.
    pub sent: Instant,
    /// When it was to reach its provider: never, if it was lost.
    pub arrives: Instant,
    /// When its client saw the first token.
    pub first: Option<Instant>,
    /// When its client saw its end, and which.
    pub heard: Option<(Instant, Ending)>,
    /// When its client went away.
    pub abandoned: Option<Instant>,
    /// With a complete answer: whether it is truly good.
    pub good: bool,
    /// The limit it was refused for.
    pub refused_for: Option<Dimension>,
    /// When its provider was done with it: its bill.
    pub settled: Option<(Instant, Usage)>,
    /// The tokens of the bill that have prices of their own; None if its provider has none.
    pub classes: Option<Classes>,
}

/// All attempts of a run, in order of sending.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    all: Vec<Attempt>,
    /// The last attempt of each job; a number serves one attempt after another.
    of_job: BTreeMap<u32, usize>,
}

impl Journal {
    /// An attempt was sent.
    pub(super) fn sends<N>(
        &mut self,
        now: Instant,
        (job, arrives): (u32, Instant),
        new: &NewJob<N>,
    ) {
        self.of_job.insert(job, self.all.len());
        self.all.push(Attempt {
            receipt: new.receipt,
            request: new.request,
            answer_tokens: new.truth.answer_tokens,
            sent: now,
            arrives,
            first: None,
            heard: None,
            abandoned: None,
            good: false,
            refused_for: None,
            settled: None,
            classes: None,
        });
    }

    fn of(&mut self, job: u32) -> &mut Attempt {
        let place = self.of_job.get(&job).expect("every job was sent");
        &mut self.all[*place]
    }

    /// A client went away.
    pub(super) fn leaves(&mut self, now: Instant, job: u32) {
        self.of(job).abandoned.get_or_insert(now);
    }

    /// The world said something.
    pub(super) fn hears<N>(&mut self, now: Instant, output: &Output, world: &World<N>) {
        match *output {
            Output::Next { .. } | Output::Tick { .. } => {}
            Output::Signal { job, signal, good } => {
                let attempt = self.of(job);
                attempt.good |= good;
                match signal {
                    Signal::FirstToken => attempt.first = Some(now),
                    Signal::End(ending) => attempt.heard = Some((now, ending)),
                }
            }
            Output::Settled { job, usage, .. } => {
                let (limit, classes) = (world.refused_for(job), world.classes(job));
                let attempt = self.of(job);
                attempt.settled = Some((now, usage));
                (attempt.refused_for, attempt.classes) = (limit, classes);
            }
        }
    }

    /// All of it.
    pub(super) fn into_attempts(self) -> Vec<Attempt> {
        self.all
    }
}
