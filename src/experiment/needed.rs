//! How many replications would show what these could not.
//!
//! The estimate and the variance are taken to stay as they are; the answer is the first number of
//! replications whose one-sided 95 % bound then lies inside the limit. None where the estimate is
//! on the wrong side, or no practical number would do.

use super::distributions::{share_lower, share_upper, student_t};
use super::moments::variance;
use super::sample::{Sample, Spread, hits};
use crate::record::results::Bound;

/// The level of a two-sided interval whose bounds are the one-sided 95 % bounds.
pub const ONE_SIDED: f64 = 0.90;
/// Whoever needs more than this needs something else.
const MOST: u64 = 1_000_000;

/// Replications that would bring the bound inside the limit, which the value is to be at least or at
/// most.
pub fn replications(sample: &Sample, side: Bound, limit: f64) -> Option<u64> {
    at_confidence(sample, side, limit, 0.95)
}

/// The same for a one-sided bound at any confidence.
pub fn at_confidence(sample: &Sample, side: Bound, limit: f64, confidence: f64) -> Option<u64> {
    let level = 2.0 * confidence - 1.0;
    match &sample.spread {
        Spread::None => None,
        Spread::Linear(e) => {
            let margin = match side {
                Bound::AtLeast => sample.value - limit,
                Bound::AtMost => limit - sample.value,
            };
            for_margin(variance(e)?, margin, level, e.len() as u64)
        }
        // The bound is inside once p ∓ t·sd(z)/√R is inside the share of calls at the limit.
        Spread::Percentile { p, z, pooled } => {
            let margin = match side {
                Bound::AtLeast => p - pooled.share_at_most(limit.next_down()),
                Bound::AtMost => {
                    let cut = sample
                        .horizon_ms
                        .map_or(limit, |h| limit.min(h.next_down()));
                    pooled.share_at_most(cut) - p
                }
            };
            for_margin(variance(z)?, margin, level, z.len() as u64)
        }
        Spread::Share(answers) => {
            let (hits, of) = hits(answers);
            for_share(hits as f64 / of as f64, (side, limit), of, confidence)
        }
    }
}

/// The first n > `now` with t(n − 1)·√(variance/n) ≤ margin, at a two-sided level.
pub fn for_margin(variance: f64, margin: f64, level: f64, now: u64) -> Option<u64> {
    if margin <= 0.0 || variance <= 0.0 {
        return None;
    }
    let enough = |n: u64| {
        let t = student_t(level, n - 1);
        t * t * variance <= margin * margin * n as f64
    };
    first(now + 1, enough)
}

/// The first n > `now` whose exact bound is inside, the share staying as it is.
fn for_share(share: f64, (side, limit): (Bound, f64), now: u64, confidence: f64) -> Option<u64> {
    let enough = |n: u64| match side {
        Bound::AtMost => share_upper((share * n as f64).ceil() as u64, n, confidence) <= limit,
        Bound::AtLeast => share_lower((share * n as f64).floor() as u64, n, confidence) >= limit,
    };
    let right = match side {
        Bound::AtMost => share < limit,
        Bound::AtLeast => share > limit,
    };
    right.then(|| first(now + 1, enough)).flatten()
}

/// The first n ≥ `from` that is enough, by doubling and halving.
fn first(from: u64, enough: impl Fn(u64) -> bool) -> Option<u64> {
    let from = from.max(2);
    let (mut low, mut high) = (from, from);
    while !enough(high) {
        if high >= MOST {
            return None;
        }
        low = high + 1;
        high = (high * 2).min(MOST);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_first_number_that_is_enough() {
        let n = for_margin(4.0, 0.5, ONE_SIDED, 10).unwrap();
        let half = |n: u64| student_t(ONE_SIDED, n - 1) * (4.0 / n as f64).sqrt();
        assert!(half(n) <= 0.5 && half(n - 1) > 0.5, "{n}");
    }

    #[test]
    fn more_does_not_help_on_the_wrong_side() {
        let sample = Sample::mean(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(replications(&sample, Bound::AtMost, 2.0), None);
        assert_eq!(replications(&sample, Bound::AtMost, 2.5), None);
        assert!(replications(&sample, Bound::AtMost, 2.6).unwrap() > 100);
        assert!(replications(&sample, Bound::AtLeast, 2.4).unwrap() > 100);
    }

    #[test]
    fn five_percent_takes_fifty_nine_clean_runs() {
        let clean = Sample::share(vec![Some(false); 32]).unwrap();
        assert_eq!(replications(&clean, Bound::AtMost, 0.05), Some(59));
        let all = Sample::share(vec![Some(true); 32]).unwrap();
        assert_eq!(replications(&all, Bound::AtLeast, 0.95), Some(59));
        assert_eq!(replications(&clean, Bound::AtMost, 0.0), None);
    }
}
