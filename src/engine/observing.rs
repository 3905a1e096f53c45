//! Observing: a policy that decides and says so, and sends one plain attempt.
//!
//! Nothing it decides touches the call: no timeout ends the attempt, only the deadline that the traffic
//! gave the call does. What is noted is what a policy that acts would have done with the same attempt. Where
//! that leads away from the attempt (another endpoint, a timeout, an answer that is refused) what follows
//! at once is noted too, and nothing after it: how the attempt goes on tells nothing of what would have
//! been sent instead.

use crate::base::{Class, Detour, Failure, Instant, Origin, Refusal, Timeout};

use super::back::Said;
use super::call::{Attempt, Call, Failed, Part};
use super::client::Client;
use super::forth::{Asked, is_usable, refused};
use super::output::{Notice, Output};
use super::policy::Policy;

impl Client {
    /// Asks everybody, records what they say, and sends one plain attempt all the same.
    pub(super) fn send_observed(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        self.order_places(policy, call, now, Part::on_from(0));
        let place = match &policy.groups {
            Some(groups) => self.first_of_groups(policy, groups, call, now),
            None => 0,
        };
        if self.has_had_its_turns(policy, call, now, outputs) {
            refused(outputs, Refusal::TurnLimit, None);
            self.dispatch(policy, call, now, place, false, outputs);
            return;
        }
        let asked = self.detour(policy, call, place, outputs);
        // Whoever would have waited for longer than the call may take is asked so.
        let deadline = call.deadline;
        if let Some(limit) = policy.timeouts.call {
            call.deadline = deadline.min(now + limit);
        }
        let answer = self.ask_all(policy, call, now, asked, outputs);
        call.deadline = deadline;
        match answer {
            Asked::Yes { probe } => {
                let probe = probe && asked == place;
                self.take_and_dispatch(policy, call, now, place, probe, outputs);
            }
            // It would wait its turn: the token it takes on credit is the line it would stand in.
            Asked::InLine => {
                outputs.push(Output::Notice(Notice::WouldWait));
                self.take_and_dispatch(policy, call, now, place, false, outputs);
            }
            Asked::No(refusal) => {
                let endpoint = Some(call.endpoint(policy, asked));
                refused(outputs, refusal, endpoint);
                if refusal == Refusal::Unfit {
                    // Nobody of the route can serve it: it would have ended here.
                    self.degraded_or(policy, call, now, Failure::Refused, outputs);
                    call.departed = true;
                }
                self.dispatch(policy, call, now, place, false, outputs);
            }
        }
        if call.departed {
            depart(call);
        }
    }

    /// The place that would be asked: the first that can serve the call, if any can.
    fn detour(&self, policy: &Policy, call: &mut Call, place: u8, outputs: &mut Vec<Output>) -> u8 {
        let mut all = 0..policy.route.len() as u8;
        if is_usable(policy, call, place) {
            return place;
        }
        let Some(other) = all.find(|&other| is_usable(policy, call, other)) else {
            return place;
        };
        call.departed = true;
        let detour = Detour::Fits;
        outputs.push(Output::Notice(Notice::WouldSteer { detour }));
        other
    }

    /// Here another attempt would be sent, and paid for from the budgets.
    pub(super) fn would_send(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        origin: Origin,
        outputs: &mut Vec<Output>,
    ) {
        self.take_from_budgets(policy, call, now);
        outputs.push(Output::Notice(Notice::WouldSend { origin }));
    }

    /// Notes a timeout of the plain attempt or of its call that is over, or asks after the attempt.
    pub(super) fn note_timeouts(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if call.departed {
            return;
        }
        if now >= call_ends(policy, call) {
            let timeout = Timeout::Call;
            outputs.push(Output::Notice(Notice::WouldTimeOut { timeout }));
            self.degraded_or(policy, call, now, Failure::Expired, outputs);
            depart(call);
            return;
        }
        let Some((slot, attempt)) = plain(call) else {
            return;
        };
        let stream = call.request.stream;
        let limits = policy.timeouts.of(attempt.which.number, stream);
        let over = |limit| now >= attempt.sent_at + limit;
        if waits_to_connect(&attempt) && policy.timeouts.connect.is_some_and(over) {
            // Until the answer is here: it comes at this very instant.
            if let Some(attempt) = call.in_flight.get_mut(slot) {
                attempt.connected = true;
            }
            let receipt = attempt.which.receipt(call.id);
            outputs.push(Output::Listen { receipt });
        }
        if !attempt.first_token && limits.begin.is_some_and(over) {
            let late = (attempt, Timeout::FirstToken);
            self.would_time_out(policy, call, now, late, outputs);
        } else if limits.total.is_some_and(over) {
            let late = (attempt, Timeout::Total);
            self.would_time_out(policy, call, now, late, outputs);
        } else {
            self.listen(policy, call, now, outputs);
        }
    }

    /// Here the plain attempt would have been aborted.
    pub(super) fn would_time_out(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (attempt, timeout): (Attempt, Timeout),
        outputs: &mut Vec<Output>,
    ) {
        if call.departed {
            return;
        }
        outputs.push(Output::Notice(Notice::WouldTimeOut { timeout }));
        if call.committed.is_some() {
            // Half an answer is followed by nothing.
            depart(call);
            return;
        }
        let class = match timeout {
            Timeout::Connect => Class::Transport,
            Timeout::FirstToken | Timeout::Inactivity | Timeout::Total | Timeout::Call => {
                Class::TimedOut
            }
        };
        let failed = (class, Said::default());
        self.would_fail(policy, call, now, (attempt, failed), outputs);
    }

    /// Here the plain attempt would have failed: what would have followed. It goes on.
    pub(super) fn would_fail(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (attempt, (class, said)): (Attempt, (Class, Said)),
        outputs: &mut Vec<Output>,
    ) {
        if call.departed {
            return;
        }
        call.failures[class.index()] += 1;
        call.last_failure = Some(class);
        call.first_failed_at = call.first_failed_at.min(now);
        if policy.rule(class).bars {
            call.barred |= 1 << attempt.place;
        }
        let failed = Failed {
            place: attempt.place,
            class,
            should_retry: said.should_retry,
            at_once: said.at_once,
        };
        let before = outputs.len();
        // The error is its way to say that nothing was sent, and why has been noted.
        let _ = self.go_on(policy, call, now, failed, outputs);
        let would_send = |o: &Output| matches!(o, Output::Notice(Notice::WouldSend { .. }));
        if !outputs[before..].iter().any(would_send) {
            self.degraded_or(policy, call, now, Failure::Exhausted, outputs);
        }
        depart(call);
    }
}

/// Nothing more is noted of what becomes of the attempt.
fn depart(call: &mut Call) {
    call.departed = true;
    call.hedge_at = Instant::NEVER;
}

/// The one attempt of a policy that observes, while it is in flight.
fn plain(call: &Call) -> Option<(usize, Attempt)> {
    let slot = call.in_flight.places().next()?;
    call.in_flight.get(slot).map(|attempt| (slot, attempt))
}

fn waits_to_connect(attempt: &Attempt) -> bool {
    !attempt.connected && !attempt.first_token
}

/// When the timeout of the call is over. The plain attempt was sent when the call arrived.
fn call_ends(policy: &Policy, call: &Call) -> Instant {
    let limit = policy.timeouts.call;
    limit.map_or(Instant::NEVER, |limit| call.first_sent_at + limit)
}

/// When a timeout may be over that is to be noted; [`Instant::NEVER`]: none is.
pub(super) fn late_at(policy: &Policy, call: &Call) -> Instant {
    let Some((_, attempt)) = plain(call).filter(|_| !call.departed) else {
        return Instant::NEVER;
    };
    let stream = call.request.stream;
    let limits = policy.timeouts.of(attempt.which.number, stream);
    let connect = policy.timeouts.connect;
    let read = call.read(policy).is_some();
    let silence = policy.timeouts.inactivity.filter(|_| read);
    let from_sending = [
        limits.total,
        limits.begin.filter(|_| !attempt.first_token),
        connect.filter(|_| waits_to_connect(&attempt)),
    ];
    let ends = from_sending.into_iter().flatten();
    ends.map(|limit| attempt.sent_at + limit)
        .chain(silence.map(|limit| call.heard_at + limit))
        .fold(call_ends(policy, call), Instant::min)
}
