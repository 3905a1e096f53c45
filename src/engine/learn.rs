//! What routes and hedges learn from a client's attempts. Nothing is told to those that do not learn.

use crate::base::{Class, Instant, Purpose, Receipt, Usage};
use crate::policy::hedge::Sample;
use crate::policy::route::router::{Asked, MAX_PLACES, Told};

use super::MAX_ROUTE;
use super::call::{Attempt, Call, Part};
use super::client::Client;
use super::policy::Policy;

const _: () = assert!(
    MAX_ROUTE == MAX_PLACES,
    "a call orders every place of a route"
);

impl Client {
    /// Orders the places of this part that the call has not tried yet. Those it has tried keep theirs.
    #[inline]
    pub(super) fn order_places(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        part: Part,
    ) {
        if !policy.router.is_fixed() && policy.groups.is_none() {
            self.order_anew(policy, call, now, part);
        }
    }

    #[inline(never)]
    fn order_anew(&mut self, policy: &Policy, call: &mut Call, now: Instant, part: Part) {
        let n = policy.route.len();
        let unfit = policy.router.unfit(&call.request);
        let (mut slots, mut places, mut free) = ([0; MAX_ROUTE], [0; MAX_ROUTE], 0);
        for slot in usize::from(part.from)..n.min(usize::from(part.to)) {
            // Who cannot serve it is no choice: a kind that draws some, draws of the others.
            call.barred |= (unfit >> call.order[slot] & 1) << slot;
            if call.tries[slot] == 0 && call.barred >> slot & 1 == 0 {
                (slots[free], places[free]) = (slot, call.order[slot]);
                free += 1;
            }
        }
        let tried = (0..n).filter(|&slot| call.tries[slot] > 0);
        let asked = Asked {
            request: &call.request,
            tried: tried.map(|slot| 1 << call.order[slot]).sum(),
            now,
        };
        let (entity, drawn) = (call.id.word(), &mut call.route_draws);
        let draws = &self.draws;
        let mut u = || {
            *drawn += 1;
            draws.unit(Purpose::Route, entity, u64::from(*drawn))
        };
        self.router
            .order(&policy.router, asked, &mut places[..free], &mut u);
        for (slot, place) in slots[..free].iter().zip(places) {
            call.order[*slot] = place;
        }
    }

    /// An attempt was sent.
    pub(super) fn learn_sent(
        &mut self,
        policy: &Policy,
        call: &Call,
        attempt: Attempt,
        now: Instant,
    ) {
        if !policy.router.is_fixed() {
            let place = call.order[usize::from(attempt.place)];
            let anew = attempt.which.nth_at_endpoint == 0;
            self.router.on_sent(&policy.router, place, anew, now);
        }
    }

    /// The first token of a streamed answer came.
    pub(super) fn learn_first_token(
        &mut self,
        policy: &Policy,
        call: &Call,
        now: Instant,
        slot: usize,
    ) {
        let Some(attempt) = call.in_flight.get(slot).filter(|a| !a.first_token) else {
            return;
        };
        let took = now.since(attempt.sent_at);
        if !policy.router.is_fixed() {
            let place = call.order[usize::from(attempt.place)];
            self.router.on_first_token(&policy.router, place, took, now);
        }
        if let Some(hedge) = policy.hedge.as_ref().filter(|hedge| hedge.learns()) {
            let class = Class::Ok;
            self.hedger.record(hedge, Sample { took, class }, now);
        }
    }

    /// An attempt ended; it does not count as in flight any more.
    pub(super) fn learn_end(
        &mut self,
        policy: &Policy,
        call: &Call,
        now: Instant,
        attempt: Attempt,
        class: Class,
    ) {
        self.count_in_flight(false);
        let took = now.since(attempt.sent_at);
        if !policy.router.is_fixed() {
            let told = Told {
                which: (call.id, attempt.which.number),
                place: call.order[usize::from(attempt.place)],
                took,
                class,
                had_begun: attempt.first_token,
            };
            self.router.on_end(&policy.router, told, now);
        }
        if let Some(hedge) = policy.hedge.as_ref().filter(|hedge| hedge.learns())
            && !attempt.first_token
        {
            self.hedger.record(hedge, Sample { took, class }, now);
        }
    }

    /// The bill of an attempt came.
    pub(super) fn learn_bill(
        &mut self,
        policy: &Policy,
        receipt: Receipt,
        usage: Usage,
        now: Instant,
    ) {
        if !policy.router.wants_bills() {
            return;
        }
        let at = policy
            .route
            .iter()
            .position(|on_route| *on_route == receipt.endpoint);
        if let Some(place) = at {
            let bill = ((receipt.call, receipt.attempt), usage);
            self.router.on_bill(&policy.router, place as u8, bill, now);
        }
    }
}
