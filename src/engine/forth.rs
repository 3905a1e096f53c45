//! The way forth: the order in which policies are asked before an attempt is sent.

use crate::base::{EndpointId, Failure, Instant, Origin, Refusal};
use crate::policy::breaker::answer::Answer as BreakerAnswer;
use crate::policy::breaker::fleet::News as BreakerNews;
use crate::policy::budget;

use super::call::{Attempt, Call, Part, Try, Untold, Waiting};
use super::client::Client;
use super::fleet::News;
use super::output::{Notice, Output};
use super::pace::Answer as PaceAnswer;
use super::policy::Policy;

/// What came of asking everybody.
pub(super) enum Asked {
    /// All said yes.
    Yes { probe: bool },
    /// It may go after a wait in line.
    InLine,
    /// Somebody said no.
    No(Refusal),
}

impl Client {
    /// The first attempt of a call.
    pub(super) fn send_first(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if policy.observe {
            self.send_observed(policy, call, now, outputs);
        } else {
            self.send_again(policy, call, now, Part::on_from(0), outputs);
        }
    }

    /// The next attempt, at the first endpoint of this part of the route that nobody refuses; gives
    /// up if all are refused.
    pub(super) fn send_again(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        part: Part,
        outputs: &mut Vec<Output>,
    ) {
        if self.try_places(policy, call, now, part, outputs).is_err() {
            self.give_up(policy, call, now, outputs);
        }
    }

    /// Tries a part of the route, place by place.
    ///
    /// # Errors
    /// The last refusal, if no attempt was sent and no line joined. Each has been noted.
    pub(super) fn try_places(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        part: Part,
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        if now >= call.deadline {
            return Err(refused(outputs, Refusal::PastDeadline, None));
        }
        if call.made >= policy.attempts {
            return Err(refused(outputs, Refusal::AttemptsSpent, None));
        }
        if self.has_had_its_turns(policy, call, now, outputs) {
            return Err(refused(outputs, Refusal::TurnLimit, None));
        }
        if let Some(groups) = &policy.groups {
            return self.try_groups(policy, groups, call, now, part, outputs);
        }
        self.order_places(policy, call, now, part);
        let mut last = Err(Refusal::NoEndpoint);
        for place in part.from..part.to.min(policy.route.len() as u8) {
            if !is_usable(policy, call, place) {
                continue;
            }
            last = self.try_place(policy, call, now, (place, part), outputs);
            if last.is_ok() {
                return last;
            }
        }
        if last == Err(Refusal::NoEndpoint) && policy.router.none_fits(&call.request) {
            last = Err(refused(outputs, Refusal::Unfit, None));
        }
        last
    }

    /// Asks all about one place, and sends or joins the line if it may; `part` is where the order starts
    /// again after a wait in line.
    ///
    /// # Errors
    /// The refusal, which has been noted.
    #[inline]
    pub(super) fn try_place(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (place, part): (u8, Part),
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        match self.ask_all(policy, call, now, place, outputs) {
            Asked::Yes { probe } => {
                self.take_and_dispatch(policy, call, now, place, probe, outputs);
            }
            Asked::InLine => self.stand_in_line(policy, call, now, part, outputs),
            Asked::No(refusal) => {
                let endpoint = Some(call.endpoint(policy, place));
                return Err(refused(outputs, refusal, endpoint));
            }
        }
        Ok(())
    }

    /// Joins the line; a call that stands in it already keeps its place.
    fn stand_in_line(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        part: Part,
        outputs: &mut Vec<Output>,
    ) {
        if let Waiting::InLine { .. } = call.waiting {
            self.pace.not_yet();
            return;
        }
        let (ticket, shed) = self.pace.join(policy, call.slot, &call.request);
        // Told that it is its turn, the one that was shed learns that its place is gone.
        outputs.extend(shed.map(|slot| Output::Ready { slot }));
        call.waiting = Waiting::InLine {
            ticket,
            since: now,
            part,
        };
    }

    /// Asks all about one place of the route; nothing is taken.
    pub(super) fn ask_all(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        place: u8,
        outputs: &mut Vec<Output>,
    ) -> Asked {
        let endpoint = call.endpoint(policy, place);
        if !is_usable(policy, call, place) {
            // Before the first attempt nobody has said anything: the route itself left it out.
            let first = call.made == 0;
            return Asked::No(if first {
                Refusal::Unfit
            } else {
                Refusal::NoEndpoint
            });
        }
        let at = call.order[usize::from(place)];
        if policy.router.keeps_limits()
            && self.router.is_full(&policy.router, at, &call.request, now)
        {
            return Asked::No(Refusal::LimitsUsed);
        }
        if call.made > 0
            && let Err(refusal) = self.ask_budgets(policy, call, now, Some(endpoint))
        {
            return Asked::No(refusal);
        }
        if policy.spending.asks_of_money()
            && let Some(refusal) = self.ask_limits(policy, call, endpoint, now, outputs)
        {
            return Asked::No(refusal);
        }
        if call.made > 0 && self.is_hopeless(policy, call, place, now) {
            return Asked::No(Refusal::Hopeless);
        }
        let probe = match self.ask_breaker(policy, call.id, endpoint, now, outputs) {
            BreakerAnswer::Yes => false,
            BreakerAnswer::AsProbe => true,
            BreakerAnswer::No => return Asked::No(Refusal::BreakerOpen),
        };
        if policy.throttle.throttles() && self.is_throttled(policy, call, endpoint, now) {
            return Asked::No(Refusal::Throttled);
        }
        if !policy.is_paced() {
            return Asked::Yes { probe };
        }
        let ticket = match call.waiting {
            Waiting::InLine { ticket, .. } => Some(ticket),
            Waiting::Until { .. } | Waiting::No => None,
        };
        let times = (now, call.deadline);
        let in_flight = self.paced_in_flight;
        match self
            .pace
            .ask(policy, &call.request, ticket, times, in_flight)
        {
            PaceAnswer::Yes => Asked::Yes { probe },
            PaceAnswer::InLine => Asked::InLine,
            PaceAnswer::No(refusal) => Asked::No(refusal),
        }
    }

    /// Takes from all and sends.
    pub(super) fn take_and_dispatch(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        place: u8,
        probe: bool,
        outputs: &mut Vec<Output>,
    ) {
        if call.made > 0 && !self.budgets.is_empty() {
            self.take_from_budgets(policy, call, now);
            let receipt = next_try(policy, call, place).receipt(call.id);
            let tokens = budget::fact::tokens(&call.request);
            self.tell_budgets(policy, budget::Fact::Sent { receipt, tokens }, now);
        }
        if policy.is_paced() {
            let attempt = (call.id, call.made);
            let need = self.pace.take(policy, &call.request, attempt, now);
            if policy.shared.quotas {
                self.news.push(News::Taken(need));
            }
        }
        self.dispatch(policy, call, now, place, probe, outputs);
    }

    /// Sends; what it takes has been taken.
    pub(super) fn dispatch(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        place: u8,
        probe: bool,
        outputs: &mut Vec<Output>,
    ) {
        let endpoint = call.endpoint(policy, place);
        let origin = if call.made == 0 {
            Origin::First
        } else if !call.in_flight.is_empty() {
            Origin::Hedge
        } else if place == call.place {
            Origin::Retry
        } else {
            Origin::Failover
        };
        self.settle_untold(policy, call, now, endpoint, outputs);
        let pass = self.breakers.pass(&policy.breaker, endpoint, probe, now);
        self.tell_fleet(policy, call.id, BreakerNews::Passed { endpoint, pass });
        self.leave_line(call, now);
        let attempt = Attempt {
            which: next_try(policy, call, place),
            place,
            origin,
            sent_at: now,
            first_token: false,
            connected: false,
            answered: false,
            pass,
        };
        call.in_flight.insert(attempt);
        call.first_sent_at = call.first_sent_at.min(now);
        call.made += 1;
        call.tries[usize::from(place)] += 1;
        call.place = place;
        self.count_in_flight(true);
        self.learn_sent(policy, call, attempt, now);
        if policy.counts_calls {
            self.spend(policy, call, attempt.which, now);
        }
        outputs.push(Output::Dispatch {
            receipt: attempt.which.receipt(call.id),
            origin,
            probe,
        });
        self.plan_hedge(policy, call, now, outputs);
    }

    /// A breaker that counts calls is told of the last attempt when the call goes elsewhere, and
    /// never of one that is followed by another at the same endpoint, or one with the same breaker.
    fn settle_untold(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        next: EndpointId,
        outputs: &mut Vec<Output>,
    ) {
        let breaker = policy.breaker.leader(next);
        let same = |untold: Untold| policy.breaker.leader(untold.endpoint) == breaker;
        if call.untold.is_some_and(same) {
            call.untold = None;
        }
        self.tell_untold(policy, call, now, outputs);
    }

    /// No attempt is to be made any more. Why has been noted.
    pub(super) fn give_up(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let failure = if call.made == 0 {
            Failure::Refused
        } else {
            Failure::Exhausted
        };
        let verdict = self.degraded_or(policy, call, now, failure, outputs);
        self.finish(policy, call, now, verdict, outputs);
    }
}

/// Whether the call may be sent to this place of the route at all: it has attempts left there, and
/// the endpoint has not said that it cannot serve it.
pub(super) fn is_usable(policy: &Policy, call: &Call, place: u8) -> bool {
    call.tries[usize::from(place)] < policy.attempts_per_endpoint && call.barred >> place & 1 == 0
}

/// The attempt that would be the next, at a place of the route.
fn next_try(policy: &Policy, call: &Call, place: u8) -> Try {
    Try {
        endpoint: call.endpoint(policy, place),
        number: call.made,
        nth_at_endpoint: call.tries[usize::from(place)],
        priority: call.request.priority,
    }
}

/// Notes a refusal and hands it back.
pub(super) fn refused(
    outputs: &mut Vec<Output>,
    refusal: Refusal,
    endpoint: Option<EndpointId>,
) -> Refusal {
    outputs.push(Output::Notice(Notice::Refused { refusal, endpoint }));
    refusal
}
