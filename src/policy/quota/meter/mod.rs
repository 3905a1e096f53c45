//! Ways to count what passes in an interval.
//!
//! They differ in what they allow around a boundary. A bucket and GCRA decide alike: at most burst +
//! rate·T in any time T. A fixed window lets twice its limit pass within one length of it, half
//! before the boundary and half after; a sliding log never does, and a sliding counter guesses.

mod counter;
mod gcra;
mod log;
mod window;

use serde::Deserialize;

use super::adaptive::Adaptive;
use crate::base::bucket::Bucket;
use crate::base::units::Rate;
use crate::base::{Duration, Instant};

/// How a quota counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A continuously refilled token bucket.
    #[default]
    Bucket,
    /// The generic cell rate algorithm: one instant instead of a level.
    Gcra,
    /// Windows that begin with the first event after the last one ended.
    FixedWindow,
    /// Windows that begin on the calendar: a minute at every full minute.
    CalendarWindow,
    /// What passed in the last interval, exactly.
    SlidingLog,
    /// This window's count and a share of the last one's.
    SlidingCounter,
}

impl Method {
    /// Whether a burst of its own can be set: windows let their whole limit pass at once.
    pub fn has_burst(self) -> bool {
        matches!(self, Method::Bucket | Method::Gcra)
    }
}

/// What passed, under one method. Amounts are whole units: requests or tokens.
#[derive(Clone, Debug)]
pub enum Meter {
    /// See [`Method::Bucket`].
    Bucket(Bucket),
    /// See [`Method::Gcra`].
    Gcra(gcra::Gcra),
    /// See [`Method::FixedWindow`] and [`Method::CalendarWindow`].
    Window(window::Window),
    /// See [`Method::SlidingLog`].
    Log(log::Log),
    /// See [`Method::SlidingCounter`].
    Counter(counter::Counter),
    /// See [`super::adaptive`].
    Adaptive(Box<Adaptive>),
}

impl Meter {
    /// Nothing has passed yet. `burst` is what a bucket or GCRA lets pass at once.
    pub fn new(method: Method, rate: Rate, burst: u64) -> Meter {
        let limit = (rate.micro / MICRO).max(1);
        match method {
            Method::Bucket => Meter::Bucket(Bucket::new(
                burst.saturating_mul(MICRO),
                rate.micro,
                rate.per,
            )),
            Method::Gcra => Meter::Gcra(gcra::Gcra::new(rate, burst)),
            Method::FixedWindow => Meter::Window(window::Window::at_first(limit, rate.per)),
            Method::CalendarWindow => Meter::Window(window::Window::on_calendar(limit, rate.per)),
            Method::SlidingLog => Meter::Log(log::Log::new(limit, rate.per)),
            Method::SlidingCounter => Meter::Counter(counter::Counter::new(limit, rate.per)),
        }
    }

    /// Whether `n` may pass now.
    pub fn has(&mut self, n: u64, now: Instant) -> bool {
        self.wait(n, 0, now).is_some_and(Duration::is_zero)
    }

    /// Lets `n` pass, whether they may or not.
    pub fn take(&mut self, n: u64, now: Instant) {
        match self {
            Meter::Bucket(bucket) => bucket.charge(n.saturating_mul(MICRO), now),
            Meter::Gcra(gcra) => gcra.take(n, now),
            Meter::Window(window) => window.take(n, now),
            Meter::Log(log) => log.take(n, now),
            Meter::Counter(counter) => counter.take(n, now),
            Meter::Adaptive(adaptive) => adaptive.take(n, now),
        }
    }

    /// Takes back `n` of what passed: it was reserved and not used.
    pub fn put_back(&mut self, n: u64, now: Instant) {
        match self {
            Meter::Bucket(bucket) => bucket.put(n.saturating_mul(MICRO), now),
            Meter::Gcra(gcra) => gcra.put_back(n),
            Meter::Window(window) => window.put_back(n, now),
            Meter::Log(log) => log.put_back(n),
            Meter::Counter(counter) => counter.put_back(n, now),
            // It counts attempts, and they were sent.
            Meter::Adaptive(_) => {}
        }
    }

    /// How long until `n` may pass, if `ahead` pass before them and nothing else does: exact with
    /// none ahead, otherwise for what is ahead taken as one. None if they never may.
    pub fn wait(&mut self, n: u64, ahead: u64, now: Instant) -> Option<Duration> {
        match self {
            Meter::Bucket(bucket) => {
                let first = bucket.wait(n.saturating_mul(MICRO), now)?;
                match ahead {
                    0 => Some(first),
                    _ => bucket.wait_in_line(n.saturating_add(ahead).saturating_mul(MICRO), now),
                }
            }
            Meter::Gcra(gcra) => gcra.wait(n, ahead, now),
            Meter::Window(window) => window.wait(n, ahead, now),
            Meter::Log(log) => log.wait(n, ahead, now),
            Meter::Counter(counter) => counter.wait(n, ahead, now),
            Meter::Adaptive(adaptive) => Some(adaptive.wait(n, ahead, now)),
        }
    }
}

/// Millionths of a unit: rates may be fractions.
const MICRO: u64 = 1_000_000;

/// How many more whole intervals pass until what is left over has passed, `limit` in each.
fn intervals(left: u64, limit: u64) -> u64 {
    left.div_ceil(limit.max(1)).saturating_sub(1)
}

#[cfg(test)]
mod tests;
