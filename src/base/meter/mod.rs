//! How what passes is counted, one method each: of clients' quotas and of providers' limits alike.
//!
//! Which of them a server uses is not known to its clients; the choice matters. Windows let twice
//! their limit pass around a boundary, a log never does, buckets and GCRA spread it, the sliding
//! counter guesses.

mod counter;
mod gcra;
mod log;
mod window;

use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::time::{Duration, Instant};
use super::units::Rate;

/// How it is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
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
    /// Every method, in the order of the documentation.
    pub const ALL: [Method; 6] = [
        Method::Bucket,
        Method::Gcra,
        Method::FixedWindow,
        Method::CalendarWindow,
        Method::SlidingLog,
        Method::SlidingCounter,
    ];

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
}

impl Meter {
    /// Nothing has passed yet. `burst` is what a bucket or GCRA lets pass at once.
    pub fn new(method: Method, rate: Rate, burst: u64) -> Meter {
        let limit = whole(rate);
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

    /// Windows on the calendar that begin `phase` after whole multiples of their length: a day that
    /// is over at eight in the morning. `rate.per` is their length.
    pub fn on_calendar_from(rate: Rate, phase: Duration) -> Meter {
        Meter::Window(window::Window::on_calendar(whole(rate), rate.per).from(phase))
    }

    /// Changes rate and burst from `now` on. What has passed stays passed: of a bucket and GCRA
    /// what is over their new size is lost, a window that has let more pass than it now may is full.
    pub fn resize(&mut self, rate: Rate, burst: u64, now: Instant) {
        let limit = whole(rate);
        match self {
            Meter::Bucket(bucket) => bucket.resize(burst.saturating_mul(MICRO), rate.micro, now),
            Meter::Gcra(gcra) => gcra.resize(rate, burst, now),
            Meter::Window(window) => window.resize(limit),
            Meter::Log(log) => log.resize(limit),
            Meter::Counter(counter) => counter.resize(limit),
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
        }
    }

    /// Counts `n` that did not pass. A bucket and GCRA have no less than nothing: they lose what is
    /// there. Windows, logs and counters count on, and a log so lets nobody pass who never rests.
    pub fn drain(&mut self, n: u64, now: Instant) {
        match self {
            Meter::Bucket(bucket) => bucket.drain(n.saturating_mul(MICRO), now),
            Meter::Gcra(gcra) => gcra.drain(n, now),
            Meter::Window(_) | Meter::Log(_) | Meter::Counter(_) => self.take(n, now),
        }
    }

    /// Takes back `n` of what passed at `taken_at`: it was reserved and not used. What does not count any more
    /// by then is not given a second time.
    pub fn put_back(&mut self, n: u64, taken_at: Instant, now: Instant) {
        match self {
            Meter::Bucket(bucket) => bucket.put(n.saturating_mul(MICRO), now),
            Meter::Gcra(gcra) => gcra.put_back(n),
            Meter::Window(window) => window.put_back(n, taken_at, now),
            Meter::Log(log) => log.put_back(n, taken_at, now),
            Meter::Counter(counter) => counter.put_back(n, taken_at, now),
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
        }
    }
}

/// Millionths of a unit: rates may be fractions.
pub const MICRO: u64 = 1_000_000;

/// What windows let pass in one length: whole units, at least one unless nothing may.
fn whole(rate: Rate) -> u64 {
    (rate.micro / MICRO).max(u64::from(rate.micro > 0))
}

/// How many more whole intervals pass until what is left over has passed, `limit` in each.
fn intervals(left: u64, limit: u64) -> u64 {
    left.div_ceil(limit.max(1)).saturating_sub(1)
}

#[cfg(test)]
mod tests;
