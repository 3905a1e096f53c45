//! What an alarm does, whoever raises it: a drift monitor, a guard on answers, or a limit.

use std::collections::BTreeMap;

use crate::base::{Detour, Duration, EndpointId, Guard, Instant, Limit, Receipt};
use crate::policy::alarm::Then as Follows;
use crate::policy::breaker::plan::Dice;
use crate::policy::config::Config;
use crate::policy::monitor::watch::Then;

use super::client::Client;
use super::output::{Notice, Output};
use super::policy::Policy;

/// What raises alerts without counting observations, and so as often as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Raiser {
    /// A guard found fault with an answer.
    Guard(Guard),
    /// A call reached a limit.
    Limit(Limit),
}

impl Raiser {
    fn detour(self) -> Detour {
        match self {
            Raiser::Guard(_) => Detour::Guard,
            Raiser::Limit(_) => Detour::Limit,
        }
    }
}

/// Until when an alarm of each of them lasts at an endpoint. The next one has an effect after that, as those
/// of monitors: else one bad answer after the other would prolong it.
#[derive(Debug, Default)]
pub(super) struct Lasting(BTreeMap<(Raiser, EndpointId), Instant>);

impl Policy {
    /// The guards that raise alerts, for whatever priority, in order.
    pub fn alerting_guards(&self) -> Vec<Guard> {
        self.alerting(|policy| policy.guards.alerting())
    }

    /// The limits that raise alerts, for whatever priority, in order.
    pub fn alerting_limits(&self) -> Vec<Limit> {
        self.alerting(|policy| policy.spending.alerting())
    }

    fn alerting<T: Ord>(&self, of: impl Fn(&Policy) -> Vec<T>) -> Vec<T> {
        let own = self.by_priority.iter().flat_map(|by| by.own());
        let mut all: Vec<T> = of(self).into_iter().chain(own.flat_map(&of)).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Whether an alarm of a guard or a limit changes the order of the route.
pub(super) fn steers(config: &Config) -> bool {
    let mut guards = config.guard.alarms();
    let limits = config.limit.then == Follows::FailOver;
    limits || guards.any(|(_, then, _)| then == Follows::FailOver)
}

impl Client {
    /// A guard or a limit raised an alert: what its policy does beside.
    pub(super) fn follow_alert(
        &mut self,
        policy: &Policy,
        raiser: Raiser,
        (then, lasts): (Follows, Option<Duration>),
        (receipt, now): (Receipt, Instant),
        outputs: &mut Vec<Output>,
    ) {
        let (Some(then @ (Then::Trip | Then::FailOver)), Some(lasts)) = (then.alarm(), lasts)
        else {
            return;
        };
        let key = (raiser, receipt.endpoint);
        let until = self.lasting.0.entry(key).or_insert(Instant::ZERO);
        if now >= *until {
            *until = now + lasts;
            let alarm = (then, raiser.detour());
            self.act_on_alarm(policy, alarm, receipt, (now, now + lasts), outputs);
        }
    }

    /// Does what an alarm about the endpoint of an attempt does, until then. The breaker of a policy that
    /// observes opens as one of its own accord would, and holds nobody back; its route stays as it is.
    pub(super) fn act_on_alarm(
        &mut self,
        policy: &Policy,
        (then, detour): (Then, Detour),
        receipt: Receipt,
        (now, until): (Instant, Instant),
        outputs: &mut Vec<Output>,
    ) {
        let endpoint = receipt.endpoint;
        match then {
            Then::Alert => {}
            Then::Trip => {
                let dice = Dice {
                    draws: &self.draws,
                    call: receipt.call.word(),
                };
                self.breakers
                    .open_until(&policy.breaker, endpoint, until, now, dice);
                self.note_changes(policy, Some(receipt.call), outputs);
            }
            Then::FailOver if policy.observe => {
                outputs.push(Output::Notice(Notice::WouldSteer { detour }));
            }
            Then::FailOver => {
                let place = policy.route.iter().position(|id| *id == endpoint);
                if let Some(place) = place {
                    self.router.avoid(place as u8, until);
                }
            }
        }
    }
}
