//! The same wait before every retry.
//!
//! Simple, and it keeps hammering at full rate for as long as an outage lasts.

use serde::{Deserialize, Serialize};

use super::jitter::Jitter;
use super::{Step, Waited};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "constant",
    summary: "waits the same time every time",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The wait.
    pub wait: Duration,
    /// How it is spread.
    #[serde(default)]
    pub jitter: Jitter,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        self.jitter.check(check, false);
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        step.plain(self.jitter.apply(self.wait, u))
    }
}
