//! Endpoints in order of preference: the first that is not refused is asked.
//!
//! After a failure the call goes on with the next endpoint, or stays until its attempts here are
//! used up: `on-failure` decides. The two differ most in a partial failure, where `next` doubles
//! the load of the second provider and `exhaust-then-next` makes calls wait.
//!
//! A call does not come back to an endpoint that said it cannot serve it (no credit, unsuited), nor
//! wait when it has no attempts left at any endpoint. Where it goes on is decided by the attempt
//! that failed last, not by the one that was sent last.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "failover",
    summary: "endpoints in order of preference",
};

/// Settings. A plain list stands for `endpoints`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    #[serde(default)]
    pub on_failure: OnFailure,
}

/// What a failure leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The next endpoint, at once; after the last the first again, after the backoff.
    #[default]
    Next,
    /// The same endpoint, after the backoff, until `retry.attempts-per-endpoint` are used up.
    ExhaustThenNext,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
    }
}
