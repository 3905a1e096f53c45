//! The endpoint that was billed the fewest tokens in the current window; of equals the first of the route.
//!
//! LiteLLM's `usage-based-routing`: tokens count when they are known, in calendar minutes. What is in
//! flight is not seen, so everything that arrives before the first answer of a window goes to one
//! endpoint, and again in each new window; version 2 draws among equals, and so spreads it.

use serde::{Deserialize, Serialize};

use super::{OnFailure, Ties, limits, shuffle};
use crate::base::registry::Kind;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "usage",
    summary: "the endpoint that was billed the fewest tokens lately",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    pub on_failure: OnFailure,
    /// The window, at multiples of which from time 0 all is forgotten.
    pub window: Duration,
    /// Which tokens count.
    pub counts: Counts,
    /// Which of several with as few tokens is asked.
    pub ties: Ties,
    /// Leaves out endpoints that have used up their limits of the minute; absent: never.
    pub limits: Option<limits::Config>,
}

/// Which tokens count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// All that are billed, when the bill comes.
    #[default]
    Bills,
    /// Those of answers, when they have come; nothing for attempts that failed or were given up.
    Answers,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            endpoints: Vec::new(),
            on_failure: OnFailure::default(),
            window: Duration::from_s(60),
            counts: Counts::default(),
            ties: Ties::default(),
            limits: None,
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
        if let Some(limits) = &self.limits {
            limits.check(check);
        }
        if self.window.is_zero() {
            check
                .mistake("window", "a window of nothing", "is zero")
                .help("providers count per minute: \"60s\"");
        }
    }
}

/// What was billed in the newest window.
#[derive(Clone, Debug)]
pub struct State {
    window: u64,
    tokens: Vec<u64>,
}

impl State {
    /// Nothing yet, for so many endpoints.
    pub(super) fn new(endpoints: usize) -> State {
        State {
            window: 0,
            tokens: vec![0; endpoints],
        }
    }

    /// Orders places of the route.
    pub(super) fn order(
        &mut self,
        config: &Config,
        places: &mut [u8],
        now: Instant,
        u: &mut dyn FnMut() -> f64,
    ) {
        self.turn(config, now);
        let tokens = |place: u8| self.tokens[usize::from(place)];
        places.sort_by_key(|&place| tokens(place));
        if let (Ties::Random, Some(&best)) = (config.ties, places.first()) {
            let equal = places.partition_point(|&place| tokens(place) == tokens(best));
            shuffle(&mut places[..equal], usize::from(equal > 1), u);
        }
    }

    /// Tokens were used.
    pub(super) fn on_tokens(&mut self, config: &Config, place: u8, tokens: u64, now: Instant) {
        self.turn(config, now);
        self.tokens[usize::from(place)] += tokens;
    }

    fn turn(&mut self, config: &Config, now: Instant) {
        let window = now.0 / config.window.0.max(1);
        if window != self.window {
            self.window = window;
            self.tokens.fill(0);
        }
    }
}
