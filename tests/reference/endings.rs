//! What is checked when an attempt or a call ends, and what the policies learn from it.

use squall::base::wire::Code;
use squall::base::{Class, Ending, Failure, Instant, Receipt, Verdict};
use squall::engine::{AbortReason, Fact};
use squall::policy::breaker::{Counting, Counts};
use squall::policy::budget::share::Deposit;

use super::{Model, s};
use crate::naive;

impl Model {
    pub(super) fn on_abort(
        &mut self,
        now: Instant,
        call: usize,
        fact: Fact,
        receipt: Receipt,
        reason: AbortReason,
    ) {
        let book = &self.calls[call];
        let attempt = &book.attempts[usize::from(receipt.attempt)];
        let limits = self
            .config
            .timeout
            .limits(receipt.attempt == 0, book.stream);
        let due = |limit: Option<squall::base::Duration>| {
            limit.is_some_and(|limit| now == attempt.sent + limit)
        };
        let right = match reason {
            AbortReason::HedgeLost => book
                .delivered
                .is_some_and(|i| i != usize::from(receipt.attempt)),
            AbortReason::FirstTokenTimeout | AbortReason::TotalTimeout if self.observes() => false,
            AbortReason::FirstTokenTimeout => !attempt.first_token && due(limits.begin),
            AbortReason::TotalTimeout => due(limits.total),
            // No case has a timeout between tokens or to connect: nothing here knows when that is.
            AbortReason::InactivityTimeout | AbortReason::ConnectTimeout => false,
            AbortReason::Deadline => now == book.deadline,
            AbortReason::Cancelled => fact == Fact::Cancelled,
        };
        let flying = attempt.ended.is_none() && attempt.aborted.is_none();
        self.check(right, now, call, &format!("aborted for no {reason:?}"));
        self.check(flying, now, call, "aborted what is not in flight");
        self.calls[call].attempts[usize::from(receipt.attempt)].aborted = Some(reason);
    }

    pub(super) fn on_ended(&mut self, now: Instant, call: usize, receipt: Receipt, class: Class) {
        let index = usize::from(receipt.attempt);
        let attempt = self.calls[call].attempts[index].clone();
        self.check(attempt.ended.is_none(), now, call, "an attempt ends twice");
        let expected = match (attempt.aborted, attempt.ending) {
            (Some(AbortReason::HedgeLost | AbortReason::Cancelled), _) => Class::Cancelled,
            (Some(_), _) => Class::TimedOut,
            (None, Some(ending)) => self.class_of(ending, attempt.first_token),
            (None, None) => Class::Malformed,
        };
        self.check(
            class == expected,
            now,
            call,
            &format!("{class} ought to be {expected}"),
        );
        self.calls[call].attempts[index].ended = Some(class);
        if index > 0 {
            self.budgets
                .on_extra_end(s(now), (now.0 - attempt.sent.0) as f64 / 1e9);
        }
        let says = match class {
            Class::Ok => Some(false),
            Class::Cancelled => None,
            other => self.counts(other).then_some(true),
        };
        if let Some((probes, counts, limit)) = naive::settings(&self.config.breaker) {
            if counts == Counts::Attempts || attempt.probe {
                let at = (attempt.endpoint, attempt.trips_before, attempt.probe);
                self.tell(at, says, (probes, limit));
            } else if let Some(failed) = says {
                self.tell_calls(call, Some(attempt.endpoint));
                self.calls[call].untold = Some((attempt.endpoint, attempt.trips_before, failed));
            }
        }
        let book = &mut self.calls[call];
        let flying = book.attempts.iter().any(|a| a.ended.is_none());
        if !matches!(class, Class::Ok | Class::Cancelled) {
            book.first_failed.get_or_insert(now);
            if !flying {
                book.decisive = Some((now, index));
            }
        }
    }

    /// Tells a breaker that counts calls, unless the call stays at that endpoint.
    pub(super) fn tell_calls(&mut self, call: usize, next: Option<u16>) {
        let Some((endpoint, trips, failed)) = self.calls[call].untold.take() else {
            return;
        };
        if let Some((probes, _, limit)) = naive::settings(&self.config.breaker)
            && next != Some(endpoint)
        {
            self.tell((endpoint, trips, false), Some(failed), (probes, limit));
        }
    }

    fn tell(
        &mut self,
        (endpoint, trips, probe): (u16, usize, bool),
        failed: Option<bool>,
        (probes, limit): (u32, Option<u32>),
    ) {
        let breaker = &mut self.breakers[usize::from(endpoint)];
        // The notice of what it does may come before this; what it did is applied with the notice.
        if let Some(trips) = breaker.on_end(trips, probe, failed, probes, limit) {
            self.ought.push((endpoint, trips));
        }
    }

    fn counts(&self, class: Class) -> bool {
        let broken = matches!(
            class,
            Class::Overloaded
                | Class::ServerFault
                | Class::Transport
                | Class::TimedOut
                | Class::Truncated
                | Class::Malformed
        );
        let own = self
            .config
            .on
            .get(&class)
            .and_then(|rule| rule.counts_for_breaker);
        own.map_or(broken, |counting| counting == Counting::Failure)
    }

    fn class_of(&self, ending: Ending, begun: bool) -> Class {
        match ending {
            Ending::Answer { .. } => Class::Ok,
            Ending::ConnectionLost if begun && self.calls[0].stream => Class::Truncated,
            Ending::ConnectionLost | Ending::ConnectionRefused => Class::Transport,
            Ending::Status {
                status: 429,
                code: Code::InsufficientQuota,
                ..
            } => Class::QuotaExhausted,
            Ending::Status { status: 429, .. } => Class::RateLimited,
            Ending::Status { status: 500, .. } if !self.config.classify.is_empty() => {
                Class::Overloaded
            }
            Ending::Status { status: 500, .. } => Class::ServerFault,
            Ending::Status { status: 503, .. } => Class::Overloaded,
            Ending::Status { .. } => Class::Rejected,
        }
    }

    pub(super) fn on_finish(
        &mut self,
        now: Instant,
        call: usize,
        fact: Fact,
        verdict: Verdict,
        by: Option<Receipt>,
    ) {
        self.tell_calls(call, None);
        let book = self.calls[call].clone();
        let flying = book.attempts.iter().any(|a| a.ended.is_none());
        self.check(!flying, now, call, "finished with an attempt in flight");
        self.check(
            now <= book.deadline,
            now,
            call,
            "finished after its deadline",
        );
        let ok = book
            .attempts
            .iter()
            .position(|a| a.ended == Some(Class::Ok));
        let fallback = !self.config.fallback.0.is_empty() && !self.observes();
        let sent = !book.attempts.is_empty();
        let half = book.delivered.is_some();
        let right = match verdict {
            Verdict::Success => ok.is_some() && ok == book.delivered,
            Verdict::Degraded => fallback && !half && (self.noted || now == book.deadline),
            Verdict::Failed(Failure::Refused) => !sent && self.noted && !fallback,
            Verdict::Failed(Failure::Expired) => now == book.deadline && (!fallback || half),
            Verdict::Failed(Failure::Cancelled) => fact == Fact::Cancelled,
            Verdict::Failed(Failure::Exhausted) => {
                sent && !half && (self.noted || book.left) && !fallback
            }
            Verdict::Failed(Failure::Truncated) => half && ok.is_none(),
        };
        self.check(
            right,
            now,
            call,
            &format!("{verdict:?} is not what happened: {book:?}"),
        );
        let named = by.map(|r| usize::from(r.attempt));
        let answered = ok.filter(|_| verdict == Verdict::Success);
        self.check(named == answered, now, call, "answered by somebody else");
        if verdict == Verdict::Success {
            self.budgets.on_deposit(s(now), Deposit::PerSuccess);
        }
        self.calls[call].finished = Some(verdict);
    }
}
