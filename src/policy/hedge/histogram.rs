//! Latencies of the last while, counted in bounded memory.
//!
//! Each power of two has 32 classes, so a quantile is at most 1/32 above the truth; from 2¹⁶ ns (66 µs)
//! to 2⁴² ns (73 min), what lies beyond counts as the end. The span is kept in three slices of which
//! the oldest is dropped whole, as in Finagle's windowed histogram.

use crate::base::{Duration, Instant};

const LOWEST: u32 = 16;
const HIGHEST: u32 = 42;
const STEPS: u32 = 32;
const CLASSES: usize = ((HIGHEST - LOWEST) * STEPS) as usize;
const SLICES: usize = 3;

/// Counts by length.
#[derive(Clone, Debug)]
pub struct Histogram {
    width: u64,
    newest: u64,
    slices: [Vec<u32>; SLICES],
    counts: [u64; SLICES],
}

impl Histogram {
    /// Nothing yet, over such a span.
    pub fn new(span: Duration) -> Histogram {
        Histogram {
            width: span.0.div_ceil(SLICES as u64).max(1),
            newest: 0,
            slices: std::array::from_fn(|_| vec![0; CLASSES]),
            counts: [0; SLICES],
        }
    }

    /// Counts one.
    pub fn record(&mut self, length: Duration, now: Instant) {
        self.slide(now);
        let at = (self.newest % SLICES as u64) as usize;
        let slot = &mut self.slices[at][class(length.0)];
        *slot = slot.saturating_add(1);
        self.counts[at] += 1;
    }

    /// How many are counted.
    pub fn count(&mut self, now: Instant) -> u64 {
        self.slide(now);
        self.counts.iter().sum()
    }

    /// The least length that at least this share (0 to 1) of all do not exceed, rounded up to the end of its
    /// class; None if there is none.
    pub fn quantile(&mut self, share: f64, now: Instant) -> Option<Duration> {
        let all = self.count(now);
        let wanted = ((share * all as f64).ceil() as u64).max(1);
        let mut seen = 0;
        (0..CLASSES).find_map(|class| {
            let here = self.slices.iter().map(|slice| u64::from(slice[class]));
            seen += here.sum::<u64>();
            (seen >= wanted).then(|| Duration(end_of(class)))
        })
    }

    fn slide(&mut self, now: Instant) {
        let slice = now.0 / self.width;
        let gap = (slice - self.newest).min(SLICES as u64);
        for step in 0..gap {
            let at = ((slice - step) % SLICES as u64) as usize;
            self.slices[at].fill(0);
            self.counts[at] = 0;
        }
        self.newest = slice;
    }
}

/// The class of a length in nanoseconds.
fn class(ns: u64) -> usize {
    let ns = ns.clamp(1 << LOWEST, (1 << HIGHEST) - 1);
    let exponent = 63 - ns.leading_zeros();
    let step = (ns >> (exponent - 5)) - u64::from(STEPS);
    ((exponent - LOWEST) * STEPS) as usize + step as usize
}

/// The longest length of a class, in nanoseconds.
fn end_of(class: usize) -> u64 {
    let (exponent, step) = (
        class as u64 / u64::from(STEPS),
        class as u64 % u64::from(STEPS),
    );
    ((u64::from(STEPS) + step + 1) << (exponent + u64::from(LOWEST) - 5)) - 1
}
