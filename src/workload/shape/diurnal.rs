//! A wave with a period of a day: busy at one hour, quiet twelve hours away from it.
//!
//! The factor at time t is 1 + swing·cos(2π(t − peak)/24 h), so over whole days its mean is one.

use serde::Deserialize;

use crate::base::quantile::invert;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "diurnal",
    summary: "a wave with a period of a day",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// How far it goes above and below the mean, as a share of it.
    pub swing: Ratio,
    /// The busiest time of day.
    pub peak: Duration,
    /// The time of day at which the run begins.
    pub starts: Duration,
}

/// The busiest hour has 1.64 times the mean (RAGPulse).
impl Default for Config {
    fn default() -> Config {
        Config {
            swing: Ratio(0.64),
            peak: Duration::from_s(14 * 3600),
            starts: Duration::ZERO,
        }
    }
}

const DAY: Duration = Duration::from_s(24 * 3600);

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        for (key, at) in [("peak", self.peak), ("starts", self.starts)] {
            if at >= DAY {
                check.mistake(key, "a time of no day", "24h or more");
            }
        }
    }

    /// ∫ of the factor from the start, in seconds.
    pub(super) fn amount(&self, t: f64) -> f64 {
        let turn = std::f64::consts::TAU / DAY.as_s_f64();
        let phase = self.starts.as_s_f64() - self.peak.as_s_f64();
        let wave = |t: f64| libm::sin(turn * (t + phase));
        t + self.swing.0 / turn * (wave(t) - wave(0.0))
    }

    pub(super) fn inverse(&self, amount: f64) -> f64 {
        // The waves are never further apart than this.
        let most = self.swing.0 * DAY.as_s_f64() / std::f64::consts::PI;
        let (low, high) = ((amount - most).max(0.0), amount + most);
        invert(|t| self.amount(t), low, high, amount)
    }

    pub(super) fn most(&self) -> f64 {
        1.0 + self.swing.0
    }
}
