//! Traffic that reacts, in the driver's hands: what it is told of calls, and doing what it says.

use std::collections::BTreeMap;

use crate::base::{CallId, Draws, Instant, Verdict};
use crate::engine;
use crate::workload::reactive::{Fact, Output, Reactive};
use crate::workload::traffic::Plan;

use super::super::timer::Timers;
use super::{RANK_SUBMIT, Run, SUBMISSION, event};

/// The traffic, and where its calls are.
#[derive(Debug)]
pub(super) struct Reacting<'a> {
    traffic: Reactive<'a>,
    timers: Timers,
    /// The slots of its open calls.
    slots: BTreeMap<u64, u32>,
    said: Vec<Output>,
}

impl<'a> Reacting<'a> {
    /// From the start of a run; None if the traffic does not react.
    pub(super) fn new(plan: &'a Plan, draws: &Draws) -> Option<Box<Reacting<'a>>> {
        let traffic = Reactive::new(plan, draws)?;
        Some(Box::new(Reacting {
            traffic,
            timers: Timers::new(),
            slots: BTreeMap::new(),
            said: Vec::new(),
        }))
    }

    /// A call of it is about to be submitted.
    pub(super) fn opens(&mut self, call: CallId, slot: u32) {
        self.slots.insert(call.word(), slot);
    }
}

impl Run<'_> {
    /// Parks a timer for the traffic, if it wants to be woken and none is parked as near.
    pub(super) fn park_traffic(&mut self) {
        let Some(reacting) = &mut self.reacting else {
            return;
        };
        let at = reacting.traffic.wake_at();
        if reacting.timers.park(at) {
            self.queue.push(at, RANK_SUBMIT, event(SUBMISSION, 1));
        }
    }

    /// Tells the traffic how a call ended. What follows comes after all that this instant brings.
    #[inline(never)]
    pub(super) fn tell_traffic(&mut self, now: Instant, call: CallId, verdict: Verdict) {
        let Some(reacting) = &mut self.reacting else {
            return;
        };
        // A call that was put off and is sent once more is nobody's any more.
        if reacting.slots.remove(&call.word()).is_some() {
            let (draws, said) = (&self.traffic_draws, &mut reacting.said);
            let fact = Fact::Finished { call, verdict };
            reacting.traffic.handle(now, fact, draws, said);
            self.park_traffic();
        }
    }

    /// The traffic wanted to be woken: does what it says.
    pub(super) fn wake_traffic(&mut self, now: Instant) {
        let Some(reacting) = &mut self.reacting else {
            return;
        };
        if !reacting.timers.fires(now) {
            return;
        }
        let mut said = std::mem::take(&mut reacting.said);
        let draws = &self.traffic_draws;
        reacting.traffic.handle(now, Fact::Wake, draws, &mut said);
        for output in said.drain(..) {
            match output {
                Output::Submit(submission) => self.open(now, submission),
                Output::Cancel { call } => self.cancel(now, call),
            }
        }
        if let Some(reacting) = &mut self.reacting {
            reacting.said = said;
        }
        self.park_traffic();
    }

    /// The caller of a call went away.
    fn cancel(&mut self, now: Instant, call: CallId) {
        let slots = self.reacting.as_ref().map(|reacting| &reacting.slots);
        if let Some(&slot) = slots.and_then(|slots| slots.get(&call.word())) {
            self.tell_call(now, slot, engine::Fact::Cancelled);
        }
    }
}
