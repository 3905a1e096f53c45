//! A rate that grows, or falls, from one value to another in a straight line.

use serde::Deserialize;

use super::after;
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, Instant};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "ramp",
    summary: "a rate that grows or falls in a straight line",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Calls per time before it.
    pub from: Rate,
    /// Calls per time after it.
    pub to: Rate,
    /// When it begins.
    #[serde(default)]
    pub at: Duration,
    /// How long it takes.
    #[serde(rename = "for")]
    pub lasts: Duration,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::poisson::fast(check, "from", self.from);
        super::poisson::fast(check, "to", self.to);
        if self.lasts.is_zero() {
            check.mistake("for", "a ramp of no time", "is zero");
        }
    }

    /// Λ: calls expected up to a time.
    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        let (from, to) = (self.from.per_s(), self.to.per_s());
        let (t, at, lasts) = (
            duration.as_s_f64(),
            self.at.as_s_f64(),
            self.lasts.as_s_f64(),
        );
        let within = (t - at).clamp(0.0, lasts);
        let ramp = from * within + (to - from) * within * within / (2.0 * lasts);
        from * t.min(at) + ramp + to * (t - at - lasts).max(0.0)
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        Some(self.from.per_s().max(self.to.per_s()))
    }

    /// Λ⁻¹ of a rate that is constant, then a line, then constant.
    pub(super) fn inverse(&self, area: f64) -> Instant {
        let (from, to) = (self.from.per_s(), self.to.per_s());
        let (at, lasts) = (self.at.as_s_f64(), self.lasts.as_s_f64());
        let before = from * at;
        let ramp = 0.5 * (from + to) * lasts;
        after(if area < before {
            area / from
        } else if area < before + ramp {
            // The root of the quadratic that does not cancel.
            let area = area - before;
            let slope = (to - from) / lasts;
            at + 2.0 * area / (from + (from * from + 2.0 * slope * area).max(0.0).sqrt())
        } else {
            at + lasts + (area - before - ramp) / to
        })
    }
}
