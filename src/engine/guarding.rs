//! Guards on answers: what is looked at before an answer is the call's, and what its judge says.
//!
//! An answer that waits for its verdict stays in flight with the mark `answered`, alone: what else was
//! in flight has been stopped. Its wait is no part of how long its endpoint took.

use crate::base::wire::{Content, Ending, Finish, Request};
use crate::base::{
    Class, Duration, EndpointId, Guard, Instant, Measure, Purpose, Receipt, Verdict,
};
use crate::policy::guard::judge::{self, OnFailure, When};
use crate::policy::guard::schema::Form;
use crate::policy::guard::{self, Then};
use crate::policy::monitor::watch::Seen;

use super::alarm::Raiser;
use super::back::Said;
use super::call::{Attempt, Call, Try};
use super::client::Client;
use super::output::{AbortReason, Notice, Output};
use super::policy::Policy;

/// The guards of a policy, ready to be consulted.
#[derive(Clone, Debug)]
pub(super) struct Guards {
    set: guard::Set,
    /// Where the judge is, if there is one.
    judge: Option<EndpointId>,
    /// Whether there is any.
    pub(super) any: bool,
    /// Whether an answer is delivered only when all of it has been looked at.
    pub(super) hold_back: bool,
}

impl Guards {
    /// Guards of a policy whose judge is at that endpoint. One that only observes holds nothing back.
    pub(super) fn new(set: &guard::Set, judge: Option<EndpointId>, observe: bool) -> Guards {
        Guards {
            set: set.clone(),
            judge,
            any: !set.0.is_empty(),
            hold_back: set.holds_back() && !observe,
        }
    }

    /// Those that raise alerts.
    pub(super) fn alerting(&self) -> Vec<Guard> {
        self.set.alarms().map(|(guard, _, _)| guard).collect()
    }

    /// When an answer that came then is waited for a verdict on no longer.
    pub(super) fn judged_by(&self, answered: Instant) -> Instant {
        let limit = self.set.judge().and_then(|judge| judge.timeout);
        limit.map_or(Instant::NEVER, |limit| answered + limit)
    }
}

/// What comes of looking at an answer.
pub(super) enum Look {
    /// It is the call's.
    Accept,
    /// Its attempt has failed.
    Refuse(Class, Said),
    /// A judge looks at it.
    Wait,
}

impl Policy {
    /// What its judge is asked about an answer of so many tokens to this request, if it has one.
    pub fn judge_request(&self, asked: &Request, answer_tokens: u32) -> Option<Request> {
        let judge = self.guards.set.judge();
        judge.map(|judge| judge.request(asked, answer_tokens))
    }

    /// Whether it can read JSON that stands within a code fence.
    pub fn strips_fences(&self) -> bool {
        let repair = self.guards.set.schema().map(|schema| schema.repair);
        repair == Some(guard::schema::Repair::Fenced) && !self.observe
    }
}

fn note(receipt: Receipt, guard: Guard, measure: Measure, outputs: &mut Vec<Output>) {
    outputs.push(Output::Notice(Notice::Guarded {
        receipt,
        guard,
        measure,
    }));
}

impl Call {
    /// The attempt whose tokens are being read: the one whose answer is the call's, or the first that
    /// is held back.
    pub(super) fn read(&self, policy: &Policy) -> Option<Try> {
        if self.committed.is_some() || !policy.guards.hold_back {
            return self.committed;
        }
        let mut begun = self.in_flight.iter().filter(|a| a.first_token);
        begun.find(|a| !a.answered).map(|a| a.which)
    }

    /// What the judgement of an attempt's answer is known by.
    pub(super) fn judgement(&self, policy: &Policy, attempt: Attempt) -> Receipt {
        Receipt {
            call: self.id.of_judge(),
            endpoint: policy.guards.judge.unwrap_or(attempt.which.endpoint),
            attempt: attempt.which.number,
            nth_at_endpoint: attempt.which.number,
            priority: attempt.which.priority,
        }
    }
}

impl Client {
    /// Notes what a guard found, and does what follows; true if the answer is refused.
    fn finds(
        &mut self,
        policy: &Policy,
        (receipt, guard): (Receipt, Guard),
        (then, lasts): (Then, Option<Duration>),
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> bool {
        let measure = match then {
            Then::Refuse if policy.observe => Measure::WouldRefuse,
            Then::Refuse => Measure::Refused,
            Then::Alert | Then::Trip | Then::FailOver => Measure::Alerted,
        };
        note(receipt, guard, measure, outputs);
        let raiser = Raiser::Guard(guard);
        self.follow_alert(policy, raiser, (then, lasts), (receipt, now), outputs);
        measure == Measure::Refused
    }

    /// Looks at a whole answer of an attempt that is in flight.
    pub(super) fn look_at(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        ending: Ending,
        outputs: &mut Vec<Output>,
    ) -> Look {
        let (
            Some(attempt),
            Ending::Answer {
                finish,
                tokens,
                content,
            },
        ) = (call.in_flight.get(slot), ending)
        else {
            return Look::Accept;
        };
        let receipt = attempt.which.receipt(call.id);
        if finish != Finish::Stop
            && let Some(said) = self.cut_short(policy, call, (attempt, finish, now), outputs)
        {
            return Look::Refuse(Class::BadAnswer, said);
        }
        if let Some(schema) = policy.guards.set.schema() {
            let form = schema.form(content);
            let fits = form != Form::Unreadable;
            self.observe(policy, receipt, Seen::Schema { fits }, now, outputs);
            match form {
                Form::Readable => {}
                Form::Repaired if policy.observe => {}
                Form::Repaired => note(receipt, Guard::Schema, Measure::Repaired, outputs),
                Form::Unreadable => {
                    let (found, then) = ((receipt, Guard::Schema), (schema.then, schema.lasts));
                    let failed = (Class::Malformed, Said::default());
                    if self.finds(policy, found, then, now, outputs) {
                        return Look::Refuse(failed.0, failed.1);
                    }
                    if policy.observe && schema.then == Then::Refuse {
                        self.would_refuse(policy, call, now, (attempt, failed), outputs);
                    }
                }
            }
        }
        match policy.guards.set.judge() {
            Some(judge) if self.is_sampled(judge, attempt, call) => {
                self.ask_judge(policy, call, now, (slot, tokens), outputs)
            }
            _ => Look::Accept,
        }
    }

    /// Observing: here an answer would have been refused, and what follows. Until then it would have been
    /// held back, though it is being delivered.
    fn would_refuse(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        failed: (Attempt, (Class, Said)),
        outputs: &mut Vec<Output>,
    ) {
        let delivered = call.committed.take();
        self.would_fail(policy, call, now, failed, outputs);
        call.committed = delivered;
    }

    /// The guard on the finish reason sees an answer that was cut, or says of none: how it is refused, if it is.
    fn cut_short(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        (attempt, finish, now): (Attempt, Finish, Instant),
        outputs: &mut Vec<Output>,
    ) -> Option<Said> {
        let rules = policy.guards.set.finish_reason()?;
        let length = finish == Finish::Length;
        if rules.accepts(finish) {
            return None;
        }
        let receipt = attempt.which.receipt(call.id);
        let (found, then) = ((receipt, Guard::FinishReason), (rules.then, rules.lasts));
        let refused = self.finds(policy, found, then, now, outputs);
        let observed = policy.observe && rules.then == Then::Refuse;
        if !refused && !observed {
            return None;
        }
        // While others are in flight with the same limit they decide.
        let alone = call.in_flight.len() == 1;
        let raised = rules.raised(call.request.max_tokens);
        let raised = raised.filter(|_| alone && length);
        if !refused {
            let failed = (Class::BadAnswer, Said::ask_again(raised.is_some()));
            self.would_refuse(policy, call, now, (attempt, failed), outputs);
            return None;
        }
        call.request.max_tokens = raised.unwrap_or(call.request.max_tokens);
        Some(Said::ask_again(raised.is_some()))
    }

    /// Whether the judge is shown this answer.
    fn is_sampled(&self, judge: &judge::Config, attempt: Attempt, call: &Call) -> bool {
        let (share, number) = (judge.sample.0, u64::from(attempt.which.number));
        let coin = || {
            self.draws
                .unit(Purpose::JudgeSample, call.id.word(), number)
        };
        share >= 1.0 || share > 0.0 && coin() < share
    }

    /// Shows the judge an answer of so many tokens.
    fn ask_judge(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (slot, answer_tokens): (usize, u32),
        outputs: &mut Vec<Output>,
    ) -> Look {
        let waits = policy.guards.set.judge().map(|judge| judge.when) == Some(When::Inline);
        let inline = waits && !policy.observe;
        if inline {
            for other in call.in_flight.places().filter(|other| *other != slot) {
                self.stop(policy, call, now, other, AbortReason::HedgeLost, outputs);
            }
        }
        let Some(attempt) = call.in_flight.get_mut(slot) else {
            return Look::Accept;
        };
        attempt.answered = inline;
        let attempt = *attempt;
        let until = match inline {
            true => Instant::NEVER,
            false => policy.guards.judged_by(now),
        };
        outputs.push(Output::Judge {
            receipt: call.judgement(policy, attempt),
            answer_tokens,
            inline,
            until,
        });
        if !inline {
            return Look::Accept;
        }
        call.hedge_at = Instant::NEVER;
        call.heard_at = now;
        Look::Wait
    }

    /// The judge of an answer that waits has ended its own.
    pub(super) fn on_judged(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (attempt, ending): (u16, Ending),
        outputs: &mut Vec<Output>,
    ) {
        let slot = call.in_flight.place_of(attempt);
        if let Some(slot) = slot {
            self.decide(policy, call, now, (slot, flags(ending)), outputs);
        }
    }

    /// The judge of an answer that waits has taken too long. True if the call is over.
    pub(super) fn give_up_judge(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        slot: usize,
        outputs: &mut Vec<Output>,
    ) -> bool {
        if let Some(attempt) = call.in_flight.get(slot) {
            outputs.push(Output::Abort {
                receipt: call.judgement(policy, attempt),
                reason: AbortReason::TotalTimeout,
            });
            self.decide(policy, call, now, (slot, None), outputs);
        }
        call.finished
    }

    /// Accepts or refuses an answer that waited, by whether its judge found fault with it; None: it
    /// gave no verdict.
    fn decide(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        (slot, flagged): (usize, Option<bool>),
        outputs: &mut Vec<Output>,
    ) {
        let attempt = call.in_flight.get(slot).filter(|a| a.answered);
        let (Some(attempt), Some(judge)) = (attempt, policy.guards.set.judge()) else {
            return;
        };
        let receipt = attempt.which.receipt(call.id);
        let refused = match flagged {
            Some(false) => false,
            Some(true) => {
                let (found, then) = ((receipt, Guard::Judge), (judge.then, judge.lasts));
                self.finds(policy, found, then, now, outputs)
            }
            None if judge.on_failure == OnFailure::Accept => false,
            None => {
                let found = (receipt, Guard::NoVerdict);
                self.finds(policy, found, (Then::Refuse, None), now, outputs)
            }
        };
        if let Some(bad) = flagged {
            self.judged(policy, receipt, bad, now, outputs);
        }
        let class = if refused { Class::BadAnswer } else { Class::Ok };
        if !refused {
            self.commit(policy, call, now, attempt, outputs);
        }
        let ended = (class, Said::default());
        self.end_attempt(policy, call, now, slot, ended, outputs);
        if refused {
            self.after_failure(policy, call, now, attempt, ended, outputs);
        } else {
            self.finish(policy, call, now, Verdict::Success, outputs);
        }
    }

    /// The judge of an answer that was delivered, of whatever call, has ended its own.
    pub(super) fn on_judged_beside(
        &mut self,
        policy: &Policy,
        (answer, ending): (Receipt, Ending),
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let Some(bad) = flags(ending) else { return };
        if let (true, Some(judge)) = (bad, policy.guards.set.judge()) {
            // Only one that observes asks beside what it would have waited for, and refuses then.
            let (found, then) = ((answer, Guard::Judge), (judge.follows(), judge.lasts));
            self.finds(policy, found, then, now, outputs);
        }
        self.judged(policy, answer, bad, now, outputs);
    }

    /// A judge has given its verdict on an answer, inline or beside.
    fn judged(
        &mut self,
        policy: &Policy,
        answer: Receipt,
        bad: bool,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let endpoint = answer.endpoint;
        outputs.push(Output::Notice(Notice::Judged { endpoint, bad }));
        self.observe(policy, answer, Seen::Judged { passed: !bad }, now, outputs);
    }
}

/// Whether a judge found fault, if its ending is a verdict.
fn flags(ending: Ending) -> Option<bool> {
    match ending {
        Ending::Answer { content, .. } => match content {
            Content::Flagged => Some(true),
            Content::Passed => Some(false),
            Content::Text | Content::Json | Content::FencedJson | Content::BrokenJson => None,
        },
        Ending::Status { .. } | Ending::ConnectionRefused | Ending::ConnectionLost => None,
    }
}
