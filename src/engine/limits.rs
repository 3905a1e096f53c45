//! Limits: whether a call may send one more attempt for its money and its turn, and what follows if not.

use crate::base::{DeferralId, EndpointId, Instant, Limit, Receipt, Refusal};
use crate::policy::alarm::Then;

use super::alarm::Raiser;
use super::call::Call;
use super::client::Client;
use super::output::{Notice, Output};
use super::policy::Policy;
use super::spending::Count;

impl Client {
    /// Whether the conversation of a call has gone on for too long. If it has, what follows is done, and only
    /// what refuses says so.
    #[inline]
    pub(super) fn has_had_its_turns(
        &mut self,
        policy: &Policy,
        call: &Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> bool {
        let first = policy.route[0];
        is_past_its_turns(policy, call)
            && self.at_limit(policy, call, (Limit::Turns, first), now, outputs)
    }

    /// What forbids one more attempt of a call at an endpoint, if anything: money.
    #[inline(never)]
    pub(super) fn ask_limits(
        &mut self,
        policy: &Policy,
        call: &Call,
        endpoint: EndpointId,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> Option<Refusal> {
        if self.is_too_dear(policy, endpoint, now) {
            return Some(Refusal::CostlyFallback);
        }
        let limit = self.reached(policy, call, endpoint, Count::AtMost)?;
        let refused = self.at_limit(policy, call, (limit, endpoint), now, outputs);
        refused.then_some(Refusal::CostLimit)
    }

    /// Whether a call might be sent to some endpoint of its route later, for its money and its turn.
    pub(super) fn may_be_sent_later(&self, policy: &Policy, call: &Call, now: Instant) -> bool {
        let refuses = policy.spending.then.0 != Then::Alert;
        let is_open = |place: u8| {
            let endpoint = call.endpoint(policy, place);
            let reached = || self.reached(policy, call, endpoint, Count::AtLeast);
            !(self.is_too_dear(policy, endpoint, now) || refuses && reached().is_some())
        };
        let may_turn = !refuses || !is_past_its_turns(policy, call);
        may_turn && (0..policy.route.len() as u8).any(is_open)
    }

    /// A call has reached a limit at an endpoint: raises the alert and does what follows. Whether the
    /// attempt is refused.
    fn at_limit(
        &mut self,
        policy: &Policy,
        call: &Call,
        (limit, endpoint): (Limit, EndpointId),
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> bool {
        let (then, lasts) = policy.spending.then;
        if then.alerts() {
            if self.spending.alerted.insert((call.id.word(), limit)) {
                outputs.push(Output::Notice(Notice::LimitReached { limit, endpoint }));
            }
            let receipt = Receipt {
                call: call.id,
                endpoint,
                attempt: call.made,
                nth_at_endpoint: 0,
                priority: call.request.priority,
            };
            let raiser = Raiser::Limit(limit);
            self.follow_alert(policy, raiser, (then, lasts), (receipt, now), outputs);
        }
        then != Then::Alert
    }

    /// What a call that was put off has spent is forgotten, under whatever priority it was.
    pub(super) fn forget_account(&mut self, id: DeferralId) {
        if !self.spending.forget(id) {
            let mut others = self.parked.iter_mut().flat_map(|parked| parked.spendings());
            others.any(|spending| spending.forget(id));
        }
    }
}

/// Whether a call comes after the last turn of its conversation.
#[inline]
fn is_past_its_turns(policy: &Policy, call: &Call) -> bool {
    let sender = call.request.sender;
    let turns = policy.spending.turns;
    sender.conversation > 0 && turns.is_some_and(|turns| sender.turn >= turns)
}
