//! When a client heard last of an answer in progress. Tokens are no events: a driver that wants to
//! know when the newest came asks, and the pace says.

use crate::base::Instant;

use super::job::{Job, PROGRESS_BITS, Phase, Service};
use super::state::World;

impl<N> Job<N> {
    /// When the newest token was produced by an instant, at the provider; None before the pace of
    /// that instant began. Tokens between which the pace changed are taken to have come at the
    /// change, less than one token's time too late.
    pub(super) fn newest_token(&self, service: &Service, by: Instant) -> Option<Instant> {
        if by < service.paced_at {
            return None;
        }
        let whole = self.progress(service, by.min(service.ends)) >> PROGRESS_BITS << PROGRESS_BITS;
        let all = u64::from(self.answer_tokens().saturating_sub(1)) << PROGRESS_BITS;
        if whole <= service.done {
            return Some(service.paced_at);
        }
        let took = u128::from(service.ends.since(service.paced_at).0);
        let (share, of) = (
            u128::from(whole - service.done),
            u128::from(all - service.done),
        );
        // Up, as a token is only there once all of it is.
        Some(Instant(
            service.paced_at.0 + (took * share).div_ceil(of) as u64,
        ))
    }
}

impl<N> World<N> {
    /// When the newest token of an answer that shares its provider was produced by an instant, if the pace
    /// since then was that of now.
    pub(super) fn newest_shared(
        &self,
        job: u32,
        service: &Service,
        by: Instant,
    ) -> Option<Instant> {
        let state = &self.jobs[job];
        let shared = self.providers[state.provider()].shared.as_ref()?;
        let newest = state.newest_token(service, shared.clock(by))?;
        Some(by - shared.ago(by, newest))
    }

    /// When the client saw the newest token of a job whose answer has begun, by now. Just now, if
    /// what it will see next is on its way; None while it is not connected.
    pub fn heard(&self, job: u32, now: Instant) -> Option<Instant> {
        let state = &self.jobs[job];
        let newest = match state.phase {
            Phase::Serving(service) => state.newest_token(&service, now - state.back),
            Phase::Sharing(service) => self.newest_shared(job, &service, now - state.back),
            Phase::Stalled { newest, .. } => Some(newest),
            Phase::Outbound { .. } => return None,
            Phase::Queued | Phase::Returning(_) | Phase::Dropped => None,
        };
        Some(newest.map_or(now, |newest| (newest + state.back).min(now)))
    }
}
