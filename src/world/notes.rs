//! The driver's note at each job: one record of an attempt, kept as long as either side needs it.

use crate::base::{Receipt, Usage};

use super::state::World;

impl<N> World<N> {
    /// The numbers of the jobs it keeps.
    pub fn numbers(&self) -> Vec<u32> {
        self.jobs.iter().map(|(job, _)| job).collect()
    }

    /// The driver's note of a job.
    pub fn note(&self, job: u32) -> &N {
        &self.jobs[job].note
    }

    /// The driver's note of a job, to change.
    pub fn note_mut(&mut self, job: u32) -> &mut N {
        &mut self.jobs[job].note
    }

    /// Which attempt a job is, and the driver's note of it, to change.
    #[inline]
    pub fn noted_mut(&mut self, job: u32) -> (Receipt, &mut N) {
        let job = &mut self.jobs[job];
        (job.receipt, &mut job.note)
    }

    /// Which attempt a job is.
    pub fn receipt(&self, job: u32) -> Receipt {
        self.jobs[job].receipt
    }

    /// The bill of a job, once it was sent.
    pub fn bill(&self, job: u32) -> Option<Usage> {
        let job = &self.jobs[job];
        job.settled
            .then(|| job.usage(&self.providers[job.provider()].tariff))
    }

    /// The driver needs its note of this job no more, and will not name the job again: its client
    /// has heard all of it or went away, and its bill was sent.
    pub fn release(&mut self, job: u32) {
        let state = &mut self.jobs[job];
        debug_assert!(
            state.is_over(),
            "a job is released when it has ended for its client and its bill was sent"
        );
        debug_assert!(!state.released, "a job is released once");
        state.released = true;
        if state.is_done() {
            self.jobs.discard(job);
        }
    }
}
