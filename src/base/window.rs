//! Time windows of counts in fixed memory: buckets on the clock, or begun by events.
//!
//! [`Rolling`] slides by whole buckets that lie at multiples of their width: it covers between
//! span − width and span. A gap longer than the span clears everything; the anchor stays on a bucket
//! boundary, so what is counted does not depend on how often the window is asked.
//!
//! In [`Anchored`] a bucket begins with the first event after the one before it has had its width,
//! and is dropped when its beginning is a whole span ago: Polly's rolling metrics with ten buckets, a
//! counter with a time to live with one.

use std::collections::VecDeque;

use super::time::{Duration, Instant};

const BUCKETS: u32 = 10;

/// What is counted in a bucket, or a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Everything, failures included.
    pub all: u32,
    /// Failures.
    pub bad: u32,
    /// What took too long, failed or not.
    pub slow: u32,
}

impl Tally {
    fn add(&mut self, more: Tally) {
        self.all += more.all;
        self.bad += more.bad;
        self.slow += more.slow;
    }

    fn remove(&mut self, old: Tally) {
        self.all -= old.all;
        self.bad -= old.bad;
        self.slow -= old.slow;
    }
}

/// Counts over the last `span`, in buckets on the clock.
#[derive(Clone, Debug)]
pub struct Rolling {
    width: u64,
    /// The number of the newest bucket: instant / width.
    newest: u64,
    /// When the next bucket begins: most outcomes come before, and a division costs.
    next: u64,
    /// The place of the newest bucket.
    at: usize,
    buckets: Box<[Tally]>,
    total: Tally,
}

impl Rolling {
    /// An empty window over `span`, which is at least ten nanoseconds, in ten buckets.
    pub fn new(span: Duration) -> Rolling {
        Rolling::with_buckets(span, BUCKETS)
    }

    /// An empty window over `span` in so many buckets, one or more.
    pub fn with_buckets(span: Duration, buckets: u32) -> Rolling {
        let buckets = buckets.max(1);
        let width = (span.0 / u64::from(buckets)).max(1);
        Rolling {
            width,
            newest: 0,
            next: width,
            at: 0,
            buckets: vec![Tally::default(); buckets as usize].into(),
            total: Tally::default(),
        }
    }

    /// Counts one outcome at `now`.
    #[inline]
    pub fn record(&mut self, failed: bool, now: Instant) {
        let bad = u32::from(failed);
        self.add(
            Tally {
                all: 1,
                bad,
                slow: 0,
            },
            now,
        );
    }

    /// Counts so much at `now`.
    #[inline]
    pub fn add(&mut self, what: Tally, now: Instant) {
        self.advance(now);
        self.buckets[self.at].add(what);
        self.total.add(what);
    }

    /// (successes, failures) in the window at `now`.
    #[inline]
    pub fn counts(&mut self, now: Instant) -> (u32, u32) {
        let Tally { all, bad, .. } = self.tally(now);
        (all.saturating_sub(bad), bad)
    }

    /// What is in the window at `now`.
    #[inline]
    pub fn tally(&mut self, now: Instant) -> Tally {
        self.advance(now);
        self.total
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.buckets.fill(Tally::default());
        self.total = Tally::default();
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
        if gap >= self.buckets.len() as u64 {
            self.clear();
        } else {
            for _ in 0..gap {
                self.at = (self.at + 1) % self.buckets.len();
                let old = std::mem::take(&mut self.buckets[self.at]);
                self.total.remove(old);
            }
        }
        self.newest = bucket;
        self.next = (bucket + 1).saturating_mul(self.width);
    }
}

/// Counts over the last `span`, in buckets that begin with an event.
#[derive(Clone, Debug)]
pub struct Anchored {
    span: Duration,
    width: Duration,
    /// When each bucket began, and what is in it; the oldest first.
    buckets: VecDeque<(Instant, Tally)>,
    total: Tally,
}

impl Anchored {
    /// An empty window over `span` in at most so many buckets, one or more.
    pub fn new(span: Duration, buckets: u32) -> Anchored {
        let buckets = buckets.max(1);
        Anchored {
            span,
            // Rounded up, so that there are never more of them.
            width: Duration(span.0.div_ceil(u64::from(buckets)).max(1)),
            buckets: VecDeque::with_capacity(buckets as usize),
            total: Tally::default(),
        }
    }

    /// Counts so much at `now`.
    pub fn add(&mut self, what: Tally, now: Instant) {
        self.expire(now);
        let current = self.buckets.back().map(|(began, _)| *began + self.width);
        if current.is_none_or(|end| now >= end) {
            self.buckets.push_back((now, Tally::default()));
        }
        if let Some((_, tally)) = self.buckets.back_mut() {
            tally.add(what);
        }
        self.total.add(what);
    }

    /// What is in the window at `now`.
    pub fn tally(&mut self, now: Instant) -> Tally {
        self.expire(now);
        self.total
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.buckets.clear();
        self.total = Tally::default();
    }

    fn expire(&mut self, now: Instant) {
        while let Some((began, tally)) = self.buckets.front()
            && now >= *began + self.span
        {
            self.total.remove(*tally);
            self.buckets.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::Stage;
    use crate::base::{Draws, Purpose, Root};

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
            let first = (t / window.width).saturating_sub(u64::from(BUCKETS) - 1) * window.width;
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

    /// Seed 71. One to twelve buckets; the buckets begin where a walk over all events begins them.
    #[test]
    fn buckets_begun_by_events_agree_with_a_walk_over_all_events() {
        let draws = Draws::new(Root::new(71, Stage::Run, 0));
        for buckets in 1..=12u32 {
            // Rounded up: never more buckets than asked for.
            let (span, width) = (1200, 1200u64.div_ceil(u64::from(buckets)));
            let mut window = Anchored::new(Duration(span), buckets);
            let mut events: Vec<(u64, Tally)> = Vec::new();
            let mut t = 0;
            for i in 0..2_000u64 {
                let u = draws.unit(Purpose::Probe, u64::from(buckets), i);
                t += if u < 0.01 { 1500 } else { (u * 90.0) as u64 };
                let (bad, slow) = (u32::from(i % 3 == 0), u32::from(i % 5 == 0));
                let one = Tally { all: 1, bad, slow };
                window.add(one, Instant(t));
                events.push((t, one));
                let mut began = Vec::<(u64, Tally)>::new();
                for &(at, one) in &events {
                    match began.last_mut() {
                        Some((from, tally)) if at < *from + width => tally.add(one),
                        _ => began.push((at, one)),
                    }
                }
                let mut sum = Tally::default();
                let live = began.iter().filter(|(from, _)| t < *from + span);
                live.for_each(|(_, tally)| sum.add(*tally));
                assert_eq!(window.tally(Instant(t)), sum, "{buckets} buckets at {t}");
                assert!(
                    window.buckets.len() <= buckets as usize,
                    "memory is bounded"
                );
                if i % 400 == 399 {
                    // A walk over thousands of events at every step takes too long.
                    events.clear();
                    window.clear();
                }
            }
        }
    }
}
