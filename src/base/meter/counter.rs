//! A sliding counter: this window's count and the last one's, weighted by how much of it is still
//! in the last interval: cur + prev·(1 − elapsed/length) + n ≤ limit.
//!
//! Two numbers instead of a log. It takes the last window for evenly filled, so a burst at its end
//! is forgotten too soon and one at its beginning too late.

use super::intervals;
use crate::base::{Duration, Instant};

/// Counts of two windows.
#[derive(Clone, Debug)]
pub struct Counter {
    limit: u64,
    length: u64,
    /// The number of the window that is counted: instant ÷ length.
    window: u64,
    now: u64,
    last: u64,
}

impl Counter {
    /// Nothing has passed.
    pub fn new(limit: u64, length: Duration) -> Counter {
        Counter {
            limit,
            length: length.0.max(1),
            window: 0,
            now: 0,
            last: 0,
        }
    }

    /// Changes the limit.
    pub fn resize(&mut self, limit: u64) {
        self.limit = limit;
    }

    fn advance(&mut self, now: Instant) {
        let window = now.0 / self.length;
        match window - self.window {
            0 => return,
            1 => self.last = self.now,
            _ => self.last = 0,
        }
        self.now = 0;
        self.window = window;
    }

    /// Lets `n` pass.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.advance(now);
        self.now = self.now.saturating_add(n);
    }

    /// `n` of what passed were not used.
    pub fn put_back(&mut self, n: u64, now: Instant) {
        self.advance(now);
        self.now = self.now.saturating_sub(n);
    }

    /// `n` of what passed at `taken` were not used.
    pub fn put_back_of(&mut self, n: u64, taken: Instant, now: Instant) {
        self.advance(now);
        match self.window - taken.0 / self.length {
            0 => self.now = self.now.saturating_sub(n),
            1 => self.last = self.last.saturating_sub(n),
            _ => {}
        }
    }

    /// How long until `n` may pass behind `ahead`; None if they never may.
    pub fn wait(&mut self, n: u64, ahead: u64, now: Instant) -> Option<Duration> {
        if n > self.limit {
            return None;
        }
        self.advance(now);
        let wanted = n.saturating_add(ahead);
        let elapsed = now.0 % self.length;
        if self.now.saturating_add(wanted) <= self.limit {
            let at = self.fades(self.last, self.limit - self.now - wanted);
            return Some(Duration(at.saturating_sub(elapsed)));
        }
        // In a later window what passed in this one fades.
        let more = intervals(wanted.saturating_add(self.now) - self.limit, self.limit);
        let room = self.limit - wanted.min(self.limit);
        let at = self.fades(self.now.min(self.limit), room);
        let rest = self.length - elapsed;
        let later = self.length.saturating_mul(more);
        Some(Duration(rest.saturating_add(later).saturating_add(at)))
    }

    /// How far into a window a count of the one before it has faded to `room`.
    fn fades(&self, count: u64, room: u64) -> u64 {
        if count <= room {
            return 0;
        }
        // count·(length − elapsed) ≤ room·length
        let kept = u128::from(room) * u128::from(self.length) / u128::from(count);
        self.length - u64::try_from(kept).unwrap_or(self.length)
    }
}
