//! What a quota lets pass: by a method of [`crate::base::meter`], or by what AWS's SDKs learn.

use super::adaptive::Adaptive;
use crate::base::meter;
use crate::base::units::Rate;
use crate::base::{Duration, Instant};

pub use crate::base::meter::Method;

/// What passed. Amounts are whole units: requests or tokens.
#[derive(Clone, Debug)]
pub enum Meter {
    /// Under a method.
    Method(meter::Meter),
    /// See [`super::adaptive`].
    Adaptive(Box<Adaptive>),
}

impl Meter {
    /// Nothing has passed yet. `burst` is what a bucket or GCRA lets pass at once.
    pub fn new(method: Method, rate: Rate, burst: u64) -> Meter {
        Meter::Method(meter::Meter::new(method, rate, burst))
    }

    /// Whether `n` may pass now.
    pub fn has(&mut self, n: u64, now: Instant) -> bool {
        self.wait(n, 0, now).is_some_and(Duration::is_zero)
    }

    /// Lets `n` pass, whether they may or not.
    pub fn take(&mut self, n: u64, now: Instant) {
        match self {
            Meter::Method(meter) => meter.take(n, now),
            Meter::Adaptive(adaptive) => adaptive.take(n, now),
        }
    }

    /// Takes back `n` of what passed at `taken_at`: it was reserved and not used.
    pub fn put_back(&mut self, n: u64, taken_at: Instant, now: Instant) {
        match self {
            Meter::Method(meter) => meter.put_back(n, taken_at, now),
            // It counts attempts, and they were sent.
            Meter::Adaptive(_) => {}
        }
    }

    /// How long until `n` may pass, if `ahead` pass before them and nothing else does: exact with
    /// none ahead, otherwise for what is ahead taken as one. None if they never may.
    pub fn wait(&mut self, n: u64, ahead: u64, now: Instant) -> Option<Duration> {
        match self {
            Meter::Method(meter) => meter.wait(n, ahead, now),
            Meter::Adaptive(adaptive) => Some(adaptive.wait(n, ahead, now)),
        }
    }
}
