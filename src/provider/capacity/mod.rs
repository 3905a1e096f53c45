//! Capacity: how much a provider can do at once, and what happens to what is too much.

pub mod autoscaled;
pub mod batching;
pub mod concurrency;
pub mod optimistic;
pub mod pace;
pub mod processor_sharing;
pub mod room;
pub mod slots;
pub mod unlimited;

use self::pace::Pace;
use self::room::Room;
use crate::base::registry::{each, registry};

registry! {
    /// How much a provider can do at once.
    "capacity":
        Unlimited = unlimited,
        Slots = slots,
        Autoscaled = autoscaled,
        ProcessorSharing = processor_sharing,
        Batching = batching,
        Concurrency = concurrency,
        Optimistic = optimistic,
}

impl Default for Config {
    fn default() -> Config {
        Config::Unlimited(unlimited::Config {})
    }
}

impl Config {
    /// Slots and queue; None if every request is worked on at once.
    pub fn room(&self) -> Option<Room> {
        each!(self, Config: Unlimited, Slots, Autoscaled, ProcessorSharing, Batching, Concurrency,
            Optimistic
            => |kind| kind.room())
    }

    /// How fast answers in progress go; None if each goes as if it were alone.
    pub fn pace(&self) -> Option<Pace> {
        match self {
            Config::ProcessorSharing(sharing) => Some(sharing.pace()),
            Config::Batching(batching) => Some(batching.pace()),
            Config::Unlimited(_)
            | Config::Slots(_)
            | Config::Autoscaled(_)
            | Config::Concurrency(_)
            | Config::Optimistic(_) => None,
        }
    }
}
