//! Groups of endpoints: which is asked, and who in it. Places of a call under groups are those of the route.

use crate::base::{EndpointId, Instant, Purpose, Refusal};
use crate::policy::route::groups::{Plan, priority};
use crate::policy::route::router::Asked as ForRouter;

use super::MAX_ROUTE;
use super::call::{Call, Part};
use super::client::Client;
use super::forth::{Asked, is_usable, refused};
use super::output::Output;
use super::policy::Policy;

/// Places of the route, the best first.
#[derive(Clone, Copy)]
struct Places {
    places: [u8; MAX_ROUTE],
    len: usize,
}

impl Client {
    /// Tries a part of the route: the one place it is, or groups from that of its first place on.
    ///
    /// # Errors
    /// The last refusal, if no attempt was sent and no line joined. Each has been noted.
    pub(super) fn try_groups(
        &mut self,
        policy: &Policy,
        groups: &Plan,
        call: &mut Call,
        now: Instant,
        part: Part,
        outputs: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let only = part.to != Part::on_from(0).to;
        let mask = if only { 1 << part.from } else { u16::MAX };
        let mut last = Err(Refusal::NoEndpoint);
        self.ignored_breakers = groups.spared();
        let (from, to) = match groups.priority() {
            _ if only => (groups.of(part.from), groups.of(part.from) + 1),
            Some(shared) => {
                let first = self.by_load(policy, groups, shared, call, now);
                (first, first + groups.len())
            }
            None => (groups.of(part.from), groups.len()),
        };
        for group in (from..to).map(|group| group % groups.len().max(1)) {
            let chosen = self.choose(policy, groups, call, now, (group, mask));
            for &place in &chosen.places[..chosen.len] {
                match self.ask_all(policy, call, now, place, outputs) {
                    Asked::Yes { probe } => {
                        self.ignored_breakers = 0;
                        self.take_and_dispatch(policy, call, now, place, probe, outputs);
                        return Ok(());
                    }
                    Asked::InLine => {
                        self.ignored_breakers = 0;
                        self.stand_in_line(policy, call, now, part, outputs);
                        return Ok(());
                    }
                    Asked::No(refusal) => {
                        let endpoint = Some(call.endpoint(policy, place));
                        last = Err(refused(outputs, refusal, endpoint));
                    }
                }
            }
        }
        self.ignored_breakers = 0;
        last
    }

    /// The place that a policy which observes sends its one attempt to.
    pub(super) fn first_of_groups(
        &mut self,
        policy: &Policy,
        groups: &Plan,
        call: &mut Call,
        now: Instant,
    ) -> u8 {
        let group = match groups.priority() {
            Some(shared) => self.by_load(policy, groups, shared, call, now),
            None => {
                self.ignored_breakers = groups.spared();
                0
            }
        };
        self.choose(policy, groups, call, now, (group, u16::MAX))
            .places[0]
    }

    /// The group that a draw by the shares of the load gives; notes which of them panic.
    fn by_load(
        &mut self,
        policy: &Policy,
        groups: &Plan,
        shared: &priority::Config,
        call: &mut Call,
        now: Instant,
    ) -> usize {
        let mut health = [(0, 0); MAX_ROUTE];
        for (group, health) in health.iter_mut().enumerate().take(groups.len()) {
            let places = bits(groups.members(group));
            let open = places.filter(|&place| {
                let endpoint = policy.route[usize::from(place)];
                self.breakers.is_open(&policy.breaker, endpoint, now)
            });
            let all = groups.members(group).count_ones();
            *health = (all - open.count() as u32, all);
        }
        let loads = shared.loads(&health[..groups.len()]);
        let panics = bits(loads.panic).map(|group| groups.members(usize::from(group)));
        self.ignored_breakers = panics.sum();
        call.route_draws += 1;
        let ordinal = u64::from(call.route_draws);
        let u = self.draws.unit(Purpose::Route, call.id.word(), ordinal);
        loads.pick(u)
    }

    /// The usable places of a group that are in the mask, as the kind of the route orders them.
    fn choose(
        &mut self,
        policy: &Policy,
        groups: &Plan,
        call: &mut Call,
        now: Instant,
        (group, mask): (usize, u16),
    ) -> Places {
        call.barred |= policy.router.unfit(&call.request);
        let mut chosen = Places {
            places: [0; MAX_ROUTE],
            len: 0,
        };
        for place in bits(groups.members(group) & mask) {
            if is_usable(policy, call, place) && groups.has_attempts(&call.tries, place) {
                chosen.places[chosen.len] = place;
                chosen.len += 1;
            }
        }
        if policy.router.is_fixed() {
            return chosen;
        }
        let tried = (0..policy.route.len()).filter(|&place| call.tries[place] > 0);
        let asked = ForRouter {
            request: &call.request,
            tried: tried.map(|place| 1 << place).sum(),
            now,
        };
        let (entity, drawn, draws) = (call.id.word(), &mut call.route_draws, &self.draws);
        let mut u = || {
            *drawn += 1;
            draws.unit(Purpose::Route, entity, u64::from(*drawn))
        };
        let places = &mut chosen.places[..chosen.len];
        self.router.order(&policy.router, asked, places, &mut u);
        chosen
    }

    /// Whether the breaker of an endpoint is ignored just now.
    pub(super) fn ignores_breaker(&self, policy: &Policy, endpoint: EndpointId) -> bool {
        let place = policy.route.iter().position(|id| *id == endpoint);
        place.is_some_and(|place| self.ignored_breakers >> place & 1 == 1)
    }
}

/// The bits that are set, the lowest first.
fn bits(set: u16) -> impl Iterator<Item = u8> {
    (0..MAX_ROUTE as u8).filter(move |bit| set >> bit & 1 == 1)
}

/// Whether a call has made all its attempts, or those of the last group it can go to.
pub(super) fn is_spent(policy: &Policy, call: &Call) -> bool {
    let last = |groups: &Plan| {
        groups.priority().is_none()
            && groups.next(call.place).is_none()
            && !groups.has_attempts(&call.tries, call.place)
    };
    call.made >= policy.attempts || policy.groups.as_deref().is_some_and(last)
}

/// Whether a call whose attempts are used up finds that out only after one more wait: after a retry, and where
/// retries wait at all.
pub(super) fn waits_at_end(policy: &Policy, call: &Call) -> bool {
    policy.wait_at_end
        && match policy.groups.as_deref() {
            None => call.made > 1,
            Some(groups) => {
                let at_once = groups.priority().is_none() && groups.has_siblings(call.place);
                !at_once && groups.tries(&call.tries, call.place) > 1
            }
        }
}

/// The part of the route that begins with the next group, if a failure leads there.
pub(super) fn next_group(groups: &Plan, call: &Call) -> Option<Part> {
    groups.next(call.place).map(Part::on_from)
}
