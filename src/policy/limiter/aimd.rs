//! Additive increase, multiplicative decrease: one more while answers come, a share less when one
//! is refused, times out or takes too long.
//!
//! As in Netflix concurrency-limits (`AIMDLimit`): ×0.9 on a drop or when an attempt took more than 5 s,
//! +1 if at least half of the limit was in use, between 20 and 200.

use serde::{Deserialize, Serialize};

use super::Sample;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "aimd",
    summary: "one more in flight while answers come, a share less when one is refused or late",
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
    /// What the limit is multiplied with on a drop; 0.5 to below 1.
    pub backoff: Ratio,
    /// An attempt that took longer counts as dropped.
    pub too_slow: Duration,
    /// The longest wait in line for a place.
    pub max_wait: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            initial: 20,
            min: 20,
            max: 200,
            backoff: Ratio(0.9),
            too_slow: Duration::from_s(5),
            max_wait: super::minute(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::bounds(check, self.initial, self.min, self.max);
        if !(0.5..1.0).contains(&self.backoff.0) {
            check
                .mistake("backoff", "an absurd decrease", "not from 0.5 to below 1")
                .help("0.9 gives up a tenth of the limit");
        }
    }
}

/// The limit.
#[derive(Clone, Debug)]
pub struct State {
    limit: u32,
}

impl State {
    /// As it begins.
    pub fn new(config: &Config) -> State {
        State {
            limit: config.initial,
        }
    }

    /// How many attempts may be in flight.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// An attempt ended.
    pub fn on_end(&mut self, config: &Config, sample: Sample) {
        let next = if sample.dropped || sample.took > config.too_slow {
            (f64::from(self.limit) * config.backoff.0) as u32
        } else if sample.in_flight.saturating_mul(2) >= self.limit {
            self.limit + 1
        } else {
            self.limit
        };
        self.limit = next.clamp(config.min, config.max);
    }
}
