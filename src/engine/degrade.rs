//! Fallbacks: what a call without an answer ends with, and the work that is put off and sent later.

use crate::base::{Class, DeferralId, Failure, Fallback, Instant, Purpose, Refusal, Verdict};
use crate::policy::fallback::Config;
use crate::policy::fallback::queue::{Due, Then};

use super::call::Call;
use super::client::Client;
use super::forth::refused;
use super::output::{Notice, Output};
use super::policy::Policy;

impl Client {
    /// What a call without an answer ends as: degraded, if a fallback has something to say.
    pub(super) fn degraded_or(
        &mut self,
        policy: &Policy,
        call: &Call,
        now: Instant,
        failure: Failure,
        outputs: &mut Vec<Output>,
    ) -> Verdict {
        // Half an answer cannot be taken back: what was being delivered is not replaced. What is
        // sent once more has had its fallback. Who observes has noted what it would have given.
        let left = call.deferral.is_some() || call.departed;
        if policy.fallback.is_empty() || call.committed.is_some() || left {
            return Verdict::Failed(failure);
        }
        let mut kinds = policy.fallback.iter();
        let given = kinds.find_map(|kind| self.fall_back(policy, kind, call, now, outputs));
        match given {
            None => Verdict::Failed(failure),
            Some(by) if policy.observe => {
                outputs.push(Output::Notice(Notice::WouldDegrade { by }));
                Verdict::Failed(failure)
            }
            Some(by) => {
                outputs.push(Output::Notice(Notice::Degraded { by }));
                Verdict::Degraded
            }
        }
    }

    /// Gives this kind of fallback, if it has something to say; observing, nothing is put off.
    fn fall_back(
        &mut self,
        policy: &Policy,
        kind: &Config,
        call: &Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> Option<Fallback> {
        let entity = call.id.word();
        match kind {
            Config::Cached(cached) => {
                let u = self.draws.unit(Purpose::CachedAnswer, entity, 0);
                (u < cached.hit.0).then_some(Fallback::Cached)
            }
            Config::Rule(rule) => {
                let u = self.draws.unit(Purpose::RuleAnswer, entity, 0);
                (u < rule.covers.0).then_some(Fallback::Rule)
            }
            Config::Defer(_) if !self.may_help_later(policy, call, now) => None,
            Config::Defer(_) if policy.observe => Some(Fallback::Deferred),
            Config::Defer(defer) if self.deferred.has_room(defer) => {
                let id = self.next_deferral;
                self.next_deferral = id.next();
                self.deferred.defer(defer, id, call.request, now);
                self.keep_account(policy, call, id);
                outputs.push(Output::Defer { id });
                Some(Fallback::Deferred)
            }
            Config::Defer(_) => {
                refused(outputs, Refusal::DeferralsFull, None);
                None
            }
            Config::Message(_) => Some(Fallback::Message),
        }
    }

    /// Whether the call may fare better later: not if it is itself at fault, if no endpoint can do what it
    /// needs, or if none may be asked for its money or its turn.
    fn may_help_later(&self, policy: &Policy, call: &Call, now: Instant) -> bool {
        let at_fault = matches!(call.last_failure, Some(Class::Rejected | Class::Unsuited));
        let is_served = !policy.router.none_fits(&call.request);
        !at_fault && is_served && self.may_be_sent_later(policy, call, now)
    }

    /// Submits what was put off and is due; forgets what is too old.
    pub(super) fn send_deferred(
        &mut self,
        policy: &Policy,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let Some(config) = policy.defers() else {
            return;
        };
        while let Some(due) = self.deferred.next(config, now) {
            outputs.push(match due {
                Due::Send(id, request) => Output::Submit { id, request },
                Due::TooOld(id) => {
                    self.forget_account(id);
                    Output::Forget {
                        id,
                        answered: false,
                    }
                }
            });
        }
    }

    /// A call that was put off has been sent once more and has ended.
    pub(super) fn end_deferred(
        &mut self,
        policy: &Policy,
        id: DeferralId,
        success: bool,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let config = policy.defers();
        let then = config.and_then(|config| self.deferred.on_end(config, id, success, now));
        if let Some(Then::Answered | Then::TooOld) = then {
            self.forget_account(id);
        }
        match then {
            Some(Then::Answered) => outputs.push(Output::Forget { id, answered: true }),
            Some(Then::TooOld) => outputs.push(Output::Forget {
                id,
                answered: false,
            }),
            Some(Then::Kept) | None => {}
        }
    }
}
