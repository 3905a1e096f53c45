//! All answers in progress share what the provider can do: tokens per second fall with the load.
//!
//! So many answers run at the full speed that `latency` draws for them; with more in progress each has
//! its equal share of that, full-speed ÷ n. So the tokens per second of one answer have a cap, and
//! those of all together have one. With `full-speed = 1` it is the processor sharing of queueing theory:
//! the mean time of an answer is its own length ÷ (1 − load), whatever the law of lengths (L. Kleinrock,
//! "Queueing Systems", vol. 2, 1976, §4.4).

use serde::Deserialize;

use super::pace::Pace;
use super::room::{self, Room, WhenFull};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "processor-sharing",
    summary: "answers in progress share a total speed",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Answers that run at full speed at once; 1 or more.
    #[serde(default = "one")]
    pub full_speed: u32,
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

fn one() -> u32 {
    1
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.full_speed == 0 {
            check.mistake("full-speed", "a provider that answers nothing", "is zero");
        }
        room::check(check, self.count, self.queue, self.full_status);
        if let Some(count) = self
            .count
            .filter(|count| *count <= self.full_speed && *count > 0)
        {
            let full_speed = check.path("full-speed");
            check
                .mistake(
                    "count",
                    "nothing is ever shared",
                    format!("{count} run at full speed"),
                )
                .also(full_speed, "as many as this")
                .help("let `count` be more than `full-speed`, or use `capacity.slots`");
        }
    }

    pub(super) fn room(&self) -> Option<Room> {
        Room::new(self.count, self.queue, self.full_status, self.when_full)
    }

    pub(super) fn pace(&self) -> Pace {
        Pace::Shared {
            full: f64::from(self.full_speed),
        }
    }
}
