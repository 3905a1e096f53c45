//! What guards on answers found and did, as sums over the calls of one scope.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Sums over the answers that came whole. An answer counts once, whoever finds fault with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Guarding {
    /// What was done, by guard and measure: `schema refused`.
    pub measures: BTreeMap<String, u64>,
    /// Truly bad answers that a guard found fault with, whatever followed.
    pub flagged_bad: u64,
    /// Truly good answers that a guard found fault with, whatever followed.
    pub flagged_good: u64,
    /// What was asked of judges.
    pub judge: Judging,
}

/// Requests to judges and their verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judging {
    /// Requests sent.
    pub asked: u64,
    /// Truly bad answers that were found fault with.
    pub flagged_bad: u64,
    /// Truly bad answers that were passed.
    pub passed_bad: u64,
    /// Truly good answers that were found fault with.
    pub flagged_good: u64,
    /// Truly good answers that were passed.
    pub passed_good: u64,
    /// Requests that were refused, failed, came too late or were stopped.
    pub no_verdict: u64,
}

impl Guarding {
    /// Whether no guard did or found anything: then results leave it out.
    pub fn is_empty(&self) -> bool {
        *self == Guarding::default()
    }
}
