//! When a fault is on, within the time from `at` on that lasts `for`.
//!
//! All times of a run are laid down before it begins, from keys of the weather: every policy meets
//! the same ones, whatever it does.

pub mod every;
pub mod incidents;
pub mod once;
pub mod profile;
pub mod replay;

use std::ops::Range;

use crate::base::registry::{each, registry};
use crate::base::{Draws, Instant};

registry! {
    /// When a fault is on.
    "schedule":
        Once = once,
        Every = every,
        Incidents = incidents,
        Profile = profile,
        Replay = replay,
}

impl Default for Config {
    fn default() -> Config {
        Config::Once(once::Config::default())
    }
}

/// One time in which a fault is on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occurrence {
    /// When it begins.
    pub from: Instant,
    /// When it is over.
    pub to: Instant,
    /// The share of requests that it hits, of those that the fault hits at all.
    pub share: f64,
    /// Which incident it is: each hits requests or users of its own.
    pub incident: u32,
}

impl Config {
    /// The times in which the fault of this place in the scenario is on, in order and apart, within
    /// a span.
    pub fn times(&self, span: Range<Instant>, fault: u64, draws: &Draws) -> Vec<Occurrence> {
        match self {
            Config::Once(once) => once.times(span),
            Config::Every(every) => every.times(span),
            Config::Incidents(law) => law.times(span, fault, draws),
            Config::Profile(profile) => profile.law().times(span, fault, draws),
            Config::Replay(replay) => replay.times(span),
        }
    }

    /// Whether the times differ from run to run.
    pub fn is_drawn(&self) -> bool {
        matches!(self, Config::Incidents(_) | Config::Profile(_))
    }

    /// Whether it is on all the time of its span, and known before.
    pub fn is_once(&self) -> bool {
        matches!(self, Config::Once(_))
    }

    /// Whether it hits all requests whenever it is on.
    pub fn is_whole(&self) -> bool {
        match self {
            Config::Once(_) | Config::Every(_) => true,
            Config::Incidents(law) => law.severity.is_empty(),
            Config::Profile(_) | Config::Replay(_) => false,
        }
    }

    /// In words, with what of its span it fills.
    pub fn said(&self) -> String {
        each!(self, Config: Once, Every, Incidents, Profile, Replay => |kind| kind.said())
    }
}

/// Times that may overlap, within a span, as times that do not: where several are on, 1 − Π(1 − share)
/// of the requests are hit, and by the incident that began last.
fn apart(mut all: Vec<Occurrence>, span: &Range<Instant>) -> Vec<Occurrence> {
    all.retain_mut(|one| {
        (one.from, one.to) = (one.from.max(span.start), one.to.min(span.end));
        one.from < one.to
    });
    all.sort_by_key(|one| (one.from, one.incident));
    let mut edges: Vec<Instant> = all.iter().flat_map(|one| [one.from, one.to]).collect();
    edges.sort_unstable();
    edges.dedup();
    let (mut pieces, mut on, mut next) = (Vec::new(), Vec::<Occurrence>::new(), 0);
    for edge in edges.windows(2) {
        on.retain(|one| one.to > edge[0]);
        while let Some(one) = all.get(next).filter(|one| one.from <= edge[0]) {
            on.push(*one);
            next += 1;
        }
        let Some(newest) = on.last() else { continue };
        let spared: f64 = on.iter().map(|one| 1.0 - one.share).product();
        pieces.push(Occurrence {
            from: edge[0],
            to: edge[1],
            // One alone keeps its share to the last digit.
            share: if on.len() == 1 {
                newest.share
            } else {
                1.0 - spared
            },
            incident: newest.incident,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(from: u64, to: u64, share: f64, incident: u32) -> Occurrence {
        Occurrence {
            from: Instant(from),
            to: Instant(to),
            share,
            incident,
        }
    }

    #[test]
    fn incidents_that_overlap_hit_who_escapes_neither() {
        let all = vec![
            one(10, 30, 0.5, 0),
            one(20, 50, 0.2, 1),
            one(80, 200, 1.0, 2),
        ];
        let pieces = apart(all, &(Instant(15)..Instant(100)));
        assert_eq!(
            pieces,
            [
                one(15, 20, 0.5, 0),
                one(20, 30, 0.6, 1),
                one(30, 50, 0.2, 1),
                one(80, 100, 1.0, 2),
            ]
        );
    }
}
