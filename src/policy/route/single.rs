//! One endpoint and no other: what a client without failover does, as the SDKs of providers, retry helpers
//! and circuit breakers.
//!
//! It is the endpoint that is named, or else the first of the file that is not the policy's own judge. The
//! others are never asked, whatever happens: a breaker that is open refuses the call, and a hedge goes to the
//! same endpoint. `route.failover` makes the same policy fail over.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "single",
    summary: "one endpoint and no failover: the one named, or the first",
};

/// Settings. A plain name stands for `endpoint`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The name of a provider; absent: the first of the file.
    pub endpoint: Option<String>,
}

impl Config {
    pub(super) fn check(&self, _check: &mut Check) {}
}
