//! The call is put off: the caller is told "later", and the work is sent when things are well again.
//!
//! What was put off waits in a queue of its own, the oldest first. After a failure one is sent every
//! `retry-every` and nothing beside it; once one is answered the rest follow at the rate of `drain`, as
//! calls of their own through all of the policy. One that fails goes back to its place; one older than
//! `max-age` is lost. The original stays degraded: its late answer is counted apart.

use serde::{Deserialize, Serialize};

use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "defer",
    summary: "the call is queued and sent later, when things are well again",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The most calls that are put off at once, in each process, 1 to 1 000 000; for one more the next
    /// fallback is tried.
    pub max: u32,
    /// How fast they are sent later, in each process.
    pub drain: Rate,
    /// The pause after one of them failed, and before the first.
    pub retry_every: Duration,
    /// How long one is kept at most.
    pub max_age: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            max: 1000,
            drain: Rate {
                micro: 5_000_000,
                per: Duration::from_s(1),
            },
            retry_every: Duration::from_s(30),
            max_age: Duration::from_s(3600),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(1..=1_000_000).contains(&self.max) {
            check.mistake("max", "an absurd length of a queue", "not 1 to 1 000 000");
        }
        if self.retry_every.is_zero() {
            check
                .mistake("retry-every", "no pause after a failure", "is zero")
                .help("the pause keeps what is still broken from being asked without end");
        }
        if self.max_age <= self.retry_every {
            let pause = check.path("retry-every");
            check
                .mistake("max-age", "nothing is ever sent later", "lost before that")
                .also(pause, "the first is sent after this")
                .help("raise `max-age`, or lower `retry-every`");
        }
    }
}
