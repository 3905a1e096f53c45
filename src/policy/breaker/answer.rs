//! What breakers say: to those who ask, with what they let an attempt through, and what they did.

use crate::base::Instant;

/// What a breaker says when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Traffic flows.
    Yes,
    /// As a probe: the endpoint is being tried.
    AsProbe,
    /// No.
    No,
}

/// What an attempt is let through with: twice the times the breaker had tripped by then, and one
/// more for a probe. One word, because every attempt in flight keeps one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass(u32);

impl Pass {
    pub(super) fn new(trips: u32, probe: bool) -> Pass {
        Pass(trips << 1 | u32::from(probe))
    }

    /// Whether the attempt is a probe.
    pub fn is_probe(self) -> bool {
        self.0 & 1 == 1
    }

    /// How often the breaker had tripped before.
    pub(super) fn trips(self) -> u32 {
        self.0 >> 1
    }
}

/// What a breaker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It opened, or is open until another instant than it was.
    Tripped {
        /// When it lets traffic through again.
        until: Instant,
        /// What of it is new.
        opening: Opening,
    },
    /// It closed.
    Closed,
}

/// What is new about a breaker that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It was decided here that it opens: a trip.
    Decided,
    /// It opened because another one did that it shares its state with: the same breaker of another
    /// process, or of another endpoint with the same label.
    Shared,
    /// It was open already: only until when is new, which may be sooner.
    Moved {
        /// Until when it would have been open.
        was: Instant,
    },
}

impl Opening {
    /// Opened by a decision, if it was not open.
    pub(super) fn after(was: Option<Instant>) -> Opening {
        was.map_or(Opening::Decided, |was| Opening::Moved { was })
    }
}

/// What follows for a breaker, before its siblings are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    /// It is to open, as of an instant.
    Trips {
        at: Instant,
    },
    Closed,
}
