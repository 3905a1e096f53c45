//! What results say of expectations.

use serde::{Deserialize, Serialize};

/// One condition of an `[[expect]]` and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// The condition in words, with names and limits.
    pub text: String,
    /// The policy, where it is about one.
    pub policy: Option<String>,
    /// The scope, where it is about part of the calls: a fault, `after` one, `critical calls`.
    pub during: Option<String>,
    /// The layer of the chain, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The metric.
    pub metric: String,
    /// What was found, in words.
    pub found: String,
    /// Which one-sided 95 % bound the words end in, if they end in one.
    pub bound: Option<Bound>,
    /// Whether it holds.
    pub outcome: Outcome,
    /// What it means if it does not hold, or is not shown to; absent: the run fails.
    #[serde(default, skip_serializing_if = "Severity::is_fail")]
    pub severity: Severity,
    /// Replications that would show it, where it was not shown and more would help.
    pub replications_needed: Option<u64>,
}

impl Expectation {
    /// Whether it fails the run.
    pub fn fails(&self) -> bool {
        self.outcome != Outcome::Passed && self.severity == Severity::Fail
    }

    /// Whether it does not hold, or is not shown to, and only warns.
    pub fn warns(&self) -> bool {
        self.outcome != Outcome::Passed && self.severity == Severity::Warn
    }
}

/// What an expectation means that does not hold, or cannot be shown to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The run fails: exit code 1.
    #[default]
    Fail,
    /// It is told, and the exit code stays as it is.
    Warn,
}

impl Severity {
    fn is_fail(&self) -> bool {
        *self == Severity::Fail
    }
}

/// A one-sided bound, by what it says of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// It is at least the bound.
    AtLeast,
    /// It is at most the bound.
    AtMost,
}

/// What became of an expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Shown to hold.
    Passed,
    /// Shown not to hold.
    Failed,
    /// Neither.
    #[default]
    NotShown,
}
