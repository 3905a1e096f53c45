//! The recorder: it listens to the driver and adds up integers.
//!
//! It decides nothing and nobody asks it anything that matters to a run.

mod scope;
mod timeline;

use crate::base::wire::{Ending, Signal};
use crate::base::{Class, Duration, EndpointId, Instant, Origin, Receipt, Slab, Usage, Verdict};
use crate::engine::Notice;
use crate::record::Replication;
use crate::workload::traffic::Submission;

use super::frame::Frame;
use super::run::{Audit, Outcome};
use scope::ScopeSums;
use timeline::Timeline;

/// What is kept of a call while it is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallRecord {
    arrived: Instant,
    /// The scopes it counts in, one bit each.
    scopes: u64,
    process: u32,
    /// When its first attempt was sent, and where to.
    first: Option<(Instant, EndpointId)>,
    /// When the answer that was delivered was asked for, and of whom.
    answered: Option<(Instant, EndpointId)>,
    /// When its first token was delivered; streamed calls only.
    first_token: Option<Instant>,
    streamed: bool,
    /// Whether the answer that came last is truly good.
    pub(super) good: bool,
}

/// What is kept of an attempt until it has ended and its bill has come.
#[derive(Clone, Copy, Debug)]
struct AttemptRecord {
    slot: u32,
    attempt: u16,
    process: u32,
    scopes: u64,
    endpoint: EndpointId,
    sent_at: Instant,
    job: Option<u32>,
    class: Option<Class>,
    usage: Option<Usage>,
    bad: bool,
}

/// Adds up one run.
#[derive(Debug)]
pub(super) struct Recorder<'a> {
    frame: &'a Frame,
    scopes: Vec<ScopeSums>,
    timeline: Timeline,
    attempts: Slab<AttemptRecord>,
    /// Calls of the cohort that are open, and their attempts without a bill.
    cohort_open: u64,
    cohort_unsettled: u64,
    submitted: u64,
    open: u64,
    open_since: Instant,
    audit: Audit,
}

/// The bit of the scope of all calls.
const ALL: u64 = 1;

impl<'a> Recorder<'a> {
    pub(super) fn new(frame: &'a Frame, endpoints: usize) -> Recorder<'a> {
        let scopes = 1 + frame.faults.len();
        Recorder {
            frame,
            scopes: (0..scopes)
                .map(|_| ScopeSums::new(frame, endpoints))
                .collect(),
            timeline: Timeline::new(frame, endpoints),
            attempts: Slab::new(),
            cohort_open: 0,
            cohort_unsettled: 0,
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

    fn scopes_of(&self, arrived: Instant) -> u64 {
        let frame = self.frame;
        if arrived < frame.warm_up || arrived >= frame.duration {
            return 0;
        }
        let hit = |f: &super::frame::FaultSpan| (f.from..f.to).contains(&arrived);
        let bit = |(i, f)| if hit(f) { 1u64 << (i + 1) } else { 0 };
        ALL | frame
            .faults
            .iter()
            .enumerate()
            .map(bit)
            .fold(0, |a, b| a | b)
    }

    pub(super) fn on_submit(&mut self, now: Instant, call: &Submission) -> CallRecord {
        let scopes = self.scopes_of(now);
        self.submitted += 1;
        self.integrate(now, 1);
        self.cohort_open += scopes & ALL;
        self.timeline.on_arrival(now);
        self.each(scopes, |s| {
            s.on_submit(call.request.prompt_tokens, call.answer_tokens)
        });
        CallRecord {
            arrived: now,
            scopes,
            process: call.process.0,
            first: None,
            answered: None,
            first_token: None,
            streamed: call.request.stream,
            good: false,
        }
    }

    /// Counts an attempt and returns the number of its record.
    pub(super) fn on_dispatch(
        &mut self,
        now: Instant,
        slot: u32,
        call: &mut CallRecord,
        receipt: Receipt,
        origin: Origin,
        probe: bool,
    ) -> u32 {
        let fresh = call.first.is_none();
        call.first.get_or_insert((now, receipt.endpoint));
        self.audit.attempts += 1;
        self.cohort_unsettled += call.scopes & ALL;
        self.timeline.on_attempt(now, origin);
        self.each(call.scopes, |s| s.on_attempt(origin, probe, fresh));
        self.attempts.insert_with(|_| AttemptRecord {
            slot,
            attempt: receipt.attempt,
            process: call.process,
            scopes: call.scopes,
            endpoint: receipt.endpoint,
            sent_at: now,
            job: None,
            class: None,
            usage: None,
            bad: false,
        })
    }

    pub(super) fn on_job(&mut self, tag: u32, job: u32) {
        self.attempts[tag].job = Some(job);
    }

    /// The world's number of an attempt.
    pub(super) fn job(&self, tag: u32) -> Option<u32> {
        self.attempts[tag].job
    }

    /// The number of an attempt within its call.
    pub(super) fn attempt_of(&self, tag: u32) -> u16 {
        self.attempts[tag].attempt
    }

    /// The process an attempt belongs to.
    pub(super) fn process_of(&self, tag: u32) -> u32 {
        self.attempts[tag].process
    }

    /// Notes what a client sees; returns the slot of the call, if the attempt is still its own.
    pub(super) fn on_signal(&mut self, tag: u32, signal: Signal, good: bool) -> Option<u32> {
        let attempt = &mut self.attempts[tag];
        if attempt.class.is_some() {
            return None;
        }
        let (slot, scopes) = (attempt.slot, attempt.scopes);
        let status = match signal {
            Signal::End(Ending::Answer { .. }) => {
                attempt.bad = !good;
                200
            }
            Signal::End(Ending::Status { status, .. }) => status,
            Signal::FirstToken
            | Signal::End(Ending::ConnectionRefused | Ending::ConnectionLost) => return Some(slot),
        };
        self.each(scopes, |s| s.on_status(status));
        Some(slot)
    }

    pub(super) fn on_deliver(&mut self, now: Instant, call: &mut CallRecord, tag: Option<u32>) {
        if let Some(tag) = tag {
            let attempt = &self.attempts[tag];
            call.answered = Some((attempt.sent_at, attempt.endpoint));
        }
        if call.streamed {
            call.first_token = Some(now);
        }
    }

    pub(super) fn on_ended(&mut self, tag: u32, class: Class) {
        self.audit.attempts_ended += 1;
        self.attempts[tag].class = Some(class);
        self.file(tag);
    }

    pub(super) fn on_settled(&mut self, tag: u32, usage: Usage) {
        let attempt = &mut self.attempts[tag];
        attempt.usage = Some(usage);
        self.cohort_unsettled -= attempt.scopes & ALL;
        self.audit.billed_pico_usd += u128::from(usage.pico_usd);
        self.file(tag);
    }

    /// Files an attempt that has ended and whose bill has come.
    fn file(&mut self, tag: u32) {
        let AttemptRecord {
            class: Some(class),
            usage: Some(usage),
            ..
        } = self.attempts[tag]
        else {
            return;
        };
        let AttemptRecord {
            scopes,
            endpoint,
            bad,
            ..
        } = self.attempts.remove(tag);
        self.each(scopes, |s| s.on_filed(endpoint, Some(class), usage, bad));
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
        let good = verdict == Verdict::Success && call.good;
        self.timeline.on_finish(now, call.arrived, good, verdict);
        let call = *call;
        self.each(call.scopes, |s| {
            s.on_finish(now, &call, verdict, good, queue_wait)
        });
    }

    pub(super) fn on_unfinished(&mut self, end: Instant, call: &CallRecord) {
        self.audit.calls_time_ns += u128::from(end.since(call.arrived).0);
        self.each(call.scopes, ScopeSums::on_unfinished);
    }

    pub(super) fn on_notice(&mut self, now: Instant, call: &CallRecord, notice: Notice) {
        match notice {
            Notice::BreakerTripped { endpoint, until } => {
                self.timeline.on_trip(now, until, endpoint, self.frame);
            }
            Notice::Refused { refusal, .. } => self.each(call.scopes, |s| s.on_refused(refusal)),
            Notice::BreakerClosed { .. } | Notice::HedgeWon | Notice::WouldSend { .. } => {}
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
        self.audit.clients_pico_usd = clients_pico_usd;
        let open: Vec<AttemptRecord> = self.attempts.iter().map(|(_, a)| *a).collect();
        self.audit.attempts_open = open.iter().filter(|a| a.class.is_none()).count() as u64;
        for attempt in open {
            let usage = attempt.usage.unwrap_or_default();
            self.each(attempt.scopes, |s| {
                s.on_filed(attempt.endpoint, attempt.class, usage, false)
            });
        }
        let mut replication = Replication {
            index,
            scopes: self
                .scopes
                .into_iter()
                .map(|s| s.into_sums(names))
                .collect(),
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
