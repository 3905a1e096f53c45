//! What results say of recovery and lock-up.

use serde::{Deserialize, Serialize};

/// Recovery and lock-up of a policy, after the last fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// Runs that locked up.
    pub locked: u64,
    /// Runs that were watched long enough.
    pub of: u64,
    /// Exact one-sided 95 % upper bound of the lock-up share (Clopper–Pearson).
    pub share_upper95: f64,
    /// Runs that recovered.
    pub recovered: u64,
    /// Median time to recover, s; None: more than half did not.
    pub recovery_median_s: Option<f64>,
    /// 0 < locked < of: means are a mixture of two kinds of run.
    pub mixture: bool,
    /// Success ratio of the locked and of the other runs, where it is a mixture.
    pub success_locked_other: Option<[f64; 2]>,
}

/// How often one policy locked up and another did not, in the same weather.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LockUps {
    /// The policy.
    pub policy: String,
    /// What it is compared with.
    pub baseline: String,
    /// Runs that were watched long enough under both.
    pub of: u64,
    /// Runs that locked up under the policy alone.
    pub only_policy: u64,
    /// Runs that locked up under the baseline alone.
    pub only_baseline: u64,
    /// McNemar's exact two-sided p: how likely that many would fall so unevenly if neither locked up more often.
    pub p: f64,
}
