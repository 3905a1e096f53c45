//! All traffic is a probe; the first that ends decides.
//!
//! Source: aiobreaker, which has no lock around its half-open state. What was in flight when the
//! breaker closed counts for the closed breaker.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "unlimited",
    summary: "all traffic is a probe, the first that ends decides",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
