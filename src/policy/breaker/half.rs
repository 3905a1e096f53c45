//! Half-open: what the probes have said so far.

use super::plan::Plan;
use super::trip::Late;
use super::{Common, Outcome};
use crate::base::Instant;
use crate::base::window::Tally;

/// A half-open breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Half {
    /// When it began.
    pub(super) since: Instant,
    pub(super) in_flight: u32,
    /// Places beyond those there are, given back by endings that never took one.
    pub(super) extra: u32,
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
            extra: 0,
            ended: Tally::default(),
        }
    }

    /// Whether there is a place for another probe among so many. A place is free again only if its
    /// probe said nothing; or with every ending, also a late one that never took it: failsafe-go's
    /// `permittedExecutions`, one less with each start and one more with each result.
    pub(super) fn has_place(&self, places: u32, late: Late) -> bool {
        match late {
            Late::CountedAsProbe => self.in_flight < places.saturating_add(self.extra),
            Late::Dropped | Late::Counted | Late::Prolongs => {
                places == u32::MAX || self.in_flight.saturating_add(self.ended.all) < places
            }
        }
    }

    /// A probe gives its place back.
    pub(super) fn free(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// An ending gives back a place that it never took.
    pub(super) fn add(&mut self) {
        self.extra = self.extra.saturating_add(1);
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
