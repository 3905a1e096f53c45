//! Trips for an endpoint that does worse than the others of its route, and after failures in a row.
//!
//! At every multiple of `every` the success rates of that interval are compared, over the endpoints
//! with enough endings, if there are enough of these: whoever is below mean − deviations·σ
//! (population σ) trips. Where all are equally bad nobody is an outlier. It goes with
//! `trip = { max-open, panic }`, which see the other endpoints too.
//!
//! Source: Envoy's outlier detection (consecutive-5xx and success-rate).

use serde::{Deserialize, Serialize};

use super::{Common, Counts, Outcome, check_common, one};
use crate::base::registry::Kind;
use crate::base::window::Tally;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "outlier",
    summary: "opens for an endpoint that does worse than the others of the route",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Standard deviations below the mean success rate that trip it.
    #[serde(default = "deviations")]
    pub deviations: f64,
    /// How often the endpoints are compared, from time 0.
    #[serde(default = "ten_s")]
    pub every: Duration,
    /// Endpoints with enough volume below which nothing is compared; 2 or more.
    #[serde(default = "five")]
    pub min_endpoints: u32,
    /// Endings of an interval below which an endpoint is not compared.
    #[serde(default = "hundred")]
    pub min_volume: u32,
    /// Failures in a row that trip it at once; absent: none do.
    #[serde(default)]
    pub in_a_row: Option<u32>,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through to try the endpoint; all must succeed.
    #[serde(default = "one")]
    pub probes: u32,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
}

fn deviations() -> f64 {
    1.9
}

fn ten_s() -> Duration {
    Duration::from_s(10)
}

fn five() -> u32 {
    5
}

fn hundred() -> u32 {
    100
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(0.0..=100.0).contains(&self.deviations) {
            check.mistake("deviations", "an absurd distance", "not between 0 and 100");
        }
        if self.every < Duration::from_ms(1) {
            check.mistake("every", "an absurd interval", "under 1ms");
        }
        if self.min_endpoints < 2 {
            check.mistake("min-endpoints", "nothing to compare with", "under 2");
        }
        if self.min_volume == 0 {
            check.mistake("min-volume", "a share of nothing is no share", "is zero");
        }
        if self.in_a_row == Some(0) {
            check.mistake("in-a-row", "a breaker that trips on nothing", "is zero");
        }
        check_common(check, self.open, self.probes);
    }

    pub(super) fn common(&self) -> Common {
        Common {
            compares_every: Some(self.every),
            ..Common::new(self.open, self.probes, self.counts)
        }
    }

    pub(super) fn judges(&self, tally: Tally) -> bool {
        tally.bad > 0
    }

    /// The success rate below which an endpoint trips, given those that can be compared.
    pub(super) fn limit(&self, rates: impl Iterator<Item = f64> + Clone) -> Option<f64> {
        let n = rates.clone().count();
        if n < self.min_endpoints as usize || n == 0 {
            return None;
        }
        let mean = rates.clone().sum::<f64>() / n as f64;
        let variance = rates.map(|r| (r - mean) * (r - mean)).sum::<f64>() / n as f64;
        Some(mean - self.deviations * libm::sqrt(variance))
    }
}

/// What is known of one endpoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    run: u32,
    interval: Tally,
}

impl State {
    pub(super) fn new(_: &Config) -> State {
        State::default()
    }

    pub(super) fn record(&mut self, _: &Config, told: Outcome, _: Instant) {
        self.run = match told.failed {
            Some(true) => self.run.saturating_add(1),
            Some(false) => 0,
            None => return,
        };
        self.interval.all = self.interval.all.saturating_add(1);
        self.interval.bad += told.tally().bad;
    }

    pub(super) fn is_bad(&mut self, config: &Config, _: Instant) -> bool {
        config.in_a_row.is_some_and(|n| self.run >= n)
    }

    /// The success rate of the interval, with enough endings.
    pub(super) fn rate(&self, config: &Config) -> Option<f64> {
        let Tally { all, bad, .. } = self.interval;
        (all >= config.min_volume).then(|| f64::from(all - bad) / f64::from(all))
    }

    /// The next interval begins.
    pub(super) fn next_interval(&mut self) {
        self.interval = Tally::default();
    }

    /// A trip or a return begins the run again; the interval goes on.
    pub(super) fn reset(&mut self) {
        self.run = 0;
    }
}
