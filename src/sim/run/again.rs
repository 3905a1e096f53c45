//! Calls that were put off: what is kept of them, and how they are submitted once more.

use std::collections::{BTreeMap, VecDeque};

use crate::base::{CallId, DeferralId, Instant, Request};
use crate::engine::{Call, Fact};

use super::super::record::CallRecord;
use super::slot::{Jobs, Slot};
use super::{Run, inherited};

/// What is kept of the calls that were put off: the clients bound how many there are.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    /// By process and its own number.
    kept: BTreeMap<(u32, DeferralId), Kept>,
    /// What is to be submitted now.
    due: VecDeque<(u32, DeferralId, Request)>,
}

/// One call that was put off.
#[derive(Clone, Copy, Debug)]
struct Kept {
    since: Instant,
    call: CallId,
    /// How often it was submitted since.
    submitted: u64,
    answer_tokens: u32,
    record: CallRecord,
}

impl Deferred {
    /// Whether a call is to be submitted once more, now.
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        !self.due.is_empty()
    }
}

impl Run<'_> {
    /// A call is put off.
    pub(super) fn defer(&mut self, now: Instant, slot: u32, id: DeferralId) {
        let Slot {
            process,
            answer_tokens,
            record,
            ref call,
            ..
        } = self.calls[slot];
        let kept = Kept {
            since: now,
            call: call.id(),
            submitted: 0,
            answer_tokens,
            record,
        };
        self.deferred.kept.insert((process, id), kept);
    }

    /// A process wants it submitted once more, as soon as it has been heard out.
    pub(super) fn submit_soon(&mut self, process: u32, id: DeferralId, request: Request) {
        self.deferred.due.push_back((process, id, request));
    }

    /// It is not sent any more.
    pub(super) fn forget(&mut self, now: Instant, process: u32, id: DeferralId, answered: bool) {
        if let Some(kept) = self.deferred.kept.remove(&(process, id)) {
            let after = answered.then(|| now.since(kept.since));
            self.recorder.on_forgotten(&kept.record, after);
        }
    }

    /// Submits what is to be submitted once more; false if nothing is.
    pub(super) fn submit_again(&mut self, now: Instant) -> bool {
        let Some((process, id, request)) = self.deferred.due.pop_front() else {
            return false;
        };
        let Some(kept) = self.deferred.kept.get_mut(&(process, id)) else {
            return true;
        };
        let deadline = self.setup.scenario.workload.deadline;
        let deadline = deadline.map_or(Instant::NEVER, |d| now + d);
        let call = kept.call.again(kept.submitted);
        kept.submitted += 1;
        let record = self.recorder.on_again(now, &kept.record);
        let (timers, answer_tokens) = (&mut self.timers, kept.answer_tokens);
        let slot = self.calls.insert_with(|slot| Slot {
            timers: inherited(timers, slot),
            call: Call::again(call, slot, request, deadline, id),
            process,
            answer_tokens,
            jobs: Jobs::none(),
            record,
        });
        self.begin_tree(slot);
        self.tell_call(now, slot, Fact::Submitted);
        true
    }
}
