//! Trips after n failures in a row.
//!
//! Simple and fast in a total outage: k failures after it began. In a partial one it may never
//! trip, since any success starts the count again: at failure share p the mean number of calls to
//! a trip is (p^−k − 1)/(1 − p).

use serde::{Deserialize, Serialize};

use super::{Common, Counts, Outcome, check_common, one};
use crate::base::registry::Kind;
use crate::base::window::Tally;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "consecutive",
    summary: "opens after n failures in a row",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Failures in a row that trip it; 1 or more.
    pub failures: u32,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through to try the endpoint; all must succeed.
    #[serde(default = "one")]
    pub probes: u32,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.failures == 0 {
            check
                .mistake("failures", "a breaker that trips on nothing", "is zero")
                .expected("1 or more");
        }
        check_common(check, self.open, self.probes);
    }

    pub(super) fn common(&self) -> Common {
        Common::new(self.open, self.probes, self.counts)
    }

    pub(super) fn judges(&self, tally: Tally) -> bool {
        tally.bad >= self.failures
    }
}

/// Failures in a row so far.
#[derive(Clone, Copy, Debug)]
pub struct State {
    run: u32,
}

impl State {
    pub(super) fn new(_: &Config) -> State {
        State { run: 0 }
    }

    pub(super) fn record(&mut self, _: &Config, told: Outcome, _: Instant) {
        self.run = match told.failed {
            Some(true) => self.run.saturating_add(1),
            Some(false) => 0,
            None => self.run,
        };
    }

    pub(super) fn is_bad(&mut self, config: &Config, _: Instant) -> bool {
        self.run >= config.failures
    }

    pub(super) fn reset(&mut self) {
        self.run = 0;
    }
}
