//! The breakers of one client, and what they know of each other: how many are open, and who does
//! worse than the rest.

use super::answer::{Answer, Change, Opening, Pass, Step};
use super::fleet::Trip;
use super::gate::Breaker;
use super::outlier;
use super::plan::{Back, Dice, Plan};
use super::trip::Tested;
use super::{Config, Counted, Outcome};
use crate::base::{Duration, EndpointId, Instant, Purpose};

/// One breaker for each endpoint, or for each that leads others.
#[derive(Clone, Debug)]
pub struct Breakers {
    /// By endpoint; only those of leaders are ever asked or told.
    pub(super) each: Vec<Breaker>,
    /// The leaders of the route.
    pub(super) route: Vec<EndpointId>,
    /// When the endpoints are compared next.
    pub(super) compared_at: Instant,
    /// What they did, by leader.
    pub(super) changes: Vec<(EndpointId, Change)>,
    /// Trips that the other processes have not been told of; none but in a fleet.
    pub(super) trips: Vec<Trip>,
}

/// An ending as it is told: of whom, what it was let through with, and what it is worth.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// What [`Breakers::pass`] gave.
    pub pass: Pass,
    /// What it is worth.
    pub outcome: Outcome,
    /// The wait the endpoint asked for.
    pub stated: Option<Duration>,
}

impl Breakers {
    /// Closed breakers for so many endpoints, of which a route uses some.
    pub fn new(plan: &Plan, endpoints: usize, route: &[EndpointId]) -> Breakers {
        let every = plan.common.compares_every;
        let mut leaders: Vec<EndpointId> = Vec::new();
        for leader in route.iter().map(|endpoint| plan.leader(*endpoint)) {
            if !leaders.contains(&leader) {
                leaders.push(leader);
            }
        }
        Breakers {
            each: vec![Breaker::new(plan); endpoints],
            route: leaders,
            compared_at: every.map_or(Instant::NEVER, |every| Instant::ZERO + every),
            changes: Vec::new(),
            trips: Vec::new(),
        }
    }

    /// Whether an attempt may be sent to an endpoint. Changes what is due, and nothing else.
    #[inline]
    pub fn ask(
        &mut self,
        plan: &Plan,
        endpoint: EndpointId,
        now: Instant,
        dice: Dice<'_>,
    ) -> Answer {
        let leader = plan.leader(endpoint);
        // Nearly always: closed, and nothing due.
        if now < self.compared_at && self.at(leader).is_closed_before_due(now) {
            return Answer::Yes;
        }
        self.ask_leader(plan, leader, now, dice)
    }

    #[inline(never)]
    fn ask_leader(
        &mut self,
        plan: &Plan,
        endpoint: EndpointId,
        now: Instant,
        dice: Dice<'_>,
    ) -> Answer {
        self.catch_up(plan, endpoint, now, dice);
        match self.at(endpoint).ask(plan, now) {
            Answer::No if plan.panic > 0.0 && self.panics(plan, now) => Answer::Yes,
            answer => answer,
        }
    }

    /// Whether the breaker of an endpoint is open, and its time not over. Changes nothing.
    pub fn is_open(&self, plan: &Plan, endpoint: EndpointId, now: Instant) -> bool {
        self.each[usize::from(plan.leader(endpoint).0)].is_open(now)
    }

    /// Lets an attempt through. Its ending is told with what is returned.
    #[inline]
    pub fn pass(&mut self, plan: &Plan, endpoint: EndpointId, probe: bool, now: Instant) -> Pass {
        self.at(plan.leader(endpoint)).pass(plan, probe, now)
    }

    /// An attempt was not sent, because [`Self::ask`] said no.
    pub fn refuse(&mut self, plan: &Plan, endpoint: EndpointId, now: Instant) {
        self.at(plan.leader(endpoint)).refuse(plan, now);
    }

    /// Tells of an attempt's ending.
    #[inline]
    pub fn on_end(&mut self, plan: &Plan, told: Told, now: Instant, dice: Dice<'_>) {
        let leader = plan.leader(told.endpoint);
        let quiet = now < self.compared_at && self.at(leader).is_closed_before_due(now);
        if !(quiet && plan.is_deaf_to(told.outcome)) {
            self.tell_leader(plan, leader, told, now, dice);
        }
    }

    #[inline]
    fn tell_leader(
        &mut self,
        plan: &Plan,
        endpoint: EndpointId,
        told: Told,
        now: Instant,
        dice: Dice<'_>,
    ) {
        self.catch_up(plan, endpoint, now, dice);
        let step = self.at(endpoint).on_end(plan, told.pass, told.outcome, now);
        if step != Step::Nothing {
            let cause = (told.outcome.trips, told.stated);
            self.follow(plan, endpoint, step, cause, now, dice);
        }
    }

    /// Opens a breaker until an instant, for a reason that is not its own. Not if it is open for so long
    /// already, or its siblings do not allow one more.
    pub fn open_until(
        &mut self,
        plan: &Plan,
        endpoint: EndpointId,
        until: Instant,
        now: Instant,
        dice: Dice<'_>,
    ) {
        let endpoint = plan.leader(endpoint);
        self.catch_up(plan, endpoint, now, dice);
        let breaker = &self.each[usize::from(endpoint.0)];
        // Up to the instant before, for it is open until then and not at it.
        let so_long = breaker.is_open(Instant(until.0.saturating_sub(1)));
        if so_long || breaker.is_closed() && !self.may_open(plan, now) {
            return;
        }
        let opening = Opening::after(breaker.open_until(now));
        let (start, trips) = (self.ramp_start(plan, endpoint, dice), breaker.trips());
        self.at(endpoint).open(plan, now, until, start);
        if plan.is_shared() {
            let trip = Trip {
                endpoint,
                trips,
                at: now,
                until,
                start,
            };
            self.trips.push(trip);
        }
        self.changes
            .push((endpoint, Change::Tripped { until, opening }));
    }

    /// Closes a breaker, for a reason that is not its own.
    pub fn close(&mut self, plan: &Plan, endpoint: EndpointId, now: Instant, dice: Dice<'_>) {
        let endpoint = plan.leader(endpoint);
        self.catch_up(plan, endpoint, now, dice);
        if let Some(was) = self.at(endpoint).open_until(now) {
            let opening = Opening::Moved { was };
            let until = now;
            self.changes
                .push((endpoint, Change::Tripped { until, opening }));
        }
        if !self.at(endpoint).is_closed() {
            let step = self.at(endpoint).close(plan, now);
            self.follow(plan, endpoint, step, (false, None), now, dice);
        }
    }

    /// Where a ramp after the next trip begins to count, in parts of 2³².
    fn ramp_start(&self, plan: &Plan, endpoint: EndpointId, dice: Dice<'_>) -> u32 {
        let trips = self.each[usize::from(endpoint.0)].trips();
        let unit = || dice.unit(Purpose::RampStart, endpoint.0, trips);
        match plan.back {
            Back::Ramp { .. } => (unit() * (1u64 << 32) as f64) as u32,
            Back::AtOnce | Back::Probes { .. } => 0,
        }
    }

    /// What breakers did since this was last asked, each by the endpoint that leads those it is for.
    pub fn changes(&mut self) -> impl Iterator<Item = (EndpointId, Change)> {
        self.changes.drain(..)
    }

    /// Whether breakers did something since [`Self::changes`].
    #[inline]
    pub fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// The most probes any breaker has in flight.
    pub fn probes_in_flight(&self) -> u32 {
        let each = self.each.iter().map(Breaker::probes_in_flight);
        each.max().unwrap_or(0)
    }

    #[inline]
    pub(super) fn at(&mut self, endpoint: EndpointId) -> &mut Breaker {
        &mut self.each[usize::from(endpoint.0)]
    }

    /// Does what was due by now.
    #[inline]
    pub(super) fn catch_up(
        &mut self,
        plan: &Plan,
        endpoint: EndpointId,
        now: Instant,
        dice: Dice<'_>,
    ) {
        if now >= self.compared_at {
            self.compare(plan, now, dice);
        }
        if now >= self.at(endpoint).due {
            self.do_due(plan, endpoint, now, dice);
        }
    }

    #[inline(never)]
    fn do_due(&mut self, plan: &Plan, endpoint: EndpointId, now: Instant, dice: Dice<'_>) {
        while now >= self.at(endpoint).due {
            let step = self.at(endpoint).on_due(plan, now);
            self.follow(plan, endpoint, step, (false, None), now, dice);
        }
    }

    /// Makes a step, if the siblings allow it.
    fn follow(
        &mut self,
        plan: &Plan,
        endpoint: EndpointId,
        step: Step,
        (at_once, stated): (bool, Option<Duration>),
        now: Instant,
        dice: Dice<'_>,
    ) {
        let change = match step {
            Step::Nothing => return,
            Step::Closed => Change::Closed,
            Step::Trips { at } => {
                let breaker = &self.each[usize::from(endpoint.0)];
                let no_wait = plan.is_no_trip(stated);
                // Nothing is drawn for a trip that is not to be: the call may trip it later.
                if breaker.is_closed() && (no_wait || !self.may_open(plan, at)) {
                    self.at(endpoint).spare(plan, now);
                    return;
                }
                let trips = breaker.trips();
                let opening = Opening::after(breaker.open_until(now));
                let in_a_row = breaker.in_a_row_at(plan, at);
                let unit = |purpose| dice.unit(purpose, endpoint.0, trips);
                let stated = stated.filter(|_| !no_wait);
                let open = plan.open_time(at_once, stated, in_a_row, || unit(Purpose::OpenJitter));
                let start = self.ramp_start(plan, endpoint, dice);
                let until = plan.end(at + open);
                self.at(endpoint).open(plan, at, until, start);
                if plan.is_shared() {
                    self.trips.push(Trip {
                        endpoint,
                        trips,
                        at,
                        until,
                        start,
                    });
                }
                Change::Tripped { until, opening }
            }
        };
        self.changes.push((endpoint, change));
    }

    /// Endpoints of the route, and how many of them are open.
    fn open_of(&self, now: Instant) -> (f64, f64) {
        let is_open = |e: &&EndpointId| self.each[usize::from(e.0)].is_open(now);
        let open = self.route.iter().filter(is_open).count();
        (self.route.len() as f64, open as f64)
    }

    /// Whether one more may be open.
    fn may_open(&self, plan: &Plan, now: Instant) -> bool {
        let Some(max) = plan.max_open else {
            return true;
        };
        let (all, open) = self.open_of(now);
        match plan.max_open_tested {
            Tested::After => open + 1.0 <= max * all,
            Tested::Before => open < max * all,
        }
    }

    /// Whether too few are left, so that all are asked.
    fn panics(&self, plan: &Plan, now: Instant) -> bool {
        let (all, open) = self.open_of(now);
        all - open < plan.panic * all
    }

    /// Compares the endpoints as of the end of the interval; later ones saw nothing.
    #[inline(never)]
    fn compare(&mut self, plan: &Plan, now: Instant, dice: Dice<'_>) {
        let Config::Outlier(config) = &plan.kind else {
            self.compared_at = Instant::NEVER;
            return;
        };
        let at = self.compared_at;
        self.compared_at = Instant((now.0 / config.every.0 + 1).saturating_mul(config.every.0));
        for i in 0..self.route.len() {
            let endpoint = self.route[i];
            if at >= self.at(endpoint).due {
                self.do_due(plan, endpoint, at, dice);
            }
        }
        let rates = self.route.iter().filter_map(|e| self.rate(config, *e));
        let limit = config.limit(rates);
        for i in 0..self.route.len() {
            let endpoint = self.route[i];
            let worse =
                limit.is_some_and(|limit| self.rate(config, endpoint).is_some_and(|r| r < limit));
            if worse && self.at(endpoint).is_closed() {
                self.follow(plan, endpoint, Step::Trips { at }, (false, None), now, dice);
            }
            if let Counted::Outlier(state) = &mut self.at(endpoint).counted {
                state.next_interval();
            }
        }
    }

    fn rate(&self, config: &outlier::Config, endpoint: EndpointId) -> Option<f64> {
        match &self.each[usize::from(endpoint.0)].counted {
            Counted::Outlier(state) => state.rate(config),
            _ => None,
        }
    }
}
