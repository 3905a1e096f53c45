//! A policy's route, laid out, and what one process has learned of its endpoints.
//!
//! Places are those of the route: 0 is the endpoint named first.

use super::endpoint::Endpoint;
use super::ledger::{Ledger, Which};
use super::limits::{self, Limits, Tally};
use super::{Config, latency, least_busy, round_robin, steering, usage, weighted};
use crate::base::capability::Capabilities;
use crate::base::wire::Request;
use crate::base::{Class, Duration, Instant, Usage};

/// The most endpoints of a route.
pub const MAX_PLACES: usize = 16;

/// A route, laid out.
#[derive(Clone, Debug)]
pub struct Plan {
    kind: Config,
    steering: steering::Config,
    /// By place: the prices of a prompt and of an answer token, in pico-dollars.
    prices: Vec<(u64, u64)>,
    weights: Vec<f64>,
    /// By place: the places that fail together with it, one bit each; itself included.
    domains: Vec<u16>,
    /// By place: the context window, and what it cannot do.
    abilities: Vec<(Option<u32>, Capabilities)>,
    /// By place: what it lets a client send in a minute.
    limits: Vec<Limits>,
    /// Whether, and how, those are kept.
    keeps: Option<limits::Config>,
    is_fixed: bool,
}

/// What a call says of itself when its endpoints are ordered.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What it asks for.
    pub request: &'a Request,
    /// The places it has been sent to, one bit each.
    pub tried: u16,
    /// Now.
    pub now: Instant,
}

/// How an attempt ended, or what it has said so far.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Which attempt.
    pub which: Which,
    /// Where.
    pub place: u8,
    /// Since it was sent.
    pub took: Duration,
    /// How it ended.
    pub class: Class,
    /// Whether its first token had come: it has been told of.
    pub had_begun: bool,
}

impl Plan {
    /// Lays a route out; `endpoints` are those of the route, in its order.
    pub fn new(kind: &Config, steering: &steering::Config, endpoints: &[Endpoint<'_>]) -> Plan {
        let prices: Vec<(u64, u64)> = endpoints
            .iter()
            .map(|endpoint| (endpoint.input_pico, endpoint.output_pico))
            .collect();
        let limits: Vec<Limits> = endpoints.iter().map(Limits::of).collect();
        let weights = match kind {
            Config::Weighted(config) => config.resolve(&prices, &limits),
            _ => Vec::new(),
        };
        Plan {
            kind: kind.clone(),
            steering: steering.clone(),
            domains: domains(steering, endpoints),
            abilities: endpoints
                .iter()
                .map(|endpoint| (endpoint.context_window, endpoint.lacks))
                .collect(),
            is_fixed: matches!(kind, Config::Failover(_) | Config::Single(_)) && steering.is_off(),
            prices,
            weights,
            limits,
            keeps: kept(kind),
        }
    }

    /// With an order that alarms may change, or as it is.
    #[must_use]
    pub fn steered(self, by_alarms: bool) -> Plan {
        Plan {
            is_fixed: self.is_fixed && !by_alarms,
            ..self
        }
    }

    /// Whether the order of the route is every call's: nothing is to be asked or told.
    #[inline]
    pub fn is_fixed(&self) -> bool {
        self.is_fixed
    }

    /// Whether bills matter.
    pub fn wants_bills(&self) -> bool {
        matches!(self.kind, Config::Usage(_)) || self.pairs()
    }

    /// Whether an end says something only with its bill.
    fn pairs(&self) -> bool {
        let by_kind = match &self.kind {
            Config::Usage(config) => config.counts == usage::Counts::Answers,
            Config::Latency(config) => config.per == latency::Per::Token,
            _ => false,
        };
        by_kind || self.keeps.is_some()
    }

    /// Whether endpoints are left out whose limits are used up.
    #[inline]
    pub fn keeps_limits(&self) -> bool {
        self.keeps.is_some()
    }

    /// The places at which a request cannot be served, one bit each.
    pub fn unfit(&self, request: &Request) -> u16 {
        if !self.steering.fits {
            return 0;
        }
        let need = u64::from(request.prompt_tokens) + u64::from(request.max_tokens);
        let cannot = |(window, lacks): &(Option<u32>, Capabilities)| {
            window.is_some_and(|most| u64::from(most) < need) || request.needs.meets(*lacks)
        };
        let places = self.abilities.iter().enumerate();
        places
            .map(|(place, able)| u16::from(cannot(able)) << place)
            .sum()
    }

    /// Whether no place of the route can serve a request.
    pub fn none_fits(&self, request: &Request) -> bool {
        self.unfit(request).count_ones() as usize == self.abilities.len()
    }
}

/// Whether, and how, a kind of route keeps the limits of its endpoints.
fn kept(kind: &Config) -> Option<limits::Config> {
    match kind {
        Config::Usage(config) => config.limits,
        Config::Latency(config) => config.limits,
        Config::LowestCost(config) => config.limits,
        Config::Failover(_)
        | Config::Single(_)
        | Config::RoundRobin(_)
        | Config::Weighted(_)
        | Config::LeastBusy(_) => None,
    }
}

/// By place, who fails together with it.
fn domains(steering: &steering::Config, endpoints: &[Endpoint<'_>]) -> Vec<u16> {
    let label = |place: usize| {
        let by = steering.apart_by?;
        endpoints[place].label(by)
    };
    let together = |a: usize, b: usize| a == b || label(a).is_some() && label(a) == label(b);
    let n = endpoints.len();
    (0..n)
        .map(|a| (0..n).map(|b| u16::from(together(a, b)) << b).sum())
        .collect()
}

/// What one process has learned.
#[derive(Clone, Debug)]
pub struct Router {
    state: State,
    /// Attempts in flight, by place.
    in_flight: Vec<u32>,
    /// When an attempt failed last, by place.
    failed: Vec<Option<Instant>>,
    /// Until when it is asked last, by place.
    avoided: Vec<Instant>,
    /// Whose status page says that there is trouble, a bit for each place.
    troubled: u16,
    /// What was used of limits, if they are kept.
    tally: Tally,
    /// Attempts of which either the end or the bill has come, if both are needed.
    ledger: Ledger,
}

#[derive(Clone, Debug)]
enum State {
    Stateless,
    RoundRobin(round_robin::State),
    Latency(latency::State),
    Usage(usage::State),
}

impl Router {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Router {
        let n = plan.prices.len();
        Router {
            state: match &plan.kind {
                Config::RoundRobin(_) => State::RoundRobin(round_robin::State::default()),
                Config::Latency(_) => State::Latency(latency::State::new(n)),
                Config::Usage(_) => State::Usage(usage::State::new(n)),
                Config::Failover(_)
                | Config::Single(_)
                | Config::Weighted(_)
                | Config::LeastBusy(_)
                | Config::LowestCost(_) => State::Stateless,
            },
            in_flight: vec![0; n],
            failed: vec![None; n],
            avoided: vec![Instant::ZERO; n],
            troubled: 0,
            tally: Tally::new(n),
            ledger: Ledger::default(),
        }
    }

    /// A place is asked last until then, whatever the route says.
    pub fn avoid(&mut self, place: u8, until: Instant) {
        let avoided = &mut self.avoided[usize::from(place)];
        *avoided = until.max(*avoided);
    }

    /// The status page of a place says that there is trouble, or that there is none.
    pub fn on_page(&mut self, place: u8, trouble: bool) {
        self.troubled = self.troubled & !(1 << place) | u16::from(trouble) << place;
    }

    /// What a place did wrong is forgotten: it is not asked last for it any more.
    pub fn forgive(&mut self, place: u8) {
        self.failed[usize::from(place)] = None;
        self.avoided[usize::from(place)] = Instant::ZERO;
    }

    /// Orders some places of the route, the best first. `u` gives uniforms of the call's own.
    pub fn order(
        &mut self,
        plan: &Plan,
        asked: Asked<'_>,
        places: &mut [u8],
        u: &mut dyn FnMut() -> f64,
    ) {
        places.sort_unstable();
        // Who has used up its limits is no choice: the others are ordered, and drawn from.
        let mut open = places.len();
        if plan.keeps_limits() {
            places.sort_by_key(|&place| self.is_full(plan, place, asked.request, asked.now));
            open = places
                .partition_point(|&place| !self.is_full(plan, place, asked.request, asked.now));
        }
        self.order_by_kind(plan, asked, &mut places[..open], u);
        self.steer(plan, asked, places, u);
    }

    fn order_by_kind(
        &mut self,
        plan: &Plan,
        asked: Asked<'_>,
        places: &mut [u8],
        u: &mut dyn FnMut() -> f64,
    ) {
        match (&mut self.state, &plan.kind) {
            (State::RoundRobin(state), _) => state.order(places),
            (State::Latency(state), Config::Latency(c)) => {
                let load = (&self.in_flight[..], asked.request.stream);
                state.order(c, places, load, asked.now, u);
            }
            (State::Usage(state), Config::Usage(c)) => state.order(c, places, asked.now, u),
            (_, Config::Weighted(_)) => weighted::order(places, &plan.weights, u),
            (_, Config::LeastBusy(_)) => least_busy::order(places, &self.in_flight),
            (_, Config::LowestCost(c)) => c.order(places, &plan.prices, asked.request),
            _ => {}
        }
    }

    /// Whether a place has used up its limits of this minute, if they are kept, as far as a request goes.
    pub fn is_full(&self, plan: &Plan, place: u8, request: &Request, now: Instant) -> bool {
        plan.keeps.is_some_and(|config| {
            let limits = plan.limits[usize::from(place)];
            let prompt = u64::from(request.prompt_tokens);
            self.tally.is_full(config, limits, place, prompt, now)
        })
    }

    fn steer(&self, plan: &Plan, asked: Asked<'_>, places: &mut [u8], u: &mut dyn FnMut() -> f64) {
        let returned = |place: u8| {
            steering::returned(&plan.steering, self.failed[usize::from(place)], asked.now)
        };
        let mut away = match plan.steering.status_page {
            true => self.troubled,
            false => 0,
        };
        if places.iter().any(|&place| returned(place) < 1.0) {
            // One draw for the call: whoever comes back early comes back everywhere.
            let u = u();
            for &place in places.iter() {
                away |= u16::from(u >= returned(place)) << place;
            }
        }
        for &place in places.iter() {
            away |= u16::from(asked.now < self.avoided[usize::from(place)]) << place;
        }
        let apart = plan.steering.apart_by.is_some();
        let near = |place: u8| apart && plan.domains[usize::from(place)] & asked.tried != 0;
        if away != 0 || apart {
            places.sort_by_key(|&place| (near(place), away >> place & 1));
        }
    }

    /// An attempt is sent; `anew` if it is the call's first there.
    pub fn on_sent(&mut self, plan: &Plan, place: u8, anew: bool, now: Instant) {
        self.in_flight[usize::from(place)] += 1;
        if let Some(config) = plan.keeps {
            self.tally.sent(config, place, now);
        }
        if let (State::RoundRobin(state), true) = (&mut self.state, anew) {
            state.on_sent(place);
        }
    }

    /// The first token of a streamed answer came.
    pub fn on_first_token(&mut self, plan: &Plan, place: u8, took: Duration, now: Instant) {
        if let (State::Latency(state), Config::Latency(c)) = (&mut self.state, &plan.kind) {
            state.record_first_token(c, place, took, now);
        }
    }

    /// An attempt ended.
    pub fn on_end(&mut self, plan: &Plan, told: Told, now: Instant) {
        self.in_flight[usize::from(told.place)] -= 1;
        if steering::leaves(told.class) {
            self.failed[usize::from(told.place)] = Some(now);
        }
        if plan.pairs()
            && let Some(usage) = self.ledger.ended(told)
        {
            self.on_both(plan, told, usage, now);
        }
        if let (State::Latency(state), Config::Latency(c)) = (&mut self.state, &plan.kind) {
            let waits = c.per == latency::Per::Token && told.class == Class::Ok;
            let is_told = told.had_begun && c.per == latency::Per::Answer;
            let sample = latency::State::sample(c, told.class, told.took);
            if let Some(took) = sample.filter(|_| !waits && !is_told) {
                state.record(c, told.place, took, now);
            }
        }
    }

    /// The bill of an attempt came.
    pub fn on_bill(
        &mut self,
        plan: &Plan,
        place: u8,
        (which, usage): (Which, Usage),
        now: Instant,
    ) {
        if let (State::Usage(state), Config::Usage(c)) = (&mut self.state, &plan.kind)
            && c.counts == usage::Counts::Bills
        {
            state.on_tokens(c, place, tokens(usage), now);
        }
        if plan.pairs()
            && let Some(told) = self.ledger.billed(which, usage)
        {
            self.on_both(plan, told, usage, now);
        }
    }

    /// An attempt has ended and was billed.
    fn on_both(&mut self, plan: &Plan, told: Told, usage: Usage, now: Instant) {
        if told.class != Class::Ok {
            return;
        }
        if let Some(config) = plan.keeps {
            self.tally.answered(config, told.place, tokens(usage), now);
        }
        match (&mut self.state, &plan.kind) {
            (State::Usage(state), Config::Usage(c)) if c.counts == usage::Counts::Answers => {
                state.on_tokens(c, told.place, tokens(usage), now);
            }
            (State::Latency(state), Config::Latency(c)) if c.per == latency::Per::Token => {
                let per_token = told.took.0 / usage.output_tokens.max(1);
                state.record(c, told.place, Duration(per_token), now);
            }
            _ => {}
        }
    }
}

fn tokens(usage: Usage) -> u64 {
    usage.input_tokens + usage.output_tokens
}
