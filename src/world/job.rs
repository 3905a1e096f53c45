//! A job: one attempt, from the client's side of the network and back.

use crate::base::wire::{Content, Ending, Request};
use crate::base::{Dimension, Duration, Instant, Receipt};
use crate::fault::effect::Break;
use crate::provider::limits::counts::Asked;

/// What only the world knows of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Tokens of its complete answer, before max-tokens cuts it.
    pub answer_tokens: u32,
    /// What it shows a judge, if it is for one.
    pub shown: Shown,
}

impl Truth {
    /// Of a call of the workload.
    pub fn of_call(answer_tokens: u32) -> Truth {
        Truth {
            answer_tokens,
            shown: Shown::Nothing,
        }
    }
}

/// What a request shows to a judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: it is no judgement that is asked for.
    #[default]
    Nothing,
    /// An answer that is truly good.
    GoodAnswer,
    /// An answer that is truly bad.
    BadAnswer,
    /// One whose faults are subtle.
    SubtlyBadAnswer,
}

/// An attempt as the driver hands it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewJob<N> {
    /// The driver's own note of it, which the world keeps and never reads.
    pub note: N,
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
    /// On its way to the provider; [`Phase::LOST`] if it never gets there.
    Outbound { arrives: Instant },
    /// In the provider's queue.
    Queued,
    /// Being answered.
    Serving(Service),
    /// Being answered at a pace that depends on how many are; the instants are of that clock.
    Sharing(Service),
    /// Accepted and never answered to the end.
    Stalled {
        /// When the newest token was produced, if any was.
        newest: Instant,
        /// Answer tokens produced by then.
        produced: u32,
    },
    /// The provider is done with it; what it said is on its way back: when the client sees it.
    /// None once it has been seen, or if nobody waits for it.
    Returning(Option<(Instant, Ending)>),
    /// Left the queue's count, still an entry in it.
    Dropped,
}

impl Phase {
    /// On its way, and lost there.
    pub(super) const LOST: Phase = Phase::Outbound {
        arrives: Instant::NEVER,
    };
}

/// An answer in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) ends: Instant,
    /// When its pace last changed: its first token, or a change of the slowdown after it.
    pub(super) paced_at: Instant,
    /// How far it was then, after the first token, in 2⁻³² tokens.
    pub(super) done: u64,
}

/// What a job is billed for: the price follows from the tokens, so they are all that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bill {
    /// Something may be added still.
    Open,
    /// Nothing.
    Nothing,
    /// Its prompt and this many tokens of its answer.
    Answered(u32),
}

/// One attempt on its way. In this order in memory: what every wake-up reads comes first.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Job<N> {
    /// What was planned last.
    pub(super) next: Instant,
    /// When the client sees the first token; never, or already seen: [`Instant::NEVER`].
    pub(super) first_seen: Instant,
    pub(super) phase: Phase,
    pub(super) receipt: Receipt,
    pub(super) note: N,
    pub(super) bill: Bill,
    pub(super) good: bool,
    /// Whether it is bad in a way that is hard to see.
    pub(super) subtle: bool,
    /// How far a drift moves its embedding.
    pub(super) shift: f32,
    /// How its answer breaks off.
    pub(super) breaks: Break,
    /// Which of its provider's prices held when its answer began.
    pub(super) tariff: u8,
    /// What can be read out of its answer.
    pub(super) content: Content,
    /// What it shows a judge.
    pub(super) shown: Shown,
    /// The client went away: no more signals.
    pub(super) abandoned: bool,
    /// It has taken from limits that are corrected at its end.
    pub(super) reserved: bool,
    /// Its bill was sent.
    pub(super) settled: bool,
    /// The driver needs its note no more.
    pub(super) released: bool,
    /// Its connection is not made before it arrives: packets of it were lost, or its client gave up connecting.
    pub(super) connecting: bool,
    /// The limit it was refused for.
    pub(super) refused_for: Option<Dimension>,
    /// The delay on the way back.
    pub(super) back: Duration,
    pub(super) request: Request,
    /// Of its [`Truth`]; the other half is with the flags, where it takes no room.
    pub(super) complete_tokens: u32,
    /// Of its prompt, what its provider's cache had.
    pub(super) cached: u32,
}

impl<N> Job<N> {
    #[inline]
    pub(super) fn new(new: NewJob<N>, arrives: Instant, back: Duration) -> Job<N> {
        Job {
            next: arrives,
            first_seen: Instant::NEVER,
            phase: Phase::Outbound { arrives },
            receipt: new.receipt,
            note: new.note,
            bill: Bill::Open,
            good: false,
            subtle: false,
            shift: 0.0,
            breaks: Break::Never,
            tariff: 0,
            content: Content::Text,
            abandoned: false,
            reserved: false,
            settled: false,
            released: false,
            connecting: false,
            refused_for: None,
            back,
            request: new.request,
            complete_tokens: new.truth.answer_tokens,
            cached: 0,
            shown: new.truth.shown,
        }
    }

    /// The place of its provider in the scenario.
    pub(super) fn provider(&self) -> usize {
        usize::from(self.receipt.endpoint.0)
    }

    /// The tokens of its answer, cut at max-tokens.
    pub(super) fn answer_tokens(&self) -> u32 {
        self.complete_tokens.min(self.request.max_tokens)
    }

    /// What its limits are asked for.
    #[inline]
    pub(super) fn asked(&self) -> Asked {
        Asked {
            prompt: self.request.prompt_tokens.into(),
            max: self.request.max_tokens.into(),
            cached: self.cached.into(),
        }
    }

    /// Tokens of its prompt that its provider has to read.
    pub(super) fn uncached_tokens(&self) -> u32 {
        self.request.prompt_tokens.saturating_sub(self.cached)
    }

    /// Whether its answer stops at max-tokens.
    pub(super) fn is_cut(&self) -> bool {
        self.complete_tokens > self.request.max_tokens
    }

    /// What it is billed for if nothing is added after `now`, by the clock of its provider: nothing before
    /// its service began, then its prompt and the tokens produced so far.
    pub(super) fn bill_by(&self, now: Instant) -> Bill {
        match (self.bill, self.phase) {
            (Bill::Open, Phase::Serving(service) | Phase::Sharing(service)) => {
                Bill::Answered(self.produced(&service, now))
            }
            (Bill::Open, _) => Bill::Nothing,
            (stands, _) => stands,
        }
    }

    /// Answer tokens produced by `now`.
    pub(super) fn produced(&self, service: &Service, now: Instant) -> u32 {
        let tokens = self.answer_tokens();
        if now >= service.ends {
            return tokens;
        }
        if now < service.paced_at || tokens == 0 {
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
        let (provider_side, end) = match self.phase {
            Phase::Outbound { arrives } => (arrives, Instant::NEVER),
            Phase::Serving(service) => (service.ends, Instant::NEVER),
            Phase::Returning(Some((seen, _))) => (Instant::NEVER, seen),
            Phase::Queued
            | Phase::Sharing(_)
            | Phase::Stalled { .. }
            | Phase::Returning(None)
            | Phase::Dropped => (Instant::NEVER, Instant::NEVER),
        };
        if self.abandoned {
            provider_side
        } else {
            provider_side.min(self.first_seen).min(end)
        }
    }

    /// Whether its client hears nothing more, and its bill has been sent.
    pub(super) fn is_over(&self) -> bool {
        (self.abandoned || self.phase == Phase::Returning(None)) && self.settled
    }

    /// Whether nothing more will come of it. A dropped one is an entry in a queue still.
    pub(super) fn is_done(&self) -> bool {
        self.is_over() && self.phase != Phase::Dropped
    }
}

/// Fractions of a token that progress is kept in.
pub(super) const PROGRESS_BITS: u32 = 32;
