//! A constant rate with one spike of another rate.

use serde::Deserialize;

use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, Instant};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "spike",
    summary: "a constant rate with one spike",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Calls per time before and after.
    pub rate: Rate,
    /// Calls per time in the spike.
    pub peak: Rate,
    /// When the spike begins.
    pub at: Duration,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub lasts: Duration,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::poisson::fast(check, "rate", self.rate);
        super::poisson::fast(check, "peak", self.peak);
        if self.lasts.is_zero() {
            check.mistake("for", "a spike of no time", "is zero");
        }
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        Some(self.rate.per_s().max(self.peak.per_s()))
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        let spiked = duration.min(self.at + self.lasts) - self.at;
        self.rate.per_s() * (duration - spiked).as_s_f64() + self.peak.per_s() * spiked.as_s_f64()
    }

    /// Λ⁻¹ of a rate that is constant in three pieces.
    pub(super) fn inverse(&self, area: f64) -> Instant {
        let before = self.rate.per_s() * self.at.as_s_f64();
        let spiked = self.peak.per_s() * self.lasts.as_s_f64();
        let seconds = if area < before {
            area / self.rate.per_s()
        } else if area < before + spiked {
            self.at.as_s_f64() + (area - before) / self.peak.per_s()
        } else {
            (self.at + self.lasts).as_s_f64() + (area - before - spiked) / self.rate.per_s()
        };
        Instant::ZERO + Duration::from_s_f64(seconds)
    }
}
