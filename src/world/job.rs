//! A job: one attempt, from the client's side of the network and back.

use crate::base::wire::{Ending, Request};
use crate::base::{Duration, Instant, Receipt, Usage};

/// What only the world knows of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Tokens of its complete answer, before max-tokens cuts it.
    pub answer_tokens: u32,
}

/// An attempt as the driver hands it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// The driver's own number, returned with every output about the job.
    pub tag: u32,
    /// Which try of which call at which endpoint: the key of its draws.
    pub receipt: Receipt,
    /// What the client asks for.
    pub request: Request,
    /// What is true of the call.
    pub truth: Truth,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// On its way to the provider.
    Outbound { arrives: Instant },
    /// In the provider's queue.
    Queued,
    /// Being answered.
    Serving(Service),
    /// Accepted and never answered.
    Stalled,
    /// The provider is done with it; what it said is on its way back.
    Returning,
    /// Left the queue's count, still an entry in it.
    Dropped,
}

/// An answer in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) first_token: Instant,
    pub(super) ends: Instant,
    /// When its pace last changed: the first token, or a change of the slowdown after it.
    pub(super) paced_at: Instant,
    /// How far it was then, after the first token, in 2⁻³² tokens.
    pub(super) done: u64,
}

/// One attempt on its way.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) new: NewJob,
    pub(super) provider: u16,
    pub(super) phase: Phase,
    /// The delay on the way back.
    pub(super) back: Duration,
    /// When the client sees the first token; never, or already seen: [`Instant::NEVER`].
    pub(super) first_seen: Instant,
    /// When the client sees the end, and what it is.
    pub(super) end_seen: Option<(Instant, Ending)>,
    pub(super) first_sent: bool,
    pub(super) good: bool,
    /// The client went away: no more signals.
    pub(super) abandoned: bool,
    /// The bill as it stands, once nothing more is added.
    pub(super) bill: Option<Usage>,
    pub(super) settled: bool,
    /// What was planned last.
    pub(super) next: Instant,
}

impl Job {
    #[inline]
    pub(super) fn new(new: NewJob, arrives: Instant, back: Duration) -> Job {
        Job {
            new,
            provider: new.receipt.endpoint.0,
            phase: Phase::Outbound { arrives },
            back,
            first_seen: Instant::NEVER,
            end_seen: None,
            first_sent: false,
            good: false,
            abandoned: false,
            bill: None,
            settled: false,
            next: arrives,
        }
    }

    /// The tokens of its answer, cut at max-tokens.
    pub(super) fn answer_tokens(&self) -> u32 {
        self.new
            .truth
            .answer_tokens
            .min(self.new.request.max_tokens)
    }

    /// Answer tokens produced by `now`.
    pub(super) fn produced(&self, service: &Service, now: Instant) -> u32 {
        let tokens = self.answer_tokens();
        if now >= service.ends {
            return tokens;
        }
        if now < service.first_token || tokens == 0 {
            return 0;
        }
        1 + (self.progress(service, now) >> PROGRESS_BITS) as u32
    }

    /// How far it is at `now`, between first token and end: tokens after the first, in 2⁻³².
    pub(super) fn progress(&self, service: &Service, now: Instant) -> u64 {
        let all = u64::from(self.answer_tokens().saturating_sub(1)) << PROGRESS_BITS;
        let left = service.ends.since(service.paced_at).0.max(1);
        let passed = now.since(service.paced_at).0;
        let later = u128::from(all - service.done) * u128::from(passed) / u128::from(left);
        service.done + later as u64
    }

    /// Its one next instant.
    pub(super) fn next_instant(&self) -> Instant {
        let provider_side = match self.phase {
            Phase::Outbound { arrives } => arrives,
            Phase::Serving(service) => service.ends,
            Phase::Queued | Phase::Stalled | Phase::Returning | Phase::Dropped => Instant::NEVER,
        };
        let end = self.end_seen.map_or(Instant::NEVER, |(at, _)| at);
        if self.abandoned {
            provider_side
        } else {
            provider_side.min(self.first_seen).min(end)
        }
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_done(&self) -> bool {
        let heard = self.abandoned || (self.end_seen.is_none() && self.phase == Phase::Returning);
        heard && self.settled && self.phase != Phase::Dropped
    }
}

/// Fractions of a token that progress is kept in.
const PROGRESS_BITS: u32 = 32;
