//! Events of the present instant: one FIFO per rank, no times, no comparisons.
//!
//! Zero delays are common (a signal that leads to a dispatch), and so are bursts at one instant;
//! both pass through here at the price of a ring buffer.

use std::collections::VecDeque;

use super::RANKS;

/// FIFO lanes, one per rank.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: [VecDeque<u32>; RANKS as usize],
    /// Bit r is set when lane r holds something.
    busy: u8,
}

impl Lanes {
    /// Appends to a rank's lane. Only the rank's two low bits count.
    #[inline]
    pub(super) fn push(&mut self, rank: u8, slot: u32) {
        let rank = rank % RANKS;
        self.lanes[usize::from(rank)].push_back(slot);
        self.busy |= 1 << rank;
    }

    /// The lowest rank that has something.
    #[inline]
    pub(super) fn first_rank(&self) -> Option<u8> {
        (self.busy != 0).then(|| self.busy.trailing_zeros() as u8)
    }

    /// Takes the front of a lane that [`first_rank`](Self::first_rank) named.
    ///
    /// # Panics
    /// If that lane is empty.
    #[inline]
    pub(super) fn pop(&mut self, rank: u8) -> u32 {
        let lane = &mut self.lanes[usize::from(rank % RANKS)];
        let slot = lane.pop_front().expect("a busy lane holds something");
        if lane.is_empty() {
            self.busy &= !(1 << rank);
            if lane.capacity() > KEPT_CAPACITY {
                *lane = VecDeque::new();
            }
        }
        slot
    }

    /// How many events stand in the lanes.
    pub(super) fn len(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }

    /// Bytes allocated.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.lanes
            .iter()
            .map(|l| l.capacity() * size_of::<u32>())
            .sum()
    }
}

/// A drained lane that grew beyond this gives its memory back (4 KiB).
const KEPT_CAPACITY: usize = 1024;
