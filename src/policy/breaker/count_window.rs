//! Trips when too large a share of the last n attempts failed, or was slow.
//!
//! It sees the same number of attempts at any rate of traffic, and forgets nothing while idle: the
//! failures of last night still count in the morning. Source: resilience4j's COUNT_BASED window.

use serde::{Deserialize, Serialize};

use super::window::{Rule, Slow, Threshold, TripsOn};
use super::{Common, Counts, Outcome, check_common, one};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::window::Tally;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "count-window",
    summary: "opens when too large a share of the last n attempts failed",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share of failures that trips it, once reached.
    pub failures: Ratio,
    /// The share of slow attempts that trips it too.
    #[serde(default)]
    pub slow: Option<Slow>,
    /// Whether a share must be reached or passed.
    #[serde(default)]
    pub threshold: Threshold,
    /// The last so many endings count; 1 to 10000.
    pub size: u32,
    /// Endings below which it never trips; absent: `size`. More than `size` is `size`.
    #[serde(default)]
    pub min_volume: Option<u32>,
    /// Which endings may trip it.
    #[serde(default)]
    pub trips_on: TripsOn,
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
    fn rule(&self) -> Rule {
        Rule {
            failures: self.failures,
            slow: self.slow,
            threshold: self.threshold,
            min_volume: self.min_volume.unwrap_or(self.size).min(self.size),
        }
    }

    pub(super) fn check(&self, check: &mut Check) {
        if (1..=10_000).contains(&self.size) {
            self.rule().check(check);
        } else {
            check.mistake("size", "an absurd window", "not between 1 and 10000");
        }
        check_common(check, self.open, self.probes);
    }

    pub(super) fn common(&self) -> Common {
        Common {
            slow_after: self.slow.map(|slow| slow.after),
            on_success: self.trips_on == TripsOn::AnyEnding,
            min_volume: self.rule().min_volume,
            ..Common::new(self.open, self.probes, self.counts)
        }
    }

    pub(super) fn judges(&self, tally: Tally) -> bool {
        self.rule().is_too_many(tally)
    }
}

/// A ring of the last endings: bit 0 failed, bit 1 slow.
#[derive(Clone, Debug)]
pub struct State {
    ring: Box<[u8]>,
    next: usize,
    total: Tally,
}

impl State {
    pub(super) fn new(config: &Config) -> State {
        State {
            ring: vec![0; config.size.max(1) as usize].into(),
            next: 0,
            total: Tally::default(),
        }
    }

    pub(super) fn record(&mut self, _: &Config, told: Outcome, _: Instant) {
        let Tally { bad, slow, .. } = told.tally();
        if self.total.all == self.ring.len() as u32 {
            let old = self.ring[self.next];
            self.total.bad -= u32::from(old & 1);
            self.total.slow -= u32::from(old >> 1);
        } else {
            self.total.all += 1;
        }
        self.ring[self.next] = (bad | slow << 1) as u8;
        self.total.bad += bad;
        self.total.slow += slow;
        self.next = (self.next + 1) % self.ring.len();
    }

    pub(super) fn is_bad(&mut self, config: &Config, _: Instant) -> bool {
        config.rule().is_bad(self.total)
    }

    pub(super) fn reset(&mut self) {
        self.total = Tally::default();
        self.next = 0;
    }
}
