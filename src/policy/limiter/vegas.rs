//! Vegas: keeps the queue it causes short, measured against the shortest attempt seen.
//!
//! As in Netflix concurrency-limits (`VegasLimit`): queue = ⌈L·(1 − shortest/took)⌉; up to log₁₀ L: L + β;
//! below α: L + log₁₀ L; above β: L − log₁₀ L, with α = 3·log₁₀ L and β = 6·log₁₀ L; a drop takes
//! log₁₀ L away. The shortest is forgotten every U(0.5, 1)·30·L attempts. log₁₀ L is a whole number,
//! at least 1.

use serde::{Deserialize, Serialize};

use super::Sample;
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "vegas",
    summary: "keeps the queue it causes short, measured against the shortest attempt",
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
    /// The shortest is forgotten about every `probe`·limit attempts.
    pub probe: u32,
    /// The longest wait in line for a place.
    pub max_wait: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            initial: 20,
            min: 1,
            max: 1000,
            probe: 30,
            max_wait: super::minute(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::bounds(check, self.initial, self.min, self.max);
        if self.probe == 0 {
            check.mistake("probe", "the shortest is always forgotten", "is zero");
        }
    }
}

/// The limit and the shortest attempt.
#[derive(Clone, Debug)]
pub struct State {
    limit: u32,
    shortest: Option<Duration>,
    /// Attempts since the shortest was forgotten.
    seen: u64,
    /// The share of the usual distance to the next time it is forgotten.
    spread: f64,
}

impl State {
    /// As it begins.
    pub fn new(config: &Config) -> State {
        State {
            limit: config.initial,
            shortest: None,
            seen: 0,
            spread: 0.75,
        }
    }

    /// How many attempts may be in flight.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// An attempt ended.
    pub fn on_end(&mut self, config: &Config, sample: Sample) {
        self.seen += 1;
        let distance = self.spread * f64::from(config.probe) * f64::from(self.limit);
        if self.seen as f64 >= distance {
            self.seen = 0;
            self.spread = 0.5 + 0.5 * sample.u;
            self.shortest = Some(sample.took);
            return;
        }
        let shortest = self.shortest.map_or(sample.took, |s| s.min(sample.took));
        if self.shortest != Some(shortest) {
            self.shortest = Some(shortest);
            return;
        }
        self.limit = self.next(sample, shortest).clamp(config.min, config.max);
    }

    fn next(&self, sample: Sample, shortest: Duration) -> u32 {
        let limit = self.limit;
        let step = log10(limit);
        if sample.dropped {
            return limit.saturating_sub(step);
        }
        if sample.in_flight.saturating_mul(2) < limit {
            return limit;
        }
        let (alpha, beta) = (3 * step, 6 * step);
        let waited = 1.0 - shortest.0 as f64 / sample.took.0.max(1) as f64;
        let queue = libm::ceil(f64::from(limit) * waited) as u32;
        if queue <= step {
            limit.saturating_add(beta)
        } else if queue < alpha {
            limit.saturating_add(step)
        } else if queue > beta {
            limit.saturating_sub(step)
        } else {
            limit
        }
    }
}

/// ⌊log₁₀ n⌋, at least 1.
fn log10(n: u32) -> u32 {
    n.max(1).ilog10().max(1)
}
