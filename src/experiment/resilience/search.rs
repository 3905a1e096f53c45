//! The smallest trigger that locks a policy up in half the runs, by bisection.
//!
//! Sizes lie on a grid of equal factors around the shipped one. Every size is flown through the same weather, so
//! what one more step of the trigger does is not drowned by chance. Shares of runs have the exact interval of Clopper
//! and Pearson, at a level at which those of all sizes that may be flown hold together (Bonferroni).

use super::super::distributions::{share_lower, share_upper};
use super::trigger::Grows;
use crate::record::results::{Flown, Smallest};

/// How far and how finely to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Runs at each size.
    pub runs: u32,
    /// Steps between a size and its double.
    pub steps: i32,
    /// Doublings beyond the shipped size.
    pub doublings: i32,
    /// Halvings below it.
    pub halvings: i32,
}

impl Default for Plan {
    /// 60 runs at each size, from a sixteenth to four times the shipped one, to nine percent.
    fn default() -> Plan {
        Plan {
            runs: 60,
            steps: 8,
            doublings: 2,
            halvings: 4,
        }
    }
}

impl Plan {
    /// The factor of a place of the grid; the shipped size is place 0.
    fn factor(&self, place: i32) -> f64 {
        libm::exp2(f64::from(place) / f64::from(self.steps))
    }

    fn first(&self) -> i32 {
        -self.halvings * self.steps
    }

    fn last(&self) -> i32 {
        self.doublings * self.steps
    }

    /// The factor of the largest size.
    pub fn up(&self) -> f64 {
        self.factor(self.last())
    }

    /// The most sizes that are flown: the shipped one, both ends, and one for each halving of the longer side.
    pub fn looks(&self) -> u32 {
        let longer = (self.doublings.max(self.halvings) * self.steps).max(1);
        3 + (i32::BITS - (longer - 1).leading_zeros())
    }
}

/// What runs at one size say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Runs {
    /// Runs that locked up.
    pub locked: u64,
    /// Runs of which that can be told.
    pub of: u64,
    /// Median time to recover, s.
    pub recovery_median_s: Option<f64>,
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// It was told to stop.
    Stopped,
    /// It cannot be flown, for this reason.
    Failed(String),
}

/// Who flies a policy under a trigger of a size.
pub trait Fly {
    /// So many runs.
    ///
    /// # Errors
    /// Why not.
    fn fly(&self, size: f64, runs: u32) -> Result<Runs, Halt>;
}

/// What the search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// By size, the smallest first.
    pub flown: Vec<Flown>,
    /// The smallest that locks up half of the runs.
    pub smallest: Option<Smallest>,
    /// Median time to recover from the shipped trigger, s.
    pub recovery_median_s: Option<f64>,
}

/// Searches.
///
/// # Errors
/// Those of the flights.
pub fn search(grows: &Grows, plan: &Plan, fly: &dyn Fly) -> Result<Found, Halt> {
    let mut search = Search {
        grows,
        plan,
        fly,
        found: Found::default(),
    };
    let high = search.smallest()?;
    let mut found = search.found;
    found.flown.sort_by(|a, b| a.size.total_cmp(&b.size));
    found.smallest = high.map(|place| Smallest {
        size: grows.size(plan.factor(place)),
        interval: interval(&found.flown, plan.looks()),
        at_most: place == plan.first(),
    });
    Ok(found)
}

struct Search<'a> {
    grows: &'a Grows,
    plan: &'a Plan,
    fly: &'a dyn Fly,
    found: Found,
}

impl Search<'_> {
    /// The smallest place of the grid at which half the runs lock up.
    fn smallest(&mut self) -> Result<Option<i32>, Halt> {
        let (first, last) = (self.plan.first(), self.plan.last());
        let (mut low, mut high) = match self.is_half(0)? {
            true if self.is_half(first)? => return Ok(Some(first)),
            true => (first, 0),
            false if self.is_half(last)? => (0, last),
            false => return Ok(None),
        };
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.is_half(middle)? {
                true => high = middle,
                false => low = middle,
            }
        }
        Ok(Some(high))
    }

    /// Whether half the runs or more lock up at a place of the grid.
    fn is_half(&mut self, place: i32) -> Result<bool, Halt> {
        let size = self.grows.size(self.plan.factor(place));
        let runs = self.fly.fly(size, self.plan.runs)?;
        if place == 0 {
            self.found.recovery_median_s = runs.recovery_median_s;
        }
        let Runs { locked, of, .. } = runs;
        self.found.flown.push(Flown { size, locked, of });
        Ok(of > 0 && 2 * locked >= of)
    }
}

/// Between which sizes half is reached, with 95 % confidence over so many looks.
fn interval(flown: &[Flown], looks: u32) -> [Option<f64>; 2] {
    let confidence = 1.0 - 0.05 / f64::from(looks) / 2.0;
    let less = |flown: &&Flown| share_upper(flown.locked, flown.of, confidence) < 0.5;
    let more = |flown: &&Flown| share_lower(flown.locked, flown.of, confidence) > 0.5;
    let low = flown.iter().filter(less).map(|flown| flown.size);
    let high = flown.iter().filter(more).map(|flown| flown.size);
    [low.reduce(f64::max), high.reduce(f64::min)]
}

#[cfg(test)]
mod tests {
    use super::super::trigger::tests::of_seconds;
    use super::*;
    use std::cell::Cell;

    /// Locks up all runs from a size on, with a spread of so many runs about it.
    struct Step {
        at: f64,
        /// Runs that lock up at a size: share = 1/(1 + (at/size)^slope).
        slope: f64,
        flights: Cell<u32>,
    }

    impl Fly for Step {
        fn fly(&self, size: f64, runs: u32) -> Result<Runs, Halt> {
            self.flights.set(self.flights.get() + 1);
            let share = 1.0 / (1.0 + libm::pow(self.at / size, self.slope));
            Ok(Runs {
                locked: (share * f64::from(runs)).round() as u64,
                of: u64::from(runs),
                recovery_median_s: Some(size),
            })
        }
    }

    fn step(at: f64, slope: f64) -> Found {
        let step = Step {
            at,
            slope,
            flights: Cell::new(0),
        };
        let plan = Plan::default();
        let found = search(&of_seconds(20.0), &plan, &step).unwrap();
        assert!(step.flights.get() <= plan.looks(), "{at} {slope}");
        assert_eq!(found.recovery_median_s, Some(20.0));
        found
    }

    #[test]
    fn the_smallest_trigger_is_found_on_either_side_of_the_shipped_one() {
        for at in [1.3, 5.0, 19.0, 21.0, 40.0, 79.0] {
            for slope in [300.0, 12.0] {
                let smallest = step(at, slope).smallest.unwrap();
                let ratio = smallest.size / at;
                assert!((0.99..1.1).contains(&ratio), "{at} {slope}: {smallest:?}");
                let [low, high] = smallest.interval;
                assert!(low.is_none_or(|low| low < at), "{at}: {smallest:?}");
                assert!(high.is_none_or(|high| high >= at), "{at}: {smallest:?}");
            }
        }
        // A sharp step is caught between two neighbours of the grid.
        let [Some(low), Some(high)] = step(40.5, 300.0).smallest.unwrap().interval else {
            panic!("both ends are shown");
        };
        assert!((high / low - libm::exp2(0.125)).abs() < 1e-9);
    }

    #[test]
    fn beyond_both_ends_it_says_none_and_at_most() {
        let none = step(1000.0, 300.0);
        assert_eq!((none.smallest, none.flown.len()), (None, 2));
        assert_eq!(none.flown[1].size, 80.0);
        let always = step(0.1, 300.0).smallest.unwrap();
        assert!(always.at_most && always.size == 1.25, "{always:?}");
        assert_eq!(always.interval, [None, Some(1.25)]);
    }

    #[test]
    fn looks_are_counted_before_the_first() {
        // 0, an end, and 32 steps to halve.
        assert_eq!(Plan::default().looks(), 8);
    }
}
