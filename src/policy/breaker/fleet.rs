//! Breakers that all processes of a client have together, and each knows with a delay.
//!
//! The fleet's own breakers hear, in the order of events, all that the breakers of every process
//! hear; at every exchange each process takes theirs over. So up to then it knows what it saw itself,
//! and afterwards what one process would know that had seen everything. What this means in between:
//!
//! * A process decides by what it knows. If it trips, all others open at the next exchange, until the
//!   same instant, even if all endings together would not have tripped it. Of two processes that trip
//!   before they know of each other the first one counts.
//! * When the open time is over, each process may try the endpoint with as many probes as are
//!   configured: up to the next exchange as many times the probes as there are processes. The first
//!   verdict holds for all from the next exchange on.
//! * What a process sends because it does not know of a trip yet is late when it ends: `trip.late`.
//! * `trip.max-open` and `trip.panic` look at the breakers as the process knows them.
//! * On a ramp each process samples its own calls; they begin at evenly spread starts.

use super::answer::{Change, Opening, Pass};
use super::gate::{Breaker, Phase};
use super::plan::{Dice, Plan};
use super::set::{Breakers, Told};
use crate::base::{EndpointId, Instant};

/// A trip, as one process tells the others of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// The endpoint that leads those it is for.
    pub(super) endpoint: EndpointId,
    /// How often the breaker had tripped before, as far as the process knew.
    pub(super) trips: u32,
    pub(super) at: Instant,
    pub(super) until: Instant,
    pub(super) start: u32,
}

/// What one process tells the others of its breakers.
#[derive(Clone, Copy, Debug)]
pub enum News {
    /// It asked whether an attempt may be sent: what was due is done.
    Asked(EndpointId),
    /// An attempt was not sent.
    Refused(EndpointId),
    /// An attempt was let through.
    Passed {
        /// Where to.
        endpoint: EndpointId,
        /// With what: whether as a probe, and of which spell as far as the process knew.
        pass: Pass,
    },
    /// An attempt ended.
    Ended(Told),
    /// A breaker tripped by what the process knew.
    Tripped(Trip),
    /// A breaker was closed for a reason that was not its own.
    Closed(EndpointId),
}

impl Breakers {
    /// The trips since this was last asked, for the other processes.
    pub fn trips(&mut self) -> impl Iterator<Item = Trip> {
        self.trips.drain(..)
    }

    /// Hears, as the fleet's own, what a process tells. Returns how often that was a trip of theirs: the
    /// same as a process decided, or one that no process saw reason enough for.
    pub fn hear(&mut self, plan: &Plan, news: News, now: Instant, dice: Dice<'_>) -> u64 {
        match news {
            News::Asked(endpoint) => self.catch_up(plan, plan.leader(endpoint), now, dice),
            News::Refused(endpoint) => self.refuse(plan, endpoint, now),
            News::Passed { endpoint, pass } => {
                // Of whoever did not know of the newest trip the ending will be late, and would never give
                // back the place among the probes of a spell that is not its own.
                let known = self.at(plan.leader(endpoint)).trips() == pass.trips();
                self.pass(plan, endpoint, pass.is_probe() && known, now);
            }
            News::Ended(told) => self.on_end(plan, told, now, dice),
            News::Closed(endpoint) => self.close(plan, endpoint, now, dice),
            News::Tripped(trip) => {
                let breaker = self.at(trip.endpoint);
                // Whoever did not know of the newest trip has nothing to add to it.
                if breaker.trips() == trip.trips {
                    let opening = Opening::after(breaker.open_until(now));
                    breaker.open(plan, trip.at, trip.until, trip.start);
                    let until = trip.until;
                    let change = Change::Tripped { until, opening };
                    self.changes.push((trip.endpoint, change));
                }
            }
        }
        // Processes notice for themselves what changes for them.
        self.trips.clear();
        let changes = self.changes.drain(..);
        let is_trip = |(_, change): &(EndpointId, Change)| {
            matches!(
                change,
                Change::Tripped {
                    opening: Opening::Decided,
                    ..
                }
            )
        };
        changes.filter(is_trip).count() as u64
    }

    /// Takes over what the fleet knows; `member` is the process's place among all. What that changes
    /// stands in [`Breakers::changes`].
    pub fn adopt(&mut self, all: &Breakers, member: u32, now: Instant) {
        self.compared_at = all.compared_at;
        for i in 0..self.route.len() {
            let leader = self.route[i];
            let common = &all.each[usize::from(leader.0)];
            let changes = self.at(leader).adopt(common, member, now);
            let of_leader = |change| (leader, change);
            self.changes
                .extend(changes.into_iter().flatten().map(of_leader));
        }
    }
}

/// 2³² divided by the golden ratio: the multiples of it are spread as evenly as can be, however many
/// there are (Weyl's sequence; Knuth, The Art of Computer Programming 3, 6.4).
const GOLDEN: u32 = 0x9E37_79B9;

impl Breaker {
    /// Takes over the fleet's state; returns what that changed for the process, when it is open first.
    fn adopt(&mut self, common: &Breaker, member: u32, now: Instant) -> [Option<Change>; 2] {
        let old = std::mem::replace(self, common.clone());
        let anew = self.trips() != old.trips();
        match (&mut self.phase, old.phase) {
            // What it let through of its own ramp is its own.
            (Phase::Ramp { sum, .. }, Phase::Ramp { sum: own, .. }) if !anew => *sum = own,
            (Phase::Ramp { sum: start, .. }, _) | (Phase::Open { start, .. }, _) => {
                *start = start.wrapping_add(member.wrapping_mul(GOLDEN));
            }
            (Phase::Closed | Phase::HalfOpen(_), _) => {}
        }
        let until = self.open_until(now);
        let opened = match (old.open_until(now), until) {
            (Some(was), Some(until)) if was == until => None,
            (Some(was), _) => Some(Opening::Moved { was }),
            (None, Some(_)) => Some(Opening::Shared),
            // It opened, and is being tried already.
            (None, None) => (anew && !self.is_closed()).then_some(Opening::Shared),
        };
        let tripped = |opening| Change::Tripped {
            until: until.unwrap_or(now),
            opening,
        };
        let closed = self.is_closed() && !old.is_closed();
        [opened.map(tripped), closed.then_some(Change::Closed)]
    }
}
