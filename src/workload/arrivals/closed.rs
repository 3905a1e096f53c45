//! A closed loop: so many users, each of whom waits for an answer, thinks, and asks again.
//!
//! The slower the answers, the fewer calls come: a closed loop never overloads a service for long, and hides
//! how bad it was (a call that is not made has no latency). So its throughput stands beside its latency,
//! and the k-th call of a user is paired with the k-th call of that user under another policy. The law that
//! holds is N = X·(R + Z): users = throughput × (response + think time) (Denning and Buzen, 1978).
//!
//! The first call of a user comes within one think time of the start, and a millisecond is the least
//! between an answer and the next call.

use serde::Deserialize;

use crate::base::dist::Dist;
use crate::base::registry::Kind;
use crate::base::{Check, Duration};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "closed",
    summary: "users who wait for an answer, think, and ask again",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// How many users there are, 1 to 1 000 000.
    pub users: u32,
    /// How long each thinks between an answer and the next call.
    pub think: Dist<Duration>,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(1..=1_000_000).contains(&self.users) {
            check.mistake("users", "an absurd number of users", "not 1 to 1 000 000");
        }
        check.at("think", |c| self.think.check(c));
    }

    /// At most: as if every call were answered at once.
    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        let think = self.think.sampler().mean().max(LEAST_PAUSE.as_s_f64());
        f64::from(self.users) * duration.as_s_f64() / think
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        None
    }
}

/// The least between an answer and the next call of the same user: a loop that takes no time has no end.
pub const LEAST_PAUSE: Duration = Duration::from_ms(1);
