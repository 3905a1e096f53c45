//! What calls without an answer ended with, and what became of those that were put off.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::replication::Times;

/// Sums over the degraded calls of one scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fallbacks {
    /// Degraded calls by what they ended with (names of `Fallback`).
    pub given: BTreeMap<String, u64>,
    /// Calls that were put off and sent once more, each time with an attempt or more.
    pub sent_again: u64,
    /// Calls that were put off and answered in the end.
    pub answered: u64,
    /// Calls that were put off and became too old. What is neither was still waiting at the end.
    pub lost: u64,
    /// From the verdict to the answer, calls that were put off and answered.
    pub delay: Times,
}

impl Fallbacks {
    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        *self == Fallbacks::default()
    }

    /// Calls that ended with a fallback, by its name.
    pub fn given(&self, name: &str) -> u64 {
        self.given.get(name).copied().unwrap_or_default()
    }
}
