//! The near part of the queue: a short sorted list.
//!
//! Why an array and not a vector: the next entry is taken millions of times a second, and the
//! insertion loop runs on registers only if nothing in it can allocate.

use std::hint::select_unpredictable;

use super::Entry;

/// Sorted entries, taken from the front.
#[derive(Debug)]
pub(super) struct Run {
    /// Entries `first..end` are pending, those before `first` were taken.
    entries: [Entry; CAPACITY],
    first: usize,
    end: usize,
}

impl Run {
    /// A run with nothing in it.
    pub(super) fn new() -> Run {
        Run {
            entries: [Entry { time: 0, tag: 0 }; CAPACITY],
            first: 0,
            end: 0,
        }
    }

    /// How many entries are pending.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end - self.first
    }

    /// The pending entries, in order.
    #[inline]
    pub(super) fn pending(&self) -> &[Entry] {
        &self.entries[self.first..self.end]
    }

    /// Takes the next entry.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Entry> {
        if self.first == self.end {
            return None;
        }
        let entry = self.entries[self.first];
        self.first += 1;
        Some(entry)
    }

    /// Puts an entry in its place, behind its equals, into a run no longer than [`LONGEST`].
    ///
    /// [`LONGEST`]: Self::LONGEST
    #[inline]
    pub(super) fn insert(&mut self, entry: Entry) {
        if self.end == CAPACITY {
            self.entries.copy_within(self.first.., 0);
            self.end -= self.first;
            self.first = 0;
        }
        insert(&mut self.entries[self.first..=self.end], entry);
        self.end += 1;
    }

    /// Appends entries, at least one, all later than the pending ones but in no order themselves.
    ///
    /// Mostly they are one or two, and nobody can foretell which of these, or which of two is the
    /// earlier. So both cases take the same way, without a branch: a single entry is written twice,
    /// and its second copy lies behind the end.
    #[inline]
    pub(super) fn append(&mut self, entries: &[Entry]) {
        let (end, n) = (self.end, entries.len());
        if n <= 2 {
            let (a, b) = (entries[0], entries[n - 1]);
            let swap = a.is_after(b);
            self.entries[end] = select_unpredictable(swap, b, a);
            self.entries[end + 1] = select_unpredictable(swap, a, b);
        } else {
            let place = &mut self.entries[end..end + n];
            for (n, &entry) in entries.iter().enumerate() {
                insert(&mut place[..=n], entry);
            }
        }
        self.end = end + n;
    }

    /// Makes room for a new run, nothing being pending.
    #[inline]
    pub(super) fn restart(&mut self) {
        self.first = 0;
        self.end = 0;
    }

    /// Forgets all pending entries from the `n`-th on.
    pub(super) fn truncate(&mut self, n: usize) {
        self.end = self.first + n;
    }

    /// A run may be this long.
    pub(super) const LONGEST: usize = CAPACITY / 2;
}

/// Puts an entry into a sorted slice whose last place is free, behind its equals.
#[inline]
fn insert(run: &mut [Entry], entry: Entry) {
    let mut at = run.len() - 1;
    while at > 0 && run[at - 1].is_after(entry) {
        run[at] = run[at - 1];
        at -= 1;
    }
    run[at] = entry;
}

/// Room for the longest run and as many entries taken before it, so that moving the pending ones to
/// the front is rare.
const CAPACITY: usize = 128;
