//! Calls and attempts in the driver's hands.

use crate::engine::{Call, MAX_IN_FLIGHT};

use super::super::record::{AttemptRecord, CallRecord};
use super::super::timer::Timers;

/// One call, from its submission until it is finished. In this order in memory: what is read with
/// what comes first in the call.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Slot {
    /// The timers parked for this slot, for this call and those before it.
    pub(super) timers: Timers,
    pub(super) record: CallRecord,
    pub(super) jobs: Jobs,
    pub(super) process: u32,
    /// Tokens of its complete answer.
    pub(super) answer_tokens: u32,
    pub(super) call: Call,
}

/// What the driver notes at the job of an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttemptNote {
    /// The slot of its call, which may be another's once the attempt has ended.
    pub(super) slot: u32,
    /// Whose bill it is, also when the call is gone.
    pub(super) process: u32,
    pub(super) record: AttemptRecord,
}

/// The jobs of a call's attempts in flight, by the number of the attempt within the call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jobs {
    /// [`NOBODY`] where there is none.
    jobs: [u32; MAX_IN_FLIGHT],
    attempts: [u16; MAX_IN_FLIGHT],
}

/// No world has as many jobs.
const NOBODY: u32 = u32::MAX;

impl Jobs {
    pub(super) fn none() -> Jobs {
        Jobs {
            jobs: [NOBODY; MAX_IN_FLIGHT],
            attempts: [0; MAX_IN_FLIGHT],
        }
    }

    /// An attempt was sent.
    pub(super) fn add(&mut self, attempt: u16, job: u32) {
        let free = self.jobs.iter().position(|job| *job == NOBODY);
        let place = free.expect("a call has at most four attempts in flight");
        (self.jobs[place], self.attempts[place]) = (job, attempt);
    }

    /// The job of an attempt in flight.
    pub(super) fn job(&self, attempt: u16) -> Option<u32> {
        self.place(attempt).map(|place| self.jobs[place])
    }

    /// An attempt ended: the job it was.
    pub(super) fn remove(&mut self, attempt: u16) -> Option<u32> {
        let place = self.place(attempt)?;
        Some(std::mem::replace(&mut self.jobs[place], NOBODY))
    }

    fn place(&self, attempt: u16) -> Option<usize> {
        (0..MAX_IN_FLIGHT).find(|&i| self.jobs[i] != NOBODY && self.attempts[i] == attempt)
    }
}
