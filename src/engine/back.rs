//! The way back: what an ending means and what follows from it.

use crate::base::wire::Ending;
use crate::base::{Class, Duration, Failure, Instant, Origin, Purpose, Verdict};
use crate::policy::limiter;

use super::call::{Attempt, Call, Failed, Untold};
use super::client::Client;
use super::guarding::Look;
use super::output::{AbortReason, Notice, Output};
use super::policy::Policy;

impl Client {
    /// The first token of a streamed answer: from here on it is the call's.
    pub(super) fn on_first_token(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        outputs: &mut Vec<Output>,
    ) {
        let Some(attempt) = call.in_flight.get_mut(slot) else {
            return;
        };
        attempt.first_token = true;
        let attempt = *attempt;
        if call.committed.is_none() {
            call.heard_at = now;
            if policy.guards.hold_back {
                // It is there in time, so nobody else need be asked; it may be refused still.
                call.hedge_at = Instant::NEVER;
                return;
            }
            self.commit(policy, call, now, attempt, outputs);
        }
    }

    /// Makes an attempt's answer the call's and aborts all others.
    pub(super) fn commit(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        winner: Attempt,
        outputs: &mut Vec<Output>,
    ) {
        let receipt = winner.which.receipt(call.id);
        call.committed = Some(winner.which);
        call.hedge_at = Instant::NEVER;
        outputs.push(Output::Deliver { receipt });
        if winner.origin == Origin::Hedge {
            outputs.push(Output::Notice(Notice::HedgeWon));
        }
        for slot in call.in_flight.places() {
            let other = call
                .in_flight
                .get(slot)
                .is_some_and(|a| a.which != winner.which);
            if other {
                self.stop(policy, call, now, slot, AbortReason::HedgeLost, outputs);
            }
        }
    }

    /// An attempt came to its end.
    pub(super) fn on_end(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        ending: Ending,
        outputs: &mut Vec<Output>,
    ) {
        let Some(attempt) = call.in_flight.get(slot).filter(|a| !a.answered) else {
            return;
        };
        let mut class = policy.classify(ending, attempt.first_token);
        let mut said = Said::of(policy, ending, now);
        if policy.guards.any && class == Class::Ok {
            match self.look_at(policy, call, now, slot, ending, outputs) {
                Look::Accept => {}
                Look::Refuse(because, asks) => (class, said) = (because, asks),
                Look::Wait => return,
            }
        }
        if class == Class::Ok && call.committed.is_none() {
            self.commit(policy, call, now, attempt, outputs);
        }
        self.end_attempt(policy, call, now, slot, (class, said), outputs);
        if class == Class::Ok {
            self.finish(policy, call, now, Verdict::Success, outputs);
            return;
        }
        self.after_failure(policy, call, now, attempt, (class, said), outputs);
    }

    /// What every ending does, whatever follows: the breaker, the budgets and the record learn it.
    pub(super) fn end_attempt(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        (class, said): (Class, Said),
        outputs: &mut Vec<Output>,
    ) {
        let Some(mut attempt) = call.in_flight.remove(slot) else {
            return;
        };
        if policy.guards.hold_back {
            // How long its endpoint took, without the wait for a verdict.
            let waited = attempt.answered.then(|| now.since(call.heard_at));
            attempt.sent_at = attempt.sent_at + waited.unwrap_or_default();
            call.heard_at = now;
        }
        if policy.limiter.learns() {
            self.tell_limiter(policy, call, now, attempt, class);
        }
        if policy.quotas_learn {
            self.pace.learn(policy, class, now);
        }
        self.learn_end(policy, call, now, attempt, class);
        let receipt = attempt.which.receipt(call.id);
        if policy.monitors.is_on() {
            self.ask_embedding(policy, receipt, class, outputs);
        }
        outputs.push(Output::Ended { receipt, class });
        let took = now.since(attempt.sent_at);
        let allowed = said.should_retry != Some(false);
        self.tell_of_end(policy, attempt, (class, allowed), now);
        let counting = policy.rule(class).counting;
        let untold = Untold {
            endpoint: attempt.which.endpoint,
            pass: attempt.pass,
            outcome: policy.breaker.outcome(class, counting, took),
        };
        // A probe is an attempt whatever is counted: its ending decides, and frees its place.
        if attempt.pass.is_probe() || !policy.breaker.counts_calls() {
            self.tell_breaker(policy, call.id, untold, said.wait, now, outputs);
        } else if untold.outcome.failed.is_some() {
            let leader = |untold: Untold| policy.breaker.leader(untold.endpoint);
            let here = |earlier: Untold| leader(earlier) == leader(untold);
            if !call.untold.is_some_and(here) {
                self.tell_untold(policy, call, now, outputs);
            }
            call.untold = Some(untold);
        }
        if policy.monitors.is_on() {
            self.observe_end(policy, receipt, (attempt, class), now, outputs);
        }
    }

    /// An adaptive limiter learns how long an attempt took and how it ended.
    fn tell_limiter(
        &mut self,
        policy: &Policy,
        call: &Call,
        now: Instant,
        attempt: Attempt,
        class: Class,
    ) {
        let Some(dropped) = limiter::drops(class) else {
            return;
        };
        let (entity, ordinal) = (call.id.word(), u64::from(attempt.which.number));
        let sample = limiter::Sample {
            took: now.since(attempt.sent_at),
            in_flight: u32::try_from(self.paced_in_flight).unwrap_or(u32::MAX),
            dropped,
            u: self.draws.unit(Purpose::LimiterProbe, entity, ordinal),
            now,
        };
        self.pace.on_end(policy, sample);
    }

    /// Retry, fail over, or give up.
    pub(super) fn after_failure(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        attempt: Attempt,
        (class, said): (Class, Said),
        outputs: &mut Vec<Output>,
    ) {
        if call.committed == Some(attempt.which) {
            let verdict = Verdict::Failed(Failure::Truncated);
            self.stop_all(policy, call, now, AbortReason::Cancelled, outputs);
            self.finish(policy, call, now, verdict, outputs);
            return;
        }
        call.failures[class.index()] += 1;
        call.last_failure = Some(class);
        call.first_failed_at = call.first_failed_at.min(now);
        if let Some(wait) = said.wait {
            (call.stated_by, call.stated_until) = (attempt.place, now + wait);
        }
        if policy.rule(class).bars {
            call.barred |= 1 << attempt.place;
        }
        let failed = Failed {
            place: attempt.place,
            class,
            should_retry: said.should_retry,
            at_once: said.at_once,
        };
        let Some(failed) = self.after_hedged(policy, call, now, (attempt, failed), outputs) else {
            return;
        };
        call.hedge_at = Instant::NEVER;
        call.place = failed.place;
        if call.departed || self.go_on(policy, call, now, failed, outputs).is_err() {
            self.give_up(policy, call, now, outputs);
        }
    }
}

/// What a refusal said about trying again, as far as the policy listens.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// The wait that was stated.
    pub(super) wait: Option<Duration>,
    /// `x-should-retry`.
    pub(super) should_retry: Option<bool>,
    /// Whether the same endpoint is asked again without a wait.
    pub(super) at_once: bool,
}

impl Said {
    /// A guard wants the same endpoint asked again, or only that the answer is refused.
    pub(super) fn ask_again(again: bool) -> Said {
        Said {
            wait: None,
            should_retry: again.then_some(true),
            at_once: again,
        }
    }

    fn of(policy: &Policy, ending: Ending, now: Instant) -> Said {
        let Ending::Status { status, advice, .. } = ending else {
            return Said::default();
        };
        let wait = policy.server_wait.read(status, advice, now);
        let asks = (policy.server_wait.asks && wait.is_some()).then_some(true);
        Said {
            wait,
            should_retry: advice.should_retry.filter(|_| policy.server_veto).or(asks),
            at_once: false,
        }
    }
}
