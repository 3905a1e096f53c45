//! The timeouts of a policy as its calls need them: worked out once.

use crate::base::Duration;
use crate::policy::timeout::{Config, Limits};

/// The timeouts of a policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// Of the whole call, from its arrival.
    pub(super) call: Option<Duration>,
    /// Until an attempt is connected.
    pub(super) connect: Option<Duration>,
    /// Between two tokens of the answer that is the call's.
    pub(super) inactivity: Option<Duration>,
    /// Of an attempt: the first or a later one, whole or streamed.
    attempts: [[Limits; 2]; 2],
}

impl Timeouts {
    pub(super) fn new(config: &Config) -> Timeouts {
        let of = |first| [config.limits(first, false), config.limits(first, true)];
        Timeouts {
            call: config.call,
            connect: config.connect,
            inactivity: config.inactivity,
            attempts: [of(true), of(false)],
        }
    }

    /// The limits of an attempt, by its number within the call.
    #[inline]
    pub(super) fn of(&self, number: u16, streamed: bool) -> Limits {
        self.attempts[usize::from(number > 0)][usize::from(streamed)]
    }
}
