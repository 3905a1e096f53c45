//! Things under small numbers: what an event's slot points to.
//!
//! Why not a map: an event carries 32 bits, and a freed slot is warm memory, so the last one freed
//! is the next one used. There are no generations: an owner parks at most one timer per slot and
//! forgets it before it frees the slot, so a stale number cannot be around.

use std::ops::{Index, IndexMut};

/// Values under `u32` slots, which are reused last freed, first used.
///
/// ```
/// use squall::base::Slab;
///
/// let mut slab = Slab::new();
/// let (a, b) = (slab.insert("a"), slab.insert("b"));
/// assert_eq!(slab.remove(a), "a");
/// assert_eq!(slab[b], "b");
/// assert_eq!(slab.insert("c"), a);
/// ```
#[derive(Clone, Debug)]
pub struct Slab<T> {
    places: Vec<Place<T>>,
    /// The slot freed last; `END` if none is free.
    free: u32,
    len: usize,
}

#[derive(Clone, Debug)]
enum Place<T> {
    Taken(T),
    /// The slot freed before this one, or `END`.
    Free(u32),
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab::new()
    }
}

impl<T> Slab<T> {
    /// An empty slab.
    pub fn new() -> Slab<T> {
        Slab {
            places: Vec::new(),
            free: END,
            len: 0,
        }
    }

    /// Puts a value in the slot freed last, or in a new one, and says which.
    ///
    /// # Panics
    /// If all 2³² − 1 slots are taken.
    #[inline]
    pub fn insert(&mut self, value: T) -> u32 {
        self.insert_with(|_| value)
    }

    /// Puts the value that `make` makes of its slot there; a large one is made in place.
    ///
    /// # Panics
    /// If all 2³² − 1 slots are taken.
    #[inline(always)]
    pub fn insert_with(&mut self, make: impl FnOnce(u32) -> T) -> u32 {
        if self.free == END {
            self.append();
        }
        let slot = self.free;
        let place = &mut self.places[slot as usize];
        let Place::Free(next) = *place else {
            unreachable!("slot {slot} is in the free list and taken")
        };
        // Only then is the slot taken: if `make` panics it is still free.
        *place = Place::Taken(make(slot));
        self.free = next;
        self.len += 1;
        slot
    }

    /// Takes the value out and frees its slot.
    ///
    /// # Panics
    /// If the slot is free.
    #[inline]
    #[track_caller]
    pub fn remove(&mut self, slot: u32) -> T {
        match self.places.get_mut(slot as usize) {
            Some(place @ Place::Taken(_)) => {
                let taken = std::mem::replace(place, Place::Free(self.free));
                self.free = slot;
                self.len -= 1;
                match taken {
                    Place::Taken(value) => value,
                    Place::Free(_) => vacant(slot),
                }
            }
            Some(Place::Free(_)) | None => vacant(slot),
        }
    }

    /// Drops the value where it is and frees its slot: of a large value, `remove` makes a copy.
    ///
    /// # Panics
    /// If the slot is free.
    #[inline]
    #[track_caller]
    pub fn discard(&mut self, slot: u32) {
        match self.places.get_mut(slot as usize) {
            Some(place @ Place::Taken(_)) => {
                *place = Place::Free(self.free);
                self.free = slot;
                self.len -= 1;
            }
            Some(Place::Free(_)) | None => vacant(slot),
        }
    }

    /// The value in a slot, if it is taken.
    #[inline]
    pub fn get(&self, slot: u32) -> Option<&T> {
        match self.places.get(slot as usize) {
            Some(Place::Taken(value)) => Some(value),
            Some(Place::Free(_)) | None => None,
        }
    }

    /// The value in a slot, to change, if it is taken.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        match self.places.get_mut(slot as usize) {
            Some(Place::Taken(value)) => Some(value),
            Some(Place::Free(_)) | None => None,
        }
    }

    /// How many slots are taken.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no slot is taken.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The taken slots and their values, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..)
            .zip(&self.places)
            .filter_map(|(slot, place)| match place {
                Place::Taken(value) => Some((slot, value)),
                Place::Free(_) => None,
            })
    }

    /// The taken slots and their values, to change, by slot.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        let places = (0..).zip(&mut self.places);
        places.filter_map(|(slot, place)| match place {
            Place::Taken(value) => Some((slot, value)),
            Place::Free(_) => None,
        })
    }

    /// Adds a free slot, none being free.
    #[cold]
    fn append(&mut self) {
        let slot = u32::try_from(self.places.len()).unwrap_or(END);
        assert!(slot != END, "a slab has at most 2^32 - 1 slots");
        self.places.push(Place::Free(END));
        self.free = slot;
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    #[track_caller]
    fn index(&self, slot: u32) -> &T {
        self.get(slot).unwrap_or_else(|| vacant(slot))
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    #[track_caller]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        self.get_mut(slot).unwrap_or_else(|| vacant(slot))
    }
}

#[cold]
#[track_caller]
fn vacant(slot: u32) -> ! {
    panic!("slot {slot} is free: its owner removed it and kept the number")
}

/// The end of the free list; never a slot.
const END: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn the_slot_freed_last_is_used_first() {
        let mut slab = Slab::new();
        let slots = [slab.insert('a'), slab.insert('b'), slab.insert('c')];
        assert_eq!(slots, [0, 1, 2]);
        slab.remove(0);
        slab.remove(2);
        assert_eq!([slab.insert('d'), slab.insert('e')], [2, 0]);
        assert_eq!(slab.insert('f'), 3);
    }

    #[test]
    fn a_value_that_cannot_be_made_takes_no_slot() {
        let mut slab = Slab::new();
        slab.insert(1);
        let make = |_| -> i32 { panic!("a test of what a panic leaves") };
        let made =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| slab.insert_with(make)));
        assert!(made.is_err());
        assert_eq!(slab.len(), 1);
        assert_eq!(slab.insert(2), 1, "the slot is still free");
    }

    #[test]
    fn iteration_is_by_slot_whatever_the_order_of_insertion() {
        let mut slab = Slab::new();
        for value in 0..5 {
            let mut announced = None;
            let slot = slab.insert_with(|slot| {
                announced = Some(slot);
                value
            });
            assert_eq!(announced, Some(slot));
        }
        for slot in [1, 4, 3] {
            slab.remove(slot);
        }
        assert_eq!(slab.insert(30), 3, "the slot freed last");
        slab.iter_mut().for_each(|(_, value)| *value += 100);
        let all: Vec<_> = slab.iter().map(|(slot, &value)| (slot, value)).collect();
        assert_eq!(all, [(0, 100), (2, 102), (3, 130)]);
    }

    #[test]
    fn a_slab_holds_what_a_map_would() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
        let (mut slab, mut map) = (Slab::new(), BTreeMap::new());
        for value in 0..100_000_u64 {
            let slot = rng.next_u32() % 200;
            if map.contains_key(&slot) {
                slab[slot] += 1;
                let expected = map.remove(&slot).map(|v| v + 1);
                if value % 2 == 0 {
                    assert_eq!(Some(slab.remove(slot)), expected);
                } else {
                    assert_eq!(slab.get(slot).copied(), expected);
                    slab.discard(slot);
                }
            } else {
                assert_eq!(slab.get(slot), None);
                assert_eq!(map.insert(slab.insert(value), value), None);
            }
            assert_eq!(slab.len(), map.len());
        }
        assert!(
            slab.iter()
                .eq(map.iter().map(|(&slot, value)| (slot, value)))
        );
        assert_eq!(slab.is_empty(), map.is_empty());
    }

    #[test]
    #[should_panic(expected = "slot 0 is free")]
    fn removing_twice_is_caught() {
        let mut slab = Slab::new();
        let slot = slab.insert(());
        slab.remove(slot);
        slab.remove(slot);
    }

    #[test]
    #[should_panic(expected = "slot 7 is free")]
    fn reading_a_slot_that_never_was_is_caught() {
        let slab: Slab<()> = Slab::new();
        let () = slab[7];
    }
}
