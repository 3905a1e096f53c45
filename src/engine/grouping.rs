//! Groups of endpoints: which is asked, and who in it. Places of a call under groups are those of the route.

use crate::base::{EndpointId, Instant, Purpose, Refusal};
use crate::policy::route::OnFailure;
use crate::policy::route::groups::{Plan, priority};
use crate::policy::route::router::Asked as ForRouter;

use super::MAX_ROUTE;
use super::call::{Call, Part};
use super::client::Client;
use super::forth::{is_usable, refused};
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
                last = self.try_place(policy, call, now, (place, part), outputs);
                if last.is_ok() {
                    return last;
                }
            }
        }
        if last == Err(Refusal::NoEndpoint) {
            // Nobody was asked at all.
            last = Err(refused(outputs, nobody(policy, call), None));
        }
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
            None => 0,
        };
        self.choose(policy, groups, call, now, (group, u16::MAX))
            .places[0]
    }

    /// The group that a draw by the shares of the load gives.
    fn by_load(
        &self,
        policy: &Policy,
        groups: &Plan,
        shared: &priority::Config,
        call: &mut Call,
        now: Instant,
    ) -> usize {
        let loads = self.loads(policy, groups, shared, now);
        call.route_draws += 1;
        let ordinal = u64::from(call.route_draws);
        let u = self.draws.unit(Purpose::Route, call.id.word(), ordinal);
        loads.pick(u)
    }

    /// How the load is shared just now, and who panics.
    fn loads(
        &self,
        policy: &Policy,
        groups: &Plan,
        shared: &priority::Config,
        now: Instant,
    ) -> priority::Loads {
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
        shared.loads(&health[..groups.len()])
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
            if may_go_to(policy, call, place) {
                chosen.places[chosen.len] = place;
                chosen.len += 1;
            }
        }
        if policy.router.is_fixed() {
            // A choice anew would be the first again, with healthy ones beside it.
            if policy.on_failure == OnFailure::Next {
                chosen.places[..chosen.len].sort_by_key(|&place| call.tries[usize::from(place)]);
            }
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

    /// Whether the breaker of an endpoint is ignored just now, for whatever attempt.
    pub(super) fn ignores_breaker(
        &self,
        policy: &Policy,
        endpoint: EndpointId,
        now: Instant,
    ) -> bool {
        let Some(groups) = policy.groups.as_deref() else {
            return false;
        };
        let ignored: u16 = match groups.priority() {
            None => groups.spared(),
            Some(shared) => {
                let panic = self.loads(policy, groups, shared, now).panic;
                let panics = bits(panic).map(|group| groups.members(usize::from(group)));
                panics.sum()
            }
        };
        let place = policy.route.iter().position(|id| *id == endpoint);
        place.is_some_and(|place| ignored >> place & 1 == 1)
    }
}

/// The bits that are set, the lowest first.
fn bits(set: u16) -> impl Iterator<Item = u8> {
    (0..MAX_ROUTE as u8).filter(move |bit| set >> bit & 1 == 1)
}

/// Whether the call may be sent to a place at all, and the group of that place has attempts left.
pub(super) fn may_go_to(policy: &Policy, call: &Call, place: u8) -> bool {
    let groups = policy.groups.as_deref();
    is_usable(policy, call, place) && groups.is_none_or(|g| g.has_attempts(&call.tries, place))
}

/// Why there is nobody to ask.
fn nobody(policy: &Policy, call: &Call) -> Refusal {
    match is_spent(policy, call) {
        _ if policy.router.none_fits(&call.request) => Refusal::Unfit,
        true => Refusal::AttemptsSpent,
        false => Refusal::NoEndpoint,
    }
}

/// Whether a call has made all its attempts, or those of the last group it can go to.
pub(super) fn is_spent(policy: &Policy, call: &Call) -> bool {
    let groups = policy.groups.as_deref();
    let has_none = |groups: &Plan| !groups.has_attempts(&call.tries, call.place);
    call.made >= policy.attempts || is_in_last_group(policy, call) && groups.is_some_and(has_none)
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

/// Whether nothing leads out of the group of a call. Groups that share the load have no last.
pub(super) fn is_in_last_group(policy: &Policy, call: &Call) -> bool {
    let is_last = |groups: &Plan| groups.priority().is_none() && groups.next(call.place).is_none();
    policy.groups.as_deref().is_some_and(is_last)
}

/// The part of the route that begins with the next group, if a failure leads there.
pub(super) fn next_group(groups: &Plan, call: &Call) -> Option<Part> {
    groups.next(call.place).map(Part::on_from)
}

/// The part of the route that begins with the group of a call, or with all that share the load, if a failure
/// may lead to somebody else there.
pub(super) fn others(policy: &Policy, groups: &Plan, call: &Call) -> Option<Part> {
    let mut all = 0..policy.route.len() as u8;
    let has_others =
        all.any(|place| groups.leads(call.place, place) && may_go_to(policy, call, place));
    let from = match groups.priority() {
        Some(_) => 0,
        None => groups.first(call.place),
    };
    has_others.then(|| Part::on_from(from))
}
