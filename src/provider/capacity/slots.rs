//! So many answers at once, and a bounded queue in order of arrival before them.
//!
//! A request that finds the queue full is refused with a status, or dropped without a word. A queued
//! request whose client went away leaves the queue only if abandoned work gives up its slot.

use serde::Deserialize;

use super::room::{self, Room, WhenFull};
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
    #[serde(default = "room::overloaded")]
    pub full_status: u16,
    /// Whether such a request is refused or dropped.
    #[serde(default)]
    pub when_full: WhenFull,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        room::check(check, Some(self.count), self.queue, self.full_status);
    }

    pub(super) fn room(&self) -> Option<Room> {
        Room::new(
            Some(self.count),
            self.queue,
            self.full_status,
            self.when_full,
        )
    }
}
