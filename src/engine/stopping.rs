//! Stopping attempts: those whose time is up, those that lost, those nobody wants any more.

use crate::base::{Class, Duration, Instant, Timeout};

use super::back::Said;
use super::call::Call;
use super::client::Client;
use super::output::{AbortReason, Output};
use super::policy::Policy;

impl Client {
    /// Ends attempts whose time is up. True if the call is over.
    pub(super) fn on_timeouts(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> bool {
        for slot in call.in_flight.places() {
            let Some(attempt) = call.in_flight.get(slot) else {
                continue;
            };
            if attempt.answered {
                let over = now >= policy.guards.judged_by(call.heard_at);
                if over && self.give_up_judge(policy, call, now, slot, outputs) {
                    return true;
                }
                continue;
            }
            let over = |limit: Option<Duration>| limit.is_some_and(|l| now >= attempt.sent_at + l);
            let limits = policy
                .timeouts
                .of(attempt.which.number, call.request.stream);
            if !attempt.first_token && !attempt.connected && over(policy.timeouts.connect) {
                // Until the answer is here: it comes at this very instant.
                if let Some(attempt) = call.in_flight.get_mut(slot) {
                    attempt.connected = true;
                }
                let receipt = attempt.which.receipt(call.id);
                outputs.push(Output::Listen { receipt });
            }
            let reason = if !attempt.first_token && over(limits.begin) {
                AbortReason::FirstTokenTimeout
            } else if over(limits.total) {
                AbortReason::TotalTimeout
            } else {
                continue;
            };
            self.stop(policy, call, now, slot, reason, outputs);
            let timed_out = (Class::TimedOut, Said::default());
            self.after_failure(policy, call, now, attempt, timed_out, outputs);
            if call.finished {
                return true;
            }
        }
        self.listen(policy, call, now, outputs);
        false
    }

    /// Asks after an answer that has begun, if it may have been silent for too long.
    pub(super) fn listen(
        &self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if let Some(limit) = policy.timeouts.inactivity
            && let Some(which) = call.read(policy)
            && now >= call.heard_at + limit
        {
            // Until the answer is here: it comes at this very instant.
            call.heard_at = now;
            let receipt = which.receipt(call.id);
            outputs.push(Output::Listen { receipt });
        }
    }

    /// When the newest token of an attempt came; the attempt ends if that is too long ago, or if it is
    /// not even connected.
    pub(super) fn on_heard(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (attempt, at): (u16, Option<Instant>),
        outputs: &mut Vec<Output>,
    ) {
        let Some(slot) = call.in_flight.place_of(attempt) else {
            return;
        };
        let (Some(limit), Some(at)) = (policy.timeouts.inactivity, at) else {
            if at.is_none() {
                self.give_up_connecting(policy, call, now, slot, outputs);
            }
            return;
        };
        let Some(attempt) = call
            .in_flight
            .get(slot)
            .filter(|attempt| call.read(policy) == Some(attempt.which))
        else {
            return;
        };
        call.heard_at = at.min(now);
        if now >= call.heard_at + limit {
            if policy.observe {
                self.would_time_out(policy, call, now, (attempt, Timeout::Inactivity), outputs);
                return;
            }
            let reason = AbortReason::InactivityTimeout;
            self.stop(policy, call, now, slot, reason, outputs);
            let timed_out = (Class::TimedOut, Said::default());
            self.after_failure(policy, call, now, attempt, timed_out, outputs);
        }
    }

    /// An attempt could not be connected in time.
    fn give_up_connecting(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        outputs: &mut Vec<Output>,
    ) {
        if let Some(attempt) = call.in_flight.get(slot) {
            if policy.observe {
                self.would_time_out(policy, call, now, (attempt, Timeout::Connect), outputs);
                return;
            }
            let reason = AbortReason::ConnectTimeout;
            self.stop(policy, call, now, slot, reason, outputs);
            let failed = (Class::Transport, Said::default());
            self.after_failure(policy, call, now, attempt, failed, outputs);
        }
    }

    /// Aborts every attempt in flight.
    pub(super) fn stop_all(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        reason: AbortReason,
        outputs: &mut Vec<Output>,
    ) {
        for slot in call.in_flight.places() {
            self.stop(policy, call, now, slot, reason, outputs);
        }
    }

    /// Aborts an attempt in flight.
    pub(super) fn stop(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        reason: AbortReason,
        outputs: &mut Vec<Output>,
    ) {
        let Some(attempt) = call.in_flight.get(slot) else {
            return;
        };
        let class = match reason {
            // It had answered in time: the endpoint is not to blame.
            _ if attempt.answered => Class::Cancelled,
            AbortReason::ConnectTimeout => Class::Transport,
            AbortReason::FirstTokenTimeout
            | AbortReason::InactivityTimeout
            | AbortReason::TotalTimeout => Class::TimedOut,
            // The caller's patience ran out on it: for the breaker that is a timeout as well.
            AbortReason::Deadline => Class::TimedOut,
            AbortReason::HedgeLost | AbortReason::Cancelled => Class::Cancelled,
        };
        let receipt = match attempt.answered {
            true => call.judgement(policy, attempt),
            false => attempt.which.receipt(call.id),
        };
        outputs.push(Output::Abort { receipt, reason });
        self.end_attempt(policy, call, now, slot, (class, Said::default()), outputs);
    }
}
