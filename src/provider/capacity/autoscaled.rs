//! Slots that follow the load, after a delay, as a horizontal autoscaler's do.
//!
//! At every multiple of `every` the provider wants ⌈(answers in progress and requests waiting) ÷ `target`⌉
//! slots, at least `count` and at most `max`. What it lacks, beyond what is on its way, comes `delay` later.
//! It gives slots back only when it has wanted fewer at every look for `down-after`, and then as many as
//! it never wanted in that time (Kubernetes' horizontal pod autoscaler: looks every 15 s, a
//! stabilization window of 5 min downwards). Answers in slots that are given back end first.

use serde::Deserialize;

use super::room::{self, Room, WhenFull};
use crate::base::dist::Dist;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "autoscaled",
    summary: "slots that follow the load, after a delay",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The fewest answers at once, and how many at the start; 1 or more.
    pub count: u32,
    /// The most answers at once.
    pub max: u32,
    /// The load it aims at, as a share of its slots.
    #[serde(default = "target")]
    pub target: Ratio,
    /// How often it looks.
    #[serde(default = "every")]
    pub every: Duration,
    /// How long new slots take to come.
    #[serde(default = "delay")]
    pub delay: Dist<Duration>,
    /// How long fewer must have been wanted before slots are given back.
    #[serde(default = "down_after")]
    pub down_after: Duration,
    /// Requests that may wait; absent: any number up to ten million.
    pub queue: Option<u32>,
    /// The status of a request that finds the queue full.
    #[serde(default = "room::overloaded")]
    pub full_status: u16,
    /// Whether such a request is refused or dropped.
    #[serde(default)]
    pub when_full: WhenFull,
}

fn target() -> Ratio {
    Ratio(0.7)
}

fn every() -> Duration {
    Duration::from_s(15)
}

fn delay() -> Dist<Duration> {
    Dist::Constant(Duration::from_s(60))
}

fn down_after() -> Duration {
    Duration::from_s(300)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        room::check(check, Some(self.count), self.queue, self.full_status);
        if self.max <= self.count {
            let count = check.path("count");
            check
                .mistake("max", "nothing to scale", "not more than `count`")
                .also(count, "the fewest")
                .help("for a fixed number of slots use `capacity.slots`");
        }
        if self.target.0 <= 0.0 {
            check.mistake("target", "a load that no slots reach", "is nothing");
        }
        if self.every < Duration::from_ms(1) {
            check.mistake("every", "an absurd interval", "under 1ms");
        }
        check.at("delay", |c| self.delay.check(c));
    }

    pub(super) fn room(&self) -> Option<Room> {
        Room::new(
            Some(self.count),
            self.queue,
            self.full_status,
            self.when_full,
        )
    }

    /// The slots it wants for so many answers in progress and requests waiting.
    pub fn wanted(&self, load: u32) -> u32 {
        // 21 answers at 70 % are 30 slots, and not 31 for the last digit of the quotient.
        let wanted = libm::ceil(f64::from(load) / self.target.0 - 1e-9);
        (wanted as u32).clamp(self.count, self.max)
    }
}
