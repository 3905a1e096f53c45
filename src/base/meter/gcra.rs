//! The generic cell rate algorithm (ITU-T I.371): the theoretical arrival time of the next unit.
//!
//! With T = 1/rate and a burst B: TAT' = max(now, TAT) + n·T, let through if TAT' − now ≤ B·T. Its
//! decisions are those of a token bucket of size B. Times are kept multiplied by the rate, so that
//! T is a whole number and nothing is rounded.

use super::MICRO;
use crate::base::units::Rate;
use crate::base::{Duration, Instant};

/// One instant, and what it moves by.
#[derive(Clone, Debug)]
pub struct Gcra {
    rate: Rate,
    burst: u64,
    /// TAT × millionths per period.
    tat: i128,
}

impl Gcra {
    /// Nothing has passed.
    pub fn new(rate: Rate, burst: u64) -> Gcra {
        Gcra {
            rate,
            burst,
            tat: 0,
        }
    }

    /// n·T, multiplied by the rate.
    fn scaled(&self, n: u64) -> i128 {
        i128::from(n) * i128::from(MICRO) * i128::from(self.rate.per.0)
    }

    fn at(&self, now: Instant) -> i128 {
        i128::from(now.0) * i128::from(self.rate.micro)
    }

    /// Changes rate and burst as a bucket does: what may pass at once stays what it is, or is the new burst if
    /// that is less.
    pub fn resize(&mut self, rate: Rate, burst: u64, now: Instant) {
        let owed = (self.tat - self.at(now)).max(0);
        let room = self.scaled(self.burst) - owed;
        (self.rate, self.burst) = (rate, burst);
        let burst = self.scaled(burst);
        self.tat = self.at(now) + burst - room.min(burst);
    }

    /// `n` did not pass: what is there is lost, and nothing is owed beyond the burst.
    pub fn drain(&mut self, n: u64, now: Instant) {
        let full = self.tat.max(self.at(now) + self.scaled(self.burst));
        self.take(n, now);
        self.tat = self.tat.min(full);
    }

    /// Lets `n` pass.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.tat = self.tat.max(self.at(now)) + self.scaled(n);
    }

    /// `n` of what passed were not used.
    pub fn put_back(&mut self, n: u64) {
        self.tat -= self.scaled(n);
    }

    /// How long until `n` may pass behind `ahead`; None if they never may.
    pub fn wait(&self, n: u64, ahead: u64, now: Instant) -> Option<Duration> {
        if n > self.burst {
            return None;
        }
        let now = self.at(now);
        let next = self.tat.max(now) + self.scaled(n.saturating_add(ahead));
        let early = (next - now - self.scaled(self.burst)).max(0);
        let rate = i128::from(self.rate.micro);
        if rate == 0 {
            // Whoever wants nothing passes even where nothing comes.
            return (early == 0).then_some(Duration::ZERO);
        }
        let wait = (early + rate - 1) / rate;
        u64::try_from(wait).ok().map(Duration)
    }
}
