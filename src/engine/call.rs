//! One logical request, from its arrival to its verdict.

use crate::base::wire::{Priority, Request};
use crate::base::{CallId, Class, DeferralId, Duration, EndpointId, Instant, Origin, Receipt};
use crate::policy::breaker::{Outcome, answer::Pass};
use crate::policy::budget::Cause;

use super::MAX_ROUTE;
use super::in_flight::InFlight;
use super::line::Ticket;
use super::policy::Policy;

/// The state of one call. It owns no memory of its own.
///
/// In this order in memory: a call is one of thousands and rests between its facts, so what most
/// facts read comes first. The arrays at its end are for calls that are in trouble.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Call {
    pub(super) wake_at: Instant,
    pub(super) deadline: Instant,
    pub(super) hedge_at: Instant,
    pub(super) id: CallId,
    pub(super) request: Request,
    /// The driver's own number of the call, for [`super::Output::Ready`].
    pub(super) slot: u32,
    /// The call that it is once more, if it was put off.
    pub(super) deferral: Option<DeferralId>,
    /// The attempt whose answer is the call's.
    pub(super) committed: Option<Try>,
    /// Attempts made, over all endpoints: the number of the next.
    pub(super) made: u16,
    /// Places that said they cannot serve this call, one bit each: waiting does not help there.
    pub(super) barred: u16,
    /// Place in the route of the newest attempt; after a failure, of the one that decides.
    pub(super) place: u8,
    pub(super) hedges_made: u8,
    pub(super) finished: bool,
    /// Observing: a policy that acts would have left the plain attempt by now, so that what becomes of
    /// it says nothing more about what such a policy would have done.
    pub(super) departed: bool,
    /// An ending a breaker that counts calls has not been told yet.
    pub(super) untold: Option<Untold>,
    pub(super) queue_wait: Duration,
    pub(super) waiting: Waiting,
    pub(super) in_flight: InFlight,
    /// When the answer that is the call's was heard last, as far as anybody asked.
    pub(super) heard_at: Instant,
    /// When an attempt failed first; [`Instant::NEVER`] before.
    pub(super) first_failed_at: Instant,
    /// The newest wait an endpoint asked for: until when, and its place in the route.
    /// [`NOBODY`] before any has asked.
    pub(super) stated_until: Instant,
    pub(super) stated_by: u8,
    pub(super) draws: u32,
    /// The wait before the newest retry, for decorrelated jitter.
    pub(super) last_wait: Duration,
    /// What the schedule of waits kept of its last.
    pub(super) reached: Duration,
    /// When its first attempt was sent.
    pub(super) first_sent_at: Instant,
    /// The failure of an attempt whose hedge is still in flight.
    pub(super) primary: Option<Failed>,
    /// Draws of the route.
    pub(super) route_draws: u32,
    /// Places of the route in this call's own order. Every other place in a call is one of these.
    pub(super) order: [u8; MAX_ROUTE],
    /// How often a throttle was asked.
    pub(super) throttle_draws: u32,
    /// What the newest extra attempt was taken from the budgets for, if any was.
    pub(super) taken: Option<Cause>,
    /// How its newest failure ended.
    pub(super) last_failure: Cause,
    /// Whether the budgets were told that it waits for an extra attempt.
    pub(super) waits_in_budget: bool,
    /// Attempts made, by place in the route.
    pub(super) tries: [u16; MAX_ROUTE],
    /// Failures that another attempt may follow, by class.
    pub(super) failures: [u16; Class::COUNT],
    /// Attempts at the endpoint before the schedule of waits started again.
    pub(super) restarted_at: u16,
}

/// The order of the route itself.
const AS_WRITTEN: [u8; MAX_ROUTE] = {
    let mut order = [0; MAX_ROUTE];
    let mut place = 0;
    while place < MAX_ROUTE {
        order[place] = place as u8;
        place += 1;
    }
    order
};

/// An attempt that failed, as far as it decides what follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed {
    pub(super) place: u8,
    pub(super) class: Class,
    /// `x-should-retry`.
    pub(super) should_retry: Option<bool>,
    /// Whether the same endpoint is asked again without a wait.
    pub(super) at_once: bool,
}

/// No place in a route: routes have at most [`MAX_ROUTE`].
const NOBODY: u8 = u8::MAX;

/// Which attempt of a call: a receipt without the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Try {
    pub(super) endpoint: EndpointId,
    /// Which attempt of the call it is, and which at its endpoint; from zero.
    pub(super) number: u16,
    pub(super) nth_at_endpoint: u16,
    /// The call's own.
    pub(super) priority: Priority,
}

impl Try {
    /// What its bill is filed under.
    pub(super) fn receipt(self, call: CallId) -> Receipt {
        Receipt {
            call,
            endpoint: self.endpoint,
            attempt: self.number,
            nth_at_endpoint: self.nth_at_endpoint,
            priority: self.priority,
        }
    }
}

/// One attempt in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) which: Try,
    /// Its endpoint's place in the call's order.
    pub(super) place: u8,
    pub(super) origin: Origin,
    pub(super) sent_at: Instant,
    pub(super) first_token: bool,
    /// Whether it is connected, as far as anybody asked.
    pub(super) connected: bool,
    /// Its answer is here and waits for the verdict of a judge since [`Call::heard_at`].
    pub(super) answered: bool,
    /// What its breaker let it through with.
    pub(super) pass: Pass,
}

/// What a call without an attempt in flight waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Nothing.
    No,
    /// An instant; then the order starts again on this part of the route.
    Until { at: Instant, part: Part },
    /// Its turn in the client's line; then the order starts again on this part of the route.
    InLine {
        ticket: Ticket,
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
    pub(super) outcome: Outcome,
}

impl Call {
    /// A call that has not been submitted yet. `slot` is the driver's own number for it.
    #[inline]
    pub fn new(id: CallId, slot: u32, request: Request, deadline: Instant) -> Call {
        Call {
            wake_at: Instant::NEVER,
            deadline,
            hedge_at: Instant::NEVER,
            id,
            request,
            slot,
            deferral: None,
            committed: None,
            made: 0,
            barred: 0,
            place: 0,
            hedges_made: 0,
            finished: false,
            departed: false,
            untold: None,
            queue_wait: Duration::ZERO,
            waiting: Waiting::No,
            in_flight: InFlight::new(),
            heard_at: Instant::ZERO,
            first_failed_at: Instant::NEVER,
            stated_until: Instant::ZERO,
            stated_by: NOBODY,
            draws: 0,
            last_wait: Duration::ZERO,
            reached: Duration::ZERO,
            first_sent_at: Instant::NEVER,
            primary: None,
            route_draws: 0,
            order: AS_WRITTEN,
            throttle_draws: 0,
            taken: None,
            last_failure: None,
            waits_in_budget: false,
            tries: [0; MAX_ROUTE],
            failures: [0; Class::COUNT],
            restarted_at: 0,
        }
    }

    /// A call that was put off, once more: told [`super::Output::Submit`]. No fallback is given, for
    /// one was.
    pub fn again(
        id: CallId,
        slot: u32,
        request: Request,
        deadline: Instant,
        deferral: DeferralId,
    ) -> Call {
        Call {
            deferral: Some(deferral),
            ..Call::new(id, slot, request, deadline)
        }
    }

    /// The endpoint at a place of its order.
    pub(super) fn endpoint(&self, policy: &Policy, place: u8) -> EndpointId {
        policy.route[usize::from(self.order[usize::from(place)])]
    }

    /// When it wants to be told `Wake`; [`Instant::NEVER`] if it waits for others only.
    pub fn wake_at(&self) -> Instant {
        self.wake_at
    }

    /// When it is over at the latest; [`Instant::NEVER`] if it may take for ever.
    pub fn deadline(&self) -> Instant {
        self.deadline
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
