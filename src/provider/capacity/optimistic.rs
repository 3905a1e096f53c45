//! Optimistic contention: every request reads one row and writes it back if nobody else has.
//!
//! A request that arrives reads the row's version; the answer to that goes back over the network, takes
//! what `latency` says at the client, and the write comes over the network again. It succeeds if the
//! version is still the one that was read, and is then the next; else it is refused with a status, and
//! its client has to read again. So one attempt is four messages (M. Brooker, "Exponential Backoff And
//! Jitter", AWS Architecture Blog, 2015, and its simulator). Answers come whole, also to streamed calls.

use serde::Deserialize;

use super::room::Room;
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "optimistic",
    summary: "requests that write what another has written meanwhile fail",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The status of a write whose version is stale.
    pub stale_status: u16,
}

impl Default for Config {
    fn default() -> Config {
        Config { stale_status: 409 }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        crate::base::check::status(check, "stale-status", self.stale_status);
    }

    pub(super) fn room(&self) -> Option<Room> {
        None
    }
}
