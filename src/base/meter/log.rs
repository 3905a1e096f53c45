//! A sliding log: every event of the last interval, each with its time.
//!
//! Exact up to a thousand events; beyond that, events within a thousandth of the interval become one
//! at the latest of their times, so that memory is bounded, nothing passes too early, and nothing more than
//! that thousandth too late.

use std::collections::VecDeque;

use super::intervals;
use crate::base::{Duration, Instant};

/// What passed at one time, or between two that are close.
#[derive(Clone, Copy, Debug)]
struct Event {
    /// The first of its times.
    from: Instant,
    /// The last, at which all of it counts.
    at: Instant,
    n: u64,
}

/// What passed in the last interval.
#[derive(Clone, Debug)]
pub struct Log {
    limit: u64,
    length: Duration,
    events: VecDeque<Event>,
    used: u64,
}

impl Log {
    /// Nothing has passed.
    pub fn new(limit: u64, length: Duration) -> Log {
        Log {
            limit,
            length,
            events: VecDeque::new(),
            used: 0,
        }
    }

    /// Changes the limit.
    pub fn resize(&mut self, limit: u64) {
        self.limit = limit;
    }

    fn advance(&mut self, now: Instant) {
        while let Some(event) = self.events.front()
            && now >= event.at + self.length
        {
            self.used -= event.n;
            self.events.pop_front();
        }
    }

    /// Lets `n` pass.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.advance(now);
        self.used = self.used.saturating_add(n);
        let near = Duration(self.length.0 / LONGEST as u64);
        let many = self.events.len() >= LONGEST;
        match self.events.back_mut() {
            // Counted from its beginning: one that grew as long as there is traffic would never end.
            Some(last) if many && now.since(last.from) <= near => {
                last.at = now;
                last.n = last.n.saturating_add(n);
            }
            Some(_) | None => self.events.push_back(Event {
                from: now,
                at: now,
                n,
            }),
        }
    }

    /// `n` of what passed at `taken_at` were not used: the events of that time shrink, if they still count.
    pub fn put_back(&mut self, n: u64, taken_at: Instant, now: Instant) {
        self.advance(now);
        let first = self.events.partition_point(|event| event.at < taken_at);
        let mut left = n;
        for event in self.events.range_mut(first..) {
            if left == 0 || event.from > taken_at {
                break;
            }
            let back = left.min(event.n);
            event.n -= back;
            left -= back;
            self.used -= back;
        }
    }

    /// How long until `n` may pass behind `ahead`; None if they never may.
    pub fn wait(&mut self, n: u64, ahead: u64, now: Instant) -> Option<Duration> {
        if n > self.limit {
            return None;
        }
        self.advance(now);
        let wanted = n.saturating_add(ahead);
        // A limit that shrank may have let more pass than it now would.
        let mut missing = self.used.saturating_add(wanted).saturating_sub(self.limit);
        if missing == 0 {
            return Some(Duration::ZERO);
        }
        for event in &self.events {
            if event.n >= missing {
                return Some((event.at + self.length).since(now));
            }
            missing -= event.n;
        }
        // Those ahead fill whole intervals of their own.
        let last = self.events.back().map_or(now, |event| event.at) + self.length;
        let more = self
            .length
            .0
            .saturating_mul(intervals(missing, self.limit) + 1);
        Some(last.since(now) + Duration(more))
    }
}

/// Events that are kept apart.
const LONGEST: usize = 1000;
