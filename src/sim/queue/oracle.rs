//! The plain queue: what [`Queue`](super::Queue) must do, written so that it is plainly right.
//!
//! The reference of the tests (same operations, same answers) and of the benchmark. Its order is
//! carried by a sequence number in every entry, not by where an entry happens to stand.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::RANKS;
use crate::base::Instant;

/// A binary heap of (time, rank and sequence, slot).
#[derive(Debug, Default)]
pub struct HeapQueue {
    heap: BinaryHeap<Reverse<(u64, u64, u32)>>,
    pushed: u64,
    now: u64,
}

impl HeapQueue {
    /// An empty queue at time zero.
    pub fn new() -> HeapQueue {
        HeapQueue::default()
    }

    /// As [`Queue::push`](super::Queue::push).
    ///
    /// # Panics
    /// In debug builds, if `at` is in the past or `rank` too high.
    #[inline]
    pub fn push(&mut self, at: Instant, rank: u8, slot: u32) {
        debug_assert!(at.0 >= self.now, "an event before now");
        debug_assert!(rank < RANKS, "rank {rank} is not below 4");
        // 62 bits of sequence last for 146 years at a nanosecond a push.
        let order = u64::from(rank) << 62 | self.pushed;
        self.pushed += 1;
        self.heap.push(Reverse((at.0, order, slot)));
    }

    /// As [`Queue::pop`](super::Queue::pop).
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, u32)> {
        let Reverse((time, _, slot)) = self.heap.pop()?;
        self.now = time;
        Some((Instant(time), slot))
    }

    /// As [`Queue::peek_time`](super::Queue::peek_time).
    pub fn peek_time(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((time, ..))| Instant(*time))
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The time of the last event that came out; zero before the first.
    pub fn now(&self) -> Instant {
        Instant(self.now)
    }
}
