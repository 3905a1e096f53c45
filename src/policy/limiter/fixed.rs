//! A fixed bound on attempts in flight: a bulkhead.

use serde::{Deserialize, Serialize};

use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "fixed",
    summary: "a fixed bound on attempts in flight",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Attempts in flight, of all calls of the process.
    pub limit: u32,
    /// The longest wait in line for a place; an attempt that has waited so long is not made.
    #[serde(default = "super::minute")]
    pub max_wait: Duration,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.limit == 0 {
            check
                .mistake("limit", "nothing could ever be sent", "is zero")
                .expected("1 or more");
        }
    }
}
