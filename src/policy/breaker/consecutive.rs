//! Trips after n failures in a row.
//!
//! Simple and fast in a total outage: k failures after it began. In a partial one it may never
//! trip, since any success starts the count again: at failure share p the mean number of calls to
//! a trip is (p^−k − 1)/(1 − p).

use serde::Deserialize;

use super::Counts;
use super::gate;
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "consecutive",
    summary: "opens after n failures in a row",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Failures in a row that trip it; 1 or more.
    pub failures: u32,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through to try the endpoint; all must succeed.
    #[serde(default = "gate::one")]
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
        gate::check(check, self.open, self.probes);
    }
}

/// Failures in a row so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    run: u32,
}

impl State {
    /// Whether this outcome trips the breaker.
    pub fn trips(&mut self, config: &Config, failed: bool) -> bool {
        self.run = if failed { self.run + 1 } else { 0 };
        self.run >= config.failures
    }

    /// Starts again.
    pub fn reset(&mut self) {
        self.run = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unbroken_run_trips_it() {
        let config = Config {
            failures: 3,
            open: Duration::from_s(1),
            probes: 1,
            counts: Counts::Attempts,
        };
        let mut state = State::default();
        let outcomes = [true, true, false, true, true, true];
        let trips: Vec<bool> = outcomes.iter().map(|&f| state.trips(&config, f)).collect();
        assert_eq!(trips, [false, false, false, false, false, true]);
    }
}
