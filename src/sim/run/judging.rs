//! Judgements in the driver's hands: requests of their own, for an answer of a call.

use std::collections::BTreeMap;

use crate::base::wire::Signal;
use crate::base::{Class, EndpointId, Guard, Instant, Measure, Receipt, Usage};
use crate::engine::{ClientFact, Fact, Notice, Output};
use crate::policy::classify;
use crate::world::{NewJob, Shown, Truth};

use super::slot::{AttemptNote, Slot};
use super::{JOB, JUDGEMENT, RANK_SIGNAL, RANK_WAKE, Run, event};

/// Judgements that have not ended.
#[derive(Debug, Default)]
pub(super) struct Judgements {
    /// The answers they are about, and until when a verdict is waited for, by job.
    answers: BTreeMap<u32, (Receipt, Instant)>,
    /// The job of the one a call waits for, by slot.
    inline: BTreeMap<u32, u32>,
}

impl Run<'_> {
    /// Shows the answer of an attempt to its judge.
    pub(super) fn send_judge(
        &mut self,
        now: Instant,
        slot: u32,
        receipt: Receipt,
        answer_tokens: u32,
        (inline, until): (bool, Instant),
    ) {
        let state = &self.calls[slot];
        let asked = state.call.request();
        let policy = self.policy_of(state.process).of(asked.priority);
        let request = policy.judge_request(asked, answer_tokens);
        let answer = self.answer_of(slot, receipt.attempt);
        let (Some(request), Some((judged, about))) = (request, answer) else {
            debug_assert!(false, "a judge is shown an answer that has just come");
            return;
        };
        let new = NewJob {
            note: AttemptNote {
                slot,
                process: state.process,
                record: self.recorder.on_judge(&judged),
            },
            receipt,
            request,
            truth: Truth {
                answer_tokens: request.max_tokens,
                shown: match judged.is_bad() {
                    true if judged.is_subtle() => Shown::SubtlyBadAnswer,
                    true => Shown::BadAnswer,
                    false => Shown::GoodAnswer,
                },
            },
        };
        let (job, at) = self.world.request(now, new);
        if let Some(journal) = &mut self.journal {
            journal.sends(now, (job, at), &new);
        }
        self.judgements.answers.insert(job, (about, until));
        if until != Instant::NEVER {
            self.queue.push(until, RANK_WAKE, event(JUDGEMENT, job));
        }
        if inline {
            self.judgements.inline.insert(slot, job);
        }
        self.queue.push(at, RANK_SIGNAL, event(JOB, job));
    }

    /// A judge's request ended: whoever waits is told the verdict.
    pub(super) fn on_judge_signal(&mut self, now: Instant, job: u32, signal: Signal) {
        let Some((answer, _)) = self.judgements.answers.remove(&job) else {
            return;
        };
        let Signal::End(ending) = signal else {
            debug_assert!(false, "a verdict is not streamed");
            return;
        };
        let AttemptNote {
            slot,
            process,
            record,
        } = self.world.note_mut(job);
        self.recorder
            .on_judged(record, Some(ending), classify::class(ending, false));
        let (slot, process, mut judged) = (*slot, *process, *record);
        if judged.is_billed() {
            self.file_judge(job);
        }
        if self.judgements.inline.get(&slot) == Some(&job) {
            self.judgements.inline.remove(&slot);
            let attempt = answer.attempt;
            self.tell_call(now, slot, Fact::Judged { attempt, ending });
            return;
        }
        let fact = ClientFact::Judged { answer, ending };
        let policy = self.policy_of(process);
        self.clients[process as usize].handle_own(policy, now, fact, &mut self.own_out);
        for output in &self.own_out {
            if let Output::Notice(Notice::Guarded { guard, measure, .. }) = *output {
                let found = (guard, measure);
                self.recorder
                    .on_guarded(now, &mut judged, (process, answer.endpoint), found);
            }
        }
        self.obey_own(now, process);
    }

    /// The call that waits for a verdict waits no longer.
    pub(super) fn stop_judge(&mut self, now: Instant, slot: u32) {
        if let Some(job) = self.judgements.inline.remove(&slot) {
            self.judgements.answers.remove(&job);
            self.give_up_judgement(now, job, Class::Cancelled);
        }
    }

    /// A verdict beside is of no use any more, unless it has come. Its job may be another by now.
    pub(super) fn drop_judgement(&mut self, now: Instant, job: u32) {
        let waited_for = self.judgements.answers.get(&job);
        if waited_for.is_some_and(|(_, until)| *until == now) {
            self.judgements.answers.remove(&job);
            self.give_up_judgement(now, job, Class::TimedOut);
        }
    }

    /// Closes the connection to a judge.
    fn give_up_judgement(&mut self, now: Instant, job: u32, class: Class) {
        let record = &mut self.world.note_mut(job).record;
        self.recorder.on_judged(record, None, class);
        let billed = record.is_billed();
        self.abandon(now, job);
        if billed {
            self.file_judge(job);
        }
    }

    /// The bill of a judge's request came.
    pub(super) fn on_judge_settled(
        &mut self,
        now: Instant,
        job: u32,
        receipt: Receipt,
        usage: Usage,
    ) {
        let AttemptNote {
            process, record, ..
        } = self.world.note_mut(job);
        self.recorder.on_judge_settled(record, usage);
        let (process, ended) = (*process, record.has_ended());
        if ended {
            self.file_judge(job);
        }
        self.tell_client(now, process, ClientFact::Settled { receipt, usage });
    }

    /// Files a judge's request of which nothing more will come, and lets go of it.
    pub(super) fn file_judge(&mut self, job: u32) {
        let EndpointId(endpoint) = self.world.receipt(job).endpoint;
        let usage = self.world.bill(job).unwrap_or_default();
        let classes = self.world.classes(job);
        let record = &self.world.note(job).record;
        self.recorder
            .file_judge(record, EndpointId(endpoint), (usage, classes));
        self.world.release(job);
    }

    /// A guard found something about the answer of an attempt that has not ended.
    pub(super) fn on_guarded(
        &mut self,
        now: Instant,
        slot: u32,
        receipt: Receipt,
        found: (Guard, Measure),
    ) {
        let Slot { jobs, process, .. } = &self.calls[slot];
        if let Some(job) = jobs.job(receipt.attempt) {
            let record = &mut self.world.note_mut(job).record;
            let place = (*process, receipt.endpoint);
            self.recorder.on_guarded(now, record, place, found);
        }
    }
}
