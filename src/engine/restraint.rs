//! What holds attempts back for the sake of others: budgets and throttles, and the outlook of an
//! attempt that could hardly be answered by the deadline. What they are asked and told.

use crate::base::{Class, EndpointId, Instant, Origin, Purpose, Refusal};
use crate::policy::budget::{self, Ask};

use super::call::{Attempt, Call, Part, Waiting};
use super::client::Client;
use super::fleet::News;
use super::forth::is_usable;
use super::policy::Policy;

impl Client {
    /// Whether an attempt that starts then could hardly be answered by the deadline.
    pub(super) fn is_hopeless(
        &mut self,
        policy: &Policy,
        call: &Call,
        place: u8,
        start: Instant,
    ) -> bool {
        let endpoint = call.endpoint(policy, place);
        policy.hopeless.is_some_and(|rules| {
            let deadline = call.deadline;
            self.latencies
                .is_hopeless(&rules, endpoint, start, deadline)
        })
    }

    /// Whether the throttle of an endpoint holds the attempt back.
    pub(super) fn is_throttled(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        endpoint: EndpointId,
        now: Instant,
    ) -> bool {
        // Whoever stands in line has been let through already.
        if let Waiting::InLine { .. } = call.waiting {
            return false;
        }
        let p = self.throttles.refusing(&policy.throttle, endpoint, now);
        if p <= 0.0 {
            return false;
        }
        let ordinal = u64::from(call.throttle_draws);
        call.throttle_draws += 1;
        let u = self.draws.unit(Purpose::Throttle, call.id.word(), ordinal);
        let refused = u < p;
        // Observing it is sent all the same, and counts when it ends.
        if refused && !policy.observe {
            self.throttles.on_refused(&policy.throttle, endpoint, now);
            if policy.shared.throttle {
                self.news.push(News::Throttled(endpoint));
            }
        }
        refused
    }

    /// Whether the budgets allow an attempt beyond the first, which starts now at this endpoint, or after a
    /// wait at some endpoint.
    pub(super) fn ask_budgets(
        &mut self,
        policy: &Policy,
        call: &Call,
        now: Instant,
        at: Option<EndpointId>,
    ) -> Result<(), Refusal> {
        if self.budgets.is_empty() {
            return Ok(());
        }
        let per_call = policy.budgets_per_call;
        let ask = Ask {
            starts: at.is_some(),
            call: per_call.then_some(call.id),
            pico_usd: if per_call { policy.price(call, at) } else { 0 },
            in_flight: self.budgeted_in_flight,
            in_line: self.pace.in_line(),
            elsewhere: self.elsewhere,
            ..ask(call, now)
        };
        self.budgets.ask(&policy.budgets, &ask, now)
    }

    /// Takes an extra attempt from the budgets, which have allowed it.
    pub(super) fn take_from_budgets(&mut self, policy: &Policy, call: &mut Call, now: Instant) {
        let (cause, waited) = (call.last_failure, call.waits_in_budget);
        if !waited {
            call.taken = Some(cause);
        }
        self.tell_budgets(policy, budget::Fact::Taken { cause, waited }, now);
        self.end_wait_in_budget(policy, call, now);
    }

    #[inline]
    pub(super) fn tell_budgets(&mut self, policy: &Policy, fact: budget::Fact, now: Instant) {
        if self.budgets.heed(fact) {
            self.budgets.tell(&policy.budgets, fact, now);
            if policy.shared.budgets {
                self.news.push(News::Budget(fact));
            }
        }
    }

    /// The wait that the budgets were told of is over, whether its attempt is sent or not.
    pub(super) fn end_wait_in_budget(&mut self, policy: &Policy, call: &mut Call, now: Instant) {
        if std::mem::take(&mut call.waits_in_budget) {
            self.tell_budgets(policy, budget::Fact::WaitEnds, now);
        }
    }

    /// A wait for an extra attempt on this part of the route begins, and is over at `at`.
    ///
    /// # Errors
    /// Why it need not begin.
    pub(super) fn start_wait(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        at: Instant,
        part: Part,
    ) -> Result<(), Refusal> {
        let mut left = part.from..part.to.min(policy.route.len() as u8);
        let hopeless =
            |place| !is_usable(policy, call, place) || self.is_hopeless(policy, call, place, at);
        if policy.hopeless.is_some() && left.all(hopeless) {
            return Err(Refusal::Hopeless);
        }
        // Past the last attempt it waits in vain, and the budgets were not asked.
        if !self.budgets.is_empty() && call.made < policy.attempts {
            let cause = call.last_failure;
            (call.taken, call.waits_in_budget) = (Some(cause), true);
            self.tell_budgets(policy, budget::Fact::WaitStarts { cause }, now);
        }
        Ok(())
    }

    /// An attempt ended; the server did not forbid to try again, or did.
    pub(super) fn tell_of_end(
        &mut self,
        policy: &Policy,
        attempt: Attempt,
        (class, allowed): (Class, bool),
        now: Instant,
    ) {
        let took = now.since(attempt.sent_at);
        let ended = budget::Fact::End {
            extra: attempt.origin != Origin::First,
            class,
            retryable: policy.rule(class).here || !allowed,
            took,
        };
        self.tell_budgets(policy, ended, now);
        let endpoint = attempt.which.endpoint;
        if policy.throttle.throttles() {
            self.throttles
                .on_end(&policy.throttle, endpoint, class, now);
            if policy.shared.throttle {
                self.news.push(News::Ended { endpoint, class });
            }
        }
        if let Some(rules) = policy.hopeless.filter(|_| class == Class::Ok) {
            self.latencies.on_success(&rules, endpoint, took);
        }
    }
}

/// What the budgets are told of a call that has failed.
pub(super) fn ask(call: &Call, now: Instant) -> Ask {
    Ask {
        extra_attempts: u32::from(call.made.saturating_sub(1)),
        // Nothing before the first failure: no time has passed since an instant to come.
        retrying_for: now.since(call.first_failed_at),
        calling_for: now.since(call.first_sent_at),
        waited: call.waits_in_budget,
        cause: call.last_failure,
        tokens: budget::fact::tokens(&call.request),
        ..Ask::default()
    }
}
