//! Trips when a moving average of success falls, which forgets with time: s ← x·(1−w) + s·w with
//! w = exp(−Δt/span), the first ending as it is.
//!
//! One number per endpoint. Endings of one instant leave the first one's mark: w is 1. Source:
//! Finagle's `FailureAccrualPolicy.successRateWithinDuration` and `Ema`, which joins it with a
//! number of failures in a row.

use serde::{Deserialize, Serialize};

use super::{Common, Counts, Outcome, check_common, one};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::window::Tally;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "ema",
    summary: "opens when a moving average of success falls below a share",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The average success below which it trips.
    pub success: Ratio,
    /// The time in which an ending's weight falls to 1/e.
    pub span: Duration,
    /// Endings since it closed below which the average never trips it.
    #[serde(default = "five")]
    pub min_volume: u32,
    /// Failures in a row that trip it too; absent: none do.
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

fn five() -> u32 {
    5
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.success.0 <= 0.0 {
            check.mistake(
                "success",
                "a breaker that never trips",
                "nothing is below 0",
            );
        }
        if self.span < Duration::from_ms(1) {
            check.mistake("span", "an absurd memory", "under 1ms");
        }
        if self.min_volume == 0 {
            check.mistake("min-volume", "an average of nothing", "is zero");
        }
        if self.in_a_row == Some(0) {
            check.mistake("in-a-row", "a breaker that trips on nothing", "is zero");
        }
        check_common(check, self.open, self.probes);
    }

    pub(super) fn common(&self) -> Common {
        Common {
            min_volume: self.min_volume,
            ..Common::new(self.open, self.probes, self.counts)
        }
    }

    pub(super) fn judges(&self, tally: Tally) -> bool {
        f64::from(tally.all - tally.bad) < self.success.0 * f64::from(tally.all)
    }
}

/// The average so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    average: f64,
    at: Instant,
    endings: u32,
    run: u32,
}

impl State {
    pub(super) fn new(_: &Config) -> State {
        State::default()
    }

    pub(super) fn record(&mut self, config: &Config, told: Outcome, now: Instant) {
        let Some(failed) = told.failed else { return };
        let good = if failed { 0.0 } else { 1.0 };
        let passed = now.since(self.at).0 as f64 / config.span.0 as f64;
        let weight = match self.endings {
            0 => 0.0,
            _ => libm::exp(-passed),
        };
        self.average = good * (1.0 - weight) + self.average * weight;
        self.at = now;
        self.endings = self.endings.saturating_add(1);
        self.run = if failed {
            self.run.saturating_add(1)
        } else {
            0
        };
    }

    pub(super) fn is_bad(&mut self, config: &Config, _: Instant) -> bool {
        let average = self.endings >= config.min_volume && self.average < config.success.0;
        average || config.in_a_row.is_some_and(|n| self.run >= n)
    }

    pub(super) fn reset(&mut self) {
        *self = State::default();
    }
}
