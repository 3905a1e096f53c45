//! The endpoint that has been the fastest lately: to the first token if streamed, else to the end.
//!
//! Three estimates. `ewma` is moved by each answer with weight 1 − exp(−Δ/decay), Δ since the one
//! before. `peak-ewma` (Finagle, tower, Linkerd) jumps up to a slow answer at once, falls back by
//! exp(−Δ/decay), and is multiplied with the attempts in flight and one. `mean` is that of the last
//! `samples` (LiteLLM's `latency-based-routing`). With `choices = 2` the better of two drawn at random
//! is asked (Mitzenmacher, 2001), so that not everybody runs to the same endpoint; 0 compares all, and
//! draws among those no more than `buffer` above the best.
//!
//! Failures are fast: with `failures = "counted"` an endpoint that refuses everything draws the traffic.

use std::collections::VecDeque;

use serde::Deserialize;

use super::OnFailure;
use crate::base::registry::Kind;
use crate::base::{Check, Class, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "latency",
    summary: "the endpoint that has been the fastest lately, of two or of all",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    pub on_failure: OnFailure,
    /// What is made of the answers.
    pub estimate: Estimate,
    /// How fast they are forgotten (`ewma`, `peak-ewma`).
    pub decay: Duration,
    /// How many are averaged (`mean`), 1 to 1000.
    pub samples: u32,
    /// How many endpoints are drawn and compared, 2 to 16; 0: all are.
    pub choices: u8,
    /// With all compared: how much above the best counts as equal, as a share of the best.
    pub buffer: f64,
    /// What an endpoint without answers is taken for.
    pub untried: Duration,
    /// What an attempt that timed out is taken for; absent: for a failure.
    pub timed_out: Option<Duration>,
    /// What other failures are.
    pub failures: Failures,
}

/// What is made of the answers of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimate {
    /// A mean that forgets with time.
    #[default]
    Ewma,
    /// One that jumps to peaks, times the load.
    PeakEwma,
    /// The mean of the last ones.
    Mean,
}

/// What failures are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failures {
    /// Nothing.
    #[default]
    Ignored,
    /// Answers that took as long as they took.
    Counted,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            endpoints: Vec::new(),
            on_failure: OnFailure::default(),
            estimate: Estimate::default(),
            decay: Duration::from_s(10),
            samples: 10,
            choices: 2,
            buffer: 0.0,
            untried: Duration::ZERO,
            timed_out: None,
            failures: Failures::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
        if self.decay.is_zero() {
            check
                .mistake("decay", "everything is forgotten at once", "is zero")
                .help("\"10s\" forgets two thirds in ten seconds");
        }
        if !(1..=1000).contains(&self.samples) {
            check.mistake("samples", "an absurd number of answers", "not 1 to 1000");
        }
        if self.choices == 1 || usize::from(self.choices) > super::router::MAX_PLACES {
            check
                .mistake("choices", "an absurd number of choices", "not 0 or 2 to 16")
                .help("2 takes the better of two drawn at random, 0 the best of all");
        }
        if !(0.0..=100.0).contains(&self.buffer) {
            check.mistake("buffer", "an absurd buffer", "not 0 to 100");
        } else if self.buffer > 0.0 && self.choices != 0 {
            check
                .warning(
                    "buffer",
                    "this buffer does nothing",
                    "only some are compared",
                )
                .help("set `choices = 0` to compare all");
        }
    }
}

/// What is known of one endpoint.
#[derive(Clone, Debug, Default)]
struct Known {
    /// In nanoseconds; None before the first answer.
    estimate: Option<f64>,
    at: Instant,
    /// For `mean`: the last ones and their sum.
    last: VecDeque<u64>,
    sum: u64,
}

/// What is known of all endpoints of the route.
#[derive(Clone, Debug)]
pub struct State(Vec<Known>);

impl State {
    /// Nothing yet, for so many endpoints.
    pub(super) fn new(endpoints: usize) -> State {
        State(vec![Known::default(); endpoints])
    }

    /// What an ending says, in nanoseconds; None: nothing.
    pub(super) fn sample(config: &Config, class: Class, took: Duration) -> Option<Duration> {
        match class {
            Class::Ok => Some(took),
            Class::Cancelled => None,
            Class::TimedOut if config.timed_out.is_some() => config.timed_out,
            _ => (config.failures == Failures::Counted).then_some(took),
        }
    }

    /// An answer took so long.
    pub(super) fn record(&mut self, config: &Config, place: u8, took: Duration, now: Instant) {
        let known = &mut self.0[usize::from(place)];
        match config.estimate {
            Estimate::Mean => known.push(config.samples, took),
            Estimate::Ewma => known.decay_towards(config, took.0 as f64, now),
            Estimate::PeakEwma => known.peak(config, took.0 as f64, now),
        }
    }

    /// What an endpoint costs, in nanoseconds: less is better.
    pub(super) fn cost(&mut self, config: &Config, place: u8, in_flight: u32, now: Instant) -> f64 {
        let known = &mut self.0[usize::from(place)];
        let untried = config.untried.0 as f64;
        match config.estimate {
            Estimate::Mean | Estimate::Ewma => known.estimate.unwrap_or(untried),
            Estimate::PeakEwma => {
                known.peak(config, 0.0, now);
                known.estimate.unwrap_or(untried) * (f64::from(in_flight) + 1.0)
            }
        }
    }

    /// Orders places of the route.
    pub(super) fn order(
        &mut self,
        config: &Config,
        places: &mut [u8],
        in_flight: &[u32],
        now: Instant,
        u: &mut dyn FnMut() -> f64,
    ) {
        let mut costs = [0.0; super::router::MAX_PLACES];
        for &place in places.iter() {
            let at = usize::from(place);
            costs[at] = self.cost(config, place, in_flight[at], now);
        }
        let cost = |place: &u8| costs[usize::from(*place)];
        let drawn = match usize::from(config.choices) {
            0 => places.len(),
            choices => choices.min(places.len()),
        };
        if drawn < places.len() {
            shuffle(places, drawn, u);
        }
        places[..drawn].sort_by(|a, b| cost(a).total_cmp(&cost(b)));
        if config.buffer > 0.0 && config.choices == 0 {
            let most = cost(&places[0]) * (1.0 + config.buffer);
            let equal = places.partition_point(|place| cost(place) <= most);
            shuffle(&mut places[..equal], 1, u);
        }
    }
}

/// Moves so many, drawn at random, to the front.
fn shuffle(places: &mut [u8], front: usize, u: &mut dyn FnMut() -> f64) {
    for i in 0..front {
        let left = places.len() - i;
        let drawn = i + ((u() * left as f64) as usize).min(left - 1);
        places.swap(i, drawn);
    }
}

impl Known {
    fn push(&mut self, samples: u32, took: Duration) {
        if self.last.len() >= samples as usize {
            self.sum -= self.last.pop_front().unwrap_or(0);
        }
        // An hour and more is all the same, and its sums fit.
        let took = took.0.min(Duration::from_s(3600).0);
        self.last.push_back(took);
        self.sum += took;
        self.estimate = Some(self.sum as f64 / self.last.len() as f64);
    }

    fn decay_towards(&mut self, config: &Config, ns: f64, now: Instant) {
        let old = self.estimate.unwrap_or(ns);
        let kept = libm::exp(-(now.since(self.at).0 as f64) / config.decay.0 as f64);
        self.estimate = Some(old * kept + ns * (1.0 - kept));
        self.at = now;
    }

    /// Jumps to a peak, else decays; without an answer yet, 0 says nothing.
    fn peak(&mut self, config: &Config, ns: f64, now: Instant) {
        match self.estimate {
            None if ns == 0.0 => {}
            Some(old) if old >= ns => self.decay_towards(config, ns, now),
            _ => (self.estimate, self.at) = (Some(ns), now),
        }
    }
}
