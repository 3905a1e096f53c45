//! Gradient2: compares attempts with a long average of themselves.
//!
//! As in Netflix concurrency-limits (`Gradient2Limit`): gradient = clamp(1.5·long/took, 0.5, 1);
//! new = L·gradient + 4, smoothed by 0.2, between 20 and 200; the long average is exponential over 600
//! attempts (a plain mean of the first ten) and shrinks by 5 % whenever it is over twice the newest; nothing
//! changes while less than half of the limit is in use.

use serde::{Deserialize, Serialize};

use super::Sample;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "gradient2",
    summary: "compares attempts with a long average of themselves",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The limit at the start.
    pub initial: u32,
    /// The lowest limit.
    pub min: u32,
    /// The highest limit.
    pub max: u32,
    /// How many attempts the long average goes back.
    pub window: u32,
    /// How much longer than the average is still no sign of load; 1 or more.
    pub tolerance: f64,
    /// The share of a new limit that is taken over at once.
    pub smoothing: Ratio,
    /// What is added to every new limit: the queue that is allowed.
    pub headroom: u32,
    /// The longest wait in line for a place.
    pub max_wait: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            initial: 20,
            min: 20,
            max: 200,
            window: 600,
            tolerance: 1.5,
            smoothing: Ratio(0.2),
            headroom: 4,
            max_wait: super::minute(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::bounds(check, self.initial, self.min, self.max);
        if self.window == 0 {
            check.mistake("window", "an average of nothing", "is zero");
        }
        if !(1.0..=100.0).contains(&self.tolerance) {
            check.mistake("tolerance", "an absurd tolerance", "not between 1 and 100");
        }
        if self.smoothing.0 <= 0.0 {
            check.mistake("smoothing", "the limit never moves", "is zero");
        }
    }
}

/// The limit and the long average.
#[derive(Clone, Debug)]
pub struct State {
    limit: f64,
    /// The long average, ns, and how many attempts have entered it.
    long: f64,
    seen: u32,
}

impl State {
    /// As it begins.
    pub fn new(config: &Config) -> State {
        State {
            limit: f64::from(config.initial),
            long: 0.0,
            seen: 0,
        }
    }

    /// How many attempts may be in flight.
    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// An attempt ended.
    pub fn on_end(&mut self, config: &Config, sample: Sample) {
        let took = (sample.took.0 as f64).max(1.0);
        self.average(config, took);
        if self.long / took > 2.0 {
            self.long *= 0.95;
        }
        if f64::from(sample.in_flight) < self.limit / 2.0 {
            return;
        }
        let gradient = (config.tolerance * self.long / took).clamp(0.5, 1.0);
        let new = self.limit * gradient + f64::from(config.headroom);
        let smooth = self.limit * (1.0 - config.smoothing.0) + new * config.smoothing.0;
        self.limit = smooth.clamp(f64::from(config.min), f64::from(config.max));
    }

    fn average(&mut self, config: &Config, took: f64) {
        if self.seen < WARM_UP {
            self.seen += 1;
            self.long += (took - self.long) / f64::from(self.seen);
        } else {
            let factor = 2.0 / (f64::from(config.window) + 1.0);
            self.long = self.long * (1.0 - factor) + took * factor;
        }
    }
}

/// Attempts of which the plain mean is taken.
const WARM_UP: u32 = 10;
