//! The recorder: it listens to the driver and adds up integers.
//!
//! It decides nothing and nobody asks it anything that matters to a run.

mod alerts;
mod conversations;
mod judging;
mod layers;
mod notices;
mod observing;
mod scope;
mod timeline;

use crate::base::wire::{Ending, Signal};
use crate::base::{
    Class, Dimension, Duration, EndpointId, Instant, Origin, Receipt, Usage, Verdict,
};
use crate::record::Replication;
use crate::workload::traffic::Submission;
use crate::world::Classes;

use super::frame::{Frame, Part};
use super::outcome::{Audit, Outcome};
use alerts::{AlertLog, Occasion};
use conversations::Conversations;
pub(super) use layers::Policies;
use scope::ScopeSums;
use timeline::Timeline;

/// What is kept of a call while it is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallRecord {
    arrived: Instant,
    /// The scopes it counts in, one bit each.
    scopes: u64,
    /// When its first attempt was sent, and the attempt whose answer was delivered; never:
    /// [`Instant::NEVER`].
    first_at: Instant,
    answered_at: Instant,
    /// When its first token was delivered, likewise; streamed calls only.
    first_token: Instant,
    /// Where those attempts were sent to, once they were.
    first_to: EndpointId,
    answered_to: EndpointId,
    streamed: bool,
    /// Whether it was put off and is submitted once more: then it is no call of its own.
    again: bool,
    /// Whether the answer that came last is truly good.
    pub(super) good: bool,
    /// The conversation it is of, if it counts; 0: none.
    conversation: u32,
}

impl CallRecord {
    /// How long its first token took, if it was streamed and one came.
    fn ttft(&self) -> Option<Duration> {
        (self.first_token != Instant::NEVER).then(|| self.first_token.since(self.arrived))
    }

    /// How much later than the first attempt the one that answered was sent, if to another endpoint.
    fn failover_added(&self) -> Option<Duration> {
        let answered = self.answered_at != Instant::NEVER;
        let elsewhere = answered && self.first_to != self.answered_to;
        elsewhere.then(|| self.answered_at.since(self.first_at))
    }
}

/// What is kept of an attempt until it has ended and its bill has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttemptRecord {
    scopes: u64,
    sent_at: Instant,
    /// How it ended for its client.
    class: Option<Class>,
    /// Whether its call had been put off.
    again: bool,
    /// Its bill came.
    billed: bool,
    bad: bool,
    /// Its answer is bad in a way that a judge may miss.
    subtle: bool,
    /// A guard found fault with its answer.
    flagged: bool,
    /// The conversation that it is paid for; 0: none.
    conversation: u32,
}

impl AttemptRecord {
    /// Whether its answer came whole and is truly bad.
    pub(super) fn is_bad(&self) -> bool {
        self.bad
    }

    /// Notes whether its answer is bad in a way that a judge may miss.
    pub(super) fn note_subtle(&mut self, subtle: bool) {
        self.subtle = subtle;
    }

    /// Whether a judge may miss what is bad about it.
    pub(super) fn is_subtle(&self) -> bool {
        self.subtle
    }

    /// Whether it has ended for its client.
    pub(super) fn has_ended(&self) -> bool {
        self.class.is_some()
    }

    /// Whether its bill has come.
    pub(super) fn is_billed(&self) -> bool {
        self.billed
    }
}

/// Adds up one run.
#[derive(Debug)]
pub(super) struct Recorder<'a> {
    frame: &'a Frame,
    scopes: Vec<ScopeSums>,
    timeline: Timeline,
    alerts: AlertLog,
    /// Calls of the cohort that are open, and their attempts without a bill.
    cohort_open: u64,
    cohort_unsettled: u64,
    conversations: Conversations,
    submitted: u64,
    open: u64,
    open_since: Instant,
    audit: Audit,
}

/// A bill, and its tokens that have prices of their own, if any have.
type Billed = (Usage, Option<Classes>);

/// The bit of the scope of all calls.
const ALL: u64 = 1;

impl<'a> Recorder<'a> {
    /// For a run of this policy, or of a chain of these.
    pub(super) fn new(frame: &'a Frame, policies: Policies<'_>, endpoints: usize) -> Recorder<'a> {
        let scopes = 1 + frame.faults.len() + frame.parts.len();
        Recorder {
            frame,
            scopes: (0..scopes)
                .map(|_| ScopeSums::new(frame, endpoints))
                .collect(),
            timeline: Timeline::new(frame, endpoints, policies.watched().shares_breakers()),
            alerts: AlertLog::new(frame, policies.all),
            cohort_open: 0,
            cohort_unsettled: 0,
            conversations: Conversations::default(),
            submitted: 0,
            open: 0,
            open_since: Instant::ZERO,
            audit: Audit::default(),
        }
    }

    /// Whether every call of the cohort has ended and every bill of it has come.
    pub(super) fn cohort_is_over(&self) -> bool {
        self.cohort_open == 0 && self.cohort_unsettled == 0
    }

    fn each(&mut self, scopes: u64, mut f: impl FnMut(&mut ScopeSums)) {
        let mut left = scopes;
        while left != 0 {
            f(&mut self.scopes[left.trailing_zeros() as usize]);
            left &= left - 1;
        }
    }

    fn scopes_of(&self, arrived: Instant, call: &Submission) -> u64 {
        let frame = self.frame;
        if arrived < frame.warm_up || arrived >= frame.duration {
            return 0;
        }
        let hit = |f: &super::frame::FaultSpan| f.is_on(arrived);
        let bit = |(i, f)| if hit(f) { 1u64 << (i + 1) } else { 0 };
        let faults = frame.faults.iter().enumerate().map(bit);
        let whole = ALL | faults.fold(0, |a, b| a | b);
        let in_time = |part: &Part| {
            let during = part
                .during
                .is_none_or(|fault| whole >> (fault + 1) & 1 == 1);
            let within = part.within.as_ref();
            during && within.is_none_or(|time| time.contains(&arrived))
        };
        let holds = |part: &Part| {
            part.priority
                .is_none_or(|wanted| wanted == call.request.priority)
                && part.tenant.is_none_or(|wanted| wanted == call.tenant)
                && in_time(part)
        };
        let first = 1 + frame.faults.len();
        let bit = |(i, part)| u64::from(holds(part)) << (first + i);
        let parts = frame.parts.iter().enumerate().map(bit);
        parts.fold(whole, |a, b| a | b)
    }

    pub(super) fn on_submit(&mut self, now: Instant, call: &Submission) -> CallRecord {
        let scopes = self.scopes_of(now, call);
        self.submitted += 1;
        self.integrate(now, 1);
        self.cohort_open += scopes & ALL;
        self.timeline.on_arrival(now);
        self.alerts.on_occasion(now, Occasion::Call, self.frame);
        self.each(scopes, |s| s.on_submit(&call.request, call.answer_tokens));
        CallRecord {
            arrived: now,
            scopes,
            first_at: Instant::NEVER,
            answered_at: Instant::NEVER,
            first_token: Instant::NEVER,
            first_to: EndpointId(0),
            answered_to: EndpointId(0),
            streamed: call.request.stream,
            again: false,
            good: false,
            conversation: self.conversations.on_submit(scopes, call.request.sender),
        }
    }

    /// A call that was put off is submitted once more: what it costs counts where it did, and its
    /// success is none of the original's.
    pub(super) fn on_again(&mut self, now: Instant, call: &CallRecord) -> CallRecord {
        self.integrate(now, 1);
        self.cohort_open += call.scopes & ALL;
        self.alerts.on_occasion(now, Occasion::Call, self.frame);
        CallRecord {
            arrived: now,
            first_at: Instant::NEVER,
            answered_at: Instant::NEVER,
            first_token: Instant::NEVER,
            again: true,
            good: false,
            ..*call
        }
    }

    /// A call that was put off is answered after this long, or never.
    pub(super) fn on_forgotten(&mut self, call: &CallRecord, answered: Option<Duration>) {
        self.each(call.scopes, |s| s.on_forgotten(answered));
    }

    /// Counts an attempt and returns the record of it.
    pub(super) fn on_dispatch(
        &mut self,
        now: Instant,
        call: &mut CallRecord,
        receipt: Receipt,
        origin: Origin,
        probe: bool,
    ) -> AttemptRecord {
        let fresh = call.first_at == Instant::NEVER;
        if fresh {
            (call.first_at, call.first_to) = (now, receipt.endpoint);
        }
        self.audit.attempts += 1;
        self.cohort_unsettled += call.scopes & ALL;
        self.timeline.on_attempt(now, origin);
        let again = call.again;
        self.each(call.scopes, |s| s.on_attempt(origin, probe, fresh, again));
        AttemptRecord {
            scopes: call.scopes,
            sent_at: now,
            class: None,
            again,
            billed: false,
            bad: false,
            subtle: false,
            flagged: false,
            conversation: call.conversation,
        }
    }

    /// Notes what a client sees of an attempt that has not ended.
    pub(super) fn on_signal(
        &mut self,
        now: Instant,
        attempt: &mut AttemptRecord,
        signal: Signal,
        good: bool,
    ) {
        let status = match signal {
            Signal::End(Ending::Answer { .. }) => {
                self.alerts.on_occasion(now, Occasion::Answer, self.frame);
                attempt.bad = !good;
                200
            }
            Signal::End(Ending::Status { status, .. }) => status,
            Signal::FirstToken
            | Signal::End(Ending::ConnectionRefused | Ending::ConnectionLost) => return,
        };
        self.each(attempt.scopes, |s| s.on_status(status));
    }

    /// Notes the limit that an attempt was refused for.
    pub(super) fn on_limited(&mut self, attempt: &AttemptRecord, dimension: Dimension) {
        self.each(attempt.scopes, |s| s.on_limited(dimension));
    }

    pub(super) fn on_deliver(
        &mut self,
        now: Instant,
        call: &mut CallRecord,
        attempt: &AttemptRecord,
        endpoint: EndpointId,
    ) {
        (call.answered_at, call.answered_to) = (attempt.sent_at, endpoint);
        if call.streamed {
            call.first_token = now;
        }
    }

    pub(super) fn on_ended(&mut self, attempt: &mut AttemptRecord, class: Class) {
        self.audit.attempts_ended += 1;
        attempt.class = Some(class);
    }

    pub(super) fn on_settled(&mut self, attempt: &mut AttemptRecord, usage: Usage) {
        attempt.billed = true;
        self.cohort_unsettled -= attempt.scopes & ALL;
        self.audit.billed_pico_usd += u128::from(usage.pico_usd);
    }

    /// Files an attempt: it has ended and its bill has come, or the run is cut.
    pub(super) fn file(&mut self, attempt: &AttemptRecord, endpoint: EndpointId, bill: Billed) {
        self.audit.attempts_open += u64::from(!attempt.has_ended());
        self.conversations
            .on_bill(attempt.conversation, bill.0.pico_usd);
        self.each(attempt.scopes, |s| s.on_filed(endpoint, attempt, bill));
    }

    pub(super) fn on_finish(
        &mut self,
        now: Instant,
        call: &CallRecord,
        verdict: Verdict,
        queue_wait: Duration,
    ) {
        self.integrate(now, -1);
        self.audit.calls_time_ns += u128::from(now.since(call.arrived).0);
        self.cohort_open -= call.scopes & ALL;
        if call.again {
            return;
        }
        let good = verdict == Verdict::Success && call.good;
        self.timeline.on_finish(now, call.arrived, good, verdict);
        let call = *call;
        self.each(call.scopes, |s| {
            s.on_finish(now, &call, verdict, good, queue_wait)
        });
    }

    pub(super) fn on_unfinished(&mut self, end: Instant, call: &CallRecord) {
        self.audit.calls_time_ns += u128::from(end.since(call.arrived).0);
        if !call.again {
            self.each(call.scopes, ScopeSums::on_unfinished);
        }
    }

    /// ∫ N dt, one change at a time.
    fn integrate(&mut self, now: Instant, change: i64) {
        let passed = u128::from(now.since(self.open_since).0);
        self.audit.calls_integral_ns += u128::from(self.open) * passed;
        self.open_since = now;
        self.open = self.open.saturating_add_signed(change);
    }

    /// Hands over the data of the run.
    pub(super) fn close(
        mut self,
        end: Instant,
        index: u32,
        events: u64,
        names: &[String],
        clients_pico_usd: u128,
    ) -> Outcome {
        self.integrate(end, 0);
        for (scopes, pico_usd) in std::mem::take(&mut self.conversations).into_costs() {
            self.each(scopes, |s| s.on_conversation(pico_usd));
        }
        self.audit.clients_pico_usd = clients_pico_usd;
        let mut replication = Replication {
            index,
            scopes: self
                .scopes
                .into_iter()
                .map(|s| s.into_sums(names))
                .collect(),
            alerts: self.alerts.close(self.frame, names),
            end_ns: end.0,
            events,
            submitted: self.submitted,
            ..Replication::default()
        };
        self.timeline.close(self.frame, &mut replication);
        Outcome {
            replication,
            audit: self.audit,
        }
    }
}
