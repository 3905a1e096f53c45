//! The weather: the first provider goes down in the middle.

use squall::base::Instant;

use super::super::model::OUTAGE_STATUS;
use super::Loop;
use super::provider::{End, Phase};

impl Loop {
    /// The first provider goes down or comes back. Going down it drops what it has in hand: an
    /// answer that has begun breaks off and is billed so far, any other becomes a status.
    pub(super) fn turn_outage(&mut self, now: Instant, on: bool) {
        self.outage = on;
        if !on {
            return;
        }
        let all: Vec<u32> = self
            .jobs
            .iter()
            .filter(|(_, j)| j.provider == 0)
            .map(|(job, _)| job)
            .collect();
        for job in all {
            let j = &mut self.jobs[job];
            match j.phase {
                Phase::Serving { first, ends } if first <= now => {
                    j.end_seen = Some((now + j.back, End::Lost));
                    self.settle(now, job, Some((first, ends)));
                }
                Phase::Serving { .. } | Phase::Queued => {
                    j.first_seen = Instant::NEVER;
                    self.refuse(now, job, OUTAGE_STATUS, None);
                }
                Phase::Outbound { .. } | Phase::Returning => continue,
            }
            self.plan(job);
        }
        self.providers[0].busy = 0;
        self.providers[0].queue.clear();
    }
}
