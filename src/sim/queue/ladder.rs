//! The far part of the queue: 11 levels of 64 buckets, by the digits of the time in base 64.
//!
//! An entry's level is the highest base-64 digit in which its time differs from `base`, its bucket
//! the value of that digit. So the lowest occupied level holds the earliest entries, its lowest
//! occupied bucket the earliest of those, and each is found by counting trailing zeros. `base`
//! moves only into the bucket that is being taken apart, whence all other entries keep their
//! places: they still differ from it first in the same digit.
//!
//! Invariants: `base` ≤ every entry; entries of equal time are in one bucket, and within a rank in
//! the order they were pushed.

use super::Entry;
use super::lanes::Lanes;
use super::run::Run;

/// Entries beyond the run's horizon.
#[derive(Debug)]
pub(super) struct Ladder {
    /// The time from which levels and buckets are counted.
    base: u64,
    /// Bit b of word l is set when bucket b of level l holds something.
    occupied: [u64; LEVELS],
    buckets: Box<[[Vec<Entry>; BUCKETS]; LEVELS]>,
    len: usize,
}

/// Where the first events of the ladder were put.
#[derive(Debug)]
pub(super) enum Next {
    /// Into the run, which now holds everything up to this instant.
    Run {
        /// The last instant of the bucket that was taken.
        horizon: u64,
    },
    /// Into the lanes: many events of this one instant.
    Lanes {
        /// That instant.
        now: u64,
    },
}

impl Ladder {
    /// An empty ladder that counts from time zero.
    pub(super) fn new() -> Ladder {
        let level = |_| std::array::from_fn(|_| Vec::new());
        Ladder {
            base: 0,
            occupied: [0; LEVELS],
            buckets: Box::new(std::array::from_fn(level)),
            len: 0,
        }
    }

    /// Appends an entry, not earlier than the last instant taken, to its bucket.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        let level = top_digit(entry.time ^ self.base);
        let bucket = (entry.time >> (level as u32 * BITS)) as usize % BUCKETS;
        self.occupied[level] |= 1 << bucket;
        self.len += 1;
        push(&mut self.buckets[level][bucket], entry);
    }

    /// The earliest time, by reading the first bucket.
    pub(super) fn earliest(&self) -> Option<u64> {
        let (level, bucket) = self.first()?;
        let entries = &self.buckets[level][bucket];
        entries.iter().map(|entry| entry.time).min()
    }

    /// Moves the first events into `run` or `lanes`, both empty: short buckets are sorted into the
    /// run, a long one of a single instant goes to the lanes, any other is spread over a level below
    /// it, and the first bucket of that is tried.
    pub(super) fn take_first(&mut self, run: &mut Run, lanes: &mut Lanes) -> Option<Next> {
        loop {
            let (level, bucket) = self.first()?;
            let entries = &mut self.buckets[level][bucket];
            let first = entries[0].time;
            if entries.len() <= SHORT {
                let below = (1 << (level as u32 * BITS)) - 1;
                self.base = first & !below;
                run.restart();
                let last = self.gather(level, run);
                return Some(Next::Run {
                    horizon: last | below,
                });
            }
            let differing = entries.iter().fold(0, |d, entry| d | (entry.time ^ first));
            let taken = std::mem::take(entries);
            self.occupied[level] &= !(1 << bucket);
            if differing == 0 {
                self.base = first;
                self.len -= taken.len();
                for entry in &taken {
                    lanes.push(entry.rank(), entry.slot());
                }
            } else {
                self.spread(&taken, top_digit(differing));
            }
            self.give_back(level, bucket, taken);
            if differing == 0 {
                return Some(Next::Lanes { now: first });
            }
        }
    }

    /// Spreads entries over one level, that of the highest digit that tells them apart.
    ///
    /// Those with the digit zero differ from the new base only further down, and stand too high
    /// here; but their bucket comes first, so it is taken before anything else is pushed.
    fn spread(&mut self, entries: &[Entry], level: usize) {
        let shift = level as u32 * BITS;
        self.base = entries[0].time >> (shift + BITS) << (shift + BITS);
        let buckets = &mut self.buckets[level];
        let mut occupied = self.occupied[level];
        for &entry in entries {
            let bucket = (entry.time >> shift) as usize % BUCKETS;
            push(&mut buckets[bucket], entry);
            occupied |= 1 << bucket;
        }
        self.occupied[level] = occupied;
    }

    /// Lets a bucket that was taken apart keep its memory, unless it is much.
    fn give_back(&mut self, level: usize, bucket: usize, mut taken: Vec<Entry>) {
        if taken.capacity() <= KEPT_CAPACITY {
            taken.clear();
            self.buckets[level][bucket] = taken;
        }
    }

    /// Moves the first buckets of a level into the run, as many as fit in a short one, and returns
    /// a time of the last of them. Several at once, because most buckets hold one or two entries
    /// and beginning a run costs more than they do. `base` stays in the first: a spilled run finds
    /// its places again.
    fn gather(&mut self, level: usize, run: &mut Run) -> u64 {
        let buckets = &mut self.buckets[level];
        let mut occupied = self.occupied[level];
        let mut last = 0;
        while occupied != 0 {
            let entries = &mut buckets[occupied.trailing_zeros() as usize];
            if run.len() + entries.len() > SHORT {
                break;
            }
            last = entries[0].time;
            run.append(entries);
            entries.clear();
            occupied &= occupied - 1;
        }
        self.occupied[level] = occupied;
        self.len -= run.len();
        last
    }

    /// The first occupied bucket.
    #[inline]
    fn first(&self) -> Option<(usize, usize)> {
        let level = self.occupied.iter().position(|&word| word != 0)?;
        Some((level, self.occupied[level].trailing_zeros() as usize))
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes allocated by the buckets.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let buckets = self.buckets.iter().flatten();
        buckets.map(|b| b.capacity() * size_of::<Entry>()).sum()
    }
}

/// Appends to a bucket. That it may grow is kept out of the way: with it inline, every push would
/// first save the registers that growing needs.
#[inline]
fn push(bucket: &mut Vec<Entry>, entry: Entry) {
    if bucket.len() == bucket.capacity() {
        grow(bucket, entry);
    } else {
        bucket.push(entry);
    }
}

#[cold]
#[inline(never)]
fn grow(bucket: &mut Vec<Entry>, entry: Entry) {
    bucket.push(entry);
}

/// The highest base-64 digit in which two times differ, given their exclusive or.
#[inline]
fn top_digit(differing: u64) -> usize {
    // The lowest bit only matters for zero, which is the lowest digit too.
    ((differing | 1).ilog2() / BITS) as usize
}

/// Bits of a digit: 64 buckets, one occupancy word.
const BITS: u32 = 6;
const BUCKETS: usize = 1 << BITS;
/// Digits of a 64-bit time.
const LEVELS: usize = 64_u32.div_ceil(BITS) as usize;

/// A bucket of at most this many entries is sorted at once: cheaper than spreading it further. A run
/// begins with at most so many.
const SHORT: usize = 16;

/// A taken bucket that grew beyond this gives its memory back (4 KiB; at most 2.8
/// MiB over all buckets).
const KEPT_CAPACITY: usize = 256;
