//! Hedges: when one is sent, where it goes, and what an ending means while several are in flight.

use crate::base::{Instant, Origin, Refusal};
use crate::policy::budget::{self, Ask};
use crate::policy::hedge::To;
use crate::policy::hedge::rules::{AllFail, First, OnFailure};

use super::MAX_IN_FLIGHT;
use super::call::{Attempt, Call, Failed, Part};
use super::client::Client;
use super::fleet::News;
use super::forth::{Asked, refused};
use super::output::{AbortReason, Output};
use super::policy::Policy;

impl Client {
    /// An attempt was sent: when its hedge follows.
    pub(super) fn plan_hedge(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let Some(hedge) = &policy.hedge else { return };
        let more = call.hedges_made < hedge.max() && call.in_flight() < MAX_IN_FLIGHT;
        let delay = more.then(|| self.hedger.delay(hedge, now)).flatten();
        call.hedge_at = delay.map_or(Instant::NEVER, |delay| now + delay);
        if call.hedge_at <= now {
            self.send_hedges(policy, call, now, outputs);
        }
    }

    /// The delay of a hedge is over.
    pub(super) fn send_hedges(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        call.hedge_at = Instant::NEVER;
        if call.committed.is_none() && !call.in_flight.is_empty() {
            self.send_hedge(policy, call, now, outputs);
        }
    }

    fn send_hedge(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let Some(hedge) = &policy.hedge else { return };
        match self.hedge_place(policy, call, now, hedge.to(), outputs) {
            Ok(_) if policy.observe => {
                self.withdraw_hedge(policy, call, now);
                self.would_send(policy, call, now, Origin::Hedge, outputs);
            }
            Ok((place, probe)) => {
                call.hedges_made += 1;
                self.withdraw_hedge(policy, call, now);
                self.take_and_dispatch(policy, call, now, place, probe, outputs);
            }
            Err(refusal) => {
                refused(outputs, refusal, None);
            }
        }
    }

    /// Where a hedge may go. It does not stand in line: a late hedge is no hedge.
    fn hedge_place(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        to: To,
        outputs: &mut Vec<Output>,
    ) -> Result<(u8, bool), Refusal> {
        if call.made >= policy.attempts {
            return Err(Refusal::AttemptsSpent);
        }
        if !self.hedge_budget.is_empty() {
            let ask = Ask {
                extra_attempts: u32::from(call.hedges_made),
                ..Ask::default()
            };
            self.hedge_budget.ask(&policy.hedge_budget, &ask, now)?;
        }
        if to == To::Other {
            self.order_places(policy, call, now, Part::on_from(0));
        }
        let busy = |call: &Call, place: u8| {
            let endpoint = call.endpoint(policy, place);
            call.in_flight.iter().any(|a| a.which.endpoint == endpoint)
        };
        let n = policy.route.len() as u8;
        // In place of a failure: an endpoint that has just failed comes last.
        let skip = u8::from(policy.hedging.on_failure == OnFailure::Next);
        let mut last = Refusal::NoEndpoint;
        let from = call.place;
        for place in (0..n).map(|i| (from + i + skip) % n) {
            let wanted = match to {
                To::Same => place == from,
                To::Other => {
                    let groups = policy.groups.as_ref();
                    !busy(call, place) && groups.is_none_or(|g| g.together(from, place))
                }
            };
            if !wanted {
                continue;
            }
            let groups = policy.groups.as_deref();
            if groups.is_some_and(|g| !g.has_attempts(&call.tries, place)) {
                // Those that are left are another group's.
                last = Refusal::AttemptsSpent;
                continue;
            }
            match self.ask_all(policy, call, now, place, outputs) {
                Asked::Yes { probe } => return Ok((place, probe)),
                Asked::InLine => last = Refusal::QuotaWait,
                Asked::No(refusal) => last = refusal,
            }
        }
        Err(last)
    }

    fn withdraw_hedge(&mut self, policy: &Policy, call: &Call, now: Instant) {
        let cause = call.last_failure;
        let waited = false;
        let taken = budget::Fact::Taken { cause, waited };
        self.tell_hedge_budget(policy, taken, now);
    }

    /// Tells the budget that hedges have for themselves.
    #[inline]
    pub(super) fn tell_hedge_budget(&mut self, policy: &Policy, fact: budget::Fact, now: Instant) {
        if self.hedge_budget.heed(fact) {
            self.hedge_budget.tell(&policy.hedge_budget, fact, now);
            if policy.shared.hedge_budget {
                self.news.push(News::HedgeBudget(fact));
            }
        }
    }

    /// An attempt failed and is not in flight any more: which failure decides what follows; None if
    /// others go on, of which one may still answer.
    pub(super) fn after_hedged(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (attempt, failed): (Attempt, Failed),
        outputs: &mut Vec<Output>,
    ) -> Option<Failed> {
        let rules = &policy.hedging;
        let goes_on = policy.rule(failed.class).goes_on();
        let ends_all = match rules.first {
            First::Success => false,
            First::Acceptable => !goes_on,
            First::Completion => true,
        };
        if ends_all {
            call.primary = None;
            self.stop_all(policy, call, now, AbortReason::HedgeLost, outputs);
            return Some(failed);
        }
        let left = policy
            .hedge
            .as_ref()
            .is_some_and(|h| call.hedges_made < h.max());
        if left && goes_on && rules.on_failure == OnFailure::Next && !policy.observe {
            self.send_hedge(policy, call, now, outputs);
        }
        if !call.in_flight.is_empty() {
            if attempt.origin != Origin::Hedge {
                call.primary = Some(failed);
            }
            return None;
        }
        let primary = call.primary.take();
        Some(match rules.all_fail {
            AllFail::Last => failed,
            AllFail::Primary => primary.unwrap_or(failed),
        })
    }
}
