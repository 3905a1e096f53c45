//! Calls at a constant rate for a while, then none for a while: a job that runs now and then.
//!
//! Both whiles are exponential. It is the interrupted Poisson process, the burstiest of the processes with
//! two states; for states that are both busy there is `mmpp`.

use serde::Deserialize;

use super::modulated::{Path, State, mean_rate};
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "on-off",
    summary: "a constant rate, now and then",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Calls per time while it is on.
    pub rate: Rate,
    /// How long it is on, on average.
    pub on_for: Duration,
    /// How long it is off, on average.
    pub off_for: Duration,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::poisson::fast(check, "rate", self.rate);
        for (key, lasts) in [("on-for", self.on_for), ("off-for", self.off_for)] {
            if lasts < Duration::from_ms(1) {
                check.mistake(key, "a state of no time", "under a millisecond");
            }
        }
    }

    fn states(&self) -> [State; 2] {
        let state = |rate_per_s: f64, lasts: Duration| State {
            rate_per_s,
            mean_s: lasts.as_s_f64(),
        };
        [
            state(self.rate.per_s(), self.on_for),
            state(0.0, self.off_for),
        ]
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        mean_rate(&self.states()) * duration.as_s_f64()
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        Some(self.rate.per_s())
    }

    pub(super) fn path(&self) -> Path {
        Path::new(&self.states())
    }
}
