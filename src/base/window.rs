//! A rolling time window of counts in fixed buckets.
//!
//! The window slides by whole buckets: it covers between span − span/BUCKETS and span. A gap longer
//! than the span clears everything; the anchor stays on a bucket boundary, so what is counted does
//! not depend on how often the window is asked.

use super::time::{Duration, Instant};

const BUCKETS: usize = 10;

/// Successes and failures over the last `span`.
#[derive(Clone, Debug)]
pub struct Rolling {
    width: u64,
    /// The number of the newest bucket: instant / width.
    newest: u64,
    /// When the next bucket begins: most outcomes come before, and a division costs.
    next: u64,
    counts: [(u32, u32); BUCKETS],
    total: (u32, u32),
}

impl Rolling {
    /// An empty window over `span`, which is at least ten nanoseconds.
    pub fn new(span: Duration) -> Rolling {
        let width = (span.0 / BUCKETS as u64).max(1);
        Rolling {
            width,
            newest: 0,
            next: width,
            counts: [(0, 0); BUCKETS],
            total: (0, 0),
        }
    }

    /// Counts one outcome at `now`.
    pub fn record(&mut self, failed: bool, now: Instant) {
        self.advance(now);
        let bucket = &mut self.counts[(self.newest % BUCKETS as u64) as usize];
        if failed {
            bucket.1 += 1;
            self.total.1 += 1;
        } else {
            bucket.0 += 1;
            self.total.0 += 1;
        }
    }

    /// (successes, failures) in the window at `now`.
    pub fn counts(&mut self, now: Instant) -> (u32, u32) {
        self.advance(now);
        self.total
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts = [(0, 0); BUCKETS];
        self.total = (0, 0);
    }

    #[inline]
    fn advance(&mut self, now: Instant) {
        if now.0 >= self.next {
            self.slide(now);
        }
    }

    #[inline(never)]
    fn slide(&mut self, now: Instant) {
        let bucket = now.0 / self.width;
        let gap = bucket - self.newest;
        if gap >= BUCKETS as u64 {
            self.clear();
        } else {
            for n in self.newest + 1..=self.newest + gap {
                let old = std::mem::take(&mut self.counts[(n % BUCKETS as u64) as usize]);
                self.total.0 -= old.0;
                self.total.1 -= old.1;
            }
        }
        self.newest = bucket;
        self.next = (bucket + 1).saturating_mul(self.width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_a_list_of_all_events() {
        let span = Duration::from_s(10);
        let mut window = Rolling::new(span);
        let mut events: Vec<(u64, bool)> = Vec::new();
        let mut t = 0u64;
        for i in 0..5_000u64 {
            t += (i * 7919) % 211 * 10_000_000;
            let failed = i % 3 == 0;
            window.record(failed, Instant(t));
            events.push((t, failed));
            let first = (t / window.width).saturating_sub(BUCKETS as u64 - 1) * window.width;
            let inside = |f: bool| {
                events
                    .iter()
                    .filter(|(at, failed)| *at >= first && *failed == f)
                    .count() as u32
            };
            assert_eq!(window.counts(Instant(t)), (inside(false), inside(true)));
        }
    }

    #[test]
    fn a_long_gap_clears_everything() {
        let mut window = Rolling::new(Duration::from_s(1));
        window.record(true, Instant::ZERO);
        assert_eq!(
            window.counts(Instant::ZERO + Duration::from_s(3600)),
            (0, 0)
        );
    }
}
