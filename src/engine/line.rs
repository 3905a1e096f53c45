//! The line in front of a client's quotas and limiter: calls wait by priority, then in order of
//! arrival, and hold nothing.
//!
//! One line for all quotas together: with a line for each, two calls could each stand at the front of
//! one and wait for the other.

use std::collections::VecDeque;

use crate::base::wire::Priority;
use crate::policy::quota::{Ahead, Need};

/// The line of one client.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// By priority, the lowest first.
    queues: [Queue; PRIORITIES],
    /// Who has been told that it is his turn.
    told: Option<Ticket>,
}

const PRIORITIES: usize = 3;

/// A place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    priority: Priority,
    number: u32,
}

/// Calls of one priority.
#[derive(Clone, Debug, Default)]
struct Queue {
    /// None for one that left.
    waiting: VecDeque<Option<Waiting>>,
    /// The number of the front of `waiting`; numbers wrap, and no line is 2³² long.
    front: u32,
    /// What those that have not left need together.
    need: Ahead,
}

/// One that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// The driver's number of the call.
    slot: u32,
    need: Need,
}

impl Line {
    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queues.iter().all(|queue| queue.need.attempts == 0)
    }

    /// How many wait.
    pub(super) fn len(&self) -> u64 {
        self.queues.iter().map(|queue| queue.need.attempts).sum()
    }

    /// What those need together who would stand ahead of a newcomer.
    pub(super) fn ahead(&self, priority: Priority) -> Ahead {
        let queues = &self.queues[priority as usize..];
        queues
            .iter()
            .fold(Ahead::default(), |sum, queue| sum.and(queue.need))
    }

    /// Joins.
    pub(super) fn join(&mut self, slot: u32, priority: Priority, need: Need) -> Ticket {
        let queue = &mut self.queues[priority as usize];
        queue.waiting.push_back(Some(Waiting { slot, need }));
        queue.need.add(need);
        let last = queue.waiting.len() as u32 - 1;
        Ticket {
            priority,
            number: queue.front.wrapping_add(last),
        }
    }

    /// Whether it stands there; one that was shed does not, and has not left.
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        let queue = &self.queues[ticket.priority as usize];
        let place = ticket.number.wrapping_sub(queue.front) as usize;
        queue.waiting.get(place).is_some_and(Option::is_some)
    }

    /// Whether anybody stands there who matters less.
    pub(super) fn has_below(&self, priority: Priority) -> bool {
        let mut below = self.queues[..priority as usize].iter();
        below.any(|queue| queue.need.attempts > 0)
    }

    /// Puts the last of the lowest priority below this one out, and returns the driver's number of the
    /// call.
    pub(super) fn shed(&mut self, below: Priority) -> Option<u32> {
        let lower = Priority::ALL.into_iter().take_while(|p| *p < below);
        let (ticket, slot) = lower.into_iter().find_map(|priority| {
            let queue = &self.queues[priority as usize];
            let place = queue.waiting.iter().rposition(Option::is_some)?;
            let number = queue.front.wrapping_add(place as u32);
            let slot = queue.waiting[place]?.slot;
            Some((Ticket { priority, number }, slot))
        })?;
        self.leave(ticket);
        Some(slot)
    }

    /// Leaves, from any place.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        let queue = &mut self.queues[ticket.priority as usize];
        let place = ticket.number.wrapping_sub(queue.front) as usize;
        if let Some(waiting) = queue.waiting.get_mut(place).and_then(Option::take) {
            queue.need.remove(waiting.need);
        }
        while let Some(None) = queue.waiting.front() {
            queue.waiting.pop_front();
            queue.front = queue.front.wrapping_add(1);
        }
        if self.told == Some(ticket) {
            self.told = None;
        }
    }

    /// Whether it has been told that it is its turn.
    pub(super) fn is_told(&self, ticket: Ticket) -> bool {
        self.told == Some(ticket)
    }

    /// The one that was told did not go after all and stays; it will be told again.
    pub(super) fn not_yet(&mut self) {
        self.told = None;
    }

    /// What the one needs who is next to be told; None if nobody waits or somebody was told.
    pub(super) fn next_need(&self) -> Option<Need> {
        if self.told.is_some() {
            return None;
        }
        self.front().map(|(_, waiting)| waiting.need)
    }

    /// Tells the one at the front and returns the driver's number of the call.
    pub(super) fn tell_next(&mut self) -> Option<u32> {
        let (ticket, waiting) = self.front()?;
        self.told = Some(ticket);
        Some(waiting.slot)
    }

    fn front(&self) -> Option<(Ticket, Waiting)> {
        let priorities = [Priority::Critical, Priority::Normal, Priority::Batch];
        priorities.into_iter().find_map(|priority| {
            let queue = &self.queues[priority as usize];
            let waiting = queue.waiting.front().copied().flatten()?;
            let number = queue.front;
            Some((Ticket { priority, number }, waiting))
        })
    }
}
