//! The first requests alone, and none after them: "fail twice, then succeed".
//!
//! Of a provider: the first that reach each of them after the fault began, whoever sends them. Of a call:
//! its first tries at each provider. What a test of a client needs: the outcome is known beforehand.

use serde::Deserialize;

use crate::base::registry::Kind;
use crate::base::{Check, Receipt};

/// This kind.
pub const INFO: Kind = Kind {
    name: "first",
    summary: "the first requests of a provider or of each call, then none",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many.
    pub requests: u32,
    /// Of whom.
    #[serde(default)]
    pub of: Of,
}

/// Whose first requests are hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// Those that reach a provider.
    #[default]
    Provider,
    /// Those of each call at a provider.
    Call,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.requests == 0 {
            let mistake = check.mistake("requests", "a fault that hits nobody", "is zero");
            mistake.value_alone();
        }
    }

    /// Whether a request is hit before which so many have come.
    pub(super) fn strikes(&self, before: u32, receipt: &Receipt) -> bool {
        match self.of {
            Of::Provider => before < self.requests,
            Of::Call => u32::from(receipt.nth_at_endpoint) < self.requests,
        }
    }

    pub(super) fn said(&self) -> String {
        match self.of {
            Of::Provider => format!("the first {} requests", self.requests),
            Of::Call => format!("the first {} tries of each call", self.requests),
        }
    }
}
