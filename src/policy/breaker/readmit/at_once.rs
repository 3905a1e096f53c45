//! All traffic at once, without a probe: a cooldown.
//!
//! Where the endpoint is still down, every process finds out anew with as many calls as trip its
//! breaker, each open time. Sources: LiteLLM's cooldown, the end of an ejection in Envoy, Helicone,
//! nginx.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "at-once",
    summary: "all traffic at once, as after a cooldown",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
