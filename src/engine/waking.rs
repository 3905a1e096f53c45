//! When a call wants to be woken, and what is done then.

use crate::base::{Duration, Instant, Refusal};

use super::call::{Call, Waiting};
use super::client::Client;
use super::forth::refused;
use super::observing::late_at;
use super::output::Output;
use super::policy::Policy;

impl Client {
    /// Does what is due: of the deadline, a timeout, a wait or a hedge.
    pub(super) fn on_wake(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if now >= call.deadline {
            self.expire(policy, call, now, outputs);
            return;
        }
        if policy.observe {
            self.note_timeouts(policy, call, now, outputs);
        } else if self.on_timeouts(policy, call, now, outputs) {
            return;
        }
        match call.waiting {
            Waiting::Until { at, part } if now >= at => {
                call.waiting = Waiting::No;
                self.send_again(policy, call, now, part, outputs);
            }
            Waiting::InLine { ticket, .. } if !self.pace.holds(ticket) => {
                refused(outputs, Refusal::Shed, None);
                self.leave_line(call, now);
                self.give_up(policy, call, now, outputs);
                return;
            }
            // Its turn: the order starts again.
            Waiting::InLine { ticket, part, .. } if self.pace.is_told(ticket) => {
                self.send_again(policy, call, now, part, outputs);
            }
            Waiting::InLine { since, .. } if now >= line_ends(policy, since) => {
                refused(outputs, Refusal::LimiterFull, None);
                self.leave_line(call, now);
                self.give_up(policy, call, now, outputs);
                return;
            }
            Waiting::InLine { .. } | Waiting::Until { .. } | Waiting::No => {}
        }
        if !call.finished && now >= call.hedge_at {
            self.send_hedges(policy, call, now, outputs);
        }
    }
}

/// When a call that has stood in line since then has waited for the limiter long enough.
fn line_ends(policy: &Policy, since: Instant) -> Instant {
    match policy.limiter.max_wait() {
        // Whoever does not wait for the limiter stands in line for a quota.
        Duration::ZERO => Instant::NEVER,
        wait => since + wait,
    }
}

/// The minimum over retry, hedge, each attempt's timeouts and the deadline.
pub(super) fn next_wake(policy: &Policy, call: &Call) -> Instant {
    let mut at = call.deadline.min(call.hedge_at);
    match call.waiting {
        Waiting::No => {}
        Waiting::Until { at: until, .. } => at = at.min(until),
        Waiting::InLine { since, .. } => at = at.min(line_ends(policy, since)),
    }
    if policy.observe {
        return at.min(late_at(policy, call));
    }
    for attempt in call.in_flight.iter() {
        if attempt.answered {
            at = at.min(policy.guards.judged_by(call.heard_at));
            continue;
        }
        let limits = policy
            .timeouts
            .of(attempt.which.number, call.request.stream);
        if let Some(total) = limits.total {
            at = at.min(attempt.sent_at + total);
        }
        if let Some(connect) = policy.timeouts.connect
            && !attempt.connected
            && !attempt.first_token
        {
            at = at.min(attempt.sent_at + connect);
        }
        if let Some(begin) = limits.begin
            && !attempt.first_token
        {
            at = at.min(attempt.sent_at + begin);
        }
    }
    if let Some(limit) = policy.timeouts.inactivity
        && call.read(policy).is_some()
    {
        at = at.min(call.heard_at + limit);
    }
    at
}
