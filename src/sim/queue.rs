//! The event queue: what happens next, in the order (time, rank, push order).
//!
//! Why not a heap: a heap compares its way down through cold memory, and each event pays more the
//! more calls are in flight. A simulator's time never goes back, and that is enough to sort by
//! digits instead: an event is moved a bounded number of times however many others wait.
//!
//! Three places hold the events, and every event is in exactly one of them:
//!
//! * the **lanes**: events of this very instant, one FIFO per rank;
//! * the **run**: a short sorted list of what comes up to an instant called its horizon;
//! * the **ladder**: everything beyond the horizon, in buckets by the digits of the time
//!   (a radix heap; see `ladder`).
//!
//! When lanes and run are empty the ladder's first buckets become the next run. It is a radix heap
//! (Ahuja, Mehlhorn, Orlin, Tarjan: *Faster algorithms for the shortest path problem*, J. ACM 37,
//! 1990) whose last few comparisons are done in a sorted list, as the ladder queue does (Tang, Goh,
//! Thng: *Ladder queue*, ACM TOMACS 15, 2005).
//!
//! **Equal times keep their order, without a sequence number.** Events of one instant are always
//! all in one place, and each place appends behind and moves in order. So nothing can wrap, and an
//! entry is 16 bytes with a full 32-bit slot. [`oracle::HeapQueue`] numbers its events, and the
//! tests hold the two against each other, ties included.

mod ladder;
mod lanes;
pub mod oracle;
mod run;
#[cfg(test)]
mod tests;

use crate::base::Instant;
use ladder::{Ladder, Next};
use lanes::Lanes;
use run::Run;

/// How many ranks there are: a rank is `0..RANKS`.
pub const RANKS: u8 = 4;

/// One pending event: 16 bytes, so four share a cache line.
///
/// Two whole words, because an entry written in pieces and read back at once stalls the processor.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// When, in nanoseconds.
    time: u64,
    /// The rank above 32 bits of slot.
    tag: u64,
}

impl Entry {
    #[inline]
    fn new(time: u64, rank: u8, slot: u32) -> Entry {
        let tag = u64::from(rank % RANKS) << 32 | u64::from(slot);
        Entry { time, tag }
    }

    #[inline]
    fn rank(self) -> u8 {
        (self.tag >> 32) as u8
    }

    #[inline]
    fn slot(self) -> u32 {
        self.tag as u32
    }

    /// Whether this entry comes out later than one that was pushed after it. Without a branch:
    /// which of two comes first is a coin flip, and a wrong guess costs more than all comparisons.
    #[inline]
    fn is_after(self, newer: Entry) -> bool {
        (self.time > newer.time) | ((self.time == newer.time) & (self.tag >> 32 > newer.tag >> 32))
    }
}

/// Pending events, earliest first; equal times by rank, equal ranks first come first out.
///
/// An event is a slot number: what happens stands in a `Slab` under it.
/// Nothing can be taken out except at the front; park one lazily re-armed timer per slot instead.
///
/// ```
/// use squall::base::Instant;
/// use squall::sim::Queue;
///
/// let mut queue = Queue::new();
/// queue.push(Instant(7), 0, 1);
/// queue.push(Instant(5), 2, 2);
/// queue.push(Instant(5), 1, 3);
/// assert_eq!(queue.pop(), Some((Instant(5), 3)));
/// assert_eq!(queue.pop(), Some((Instant(5), 2)));
/// assert_eq!(queue.now(), Instant(5));
/// ```
#[derive(Debug)]
pub struct Queue {
    /// The time of the last event that came out.
    now: u64,
    /// Events at `now`, except those that still stand in the run.
    lanes: Lanes,
    /// Events up to `horizon`.
    run: Run,
    /// The last instant that belongs to the run; never before `now`.
    horizon: u64,
    /// Events beyond the horizon.
    ladder: Ladder,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue::new()
    }
}

impl Queue {
    /// An empty queue at time zero.
    pub fn new() -> Queue {
        Queue {
            now: 0,
            lanes: Lanes::default(),
            run: Run::new(),
            horizon: 0,
            ladder: Ladder::new(),
        }
    }

    /// Adds an event at `at`, not before [`now`](Self::now). Among events of one instant the lower
    /// `rank` (below [`RANKS`]) comes out first, also when it is pushed while that instant is
    /// being popped; within a rank, the one pushed first.
    ///
    /// # Panics
    /// In debug builds, if `at` is in the past or `rank` too high. In release builds a late event
    /// happens now, and only the two low bits of a rank count.
    #[inline]
    pub fn push(&mut self, at: Instant, rank: u8, slot: u32) {
        let time = at.0;
        debug_assert!(
            time >= self.now,
            "event for slot {slot} at {time} ns is before now, {} ns",
            self.now
        );
        debug_assert!(rank < RANKS, "rank {rank} of slot {slot} is not below 4");
        if time > self.horizon {
            self.ladder.push(Entry::new(time, rank, slot));
        } else {
            self.push_near(Entry::new(time, rank, slot));
        }
    }

    /// Pushes an entry that is not beyond the horizon. Apart from the usual way, so that that one
    /// stays short.
    #[inline(never)]
    fn push_near(&mut self, entry: Entry) {
        if entry.time <= self.now {
            self.lanes.push(entry.rank(), entry.slot());
            return;
        }
        self.run.insert(entry);
        if self.run.len() > Run::LONGEST {
            self.spill();
        }
    }

    /// Takes the next event out and moves `now` to its time.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, u32)> {
        if let Some(rank) = self.lanes.first_rank() {
            return Some(self.pop_at_now(rank));
        }
        let Some(entry) = self.run.pop() else {
            return self.refill();
        };
        self.now = entry.time;
        Some((Instant(entry.time), entry.slot()))
    }

    /// When the next event is due.
    ///
    /// Looks without moving anything: between runs it reads the ladder's first bucket, as the
    /// [`pop`](Self::pop) after it will.
    pub fn peek_time(&self) -> Option<Instant> {
        if self.lanes.first_rank().is_some() {
            return Some(Instant(self.now));
        }
        match self.run.pending().first() {
            Some(entry) => Some(Instant(entry.time)),
            None => self.ladder.earliest().map(Instant),
        }
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.lanes.len() + self.run.len() + self.ladder.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The time of the last event that came out; zero before the first.
    pub fn now(&self) -> Instant {
        Instant(self.now)
    }

    /// Pops while a lane holds something, its lowest rank being `rank`. What the run holds for this
    /// instant was pushed before the instant began, so it precedes the lane of its own rank.
    fn pop_at_now(&mut self, rank: u8) -> (Instant, u32) {
        let now = self.now;
        let slot = match self.run.pending().first() {
            Some(entry) if entry.time == now && entry.rank() <= rank => {
                let slot = entry.slot();
                self.run.pop();
                slot
            }
            Some(_) | None => self.lanes.pop(rank),
        };
        (Instant(now), slot)
    }

    /// Pops from the ladder, lanes and run being empty: its first buckets become the run.
    #[inline(never)]
    fn refill(&mut self) -> Option<(Instant, u32)> {
        let (run, lanes) = (&mut self.run, &mut self.lanes);
        let next = self.ladder.take_first(run, lanes)?;
        match next {
            Next::Run { horizon } => {
                self.horizon = horizon;
                let entry = self.run.pop()?;
                self.now = entry.time;
                Some((Instant(entry.time), entry.slot()))
            }
            Next::Lanes { now } => {
                self.now = now;
                self.horizon = now;
                let rank = self.lanes.first_rank()?;
                Some((Instant(now), self.lanes.pop(rank)))
            }
        }
    }

    /// Shortens a run that grew too long: all but its first few entries go to the ladder, and the
    /// horizon comes nearer. Entries of one instant stay together, and those of `now` stay here.
    #[cold]
    fn spill(&mut self) {
        // The entry that was just inserted is later than now, so `now + 1` does not overflow and
        // something is always spilled.
        let pending = self.run.pending();
        let cut = pending[RUN_KEPT].time.max(self.now + 1);
        let kept = pending.partition_point(|entry| entry.time < cut);
        for &entry in &pending[kept..] {
            self.ladder.push(entry);
        }
        self.run.truncate(kept);
        self.horizon = cut - 1;
    }
}

/// What stays of a spilled run: enough to amortise the spill, few enough to insert into cheaply.
const RUN_KEPT: usize = 16;
