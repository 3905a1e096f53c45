//! A wish to stop, said on one thread and looked at on others between two steps of long work.
//!
//! Whoever sees it gives up what it was making, so a wish never changes a result: there is the
//! whole of it or none.

use std::sync::atomic::{AtomicU64, Ordering};

/// A wish to stop; a fresh one is not said.
#[derive(Debug)]
pub struct Stop {
    /// Checks that are still let pass: none once it was said, without end before.
    left: AtomicU64,
}

/// Checks without end.
const ENDLESS: u64 = u64::MAX;

impl Default for Stop {
    fn default() -> Stop {
        Stop::after(ENDLESS)
    }
}

impl Stop {
    /// One that says itself after so many checks: to stop work in the middle, and always at the same
    /// place.
    pub fn after(checks: u64) -> Stop {
        Stop {
            left: AtomicU64::new(checks),
        }
    }

    /// Says it, for good; whether this was the first time.
    pub fn say(&self) -> bool {
        self.left.swap(0, Ordering::Relaxed) != 0
    }

    /// Whether it was said.
    #[inline]
    pub fn is_said(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// None once it was said: `stop.check()?` leaves a function that may be left undone.
    #[inline]
    pub fn check(&self) -> Option<()> {
        match self.left.load(Ordering::Relaxed) {
            ENDLESS => Some(()),
            0 => None,
            // Somebody may have said it meanwhile: it stays said.
            left => {
                let next = self.left.compare_exchange(
                    left,
                    left - 1,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                );
                next.map_or_else(|now| (now != 0).then_some(()), |_| Some(()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_and_for_good() {
        let stop = Stop::default();
        assert_eq!(stop.check(), Some(()));
        assert!(stop.say());
        assert!(!stop.say());
        assert_eq!(stop.check(), None);
    }

    #[test]
    fn one_may_say_itself_after_some_checks_or_before() {
        let stop = Stop::after(2);
        let checks = [stop.check(), stop.check(), stop.check(), stop.check()];
        assert_eq!(checks, [Some(()), Some(()), None, None]);
        assert!(stop.is_said());
        let early = Stop::after(2);
        assert!(early.say());
        assert_eq!(early.check(), None);
    }
}
