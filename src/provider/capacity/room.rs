//! How many requests a provider takes, and what becomes of one too many.

use serde::Deserialize;

use crate::base::Check;

/// What becomes of a request that finds no slot and no place in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenFull {
    /// It is refused with `full-status`.
    #[default]
    Refuse,
    /// It is taken and never answered: its client learns nothing until it gives up.
    Drop,
}

/// Slots and queue of one provider, whatever the kind of its capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Answers in progress at once.
    pub slots: u32,
    /// Requests that may wait for a slot.
    pub queue: u32,
    /// The status of a request that finds all full; None: it is dropped silently.
    pub full_status: Option<u16>,
}

impl Room {
    /// Every queue is bounded, also one that was not given a bound.
    const LONGEST_QUEUE: u32 = 10_000_000;

    /// So many slots, and a queue of so many or of any length; None: there are slots for all.
    pub(super) fn new(
        slots: Option<u32>,
        queue: Option<u32>,
        full_status: u16,
        when_full: WhenFull,
    ) -> Option<Room> {
        Some(Room {
            slots: slots?,
            queue: queue.unwrap_or(Room::LONGEST_QUEUE),
            full_status: (when_full == WhenFull::Refuse).then_some(full_status),
        })
    }
}

/// The status of a full provider, unless another is written.
pub(super) fn overloaded() -> u16 {
    503
}

/// Notes slots, a queue and a status that no provider can have.
pub(super) fn check(check: &mut Check, count: Option<u32>, queue: Option<u32>, full_status: u16) {
    if count == Some(0) {
        check
            .mistake("count", "a provider that answers nothing", "is zero")
            .help("for a provider that is down use a fault with `effect.outage`");
    }
    if count.is_none() && queue.is_some() {
        check
            .mistake(
                "queue",
                "a queue that nobody ever waits in",
                "`count` is missing",
            )
            .help("without `count` every request is worked on at once");
    }
    crate::base::check::status(check, "full-status", full_status);
}
