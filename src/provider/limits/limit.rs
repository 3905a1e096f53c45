//! One limit: what it counts, how, and what it is without faults.

use super::counts::{Asked, Counted};
use crate::base::bucket::Bucket;
use crate::base::ending::Dimension;
use crate::base::meter::{MICRO, Meter, Method};
use crate::base::units::Rate;
use crate::base::{Duration, Instant};

/// One limit.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) counted: Counted,
    pub(super) dimension: Dimension,
    law: Law,
    /// What may come at once, without faults.
    pub(super) capacity: u64,
    per_period: u64,
    period: Duration,
    /// The length of its windows, where it has any.
    window: Duration,
}

/// The common one lies in place: it is asked for every request.
#[derive(Clone, Debug)]
enum Law {
    Bucket(Bucket),
    Other(Box<Meter>),
}

/// What a limit lets pass, how, and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// So many per period.
    pub(super) per_period: u64,
    /// A minute, or a day.
    pub(super) period: Duration,
    /// The part of it that may come at once.
    pub(super) slice: Duration,
    /// How it counts.
    pub(super) method: Method,
    /// How long after whole periods its windows on the calendar begin.
    pub(super) phase: Duration,
}

impl Limit {
    pub(super) fn new(counted: Counted, dimension: Dimension, terms: Terms) -> Limit {
        let Terms {
            per_period,
            period,
            slice,
            method,
            phase,
        } = terms;
        let scaled = u128::from(per_period) * u128::from(slice.0) / u128::from(period.0);
        let capacity = u64::try_from(scaled).unwrap_or(u64::MAX).max(1);
        let mut limit = Limit {
            counted,
            dimension,
            law: Law::Bucket(Bucket::new(capacity, per_period, period)),
            capacity,
            per_period,
            period,
            window: slice,
        };
        if method != Method::Bucket {
            let rate = limit.rate(method.has_burst(), capacity, per_period);
            let meter = match method {
                Method::CalendarWindow => Meter::on_calendar_from(rate, phase),
                Method::Bucket
                | Method::Gcra
                | Method::FixedWindow
                | Method::SlidingLog
                | Method::SlidingCounter => Meter::new(method, rate, capacity),
            };
            limit.law = Law::Other(Box::new(meter));
        }
        limit
    }

    /// A window lets its capacity pass in its length, a rate its amount in its period.
    fn rate(&self, has_burst: bool, capacity: u64, per_period: u64) -> Rate {
        let (n, per) = match has_burst {
            true => (per_period, self.period),
            false => (capacity, self.window),
        };
        let micro = n.saturating_mul(MICRO);
        Rate { micro, per }
    }

    /// What it takes for one request.
    #[inline]
    pub(super) fn wanted(&self, asked: Asked) -> u64 {
        self.counted.wanted(asked)
    }

    /// Whether so much may pass now.
    #[inline]
    pub(super) fn has(&mut self, wanted: u64, now: Instant) -> bool {
        match &mut self.law {
            Law::Bucket(bucket) => bucket.has(wanted, now),
            Law::Other(meter) => meter.has(wanted, now),
        }
    }

    /// Lets so much pass.
    #[inline]
    pub(super) fn charge(&mut self, wanted: u64, now: Instant) {
        match &mut self.law {
            Law::Bucket(bucket) => bucket.charge(wanted, now),
            Law::Other(meter) => meter.take(wanted, now),
        }
    }

    /// Counts what did not pass.
    pub(super) fn drain(&mut self, wanted: u64, now: Instant) {
        match &mut self.law {
            Law::Bucket(bucket) => bucket.drain(wanted, now),
            Law::Other(meter) => meter.drain(wanted, now),
        }
    }

    /// Whether it counts in windows or a log, so that it matters when something was taken.
    pub(super) fn has_windows(&self) -> bool {
        match &self.law {
            Law::Bucket(_) => false,
            Law::Other(meter) => !matches!(**meter, Meter::Bucket(_) | Meter::Gcra(_)),
        }
    }

    /// Whether it counts what an answer has, of which less may come than was reserved.
    fn counts_answers(&self) -> bool {
        match self.counted {
            Counted::Tokens | Counted::Answer | Counted::Weighed(_) => true,
            Counted::Requests | Counted::Prompt => false,
        }
    }

    /// Corrects what was reserved for an answer, at `taken`, to what it has used.
    pub(super) fn settle(
        &mut self,
        asked: Asked,
        (produced, taken): (u64, Instant),
        burndown: u64,
        now: Instant,
    ) {
        if !self.counts_answers() {
            return;
        }
        let reserved = self.wanted(asked);
        let used = self.counted.used(asked, produced, burndown);
        if used > reserved {
            self.charge(used - reserved, now);
            return;
        }
        match &mut self.law {
            Law::Bucket(bucket) => bucket.put(reserved - used, now),
            Law::Other(meter) => meter.put_back_of(reserved - used, taken, now),
        }
    }

    /// Shrinks or restores it. What is left of a limit passes something, if only one at a time.
    pub(super) fn scale(&mut self, factor: f64, now: Instant) {
        let least = u64::from(factor > 0.0);
        let scaled = |n: u64| ((n as f64 * factor + 0.5) as u64).max(least);
        self.resize(scaled(self.capacity), scaled(self.per_period), now);
    }

    fn resize(&mut self, capacity: u64, per_period: u64, now: Instant) {
        let has_burst = match &self.law {
            Law::Bucket(_) => true,
            Law::Other(meter) => matches!(**meter, Meter::Bucket(_) | Meter::Gcra(_)),
        };
        let rate = self.rate(has_burst, capacity, per_period);
        match &mut self.law {
            Law::Bucket(bucket) => bucket.resize(capacity, per_period, now),
            Law::Other(meter) => meter.resize(rate, capacity, now),
        }
    }

    /// How long until `wanted` is there if nobody else asks. What a storm has not let in by its end
    /// comes at the full refill after it, from the level that the storm leaves.
    pub(super) fn wait(
        &mut self,
        wanted: u64,
        now: Instant,
        storm_ends: Option<Instant>,
    ) -> Option<Duration> {
        let shrunken = self.plain_wait(wanted, now);
        let Some(end) = storm_ends else {
            return shrunken;
        };
        if shrunken.is_some_and(|wait| now + wait <= end) {
            return shrunken;
        }
        let mut after = self.clone();
        after.resize(self.capacity, self.per_period, end);
        let wait = after.plain_wait(wanted, end);
        wait.map(|wait| end.since(now) + wait)
    }

    fn plain_wait(&mut self, wanted: u64, now: Instant) -> Option<Duration> {
        match &mut self.law {
            Law::Bucket(bucket) => bucket.wait(wanted, now),
            Law::Other(meter) => meter.wait(wanted, 0, now),
        }
    }
}
