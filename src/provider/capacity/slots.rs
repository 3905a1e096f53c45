//! So many answers at once, and a bounded queue in order of arrival before them.
//!
//! A request that finds the queue full is refused with a status. A queued request whose client went
//! away leaves the queue only if abandoned work gives up its slot.

use serde::Deserialize;

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "slots",
    summary: "so many answers at once, then a queue",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Answers in progress at once; 1 or more.
    pub count: u32,
    /// Requests that may wait; absent: any number up to ten million.
    pub queue: Option<u32>,
    /// The status of a request that finds the queue full.
    #[serde(default = "overloaded")]
    pub full_status: u16,
}

fn overloaded() -> u16 {
    503
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.count == 0 {
            check
                .mistake("count", "a provider that answers nothing", "is zero")
                .help("for a provider that is down use a fault with `effect.outage`");
        }
        crate::base::check::status(check, "full-status", self.full_status);
    }
}
