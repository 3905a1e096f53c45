//! LiteLLM's routing strategies along a recorded timeline: among which deployments each would draw after every
//! request that was sent, answered or failed.
//!
//! The kind of route that a preset chooses is told the same and asked often, each time with other uniforms: who
//! comes first at some of them is among those, and how often says with which weight.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Priority, Request};
use squall::base::{CallId, Capabilities, Class, Draws, Duration, Instant, Purpose, Sender, Usage};
use squall::policy::Config;
use squall::policy::route::router::{Asked, Plan, Router, Told};
use squall::policy::route::{self, Endpoint};

/// One preset and the recording it is held to.
pub(crate) struct Row {
    pub(crate) preset: &'static str,
    pub(crate) stem: &'static str,
    /// The keys that a case sets beside the preset's; none: the preset does not speak of the case.
    pub(crate) settings: fn(&Value) -> Option<String>,
    /// Cases, by what their names contain, in which the preset decides otherwise, and why.
    pub(crate) otherwise: &'static [(&'static str, &'static str)],
}

/// How often it is asked: whoever is drawn with a third of the weight is missed once in 10¹¹ steps.
const TIMES: u32 = 64;

/// How often where weights are compared.
const TIMES_WEIGHED: u32 = 4_000;

/// A route and what it was told so far.
pub(crate) struct Group {
    names: Vec<String>,
    plan: Plan,
    router: Router,
    request: Request,
    /// What is in flight, by place.
    open: Vec<VecDeque<(CallId, u16)>>,
    calls: u64,
    draws: Draws,
    drawn: u64,
}

/// The shares in which deployments come first, by name; none: all are left out.
pub(crate) type Shares = BTreeMap<String, f64>;

/// What the recording says of a step.
pub(crate) fn recorded(step: &Value) -> Shares {
    let among = step["among"].as_array().into_iter().flatten();
    let names: Vec<&str> = among.filter_map(Value::as_str).collect();
    let weight = |name: &str| step["weights"][name].as_f64().unwrap_or(1.0);
    let sum: f64 = names.iter().map(|name| weight(name)).sum();
    let share = |name: &&str| (name.to_string(), weight(name) / sum);
    names.iter().map(share).collect()
}

/// Whether the same come first, and as often: within five standard deviations where they are weighed.
pub(crate) fn alike(ours: &Shares, theirs: &Shares, weighed: bool) -> bool {
    let near = |(ours, p): (&f64, &f64)| {
        let n = f64::from(TIMES_WEIGHED);
        !weighed || (ours - p).abs() <= 5.0 * (p * (1.0 - p) / n).sqrt()
    };
    ours.keys().eq(theirs.keys()) && ours.values().zip(theirs.values()).all(near)
}

impl Group {
    pub(crate) fn new(config: &Config, case: &Value) -> Group {
        let settings = &case["settings"];
        let all = settings["deployments"].as_object().expect("a map");
        let pico = |of: &Value, key: &str| {
            let dollars = of[key].as_f64().unwrap_or(0.0);
            (dollars * 1e12).round() as u64
        };
        let endpoints: Vec<Endpoint<'_>> = all
            .iter()
            .map(|(name, of)| Endpoint {
                rpm: of["rpm"].as_u64(),
                tpm: of["tpm"].as_u64(),
                input_pico: pico(of, "input_cost_per_token"),
                output_pico: pico(of, "output_cost_per_token"),
                ..Endpoint::named(name)
            })
            .collect();
        let plan = Plan::new(&weighed(config, case), &config.steering, &endpoints);
        Group {
            names: all.keys().cloned().collect(),
            router: Router::new(&plan),
            plan,
            request: Request {
                prompt_tokens: settings["prompt_tokens"].as_u64().expect("tokens") as u32,
                max_tokens: 1000,
                stream: settings["stream"].as_bool().expect("yes or no"),
                priority: Priority::Normal,
                sender: Sender::NOBODY,
                needs: Capabilities::NONE,
            },
            open: vec![VecDeque::new(); all.len()],
            calls: 0,
            draws: Draws::new(Root::new(1, Stage::Run, 0)),
            drawn: 0,
        }
    }

    /// One step, and who would come first after it.
    pub(crate) fn step(&mut self, step: &Value) -> Shares {
        let now = Instant::ZERO + Duration::from_s_f64(step["at_s"].as_f64().expect("seconds"));
        let at = self.names.iter().position(|name| step["at"] == **name);
        match (step["does"].as_str(), at) {
            (Some("sent"), Some(place)) => self.sent(place, now),
            (Some("answered"), Some(place)) => self.answered(place, step, now),
            (Some("failed"), Some(place)) => self.ended(place, Class::RateLimited, now),
            (Some("timed-out"), Some(place)) => self.ended(place, Class::TimedOut, now),
            (Some("asks"), None) => {}
            other => panic!("no such step: {other:?}"),
        }
        let out = step["out"].as_array().cloned().unwrap_or_default();
        let healthy = |place: &u8| {
            !out.iter()
                .any(|name| *name == *self.names[usize::from(*place)])
        };
        let places: Vec<u8> = (0..self.names.len() as u8).filter(healthy).collect();
        self.first(&places, now, step["weights"].is_object())
    }

    fn sent(&mut self, place: usize, now: Instant) {
        self.router.on_sent(&self.plan, place as u8, true, now);
        self.open[place].push_back((CallId::new(0, self.calls), 0));
        self.calls += 1;
    }

    fn answered(&mut self, place: usize, step: &Value, now: Instant) {
        let s = |key: &str| step[key].as_f64().map(Duration::from_s_f64);
        let which = self.open[place].pop_front().expect("it was sent");
        let first_token = s("first_token_s");
        if let Some(took) = first_token {
            self.router
                .on_first_token(&self.plan, place as u8, took, now);
        }
        let usage = Usage {
            input_tokens: step["prompt"].as_u64().expect("tokens"),
            output_tokens: step["answer"].as_u64().expect("tokens"),
            pico_usd: 0,
        };
        let told = Told {
            which,
            place: place as u8,
            took: s("took_s").expect("seconds"),
            class: Class::Ok,
            had_begun: first_token.is_some(),
        };
        // Bills may come before and after.
        if self.calls.is_multiple_of(2) {
            self.router.on_end(&self.plan, told, now);
        }
        self.router
            .on_bill(&self.plan, place as u8, (which, usage), now);
        if !self.calls.is_multiple_of(2) {
            self.router.on_end(&self.plan, told, now);
        }
    }

    fn ended(&mut self, place: usize, class: Class, now: Instant) {
        if self.open[place].is_empty() {
            self.sent(place, now);
        }
        let told = Told {
            which: self.open[place].pop_front().expect("it was sent"),
            place: place as u8,
            took: Duration::ZERO,
            class,
            had_begun: false,
        };
        self.router.on_end(&self.plan, told, now);
    }

    fn first(&mut self, places: &[u8], now: Instant, weighed: bool) -> Shares {
        let times = if weighed { TIMES_WEIGHED } else { TIMES };
        let mut shares = Shares::new();
        for _ in 0..times {
            let mut order = places.to_vec();
            let asked = Asked {
                request: &self.request,
                tried: 0,
                now,
            };
            let (draws, drawn) = (&self.draws, &mut self.drawn);
            let mut u = || {
                *drawn += 1;
                draws.unit(Purpose::Probe, 0, *drawn)
            };
            self.router.order(&self.plan, asked, &mut order, &mut u);
            let full = |place| self.router.is_full(&self.plan, place, &self.request, now);
            if let Some(first) = order.into_iter().find(|place| !full(*place)) {
                let name = self.names[usize::from(first)].clone();
                *shares.entry(name).or_default() += 1.0 / f64::from(times);
            }
        }
        shares
    }
}

/// The preset's route, with the weights of a case's deployments if they have any.
fn weighed(config: &Config, case: &Value) -> route::Config {
    let all = case["settings"]["deployments"].as_object().expect("a map");
    let weights: Option<Vec<f64>> = all.values().map(|of| of["weight"].as_f64()).collect();
    match (&config.route, weights) {
        (route::Config::Weighted(own), Some(weights)) => {
            route::Config::Weighted(route::weighted::Config {
                weights,
                ..own.clone()
            })
        }
        (own, _) => own.clone(),
    }
}

/// Among equals theirs is the one that was used first, in this minute or at all.
const EQUALS: &str = "of equals it takes the one that was used first; here the first of the route";

pub(crate) const STRATEGIES: &[Row] = &[
    row("litellm-simple-shuffle-1.109", shuffle, &[]),
    row("litellm-least-busy-1.109", least_busy, &[]),
    row("litellm-latency-1.109", latency, &[]),
    row("litellm-cost-1.109", cost, &[("of equals", EQUALS)]),
    row("litellm-usage-1.109", usage, &[("usage: equals", EQUALS)]),
    row("litellm-usage-v2-1.109", usage_v2, &[]),
];

const fn row(
    preset: &'static str,
    settings: fn(&Value) -> Option<String>,
    otherwise: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        preset,
        stem: "litellm-strategies-1.109.1",
        settings,
        otherwise,
    }
}

/// Nothing beside the preset's keys, for a case of this strategy.
fn of(case: &Value, strategy: &str) -> Option<String> {
    (case["settings"]["strategy"] == *strategy).then(String::new)
}

fn shuffle(case: &Value) -> Option<String> {
    of(case, "simple-shuffle")
}

fn least_busy(case: &Value) -> Option<String> {
    of(case, "least-busy")
}

fn latency(case: &Value) -> Option<String> {
    of(case, "latency-based-routing")?;
    let buffer = case["settings"]["lowest_latency_buffer"].as_f64();
    Some(buffer.map_or(String::new(), |share| {
        format!("route.latency.buffer = {share:?}\n")
    }))
}

fn cost(case: &Value) -> Option<String> {
    of(case, "cost-based-routing")
}

fn usage(case: &Value) -> Option<String> {
    of(case, "usage-based-routing")
}

fn usage_v2(case: &Value) -> Option<String> {
    of(case, "usage-based-routing-v2")
}
