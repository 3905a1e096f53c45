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
    begins: Begins,
    /// When the window is over; None: one begins with the next event.
    until: Option<Instant>,
    used: u64,
}

#[derive(Clone, Copy, Debug)]
enum Begins {
    AtFirst,
    /// So long after whole multiples of the length.
    OnCalendar(Duration),
}

impl Window {
    /// Windows that begin with an event.
    pub fn at_first(limit: u64, length: Duration) -> Window {
        Window {
            limit,
            length,
            begins: Begins::AtFirst,
            until: None,
            used: 0,
        }
    }

    /// Windows that begin at whole multiples of their length.
    pub fn on_calendar(limit: u64, length: Duration) -> Window {
        Window {
            begins: Begins::OnCalendar(Duration::ZERO),
            ..Window::at_first(limit, length)
        }
    }

    /// The same, each beginning so long after a whole multiple of its length.
    #[must_use]
    pub fn from(self, phase: Duration) -> Window {
        Window {
            begins: Begins::OnCalendar(phase),
            ..self
        }
    }

    /// Changes the limit.
    pub fn resize(&mut self, limit: u64) {
        self.limit = limit;
    }

    fn advance(&mut self, now: Instant) {
        if self.until.is_some_and(|until| now >= until) {
            self.until = None;
            self.used = 0;
        }
    }

    /// When a window is over of which an event at `now` is one.
    fn end(&self, now: Instant) -> Instant {
        match self.begins {
            Begins::AtFirst => now + self.length,
            Begins::OnCalendar(phase) => {
                let length = self.length.0.max(1);
                // How far into its window it is; the first window may have begun before the start.
                let shift = length - phase.0 % length;
                now + Duration(length - (now.0 % length + shift) % length)
            }
        }
    }

    /// Lets `n` pass.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.advance(now);
        let end = self.end(now);
        self.until.get_or_insert(end);
        self.used = self.used.saturating_add(n);
    }

    /// `n` of what passed were not used, if it was in this window.
    pub fn put_back(&mut self, n: u64, now: Instant) {
        self.advance(now);
        self.used = self.used.saturating_sub(n);
    }

    /// `n` of what passed at `taken` were not used, if it was in this window.
    pub fn put_back_of(&mut self, n: u64, taken: Instant, now: Instant) {
        self.advance(now);
        if self.until.is_some_and(|until| taken + self.length >= until) {
            self.used = self.used.saturating_sub(n);
        }
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
        let next = self.until.unwrap_or(now + self.length);
        let later = Duration(self.length.0.saturating_mul(more));
        Some(next.since(now) + later)
    }
}
