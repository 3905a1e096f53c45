//! A sliding log: every event of the last interval, each with its time.
//!
//! Exact up to a thousand events; beyond that, events closer than a thousandth of the interval
//! become one at the later time, so that memory is bounded and nothing passes too early.

use std::collections::VecDeque;

use super::intervals;
use crate::base::{Duration, Instant};

/// What passed in the last interval.
#[derive(Clone, Debug)]
pub struct Log {
    limit: u64,
    length: Duration,
    events: VecDeque<(Instant, u64)>,
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
        while let Some(&(at, n)) = self.events.front()
            && now >= at + self.length
        {
            self.used -= n;
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
            Some((at, last)) if many && now.since(*at) <= near => {
                *at = now;
                *last = last.saturating_add(n);
            }
            Some(_) | None => self.events.push_back((now, n)),
        }
    }

    /// `n` of what passed were not used: the newest events shrink.
    pub fn put_back(&mut self, n: u64) {
        let mut left = n;
        for (_, passed) in self.events.iter_mut().rev() {
            let back = left.min(*passed);
            *passed -= back;
            left -= back;
            self.used -= back;
        }
    }

    /// `n` of what passed at `taken` were not used: that event shrinks, or the later one that it has become a
    /// part of.
    pub fn put_back_of(&mut self, n: u64, taken: Instant, now: Instant) {
        self.advance(now);
        if now >= taken + self.length {
            return;
        }
        let first = self.events.partition_point(|(at, _)| *at < taken);
        let mut left = n;
        for (_, passed) in self.events.iter_mut().skip(first) {
            let back = left.min(*passed);
            *passed -= back;
            left -= back;
            self.used -= back;
            if left == 0 {
                return;
            }
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
        for &(at, passed) in &self.events {
            if passed >= missing {
                return Some((at + self.length).since(now));
            }
            missing -= passed;
        }
        // Those ahead fill whole intervals of their own.
        let last = self.events.back().map_or(now, |(at, _)| *at) + self.length;
        let more = self
            .length
            .0
            .saturating_mul(intervals(missing, self.limit) + 1);
        Some(last.since(now) + Duration(more))
    }
}

/// Events that are kept apart.
const LONGEST: usize = 1000;
