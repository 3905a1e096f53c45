//! The way back: what an ending means and what follows from it.

use crate::base::wire::Ending;
use crate::base::{Class, Duration, Failure, Instant, Origin, Purpose, Refusal, Verdict};
use crate::policy::backoff::Step;
use crate::policy::limiter;
use crate::policy::route::OnFailure;
use crate::policy::server_wait::ServerWait;

use super::call::{Attempt, Call, Failed, Part, Untold, Waiting};
use super::client::Client;
use super::forth::{is_usable, refused};
use super::guarding::Look;
use super::output::{AbortReason, Notice, Output};
use super::policy::{Policy, Rule};
use super::restraint::ask;

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
        if self.go_on(policy, call, now, failed, outputs).is_err() {
            self.give_up(policy, call, now, outputs);
        }
    }

    /// Sends or plans the next attempt.
    ///
    /// # Errors
    /// Why there is none; it has been noted.
    fn go_on(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        failed: Failed,
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let class = failed.class;
        let rule = policy.rule(class);
        let may = May::of(policy, call, rule, failed.should_retry);
        if !may.here && !may.elsewhere || call.failures[class.index()] >= rule.attempts {
            return Err(refused(outputs, Refusal::NotRetried, None));
        }
        if call.made >= policy.attempts {
            return self.wait_in_vain(policy, call, now, class, outputs);
        }
        if let Err(refusal) = self.ask_budgets(policy, call, now, false) {
            return Err(refused(outputs, refusal, None));
        }
        let Places { at_once, after } = match failed.at_once && is_usable(policy, call, call.place)
        {
            true => Places::only(call.place),
            false => places(policy, call, rule, may),
        };
        let first = at_once.or(after).map(|part| part.from);
        if policy.observe
            && let Some(place) = first
        {
            let origin = if place == call.place {
                Origin::Retry
            } else {
                Origin::Failover
            };
            self.would_send(policy, call, now, origin, outputs);
            return Err(Refusal::NotRetried);
        }
        if let Some(part) = at_once {
            let sent = self.try_places(policy, call, now, part, outputs);
            if sent.is_ok() || after.is_none() {
                return sent;
            }
        }
        let Some(part) = after else {
            return Err(refused(outputs, Refusal::NoEndpoint, None));
        };
        match self.wait(policy, call, now, class, part.from) {
            Some(wait) => self.wait_then_send(policy, call, now, part, wait, outputs),
            None => {
                let refusal = refused(outputs, Refusal::ServerWaitTooLong, None);
                // Not here: another endpoint may be asked, if none has been.
                match following(policy, call).filter(|_| may.elsewhere && at_once.is_none()) {
                    Some(part) => self.try_places(policy, call, now, part, outputs),
                    None => Err(refusal),
                }
            }
        }
    }

    /// How long to wait before coming back to a place; None: longer than the policy accepts.
    fn wait(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        class: Class,
        from: u8,
    ) -> Option<Duration> {
        let entity = call.id.word();
        let ordinal = u64::from(call.draws);
        call.draws += 1;
        let draws = &self.draws;
        let backoff = policy
            .rule(class)
            .backoff
            .as_ref()
            .unwrap_or(&policy.backoff);
        let tries = call.tries[usize::from(from)];
        let step = Step {
            retry: u32::from(tries.saturating_sub(call.restarted_at)).max(1),
            previous: call.last_wait,
            reached: call.reached,
        };
        let walk = || backoff.walk(step, || draws.unit(Purpose::Jitter, entity, ordinal));
        // What one endpoint asked for says nothing about another, and holds until its time is over.
        let asked = call.stated_by == from && call.stated_until >= now;
        let stated = asked.then(|| call.stated_until.since(now));
        let rules = &policy.server_wait;
        let mut own = (stated.is_none() || rules.asks_own() || backoff.goes_on()).then(walk);
        let own_wait = own.map_or(Duration::ZERO, |own| own.wait);
        let server = rules.decide(stated, own_wait, backoff.jitter(), || {
            draws.unit(Purpose::ServerWaitJitter, entity, ordinal)
        });
        let wait = match server {
            ServerWait::TooLong => return None,
            ServerWait::Wait(wait) => {
                if rules.restarts {
                    call.restarted_at = tries;
                }
                wait
            }
            ServerWait::Backoff => own.get_or_insert_with(walk).wait,
        };
        if let Some(own) = own {
            call.reached = own.reached;
        }
        call.last_wait = wait;
        Some(wait)
    }

    /// No attempts are left; some loops find that out only after one more wait.
    fn wait_in_vain(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        class: Class,
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let place = call.place;
        let wait = match policy.wait_at_end && call.made > 1 {
            true => self.wait(policy, call, now, class, place),
            false => None,
        };
        let Some(wait) = wait else {
            return Err(refused(outputs, Refusal::AttemptsSpent, None));
        };
        self.wait_then_send(policy, call, now, Part::only(place), wait, outputs)
    }

    fn wait_then_send(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        part: Part,
        wait: Duration,
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let wait = match policy.budgets.fit(&ask(call, now), wait) {
            Ok(wait) => wait,
            Err(refusal) => return Err(refused(outputs, refusal, None)),
        };
        if wait.is_zero() {
            return self.try_places(policy, call, now, part, outputs);
        }
        let at = now + wait;
        if at >= call.deadline {
            return Err(refused(outputs, Refusal::PastDeadline, None));
        }
        self.start_wait(policy, call, now, at, part)
            .map_err(|refusal| refused(outputs, refusal, None))?;
        call.waiting = Waiting::Until { at, part };
        Ok(())
    }
}

/// What a refusal said about trying again, as far as the policy listens.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// The wait that was stated.
    wait: Option<Duration>,
    /// `x-should-retry`.
    should_retry: Option<bool>,
    /// Whether the same endpoint is asked again without a wait.
    at_once: bool,
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

/// Where a call may go on after a failure at all.
#[derive(Clone, Copy, Debug)]
struct May {
    here: bool,
    elsewhere: bool,
}

impl May {
    /// As the class says, but for an endpoint that says itself whether to come back.
    fn of(policy: &Policy, call: &Call, rule: &Rule, should_retry: Option<bool>) -> May {
        let may = May {
            here: rule.stays(call.tries[usize::from(call.place)]),
            elsewhere: rule.elsewhere,
        };
        match should_retry {
            None => may,
            Some(true) => May { here: true, ..may },
            Some(false) => May {
                here: false,
                elsewhere: may.elsewhere && following(policy, call).is_some(),
            },
        }
    }
}

/// Where a call goes on after a failure.
struct Places {
    /// On this part of the route at once.
    at_once: Option<Part>,
    /// On this part of the route after a wait.
    after: Option<Part>,
}

impl Places {
    /// This place, at once.
    fn only(place: u8) -> Places {
        Places {
            at_once: Some(Part::only(place)),
            after: None,
        }
    }
}

fn places(policy: &Policy, call: &Call, rule: &Rule, may: May) -> Places {
    let here = is_usable(policy, call, call.place).then_some(call.place);
    let first = (0..policy.route.len() as u8).find(|&place| is_usable(policy, call, place));
    let on_failure = match rule.leaves_after {
        Some(_) => OnFailure::ExhaustThenNext,
        None => policy.on_failure,
    };
    let (at_once, after) = match on_failure {
        _ if !may.here => (following(policy, call), None),
        // Not even past an open breaker.
        _ if !may.elsewhere => (None, here.map(Part::only)),
        OnFailure::Next => (following(policy, call), first.map(Part::on_from)),
        OnFailure::ExhaustThenNext if here.is_none() => (following(policy, call), None),
        OnFailure::ExhaustThenNext => (None, here.map(Part::on_from)),
    };
    Places { at_once, after }
}

/// The next place of the route that may be used at all, and those after it.
fn following(policy: &Policy, call: &Call) -> Option<Part> {
    let mut next = call.place + 1..policy.route.len() as u8;
    next.find(|&place| is_usable(policy, call, place))
        .map(Part::on_from)
}
