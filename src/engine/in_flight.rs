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
        assert!(
            place < MAX_IN_FLIGHT,
            "at most {MAX_IN_FLIGHT} attempts are in flight"
        );
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

    /// Whether the byte says what the places hold.
    pub(super) fn is_consistent(&self) -> bool {
        let bits = self.attempts.iter().enumerate();
        let held = bits.map(|(place, held)| u8::from(held.is_some()) << place);
        held.sum::<u8>() == self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::Try;
    use super::*;
    use crate::base::draw::{Draws, Purpose, Root, Stage};
    use crate::base::{EndpointId, Instant, Origin};
    use crate::policy::breaker::{self, plan::Plan, readmit, set::Breakers, trip};

    fn attempt(number: u16) -> Attempt {
        let plan = Plan::new(
            &breaker::Config::default(),
            &trip::Config::default(),
            &readmit::Config::default(),
        );
        let pass = Breakers::new(&plan, 1, &[]).pass(&plan, EndpointId(0), false, Instant::ZERO);
        Attempt {
            which: Try {
                endpoint: EndpointId(number % 3),
                number,
                nth_at_endpoint: number,
                priority: crate::base::wire::Priority::Normal,
            },
            place: 0,
            origin: Origin::First,
            sent_at: Instant::ZERO,
            first_token: false,
            connected: false,
            answered: false,
            pass,
        }
    }

    /// The slow model: a list of places, each with an attempt or none.
    fn agree(fast: &InFlight, slow: &[Option<u16>]) {
        let numbers = |place: usize| fast.get(place).map(|a| a.which.number);
        assert_eq!((0..slow.len()).map(numbers).collect::<Vec<_>>(), slow);
        let held: Vec<u16> = slow.iter().flatten().copied().collect();
        assert_eq!(
            fast.iter().map(|a| a.which.number).collect::<Vec<_>>(),
            held
        );
        assert_eq!((fast.len(), fast.is_empty()), (held.len(), held.is_empty()));
        let places: Vec<usize> = (0..slow.len()).filter(|&i| slow[i].is_some()).collect();
        assert_eq!(fast.places().collect::<Vec<_>>(), places);
        for number in 0..20 {
            let place = slow.iter().position(|held| *held == Some(number));
            assert_eq!(fast.place_of(number), place);
        }
        assert!(fast.is_consistent());
    }

    #[test]
    fn it_does_what_a_list_of_places_does() {
        for seed in 0..50 {
            let draws = Draws::new(Root::new(seed, Stage::Run, 0));
            let (mut fast, mut slow) = (InFlight::new(), vec![None; MAX_IN_FLIGHT]);
            for step in 0..200u16 {
                let u = draws.unit(Purpose::Probe, 0, u64::from(step));
                let free = slow.iter().position(Option::is_none);
                let place = (u * 8.0) as usize % MAX_IN_FLIGHT;
                match free.filter(|_| u < 0.5) {
                    Some(free) => {
                        fast.insert(attempt(step));
                        slow[free] = Some(step);
                    }
                    None => {
                        let gone = fast.remove(place).map(|a| a.which.number);
                        assert_eq!(gone, slow[place].take(), "seed {seed}");
                    }
                }
                if let Some(held) = fast.get_mut(place) {
                    held.which.number += 1;
                    slow[place] = slow[place].map(|number| number + 1);
                }
                agree(&fast, &slow);
            }
        }
    }

    #[test]
    #[should_panic(expected = "at most 4 attempts are in flight")]
    fn a_fifth_is_refused_loudly() {
        let mut all = InFlight::new();
        (0..5).for_each(|number| all.insert(attempt(number)));
    }
}
