//! Answers that take longer the more there are when they begin: L = L₀ + adds · c.
//!
//! L₀ is what `latency` draws, c the number of answers in progress that a request finds. Calls at a rate λ
//! settle at c = λ·L₀ ÷ (1 − adds·λ), and nowhere once adds·λ reaches 1: each answer then makes those after
//! it longer than it is itself (N. Bronson et al., "Metastable Failures in Distributed Systems",
//! HotOS'21; L. Huang et al., OSDI'22). With retries λ is the rate of attempts.

use serde::Deserialize;

use super::room::{self, Room, WhenFull};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "concurrency",
    summary: "answers take longer the more there are when they begin",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What each answer in progress adds to the time to the first token of one that begins.
    pub adds: Duration,
    /// Answers in progress at once; absent: any number.
    pub count: Option<u32>,
    /// Requests that may wait where `count` is reached; absent: any number up to ten million.
    pub queue: Option<u32>,
    /// The status of a request that finds the queue full.
    #[serde(default = "room::overloaded")]
    pub full_status: u16,
    /// Whether such a request is refused or dropped.
    #[serde(default)]
    pub when_full: WhenFull,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.adds.is_zero() {
            check
                .mistake("adds", "answers that never take longer", "is nothing")
                .help("for so many answers at once use `capacity.slots`");
        }
        room::check(check, self.count, self.queue, self.full_status);
    }

    pub(super) fn room(&self) -> Option<Room> {
        Room::new(self.count, self.queue, self.full_status, self.when_full)
    }
}
