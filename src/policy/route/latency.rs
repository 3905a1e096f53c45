//! The endpoint that has been the fastest lately: to the first token if streamed, else to the end.
//!
//! Three estimates. `ewma` is moved by each answer with weight 1 − exp(−Δ/decay), Δ since the one
//! before. `peak-ewma` (Finagle, tower, Linkerd) jumps up to a slow answer at once, falls back by
//! exp(−Δ/decay), and is multiplied with the attempts in flight and one. `mean` is that of the last
//! `samples` (LiteLLM's `latency-based-routing`). With `choices = 2` the better of two drawn at random
//! is asked (Mitzenmacher, 2001), so that not everybody runs to the same endpoint; 0 compares all, and
//! draws among those no more than `buffer` above the best.
//!
//! LiteLLM divides the time of an answer by its tokens (`per = "token"`) and keeps the times to a first token
//! apart, for calls that are streamed: there a timeout, which is no first token, says nothing any more once
//! one has come. All is forgotten an hour after the first was noted. An endpoint that has been passed over is
//! noted with a sample of 0, which stays in its mean (`untried-counts`).
//!
//! Failures are fast: with `failures = "counted"` an endpoint that refuses everything draws the traffic.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{OnFailure, Ties, limits, shuffle};
use crate::base::registry::Kind;
use crate::base::{Check, Class, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "latency",
    summary: "the endpoint that has been the fastest lately, of two or of all",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
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
    /// What a sample is: an answer's time, or that divided by its tokens (`mean`).
    pub per: Per,
    /// Whether what an endpoint without answers is taken for is its first sample, as soon as another has one
    /// (`mean`).
    pub untried_counts: bool,
    /// With all compared: which of several equally good ones is asked.
    pub ties: Ties,
    /// So long after the first answer everything is forgotten; absent: never.
    pub forget_every: Option<Duration>,
    /// Leaves out endpoints that have used up their limits of the minute; absent: never.
    pub limits: Option<limits::Config>,
}

/// What a sample is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// The time to the first token if streamed, else to the end.
    #[default]
    Answer,
    /// The time to the end by tokens of the answer; beside it the time to the first token, which counts
    /// for streamed calls.
    Token,
}

/// What is made of the answers of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
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
            per: Per::default(),
            untried_counts: false,
            ties: Ties::default(),
            forget_every: None,
            limits: None,
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
        if let Some(limits) = &self.limits {
            limits.check(check);
        }
        self.check_mean(check);
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

impl Config {
    fn check_mean(&self, check: &mut Check) {
        let by_token = self.per == Per::Token;
        let set = [("per", by_token), ("untried-counts", self.untried_counts)];
        for (key, _) in set.iter().filter(|(_, is_set)| *is_set) {
            if self.estimate != Estimate::Mean {
                check
                    .mistake(
                        key,
                        "only a mean has samples",
                        "needs `estimate = \"mean\"`",
                    )
                    .help("LiteLLM: estimate = \"mean\", per = \"token\"");
            }
        }
        if self.ties == Ties::Random && self.choices != 0 {
            check
                .warning(
                    "ties",
                    "nothing is drawn among equals",
                    "only some are compared",
                )
                .help("set `choices = 0` to compare all");
        }
        if self.forget_every.is_some_and(Duration::is_zero) {
            check
                .mistake("forget-every", "everything is forgotten at once", "is zero")
                .help("LiteLLM forgets after \"1h\"");
        }
    }
}

/// What is known of one endpoint.
#[derive(Clone, Debug, Default)]
struct Known {
    /// In nanoseconds; None before the first answer.
    estimate: Option<f64>,
    at: Instant,
    /// For `mean`: the last ones.
    last: Samples,
    /// By token: the last times to a first token.
    first_tokens: Samples,
}

/// The last samples and their sum.
#[derive(Clone, Debug, Default)]
struct Samples {
    last: VecDeque<u64>,
    sum: u64,
}

/// What is known of all endpoints of the route.
#[derive(Clone, Debug)]
pub struct State {
    all: Vec<Known>,
    /// When the first of it was noted.
    since: Option<Instant>,
}

impl State {
    /// Nothing yet, for so many endpoints.
    pub(super) fn new(endpoints: usize) -> State {
        State {
            all: vec![Known::default(); endpoints],
            since: None,
        }
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
        self.note(config, now);
        let known = &mut self.all[usize::from(place)];
        match config.estimate {
            Estimate::Mean => known.push(config.samples, took),
            Estimate::Ewma => known.decay_towards(config, took.0 as f64, now),
            Estimate::PeakEwma => known.peak(config, took.0 as f64, now),
        }
    }

    /// A first token took so long.
    pub(super) fn record_first_token(
        &mut self,
        config: &Config,
        place: u8,
        took: Duration,
        now: Instant,
    ) {
        match config.per {
            Per::Answer => self.record(config, place, took, now),
            Per::Token => {
                self.note(config, now);
                let known = &mut self.all[usize::from(place)];
                known.first_tokens.push(config.samples, took);
            }
        }
    }

    /// Something is noted: too old ones go, and the first says since when.
    fn note(&mut self, config: &Config, now: Instant) {
        self.forget(config, now);
        self.since.get_or_insert(now);
    }

    fn forget(&mut self, config: &Config, now: Instant) {
        let (Some(every), Some(since)) = (config.forget_every, self.since) else {
            return;
        };
        if now > since + every {
            self.all.fill(Known::default());
            self.since = None;
        }
    }

    /// Endpoints that are passed over are noted.
    fn note_untried(&mut self, config: &Config, places: &[u8]) {
        if !config.untried_counts || self.since.is_none() {
            return;
        }
        for &place in places {
            let known = &mut self.all[usize::from(place)];
            if known.last.is_empty() && known.first_tokens.is_empty() {
                known.push(config.samples, config.untried);
            }
        }
    }

    /// What an endpoint costs, in nanoseconds: less is better.
    pub(super) fn cost(&mut self, config: &Config, place: u8, in_flight: u32, now: Instant) -> f64 {
        let known = &mut self.all[usize::from(place)];
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
        (in_flight, streamed): (&[u32], bool),
        now: Instant,
        u: &mut dyn FnMut() -> f64,
    ) {
        self.forget(config, now);
        self.note_untried(config, places);
        let mut costs = [0.0; super::router::MAX_PLACES];
        for &place in places.iter() {
            let at = usize::from(place);
            let first_token = self.all[at].first_tokens.mean().filter(|_| streamed);
            costs[at] = first_token.unwrap_or_else(|| self.cost(config, place, in_flight[at], now));
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
        let draws = config.buffer > 0.0 || config.ties == Ties::Random;
        if draws && config.choices == 0 && !places.is_empty() {
            let most = cost(&places[0]) * (1.0 + config.buffer);
            let equal = places.partition_point(|place| cost(place) <= most);
            shuffle(&mut places[..equal], 1, u);
        }
    }
}

impl Samples {
    fn push(&mut self, most: u32, took: Duration) {
        if self.last.len() >= most as usize {
            self.sum -= self.last.pop_front().unwrap_or(0);
        }
        // An hour and more is all the same, and its sums fit.
        let took = took.0.min(Duration::from_s(3600).0);
        self.last.push_back(took);
        self.sum += took;
    }

    fn is_empty(&self) -> bool {
        self.last.is_empty()
    }

    /// In nanoseconds; None without any.
    fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.last.len() as f64)
    }
}

impl Known {
    fn push(&mut self, samples: u32, took: Duration) {
        self.last.push(samples, took);
        self.estimate = self.last.mean();
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
