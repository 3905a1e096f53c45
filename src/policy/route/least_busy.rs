//! The endpoint with the fewest attempts of this process in flight; of equals the first of the route.
//!
//! It notices a slow endpoint by the attempts that pile up there, and needs no statistics. A failure
//! is over quickly, so an endpoint that refuses everything at once looks idle and draws the traffic:
//! it wants a breaker. LiteLLM's `least-busy`, Kong's least-connections.

use serde::{Deserialize, Serialize};

use super::OnFailure;
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "least-busy",
    summary: "the endpoint with the fewest attempts in flight",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    pub on_failure: OnFailure,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
    }
}

/// Orders places of the route by the attempts in flight there.
pub(super) fn order(places: &mut [u8], in_flight: &[u32]) {
    places.sort_by_key(|&place| in_flight[usize::from(place)]);
}
