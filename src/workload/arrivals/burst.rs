//! All calls at one instant.

use serde::Deserialize;

use crate::base::registry::Kind;
use crate::base::{Check, Duration, Instant};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "burst",
    summary: "all calls at one instant",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// How many calls.
    pub count: u32,
    /// When.
    #[serde(default)]
    pub at: Duration,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(1..=20_000_000).contains(&self.count) {
            check.mistake(
                "count",
                "an absurd number of calls",
                "not between 1 and 20 000 000",
            );
        }
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        None
    }

    pub(super) fn expected(&self, _: Duration, _: Option<&Trace>) -> f64 {
        f64::from(self.count)
    }

    pub(super) fn nth(&self, n: u64) -> Option<Instant> {
        (n < u64::from(self.count)).then_some(Instant::ZERO + self.at)
    }
}
