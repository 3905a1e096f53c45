//! The line in front of a quota: calls wait in order of arrival and hold nothing.

use std::collections::VecDeque;

use crate::base::{Duration, Instant};
use crate::policy::quota::{Config, Set, requests};

/// The line of one quota of one client.
#[derive(Clone, Debug)]
pub(super) struct Line {
    state: requests::State,
    /// The driver's numbers of the calls in line; None for one that left.
    waiting: VecDeque<Option<u32>>,
    /// The ticket of the front of `waiting`.
    front: u64,
    /// Whether the front has been told that it is its turn.
    told: bool,
    /// Calls in line that have not left.
    present: usize,
}

/// What a quota says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    /// After this long, if it joins the line.
    Wait(Duration),
}

impl Line {
    /// One line per quota.
    pub(super) fn all(set: &Set) -> Vec<Line> {
        set.0.iter().map(Line::new).collect()
    }

    fn new(config: &Config) -> Line {
        let Config::Requests(requests) = config;
        Line {
            state: requests::State::new(requests),
            waiting: VecDeque::new(),
            front: 0,
            told: false,
            present: 0,
        }
    }

    /// Whether an attempt may go out. One with a ticket may if it has been told so.
    pub(super) fn ask(&mut self, config: &Config, ticket: Option<u64>, now: Instant) -> Answer {
        let Config::Requests(requests) = config;
        let turn = match ticket {
            Some(ticket) => self.is_told(ticket),
            None => self.present == 0,
        };
        if turn && self.state.ready(now) {
            return Answer::Yes;
        }
        Answer::Wait(self.state.wait(requests, self.present, now))
    }

    /// Takes a token.
    pub(super) fn take(&mut self, now: Instant) {
        self.state.take(now);
    }

    /// Joins the line.
    pub(super) fn join(&mut self, slot: u32) -> u64 {
        self.waiting.push_back(Some(slot));
        self.present += 1;
        self.front + self.waiting.len() as u64 - 1
    }

    /// Leaves the line, from any place.
    pub(super) fn leave(&mut self, ticket: u64) {
        let place = usize::try_from(ticket - self.front).unwrap_or(usize::MAX);
        if let Some(entry) = self.waiting.get_mut(place)
            && entry.take().is_some()
        {
            self.present -= 1;
        }
        while self.waiting.front() == Some(&None) {
            self.waiting.pop_front();
            self.front += 1;
            self.told = false;
        }
    }

    /// Whether this ticket has been told that it is its turn.
    pub(super) fn is_told(&self, ticket: u64) -> bool {
        self.told && ticket == self.front
    }

    /// The front did not go after all and stays; it will be told again.
    pub(super) fn not_yet(&mut self) {
        self.told = false;
    }

    /// The call whose turn it is, once.
    pub(super) fn call_next(&mut self, now: Instant) -> Option<u32> {
        let front = self.waiting.front().copied().flatten()?;
        if self.told || !self.state.ready(now) {
            return None;
        }
        self.told = true;
        Some(front)
    }

    /// When the front's turn comes; never if nobody waits or it has been told.
    pub(super) fn wake_at(&mut self, config: &Config, now: Instant) -> Instant {
        let Config::Requests(requests) = config;
        if self.present == 0 || self.told {
            return Instant::NEVER;
        }
        now + self.state.wait(requests, 0, now)
    }
}
