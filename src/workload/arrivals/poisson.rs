//! Independent arrivals at a constant rate.

use serde::Deserialize;

use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, Instant};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "poisson",
    summary: "independent arrivals at a constant rate",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Calls per time, over all processes.
    pub rate: Rate,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        fast(check, "rate", self.rate);
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        Some(self.rate.per_s())
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        self.rate.per_s() * duration.as_s_f64()
    }

    pub(super) fn inverse(&self, area: f64) -> Instant {
        Instant::ZERO + Duration::from_s_f64(area / self.rate.per_s())
    }
}

/// Notes a rate no machine could simulate in earnest.
pub(super) fn fast(check: &mut Check, key: &str, rate: Rate) {
    if rate.per_s() > 1e7 {
        check.mistake(
            key,
            "an absurd rate",
            "more than ten million calls per second",
        );
    }
}
