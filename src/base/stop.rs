//! A wish to stop, said on one thread and looked at on others between two steps of long work.
//!
//! Whoever sees it gives up what it was making, so a wish never changes a result: there is the
//! whole of it or none.

use std::sync::atomic::{AtomicBool, Ordering};

/// A wish to stop; a fresh one is not said.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Says it, for good; whether this was the first time.
    pub fn say(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether it was said.
    #[inline]
    pub fn is_said(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// None once it was said: `stop.check()?` leaves a function that may be left undone.
    #[inline]
    pub fn check(&self) -> Option<()> {
        (!self.is_said()).then_some(())
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
}
