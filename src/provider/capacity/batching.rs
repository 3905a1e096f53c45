//! Continuous batching: every answer in progress makes each step of all of them a little longer.
//!
//! With n answers in the batch each runs at 1 ÷ (1 + slowdown · (n − 1)) of the speed that `latency` draws
//! for it: the time per token grows linearly with the batch, as measured of engines that add requests
//! to a running batch between two steps (G. Yu et al., "Orca", OSDI'22; W. Kwon et al., "vLLM", SOSP'23).
//! More than 1 ÷ slowdown times one answer's speed is never reached, whatever waits.

use serde::Deserialize;

use super::pace::Pace;
use super::room::{self, Room, WhenFull};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "batching",
    summary: "every answer in progress slows all of them down a little",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What each other answer in the batch adds to the time of a step, as a share of a step alone.
    pub slowdown: Ratio,
    /// Answers in the batch at once; absent: any number.
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
        room::check(check, self.count, self.queue, self.full_status);
    }

    pub(super) fn room(&self) -> Option<Room> {
        Room::new(self.count, self.queue, self.full_status, self.when_full)
    }

    pub(super) fn pace(&self) -> Pace {
        Pace::Batched {
            slowdown: self.slowdown.0,
        }
    }
}
