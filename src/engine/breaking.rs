//! Breakers: what they are asked and told, and what becomes of what they do.

use crate::base::{CallId, Duration, EndpointId, Instant};
use crate::policy::breaker::answer::{Answer, Change, Opening};
use crate::policy::breaker::fleet::News as BreakerNews;
use crate::policy::breaker::plan::Dice;
use crate::policy::breaker::set::Told;

use super::call::{Call, Untold};
use super::client::Client;
use super::fleet::News;
use super::output::{Notice, Output};
use super::policy::Policy;

impl Client {
    /// Asks the breaker of an endpoint; what was due by now is done and noted.
    pub(super) fn ask_breaker(
        &mut self,
        policy: &Policy,
        call: CallId,
        endpoint: EndpointId,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) -> Answer {
        let dice = Dice {
            draws: &self.draws,
            call: call.word(),
        };
        let mut answer = self.breakers.ask(&policy.breaker, endpoint, now, dice);
        if answer == Answer::No && self.ignores_breaker(policy, endpoint, now) {
            answer = Answer::Yes;
        }
        self.tell_fleet(policy, call, BreakerNews::Asked(endpoint));
        if answer == Answer::No {
            self.breakers.refuse(&policy.breaker, endpoint, now);
            self.tell_fleet(policy, call, BreakerNews::Refused(endpoint));
        }
        self.note_changes(policy, Some(call), outputs);
        answer
    }

    /// Tells a breaker of an ending and passes on what it did. `stated` is the wait the endpoint
    /// asked for.
    pub(super) fn tell_breaker(
        &mut self,
        policy: &Policy,
        call: CallId,
        untold: Untold,
        stated: Option<Duration>,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let Untold {
            endpoint,
            pass,
            outcome,
        } = untold;
        let told = Told {
            endpoint,
            pass,
            outcome,
            stated,
        };
        let dice = Dice {
            draws: &self.draws,
            call: call.word(),
        };
        self.breakers.on_end(&policy.breaker, told, now, dice);
        self.tell_fleet(policy, call, BreakerNews::Ended(told));
        self.note_changes(policy, Some(call), outputs);
    }

    /// Passes on what breakers did, for every endpoint that they are for; `by` is the call whose fact
    /// it is.
    #[inline]
    pub(super) fn note_changes(
        &mut self,
        policy: &Policy,
        by: Option<CallId>,
        outputs: &mut Vec<Output>,
    ) {
        if self.breakers.has_changes() {
            self.pass_on_changes(policy, by, outputs);
        }
    }

    #[inline(never)]
    fn pass_on_changes(&mut self, policy: &Policy, by: Option<CallId>, outputs: &mut Vec<Output>) {
        for (leader, change) in self.breakers.changes() {
            let led = |endpoint: &&EndpointId| policy.breaker.leader(**endpoint) == leader;
            let mut change = change;
            for &endpoint in policy.route.iter().filter(led) {
                outputs.push(Output::Notice(match change {
                    Change::Tripped { until, opening } => Notice::BreakerTripped {
                        endpoint,
                        until,
                        opening,
                    },
                    Change::Closed => Notice::BreakerClosed { endpoint },
                }));
                // It is one breaker for all of them, and trips once.
                if let Change::Tripped { opening, .. } = &mut change
                    && *opening == Opening::Decided
                {
                    *opening = Opening::Shared;
                }
            }
        }
        if let Some(call) = by {
            let tripped = self.breakers.trips().map(BreakerNews::Tripped);
            self.news
                .extend(tripped.map(|news| News::Breaker { call, news }));
        }
    }

    /// Tells a breaker that counts calls how the call's last attempt at its endpoint ended.
    #[inline]
    pub(super) fn tell_untold(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if let Some(untold) = call.untold.take() {
            self.tell_breaker(policy, call.id, untold, None, now, outputs);
        }
    }
}
