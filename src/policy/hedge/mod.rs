//! Hedging: asking twice at once, and taking the answer that comes first.
//!
//! A hedge buys a shorter tail for more load. The loser is aborted, and what it has used by then is
//! still paid for. Hedging at percentile X cannot improve percentile X, only those above it, and
//! against latencies that are slow for a common reason it gains nothing and costs all the same.
//!
//! A kind says when; [`rules`] what goes with a hedge whatever its delay.

pub mod average;
pub mod fixed;
pub mod histogram;
pub mod none;
pub mod percentile;
pub mod rules;

use crate::base::registry::registry;
use crate::base::{Check, Class, Duration, Instant};

pub use fixed::To;

registry! {
    /// When a call is asked twice.
    #[derive(serde::Serialize)]
    "hedge": None = none, Fixed = fixed, Percentile = percentile, Average = average
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

impl Config {
    /// Where a hedge goes.
    pub fn to(&self) -> To {
        match self {
            Config::None(_) => To::Same,
            Config::Fixed(c) => c.to,
            Config::Percentile(c) => c.to,
            Config::Average(c) => c.to,
        }
    }

    /// Hedges per call.
    pub fn max(&self) -> u8 {
        match self {
            Config::None(_) => 0,
            Config::Fixed(c) => c.max,
            Config::Percentile(c) => c.max,
            Config::Average(c) => c.max,
        }
    }

    /// Whether its delay is learned from attempts.
    pub fn learns(&self) -> bool {
        matches!(self, Config::Percentile(_) | Config::Average(_))
    }
}

/// What an attempt has shown: to its first token if streamed, else to its end.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Since it was sent.
    pub took: Duration,
    /// How it ended; `Ok` for a first token.
    pub class: Class,
}

/// The delay as one process has learned it.
#[derive(Clone, Debug)]
pub enum State {
    /// None, or one that stands in the settings.
    Stateless,
    /// See [`percentile`].
    Percentile(Box<percentile::State>),
    /// See [`average`].
    Average(average::State),
}

impl State {
    /// Nothing yet.
    pub fn new(config: &Config) -> State {
        match config {
            Config::None(_) | Config::Fixed(_) => State::Stateless,
            Config::Percentile(c) => State::Percentile(Box::new(percentile::State::new(c))),
            Config::Average(_) => State::Average(average::State::default()),
        }
    }

    /// How long the newest attempt may be silent; None: not known yet, no hedge.
    #[inline]
    pub fn delay(&mut self, config: &Config, now: Instant) -> Option<Duration> {
        match (self, config) {
            (_, Config::Fixed(c)) => Some(c.after),
            (State::Percentile(state), Config::Percentile(c)) => state.delay(c, now),
            (State::Average(state), Config::Average(c)) => state.delay(c),
            _ => None,
        }
    }

    /// Learns from an attempt.
    pub fn record(&mut self, config: &Config, sample: Sample, now: Instant) {
        match (self, config) {
            (State::Percentile(state), Config::Percentile(c)) => state.record(c, sample, now),
            (State::Average(state), Config::Average(c)) => state.record(c, sample),
            _ => {}
        }
    }
}

fn one() -> u8 {
    1
}

fn check_max(max: u8, check: &mut Check) {
    if !(1..=3).contains(&max) {
        check
            .mistake(
                "max",
                "at most four attempts are in flight per call",
                "not 1, 2 or 3",
            )
            .help("one hedge gains most; the third gains next to nothing");
    }
}

#[cfg(test)]
mod tests;
