//! After a failure: whether another attempt follows, where, and after which wait.

use crate::base::{Class, Duration, Instant, Origin, Purpose, Refusal};
use crate::policy::backoff::Step;
use crate::policy::route::OnFailure;
use crate::policy::route::groups::Plan;
use crate::policy::server_wait::ServerWait;

use super::call::{Call, Failed, Part, Waiting};
use super::client::Client;
use super::forth::{is_usable, refused};
use super::grouping::{is_in_last_group, is_spent, may_go_to, next_group, others, waits_at_end};
use super::output::Output;
use super::policy::{Policy, Rule};
use super::restraint::ask;

impl Client {
    /// Sends or plans the next attempt.
    ///
    /// # Errors
    /// Why there is none; it has been noted.
    pub(super) fn go_on(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        failed: Failed,
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let class = failed.class;
        let rule = policy.rule(class);
        let mut may = May::of(policy, call, rule, failed.should_retry);
        let ends = !may.elsewhere || rule.leaves_group && is_in_last_group(policy, call);
        if !may.here && ends || call.failures[class.index()] >= rule.attempts {
            return Err(refused(outputs, Refusal::NotRetried, None));
        }
        if is_spent(policy, call) {
            return self.wait_in_vain(policy, call, now, class, outputs);
        }
        if let Err(refusal) = self.ask_budgets(policy, call, now, None) {
            return Err(refused(outputs, refusal, None));
        }
        let anew = failed.at_once && may_go_to(policy, call, call.place);
        if anew && !policy.observe {
            let here = Part::only(call.place);
            if self.try_places(policy, call, now, here, outputs).is_ok() {
                return Ok(());
            }
            // It may not be asked again here: the answer is refused as any other.
            may = May::of(policy, call, rule, None);
            if !may.here && !may.elsewhere {
                return Err(refused(outputs, Refusal::NotRetried, None));
            }
        }
        if policy.groups.is_some() && !may.here {
            // Whoever is chosen anew in its group, it is not this endpoint.
            call.barred |= 1 << call.place;
        }
        let Places { at_once, after } = match anew && policy.observe {
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
        let elsewhere = may.elsewhere && at_once.is_none();
        self.wait_or_leave(policy, call, now, class, (part, elsewhere), outputs)
    }

    /// Waits before it comes back, or asks another endpoint, if it may, where the wait is too long.
    fn wait_or_leave(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        class: Class,
        (part, elsewhere): (Part, bool),
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        // Under groups a wait is for the endpoint that failed, wherever the call goes on then.
        let from = match policy.groups {
            Some(_) => call.place,
            None => part.from,
        };
        if let Some(wait) = self.wait(policy, call, now, class, from) {
            return self.wait_then_send(policy, call, now, part, wait, outputs);
        }
        let refusal = refused(outputs, Refusal::ServerWaitTooLong, None);
        match following(policy, call).filter(|_| elsewhere) {
            Some(part) => {
                if policy.groups.is_some() {
                    // Whoever is chosen there, it is not this endpoint.
                    call.barred |= 1 << call.place;
                }
                self.try_places(policy, call, now, part, outputs)
            }
            None => Err(refusal),
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
        let tries = match &policy.groups {
            Some(groups) => groups.tries(&call.tries, from),
            None => call.tries[usize::from(from)],
        };
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
        let wait = match waits_at_end(policy, call) && !policy.observe {
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
    if let Some(groups) = &policy.groups {
        return places_of_groups(policy, groups, call, rule, may);
    }
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

/// As [`places`], where the route is groups.
fn places_of_groups(policy: &Policy, groups: &Plan, call: &Call, rule: &Rule, may: May) -> Places {
    let here = is_usable(policy, call, call.place).then(|| Part::only(call.place));
    let next = next_group(groups, call);
    let within = Some(Part::on_from(groups.first(call.place)));
    let leaves = rule.leaves_group && !may.here || !groups.has_attempts(&call.tries, call.place);
    let alone = !groups.has_siblings(call.place);
    let (at_once, after) = match groups.priority() {
        _ if !may.elsewhere => (None, here),
        Some(_) if may.here => (None, Some(Part::on_from(0))),
        Some(_) => (Some(Part::on_from(0)), None),
        None if leaves && !rule.leaves_group && waits_at_end(policy, call) => (None, next),
        None if leaves => (next, None),
        None if alone && (!may.here || here.is_none()) => (next, None),
        None if alone => (None, Some(Part::on_from(call.place))),
        None => (within, None),
    };
    Places { at_once, after }
}

/// The next place of the route that may be used at all, and those after it; under groups the part in which
/// somebody else may be chosen.
fn following(policy: &Policy, call: &Call) -> Option<Part> {
    if let Some(groups) = &policy.groups {
        return others(policy, groups, call);
    }
    let mut next = call.place + 1..policy.route.len() as u8;
    next.find(|&place| is_usable(policy, call, place))
        .map(Part::on_from)
}
