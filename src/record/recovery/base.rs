//! What the windows after a fault are held against: those before the first.

use std::cmp::Ordering;

use super::{Frame, IN_A_ROW, count};
use crate::record::replication::Windows;

/// 1000 · z², where z = 1.645 is the 95th percentile of the normal distribution.
const LIKELY: u128 = 2706;
/// The same for z = 3.719, beyond which it lies once in 10 000.
const SURE: u128 = 13_831;
/// So many windows before a fault can say so.
const MANY: usize = 8;
/// Of the windows before the first fault, one in so many may miss the bar.
const MAY_MISS: usize = 10;

/// A share of good answers, as integers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    calls: u128,
    good: u128,
}

impl Bar {
    /// Whether so many calls with so many good answers reach it.
    pub(super) fn is_reached(self, (calls, good): (u128, u128)) -> bool {
        good * self.calls >= self.good * calls
    }
}

/// What the windows after a fault are held against.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// What a good one must reach.
    pub(super) bar: Bar,
    /// Calls and good answers of those before the first fault, the lowest ratio first.
    before: Vec<(u128, u128)>,
    /// Of all that time together.
    whole: (u128, u128),
}

impl Base {
    /// Whether what came after a fault is worse than what was before, by more than chance.
    pub(super) fn is_above(&self, later: &[(u128, u128)]) -> bool {
        let sum = |all: (u128, u128), one: &(u128, u128)| (all.0 + one.0, all.1 + one.1);
        let (later_calls, later_good) = later.iter().fold((0, 0), sum);
        let (calls, good) = self.whole;
        if 2 * later_good * calls <= good * later_calls {
            return true;
        }
        if 100 * later_good * calls >= 95 * good * later_calls {
            return false;
        }
        match self.before.len() {
            MANY.. => self.ranks_above(later, SURE),
            IN_A_ROW..MANY => {
                self.ranks_above(later, LIKELY)
                    && is_beyond_chance(self.whole, (later_calls, later_good))
            }
            _ => is_beyond_chance(self.whole, (later_calls, later_good)),
        }
    }

    /// Whether those before the first fault lie above these. U counts the pairs in which the later
    /// one is the higher, an equal one as a half; by chance its mean is nm ÷ 2 and its variance
    /// nm(n + m + 1) ÷ 12; `z2` is 1000 times the square of how many deviations it takes.
    fn ranks_above(&self, later: &[(u128, u128)], z2: u128) -> bool {
        let (n, m) = (self.before.len() as u128, later.len() as u128);
        let pairs = self
            .before
            .iter()
            .flat_map(|a| later.iter().map(move |b| (a, b)));
        let twice_u: u128 = pairs
            .map(|(a, b)| match (b.1 * a.0).cmp(&(a.1 * b.0)) {
                Ordering::Greater => 2,
                Ordering::Equal => 1,
                Ordering::Less => 0,
            })
            .sum();
        let below = (n * m).saturating_sub(twice_u);
        3000 * below * below > z2 * n * m * (n + m + 1)
    }
}

/// Whether the share of good answers fell by more than three standard errors, calls taken for independent:
/// d ÷ √(p(1 − p)(1/n + 1/m)) > 3, where p is the share of both together.
fn is_beyond_chance((calls, good): (u128, u128), (later, later_good): (u128, u128)) -> bool {
    let (n, m) = (calls as f64, later as f64);
    let fell = good as f64 / n - later_good as f64 / m;
    let p = (good + later_good) as f64 / (n + m);
    fell > 0.0 && fell * fell > 9.0 * p * (1.0 - p) * (1.0 / n + 1.0 / m)
}

/// What a good window must reach: 0.95 of the ratio from the warm-up to the first fault, so that later
/// faults are held against a healthy run too and not against what an earlier one left of it; or, where
/// windows of that time stray further, what nine in ten of them reached.
pub(super) fn base(windows: &Windows, frame: &Frame<'_>, width: usize) -> Option<Base> {
    let first = frame.faults.iter().map(|&(from, _)| from).min()?;
    let (calls, good) = count(windows, frame.inside(frame.warm_up_ns, first));
    if good == 0 {
        return None;
    }
    // good/calls ≥ 0.95 · base_good/base_calls, in integers.
    let of_base = |percent: u128| Bar {
        calls: 100 * calls,
        good: percent * good,
    };
    let untouched = first.saturating_sub(frame.longest_ns);
    let before = frame.inside(frame.warm_up_ns, untouched);
    let starts = before.clone().step_by(width);
    let whole = starts.filter(|start| start + width <= before.end);
    let mut seen: Vec<(u128, u128)> = whole
        .map(|start| count(windows, start..start + width))
        .filter(|&(calls, _)| calls > 0)
        .collect();
    seen.sort_by(|a, b| (a.1 * b.0).cmp(&(b.1 * a.0)));
    let usual = of_base(95);
    let bar = match seen.get(seen.len() / MAY_MISS) {
        Some(&(calls, good)) if seen.len() >= IN_A_ROW && !usual.is_reached((calls, good)) => {
            of_base(50)
                .is_reached((calls, good))
                .then_some(Bar { calls, good })?
        }
        _ => usual,
    };
    Some(Base {
        bar,
        before: seen,
        whole: (calls, good),
    })
}
