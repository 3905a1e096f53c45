//! A continuously refilled token bucket in integers: it neither gains nor loses a token to
//! rounding, however often it is asked.
//!
//! The level is kept in tokens × period, so that one nanosecond adds exactly `refill`.

use super::time::{Duration, Instant};

/// A token bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    capacity: u64,
    refill: u64,
    period: Duration,
    /// Tokens × period nanoseconds; negative after a debt.
    level: i128,
    at: Instant,
}

impl Bucket {
    /// A full bucket of `capacity` tokens, refilled with `refill` tokens per `period`.
    ///
    /// # Panics
    /// If the period is zero.
    pub fn new(capacity: u64, refill: u64, period: Duration) -> Bucket {
        assert!(!period.is_zero(), "a bucket needs a period");
        let level = i128::from(capacity) * i128::from(period.0);
        Bucket {
            capacity,
            refill,
            period,
            level,
            at: Instant::ZERO,
        }
    }

    /// Changes size and refill from `now` on; what is over the new capacity is lost.
    pub fn resize(&mut self, capacity: u64, refill: u64, now: Instant) {
        self.advance(now);
        self.capacity = capacity;
        self.refill = refill;
        self.level = self.level.min(self.scaled(capacity));
    }

    /// Takes `tokens` if they are there.
    pub fn take(&mut self, tokens: u64, now: Instant) -> bool {
        self.advance(now);
        let wanted = self.scaled(tokens);
        let enough = self.level >= wanted;
        if enough {
            self.level -= wanted;
        }
        enough
    }

    /// Whether `tokens` are there.
    pub fn has(&mut self, tokens: u64, now: Instant) -> bool {
        self.advance(now);
        self.level >= self.scaled(tokens)
    }

    /// Puts `tokens` back, up to the capacity.
    pub fn put(&mut self, tokens: u64, now: Instant) {
        self.advance(now);
        self.level = (self.level + self.scaled(tokens)).min(self.scaled(self.capacity));
    }

    /// Takes `tokens` even if that leaves a debt.
    pub fn charge(&mut self, tokens: u64, now: Instant) {
        self.advance(now);
        self.level -= self.scaled(tokens);
    }

    /// Takes `tokens`, or what is left of them: it leaves no debt that was not there.
    pub fn drain(&mut self, tokens: u64, now: Instant) {
        self.advance(now);
        let least = self.level.min(0);
        self.level = (self.level - self.scaled(tokens)).max(least);
    }

    /// How long until `tokens` are there: (wanted − level) ÷ refill, rounded up to a nanosecond.
    /// None if they never will be.
    pub fn wait(&mut self, tokens: u64, now: Instant) -> Option<Duration> {
        self.advance(now);
        let missing = self.scaled(tokens) - self.level;
        if missing <= 0 {
            return Some(Duration::ZERO);
        }
        if tokens > self.capacity || self.refill == 0 {
            return None;
        }
        let refill = i128::from(self.refill);
        u64::try_from((missing + refill - 1) / refill)
            .ok()
            .map(Duration)
    }

    /// How long until `tokens` have come, counted from the level now and whether or not the bucket
    /// could hold them all: what a line of requests waits for. None if they never will have.
    pub fn wait_in_line(&mut self, tokens: u64, now: Instant) -> Option<Duration> {
        self.advance(now);
        let missing = (self.scaled(tokens) - self.level).max(0);
        if self.refill == 0 && missing > 0 {
            return None;
        }
        let refill = i128::from(self.refill.max(1));
        let wait = (missing + refill - 1) / refill;
        u64::try_from(wait).ok().map(Duration)
    }

    fn scaled(&self, tokens: u64) -> i128 {
        i128::from(tokens) * i128::from(self.period.0)
    }

    #[inline]
    fn advance(&mut self, now: Instant) {
        if now <= self.at {
            return;
        }
        let gained = i128::from(now.since(self.at).0) * i128::from(self.refill);
        self.at = now;
        self.level = (self.level + gained).min(self.scaled(self.capacity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four waits that OpenAI printed in public error messages: limit, used, requested, wait.
    #[test]
    fn waits_are_those_of_published_messages() {
        for (limit, used, requested, wait_ms) in [
            (30_000, 29_937, 385, 644),
            (200_000, 162_960, 42_288, 1_574),
            (10_000, 8_554, 3_082, 9_816),
            (30_000, 28_039, 3_906, 3_890),
        ] {
            let mut bucket = Bucket::new(limit, limit, Duration::from_s(60));
            assert!(bucket.take(used, Instant::ZERO));
            let wait = bucket.wait(requested, Instant::ZERO).unwrap();
            // The messages round to a millisecond.
            assert_eq!((wait.0 + 500_000) / 1_000_000, wait_ms);
        }
    }

    /// The bound of every token bucket: at most capacity + refill·T/period pass in any window T.
    #[test]
    fn no_window_passes_more_than_the_bound() {
        let mut bucket = Bucket::new(20, 300, Duration::from_s(60));
        let mut passed = Vec::new();
        for step in 0..60_000u64 {
            let now = Instant(step * 7_000_003);
            if bucket.take(1, now) {
                passed.push(now);
            }
        }
        for (i, start) in passed.iter().enumerate() {
            for (n, end) in passed[i..].iter().enumerate() {
                let seconds = end.since(*start).as_s_f64();
                assert!((n as f64) < 20.0 + 5.0 * seconds + 1e-9);
            }
        }
        assert!(passed.len() > 2000, "the bucket refills");
    }

    #[test]
    fn waiting_exactly_as_told_is_enough_and_a_nanosecond_less_is_not() {
        let mut bucket = Bucket::new(7, 13, Duration::from_s(60));
        assert!(bucket.take(7, Instant::ZERO));
        let wait = bucket.wait(3, Instant::ZERO).unwrap();
        assert!(!bucket.clone().take(3, Instant::ZERO + wait - Duration(1)));
        assert!(bucket.take(3, Instant::ZERO + wait));
    }

    #[test]
    fn what_never_fits_never_comes() {
        let mut bucket = Bucket::new(5, 5, Duration::from_s(1));
        assert_eq!(bucket.wait(6, Instant::ZERO), None);
        bucket.resize(0, 0, Instant::ZERO);
        assert_eq!(bucket.wait(1, Instant::ZERO), None);
    }
}
