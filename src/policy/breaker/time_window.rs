//! Trips when too large a share of the last seconds' attempts failed.
//!
//! Exact counts over a sliding window of ten buckets, so a tight burst trips it as surely as a
//! spread one. Without a minimum volume the first failure of a quiet minute is a share of 100 %.

use serde::Deserialize;

use super::Counts;
use super::gate;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::window::Rolling;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "time-window",
    summary: "opens when too large a share of the last seconds' attempts failed",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share of failures that trips it, once reached.
    pub failures: Ratio,
    /// The length of the window.
    pub span: Duration,
    /// Outcomes in the window below which it never trips.
    #[serde(default = "ten")]
    pub min_volume: u32,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through to try the endpoint; all must succeed.
    #[serde(default = "gate::one")]
    pub probes: u32,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
}

fn ten() -> u32 {
    10
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.failures.0 <= 0.0 {
            check
                .mistake("failures", "a breaker that trips on nothing", "is zero")
                .expected("a share such as 0.5 or \"20%\"");
        }
        if self.span < Duration::from_ms(1) {
            check.mistake("span", "an absurd window", "under 1ms");
        }
        if self.min_volume == 0 {
            check.mistake("min-volume", "a share of nothing is no share", "is zero");
        }
        gate::check(check, self.open, self.probes);
    }
}

/// The window.
#[derive(Clone, Debug)]
pub struct State {
    window: Rolling,
}

impl State {
    /// An empty window.
    pub fn new(config: &Config) -> State {
        State {
            window: Rolling::new(config.span),
        }
    }

    /// Whether this outcome trips the breaker.
    pub fn trips(&mut self, config: &Config, failed: bool, now: Instant) -> bool {
        self.window.record(failed, now);
        let (good, bad) = self.window.counts(now);
        let volume = good + bad;
        // A success may leave the share above the threshold; it is still no reason to trip.
        failed
            && volume >= config.min_volume
            && f64::from(bad) >= config.failures.0 * f64::from(volume)
    }

    /// Starts again.
    pub fn reset(&mut self) {
        self.window.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            failures: Ratio(0.5),
            span: Duration::from_s(10),
            min_volume: 4,
            open: Duration::from_s(30),
            probes: 1,
            counts: Counts::Attempts,
        }
    }

    #[test]
    fn too_little_volume_never_trips_it() {
        let (config, now) = (config(), Instant::ZERO);
        let mut state = State::new(&config);
        assert!(!(0..3).any(|_| state.trips(&config, true, now)));
        assert!(state.trips(&config, true, now));
    }

    #[test]
    fn failures_that_have_left_the_window_do_not_count() {
        let config = config();
        let mut state = State::new(&config);
        (0..3).for_each(|_| assert!(!state.trips(&config, true, Instant::ZERO)));
        assert!(!state.trips(&config, true, Instant::ZERO + Duration::from_s(11)));
    }
}
