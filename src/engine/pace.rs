//! A client's own pace: its quotas, its limiter, and the one line in front of both.

use std::collections::BTreeMap;

use crate::base::wire::{Priority, Request};
use crate::base::{CallId, Class, Instant, Receipt, Refusal, Usage};
use crate::policy::limiter::{self, Sample};
use crate::policy::line::{Order, WhenFull};
use crate::policy::quota::{Ahead, Need, Quotas, Taken, Turn};

use super::line::{Line, Ticket};
use super::policy::Policy;

/// What paces the attempts of one client.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    quotas: Quotas,
    limiter: limiter::State,
    line: Line,
    /// What attempts took from the quotas whose bill has not come; empty if no quota settles.
    reserved: BTreeMap<(CallId, u16), Taken>,
}

/// Where a call stands in line.
fn rank(policy: &Policy, request: &Request) -> Priority {
    match policy.line.order {
        Order::Priority => request.priority,
        Order::Arrival => Priority::default(),
    }
}

/// What pacing says to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It may go out now.
    Yes,
    /// It has to stand in line, or to stay there.
    InLine,
    /// No.
    No(Refusal),
}

impl Pace {
    /// As it begins.
    pub(super) fn new(policy: &Policy) -> Pace {
        Pace {
            quotas: Quotas::new(&policy.quotas),
            limiter: limiter::State::new(&policy.limiter),
            line: Line::default(),
            reserved: BTreeMap::new(),
        }
    }

    /// Whether an attempt may go out; with a ticket, if it has been told that it is its turn. Takes
    /// nothing.
    pub(super) fn ask(
        &mut self,
        policy: &Policy,
        request: &Request,
        ticket: Option<Ticket>,
        (now, deadline): (Instant, Instant),
        in_flight: u64,
    ) -> Answer {
        let need = Need::from(request);
        let turn = match ticket {
            Some(ticket) => self.line.is_told(ticket),
            None => self.line.is_empty(),
        };
        let room = in_flight < u64::from(self.limiter.limit());
        if need.user != 0 && !self.quotas.lets_user(&policy.quotas, need, now) {
            return match self
                .quotas
                .turn(&policy.quotas, need, Ahead::default(), now)
            {
                Turn::TooLarge => Answer::No(Refusal::QuotaTooSmall),
                _ => Answer::No(Refusal::UserQuota),
            };
        }
        if turn && room && self.quotas.are_ready(&policy.quotas, need, now) {
            return Answer::Yes;
        }
        let sheds = policy.limiter.max_wait().is_zero();
        if !room && sheds && turn {
            return Answer::No(Refusal::LimiterFull);
        }
        if ticket.is_some() {
            return Answer::InLine;
        }
        let rank = rank(policy, request);
        if policy.line.is_full(self.line.len()) && !self.may_shed(policy, rank) {
            return Answer::No(Refusal::LineFull);
        }
        let ahead = self.line.ahead(rank);
        match self.quotas.turn(&policy.quotas, need, ahead, now) {
            Turn::TooLarge => Answer::No(Refusal::QuotaTooSmall),
            Turn::TooLate => Answer::No(Refusal::QuotaWait),
            Turn::UserSpent => Answer::No(Refusal::UserQuota),
            Turn::After(wait) if now + wait >= deadline => Answer::No(Refusal::QuotaWait),
            Turn::After(_) if !room && sheds => Answer::No(Refusal::LimiterFull),
            Turn::After(_) => Answer::InLine,
        }
    }

    /// Takes what an attempt needs, which is returned.
    pub(super) fn take(
        &mut self,
        policy: &Policy,
        request: &Request,
        attempt: (CallId, u16),
        now: Instant,
    ) -> Need {
        let need = Need::from(request);
        self.quotas.take(&policy.quotas, need, now);
        if policy.quotas_settle {
            self.reserved.insert(attempt, Taken { need, at: now });
        }
        need
    }

    /// The bill of an attempt: what it took too much comes back, what it took too little is owed.
    /// Returns what it took.
    pub(super) fn settle(
        &mut self,
        policy: &Policy,
        receipt: Receipt,
        usage: Usage,
        now: Instant,
    ) -> Option<Taken> {
        let attempt = (receipt.call, receipt.attempt);
        let taken = self.reserved.remove(&attempt)?;
        self.quotas.settle(&policy.quotas, taken, usage, now);
        Some(taken)
    }

    /// Takes over the quotas that are the fleet's.
    pub(super) fn adopt(&mut self, policy: &Policy, all: &Quotas) {
        self.quotas.adopt(&policy.quotas, all);
    }

    /// Tells quotas that learn of an attempt that ended.
    pub(super) fn learn(&mut self, policy: &Policy, class: Class, now: Instant) {
        self.quotas.learn(&policy.quotas, class, now);
    }

    /// Tells the limiter of an attempt that ended.
    pub(super) fn on_end(&mut self, policy: &Policy, sample: Sample) {
        self.limiter.on_end(&policy.limiter, sample);
    }

    /// How many stand in line.
    pub(super) fn in_line(&self) -> u64 {
        self.line.len()
    }

    /// Joins the line; if it is full the one that goes instead is told by the driver's number of its
    /// call.
    pub(super) fn join(
        &mut self,
        policy: &Policy,
        slot: u32,
        request: &Request,
    ) -> (Ticket, Option<u32>) {
        let rank = rank(policy, request);
        let full = policy.line.is_full(self.line.len());
        let shed = full.then(|| self.line.shed(rank)).flatten();
        (self.line.join(slot, rank, Need::from(request)), shed)
    }

    fn may_shed(&self, policy: &Policy, rank: Priority) -> bool {
        policy.line.when_full == WhenFull::ShedLowest && self.line.has_below(rank)
    }

    /// Whether one that joined still stands in line, and was not shed.
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        self.line.holds(ticket)
    }

    /// Leaves the line.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.line.leave(ticket);
    }

    /// Whether it has been told that it is its turn.
    pub(super) fn is_told(&self, ticket: Ticket) -> bool {
        self.line.is_told(ticket)
    }

    /// The one that was told stays in line after all.
    pub(super) fn not_yet(&mut self) {
        self.line.not_yet();
    }

    /// Tells the next in line that it is its turn, if it is; returns the driver's number of the call,
    /// and when to ask again.
    pub(super) fn serve(
        &mut self,
        policy: &Policy,
        now: Instant,
        in_flight: u64,
    ) -> (Option<u32>, Instant) {
        let Some(need) = self.line.next_need() else {
            return (None, Instant::NEVER);
        };
        if in_flight >= u64::from(self.limiter.limit()) {
            // When one in flight ends somebody asks again.
            return (None, Instant::NEVER);
        }
        let wait = self.quotas.wait(&policy.quotas, need, now);
        if wait.is_zero() {
            (self.line.tell_next(), Instant::NEVER)
        } else {
            (None, now + wait)
        }
    }

    /// How many attempts may be in flight at the moment.
    pub(super) fn limit(&self) -> u32 {
        self.limiter.limit()
    }
}
