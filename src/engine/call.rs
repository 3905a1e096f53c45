//! One logical request, from its arrival to its verdict.

use crate::base::wire::Request;
use crate::base::{CallId, Class, Duration, EndpointId, Instant, Origin, Receipt};
use crate::policy::breaker::gate::Pass;

use super::MAX_ROUTE;
use super::in_flight::InFlight;

/// The state of one call. It owns no memory of its own.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) id: CallId,
    /// The driver's own number of the call, for [`super::Output::Ready`].
    pub(super) slot: u32,
    pub(super) request: Request,
    pub(super) deadline: Instant,
    pub(super) in_flight: InFlight,
    /// Attempts made, over all endpoints: the number of the next.
    pub(super) made: u16,
    pub(super) hedges_made: u8,
    /// Attempts made, by place in the route.
    pub(super) tries: [u16; MAX_ROUTE],
    /// Endings, by class.
    pub(super) endings: [u16; Class::COUNT],
    /// Place in the route of the newest attempt; after a failure, of the one that decides.
    pub(super) place: u8,
    /// Places that said they cannot serve this call, one bit each: waiting does not help there.
    pub(super) barred: u16,
    pub(super) waiting: Waiting,
    /// The wait before the newest retry, for decorrelated jitter.
    pub(super) last_wait: Duration,
    /// What the schedule of waits kept of its last.
    pub(super) reached: Duration,
    /// Attempts at the endpoint before the schedule of waits started again.
    pub(super) restarted_at: u16,
    pub(super) draws: u32,
    pub(super) first_failed_at: Option<Instant>,
    /// When its first attempt was sent.
    pub(super) first_sent_at: Instant,
    pub(super) hedge_at: Instant,
    /// The newest wait an endpoint asked for: its place in the route, and until when.
    pub(super) stated: Option<(u8, Instant)>,
    /// The attempt whose answer is the call's.
    pub(super) committed: Option<Receipt>,
    /// An ending a breaker that counts calls has not been told yet.
    pub(super) untold: Option<Untold>,
    pub(super) queue_wait: Duration,
    pub(super) finished: bool,
    pub(super) wake_at: Instant,
}

/// One attempt in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) endpoint: EndpointId,
    /// Which attempt of the call it is, and which at its endpoint; from zero.
    pub(super) number: u16,
    pub(super) nth_at_endpoint: u16,
    /// Its endpoint's place in the route.
    pub(super) place: u8,
    pub(super) origin: Origin,
    pub(super) sent_at: Instant,
    pub(super) first_token: bool,
    /// What its breaker let it through with.
    pub(super) pass: Pass,
}

impl Attempt {
    /// What its bill is filed under.
    pub(super) fn receipt(&self, call: CallId) -> Receipt {
        Receipt {
            call,
            endpoint: self.endpoint,
            attempt: self.number,
            nth_at_endpoint: self.nth_at_endpoint,
        }
    }
}

/// What a call without an attempt in flight waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Nothing.
    No,
    /// An instant; then the order starts again on this part of the route.
    Until { at: Instant, part: Part },
    /// Its turn at a quota; then the order starts again on this part of the route.
    InLine {
        quota: u8,
        ticket: u64,
        since: Instant,
        part: Part,
    },
}

/// A part of the route: the places that are tried, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The first.
    pub(super) from: u8,
    /// The first that is not tried any more.
    pub(super) to: u8,
}

impl Part {
    /// This place and all after it.
    pub(super) fn on_from(from: u8) -> Part {
        Part { from, to: u8::MAX }
    }

    /// This place alone.
    pub(super) fn only(place: u8) -> Part {
        Part {
            from: place,
            to: place + 1,
        }
    }
}

/// An ending, as a breaker is told of it; one that counts calls is told when the call leaves the
/// endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Untold {
    pub(super) endpoint: EndpointId,
    pub(super) pass: Pass,
    pub(super) failed: Option<bool>,
}

impl Call {
    /// A call that has not been submitted yet. `slot` is the driver's own number for it.
    #[inline]
    pub fn new(id: CallId, slot: u32, request: Request, deadline: Instant) -> Call {
        Call {
            id,
            slot,
            request,
            deadline,
            in_flight: InFlight::new(),
            made: 0,
            hedges_made: 0,
            tries: [0; MAX_ROUTE],
            endings: [0; Class::COUNT],
            place: 0,
            barred: 0,
            waiting: Waiting::No,
            last_wait: Duration::ZERO,
            reached: Duration::ZERO,
            restarted_at: 0,
            draws: 0,
            first_failed_at: None,
            first_sent_at: Instant::NEVER,
            hedge_at: Instant::NEVER,
            stated: None,
            committed: None,
            untold: None,
            queue_wait: Duration::ZERO,
            finished: false,
            wake_at: Instant::NEVER,
        }
    }

    /// When it wants to be told `Wake`; [`Instant::NEVER`] if it waits for others only.
    pub fn wake_at(&self) -> Instant {
        self.wake_at
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Its id.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// What it asks for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Attempts made so far.
    pub fn attempts(&self) -> u16 {
        self.made
    }

    /// How long it stood in line at the client's own quotas.
    pub fn queue_wait(&self) -> Duration {
        self.queue_wait
    }

    /// Attempts in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }
}
