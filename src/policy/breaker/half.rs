//! Half-open: what the probes have said so far.

use super::plan::Plan;
use super::{Common, Outcome};
use crate::base::Instant;
use crate::base::window::Tally;

/// A half-open breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Half {
    /// When it began.
    pub(super) since: Instant,
    pub(super) in_flight: u32,
    ended: Tally,
}

/// What an ending decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Nothing,
    Open,
    Close,
}

impl Half {
    /// It begins.
    pub(super) fn new(since: Instant) -> Half {
        Half {
            since,
            in_flight: 0,
            ended: Tally::default(),
        }
    }

    /// Whether there is a place for another probe among so many. A place is free again only if its
    /// probe said nothing.
    pub(super) fn has_place(&self, places: u32) -> bool {
        places == u32::MAX || self.in_flight.saturating_add(self.ended.all) < places
    }

    /// A probe gives its place back, or an ending that never had one does.
    pub(super) fn free(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Hears an ending. `wanted`: so many successes close it and any failure opens it; None: they
    /// decide together.
    pub(super) fn hear(
        &mut self,
        plan: &Plan,
        places: u32,
        wanted: Option<u32>,
        told: Outcome,
    ) -> Decision {
        let Some(failed) = told.failed else {
            return Decision::Nothing;
        };
        let Tally { all, bad, slow } = told.tally();
        self.ended.all += all;
        self.ended.bad += bad;
        self.ended.slow += slow;
        if told.trips {
            return Decision::Open;
        }
        let Some(wanted) = wanted else {
            return self.joint(plan, places);
        };
        if failed {
            Decision::Open
        } else if self.ended.all >= wanted {
            Decision::Close
        } else {
            Decision::Nothing
        }
    }

    fn joint(&self, plan: &Plan, places: u32) -> Decision {
        let Common { min_volume, .. } = plan.common;
        if self.ended.all < places.min(min_volume) {
            Decision::Nothing
        } else if plan.kind.judges(self.ended) {
            Decision::Open
        } else {
            Decision::Close
        }
    }
}
