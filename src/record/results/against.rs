//! What results say of an earlier run: every policy against itself as it was, in the same weather.

use serde::{Deserialize, Serialize};

use super::{Difference, Estimate, Judgement};

/// This run against an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The file of the earlier results, as the user gave it.
    pub file: String,
    /// The version of Squall that wrote it.
    pub squall_version: String,
    /// The hash of its scenario.
    pub scenario_hash: String,
    /// Replications that are paired: the first so many of both.
    pub replications: u32,
    /// Level of the intervals: 1 − 0.05 / family, or / (family × looks) where looks decided when to stop.
    pub level: f64,
    /// Policies in both × headline metrics.
    pub family: u32,
    /// Whether the run fails if any verdict is worse (`--fail-on worse`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fail_on_worse: bool,
    /// Policies in both whose settings changed.
    pub changed: Vec<Changed>,
    /// Policies of the earlier run alone.
    pub only_before: Vec<String>,
    /// Policies of this run alone.
    pub only_now: Vec<String>,
    /// By policy in order of the file, then by headline metric.
    pub rows: Vec<Row>,
}

impl Against {
    /// The verdicts that fail the run.
    pub fn failures(&self) -> impl Iterator<Item = &Row> {
        let worse = |row: &&Row| row.difference.verdict == Some(Judgement::Worse);
        self.rows
            .iter()
            .filter(|_| self.fail_on_worse)
            .filter(worse)
    }
}

/// A policy that is not what it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// Its name.
    pub policy: String,
    /// What changed, one setting each, in words.
    pub settings: Vec<String>,
}

/// One policy in one metric, before and now, over the replications that are paired.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Before.
    pub before: Estimate,
    /// Now.
    pub now: Estimate,
    /// Now − before; policy and baseline are the policy.
    pub difference: Difference,
}
