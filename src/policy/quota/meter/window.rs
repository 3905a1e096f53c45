//! A fixed window: a count that starts again at zero.
//!
//! It may begin with the first event after the last window ended, or on the calendar. Either way
//! up to twice the limit passes within one length of it, around a boundary.

use super::intervals;
use crate::base::{Duration, Instant};

/// Counts of one window.
#[derive(Clone, Debug)]
pub struct Window {
    limit: u64,
    length: Duration,
    calendar: bool,
    /// When the window began; None: with the next event.
    since: Option<Instant>,
    used: u64,
}

impl Window {
    /// Windows that begin with an event.
    pub fn at_first(limit: u64, length: Duration) -> Window {
        Window {
            limit,
            length,
            calendar: false,
            since: None,
            used: 0,
        }
    }

    /// Windows that begin at whole multiples of their length.
    pub fn on_calendar(limit: u64, length: Duration) -> Window {
        Window {
            calendar: true,
            ..Window::at_first(limit, length)
        }
    }

    fn advance(&mut self, now: Instant) {
        let over = |since: Instant| now >= since + self.length;
        if self.since.is_some_and(over) {
            self.since = None;
            self.used = 0;
        }
    }

    /// Lets `n` pass.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.advance(now);
        let begins = if self.calendar {
            Instant(now.0 - now.0 % self.length.0.max(1))
        } else {
            now
        };
        self.since.get_or_insert(begins);
        self.used = self.used.saturating_add(n);
    }

    /// `n` of what passed were not used, if it was in this window.
    pub fn put_back(&mut self, n: u64, now: Instant) {
        self.advance(now);
        self.used = self.used.saturating_sub(n);
    }

    /// How long until `n` may pass behind `ahead`; None if they never may.
    pub fn wait(&mut self, n: u64, ahead: u64, now: Instant) -> Option<Duration> {
        if n > self.limit {
            return None;
        }
        self.advance(now);
        let wanted = n.saturating_add(ahead);
        let free = self.limit.saturating_sub(self.used);
        if wanted <= free {
            return Some(Duration::ZERO);
        }
        let more = intervals(wanted - free, self.limit);
        let next = self.since.map_or(now + self.length, |at| at + self.length);
        let later = Duration(self.length.0.saturating_mul(more));
        Some(next.since(now) + later)
    }
}
