//! Timers parked in the event queue, a few per owner, so that none is pushed twice.
//!
//! An event that was pushed cannot be taken back. So an owner that wants to be woken later than a
//! timer it has parked already waits for that one and is re-armed then; and a timer outlives the
//! call it was parked for and serves the next call of the same slot. A deadline of an hour does not
//! leave one dead event per call behind, only one per slot.

use crate::base::Instant;

/// The parked timers of one owner, the nearest first. One that falls off the end is forgotten: its
/// event comes and finds nobody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timers([Instant; 3]);

impl Timers {
    /// None parked.
    pub(super) fn new() -> Timers {
        Timers([Instant::NEVER; 3])
    }

    /// Whether an event must be pushed so that the owner is woken by `at`: nothing is as near.
    pub(super) fn park(&mut self, at: Instant) -> bool {
        let [nearest, next, _] = self.0;
        let push = at < nearest;
        if push {
            self.0 = [at, nearest, next];
        }
        push
    }

    /// An event came: whether it is the nearest timer, which is then no longer parked.
    pub(super) fn fires(&mut self, now: Instant) -> bool {
        let [nearest, next, last] = self.0;
        let fires = nearest == now;
        if fires {
            self.0 = [next, last, Instant::NEVER];
        }
        fires
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_timer_is_pushed_once_however_often_nearer_ones_come_and_go() {
        let mut timers = Timers::new();
        assert!(timers.park(Instant(1000)));
        for i in 1..100 {
            assert!(timers.park(Instant(i)));
            assert!(!timers.park(Instant(i)), "as near already");
            assert!(timers.fires(Instant(i)));
            assert!(!timers.park(Instant(1000)), "still parked");
        }
        assert!(timers.fires(Instant(1000)));
        assert!(!timers.fires(Instant(1000)));
    }

    #[test]
    fn a_forgotten_timer_finds_nobody() {
        let mut timers = Timers::new();
        for at in [400, 300, 200, 100] {
            assert!(timers.park(Instant(at)));
        }
        for at in [100, 200, 300] {
            assert!(timers.fires(Instant(at)));
        }
        assert!(!timers.fires(Instant(400)));
    }
}
