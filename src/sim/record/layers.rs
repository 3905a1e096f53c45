//! What is recorded of chains: how often each layer sent a call on.

use crate::base::{EndpointId, Instant};
use crate::engine::{Notice, Opening, Policy};

use super::{ALL, AttemptRecord, CallRecord, Recorder};

/// The policies of a run.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Policies<'p> {
    /// Of each layer one, the outermost first; of a policy that is no chain itself alone.
    pub(in super::super) all: &'p [&'p Policy],
    /// Which of them chooses among providers: its breakers are those that are open for providers.
    pub(in super::super) chooser: usize,
}

impl<'p> Policies<'p> {
    /// The one whose breakers are shown.
    pub(super) fn watched(self) -> &'p Policy {
        self.all[self.chooser]
    }
}

impl CallRecord {
    /// Whether it was put off and is submitted once more.
    pub(in super::super) fn is_again(&self) -> bool {
        self.again
    }

    /// Whether an attempt was sent to a provider.
    pub(in super::super) fn has_sent(&self) -> bool {
        self.first_at != Instant::NEVER
    }

    /// Takes over when and where its first attempt was sent: by another layer, on its behalf.
    pub(in super::super) fn sent_as(&mut self, head: &CallRecord) {
        (self.first_at, self.first_to) = (head.first_at, head.first_to);
    }

    /// The record of what some layer's fallback gave instead of an answer: for its caller an answer, and
    /// never a good one.
    pub(in super::super) fn fallback_answer(&self, now: Instant) -> AttemptRecord {
        AttemptRecord {
            scopes: self.scopes,
            sent_at: now,
            class: None,
            again: self.again,
            billed: false,
            bad: true,
            subtle: false,
            flagged: false,
            conversation: self.conversation,
        }
    }

    /// The record of a call that another layer makes on behalf of this one: it counts where this does.
    pub(in super::super) fn passed_on(&self, now: Instant) -> CallRecord {
        CallRecord {
            arrived: now,
            first_at: Instant::NEVER,
            answered_at: Instant::NEVER,
            first_token: Instant::NEVER,
            good: false,
            ..*self
        }
    }
}

impl Recorder<'_> {
    /// A layer sent an attempt.
    pub(in super::super) fn on_layer_sent(&mut self, call: &CallRecord, layer: u8) {
        self.each(call.scopes, |s| s.on_layer_sent(usize::from(layer)));
    }

    /// A call is passed to the next layer: until it comes back with all its bills, the run goes on.
    pub(in super::super) fn on_passed(&mut self, call: &CallRecord) {
        self.cohort_open += call.scopes & ALL;
    }

    /// It is over, and so is all that was done for it.
    pub(in super::super) fn on_passed_back(&mut self, call: &CallRecord) {
        self.cohort_open -= call.scopes & ALL;
    }

    /// The answer of another layer is delivered: whose it was, if it was a provider's.
    pub(in super::super) fn on_passed_answer(
        &mut self,
        now: Instant,
        call: &mut CallRecord,
        answer: Option<(AttemptRecord, EndpointId)>,
    ) {
        match answer {
            Some((attempt, endpoint)) => self.on_deliver(now, call, &attempt, endpoint),
            None if call.streamed => call.first_token = now,
            None => {}
        }
    }

    /// A breaker of a layer that does not choose among providers opened, or said something else of itself.
    /// What it is open for is another layer, so that only its trips count.
    pub(in super::super) fn on_layer_breaker(&mut self, now: Instant, policy: &Policy, of: Notice) {
        let decided = matches!(
            of,
            Notice::BreakerTripped {
                opening: Opening::Decided,
                ..
            }
        );
        if decided && !policy.shares_breakers() {
            self.timeline.on_trips(now, 1);
        }
    }
}
