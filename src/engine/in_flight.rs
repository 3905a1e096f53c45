//! The attempts of one call that are in flight.
//!
//! Nearly always one, of up to four: which places are taken is one byte, so that asking about them
//! does not read them all.

use super::MAX_IN_FLIGHT;
use super::call::Attempt;

/// Up to [`MAX_IN_FLIGHT`] attempts, each at a place of its own until it ends.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct InFlight {
    /// One bit per place.
    taken: u8,
    attempts: [Option<Attempt>; MAX_IN_FLIGHT],
}

impl InFlight {
    /// None.
    pub(super) fn new() -> InFlight {
        InFlight {
            taken: 0,
            attempts: [None; MAX_IN_FLIGHT],
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.taken.count_ones() as usize
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// Puts an attempt at the first free place. The caller has asked [`Self::len`].
    pub(super) fn insert(&mut self, attempt: Attempt) {
        let place = self.taken.trailing_ones() as usize;
        debug_assert!(
            place < MAX_IN_FLIGHT,
            "at most {MAX_IN_FLIGHT} attempts are in flight"
        );
        let place = place.min(MAX_IN_FLIGHT - 1);
        self.taken |= 1 << place;
        self.attempts[place] = Some(attempt);
    }

    /// Takes an attempt out.
    pub(super) fn remove(&mut self, place: usize) -> Option<Attempt> {
        self.taken &= !(1 << place);
        self.attempts[place].take()
    }

    /// The attempt at a place.
    pub(super) fn get(&self, place: usize) -> Option<Attempt> {
        self.attempts[place]
    }

    /// The attempt at a place, to change.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Attempt> {
        self.attempts[place].as_mut()
    }

    /// The places that are taken now, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let mut left = self.taken;
        std::iter::from_fn(move || {
            let place = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(place)
        })
    }

    /// The attempts, in order of their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Attempt> {
        self.places()
            .filter_map(|place| self.attempts[place].as_ref())
    }

    /// The place of an attempt, by its number within the call.
    pub(super) fn place_of(&self, number: u16) -> Option<usize> {
        let is_it = |place: &usize| self.attempts[*place].is_some_and(|a| a.which.number == number);
        self.places().find(is_it)
    }
}
