//! `[workload.task.NAME]`: what calls are about, so that providers may be better at some than at others.
//!
//! A task has a share of the calls; what is left over is about nothing in particular. It is a trait of the
//! call: all its tries are about the same, under every policy. What it means is said by the providers
//! (`[provider.NAME.task.NAME]`), and no client knows it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::Check;
use crate::base::units::Ratio;

/// Settings of one task.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Task {
    /// Its part of all calls.
    pub share: Ratio,
}

/// All of them, by name.
pub type Tasks = BTreeMap<String, Task>;

/// Notes what makes no sense.
pub(super) fn check(tasks: &Tasks, check: &mut Check) {
    let sum: f64 = tasks.values().map(|task| task.share.0).sum();
    if sum > 1.0 + 1e-9 {
        check.mistake(
            "",
            "shares of more than everything",
            "they add up to more than 1",
        );
    }
}
