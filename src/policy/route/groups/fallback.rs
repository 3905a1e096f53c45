//! A chain of groups: a call makes all its attempts within one group, then all of them in the next.
//!
//! LiteLLM's model groups and `fallbacks` (litellm 1.109.1, `router_python_core.py`). After a failure another
//! attempt in the same group follows at once, at whichever endpoint the route chooses of those that their
//! breakers do not refuse: perhaps the same again. A group of one endpoint waits as `retry.backoff` says.
//! When the attempts of a group are used up, or none of it may be asked, the call goes on to the next
//! group at once and has all of `retry.attempts` there. `on.CLASS.fail-over = "next-group"` leaves a group
//! at once, as typed fallbacks do.
//!
//! Each group gets its own retries, so both load and latency multiply along the chain.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;
use crate::policy::route::steering::Label;

/// This kind.
pub const INFO: Kind = Kind {
    name: "fallback",
    summary: "retries within a group, then the next group (LiteLLM)",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The label that the endpoints of a group have in common.
    pub by: Label,
    /// The most groups that a call falls back to, after the first. LiteLLM's `max_fallbacks` is 5.
    pub max: u8,
    /// Whether an endpoint that is alone in its group is asked whatever its breaker says. LiteLLM cools down
    /// no single deployment for a 429 or for half of its calls.
    pub spares_single: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            by: Label::Group,
            max: 5,
            spares_single: false,
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.max == 0 {
            check
                .mistake("max", "no group is ever fallen back to", "is zero")
                .help("5 is LiteLLM's; `groups = \"none\"` has no groups");
        }
    }
}
