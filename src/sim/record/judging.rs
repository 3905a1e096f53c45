//! What is recorded of guards on answers, and of the judgements they ask for.

use crate::base::wire::{Content, Ending};
use crate::base::{Class, EndpointId, Guard, Instant, Measure, Usage};

use super::alerts::Source;
use super::{ALL, AttemptRecord, Billed, Recorder};

impl Recorder<'_> {
    /// A guard of a process found something about an answer of an endpoint. The first that finds fault with
    /// it counts.
    pub(in super::super) fn on_guarded(
        &mut self,
        now: Instant,
        answer: &mut AttemptRecord,
        (process, endpoint): (u32, EndpointId),
        (guard, measure): (Guard, Measure),
    ) {
        if measure == Measure::Alerted {
            let what = (process, Source::Guard(guard), endpoint);
            self.alerts.on_alert(now, what, answer.bad, self.frame);
        }
        let finds = measure != Measure::Repaired && guard != Guard::NoVerdict;
        let fresh = finds && !answer.flagged;
        answer.flagged |= finds;
        let bad = answer.bad;
        self.each(answer.scopes, |s| {
            s.on_guarded(guard, measure, fresh.then_some(bad))
        });
    }

    /// An answer is shown to a judge: the record of the request, with what is true of the answer.
    pub(in super::super) fn on_judge(&mut self, answer: &AttemptRecord) -> AttemptRecord {
        self.cohort_unsettled += answer.scopes & ALL;
        self.audit.judgements += 1;
        self.each(answer.scopes, |s| s.guarding.judge.asked += 1);
        AttemptRecord {
            class: None,
            billed: false,
            ..*answer
        }
    }

    /// A judge's request ended, or was stopped.
    pub(in super::super) fn on_judged(
        &mut self,
        record: &mut AttemptRecord,
        ending: Option<Ending>,
        class: Class,
    ) {
        record.class = Some(class);
        let flagged = match ending {
            Some(Ending::Answer {
                content: Content::Flagged,
                ..
            }) => Some(true),
            Some(Ending::Answer {
                content: Content::Passed,
                ..
            }) => Some(false),
            _ => None,
        };
        let bad = record.bad;
        self.each(record.scopes, |s| {
            let judge = &mut s.guarding.judge;
            *match (flagged, bad) {
                (Some(true), true) => &mut judge.flagged_bad,
                (Some(false), true) => &mut judge.passed_bad,
                (Some(true), false) => &mut judge.flagged_good,
                (Some(false), false) => &mut judge.passed_good,
                (None, _) => &mut judge.no_verdict,
            } += 1;
        });
    }

    /// The bill of a judge's request came.
    pub(in super::super) fn on_judge_settled(&mut self, record: &mut AttemptRecord, usage: Usage) {
        debug_assert!(!record.billed, "a judgement is billed once");
        record.billed = true;
        self.audit.billed_pico_usd += u128::from(usage.pico_usd);
    }

    /// Files a judge's request: it has ended and its bill has come, or the run is cut.
    pub(in super::super) fn file_judge(
        &mut self,
        record: &AttemptRecord,
        endpoint: EndpointId,
        billed: Billed,
    ) {
        self.cohort_unsettled -= record.scopes & ALL;
        self.audit.judgements_filed += 1;
        self.conversations
            .on_bill(record.conversation, billed.0.pico_usd);
        self.each(record.scopes, |s| {
            s.on_judge_filed(endpoint, record.class, billed)
        });
    }
}
