//! What the processes of a client know of each other, and when.
//!
//! Whatever a policy says is the fleet's (`scope = "fleet"`) has one more instance, in a [`Fleet`]. After
//! each of its facts a process tells the fleet its news; every [`Policy::sync`] it takes over what the
//! fleet has made of everybody's news. Both are the driver's to carry: here in one thread, elsewhere
//! by a store that all processes reach. Nothing is lost by taking over, for the fleet has heard of the
//! process itself as well, and after an exchange all processes know the same.

use crate::base::{CallId, Class, Draws, Duration, EndpointId, Instant, Usage};
use crate::policy::Config;
use crate::policy::breaker::fleet::News as BreakerNews;
use crate::policy::breaker::plan::{Dice, Plan};
use crate::policy::breaker::set::Breakers;
use crate::policy::budget::{self, Budgets};
use crate::policy::quota::{Need, Quotas, Taken};
use crate::policy::throttle::Throttles;

use super::client::Client;
use super::output::Output;
use super::policy::Policy;

/// What one process tells the others of.
#[derive(Clone, Copy, Debug)]
pub enum News {
    /// Its budgets learned of something.
    Budget(budget::Fact),
    /// So did the budget that hedges have for themselves.
    HedgeBudget(budget::Fact),
    /// Its breakers were asked or told.
    Breaker {
        /// Whose fact it is.
        call: CallId,
        /// What happened.
        news: BreakerNews,
    },
    /// A throttle held an attempt back.
    Throttled(EndpointId),
    /// An attempt ended, for its throttle.
    Ended {
        /// Where.
        endpoint: EndpointId,
        /// How.
        class: Class,
    },
    /// An attempt took from the quotas.
    Taken(Need),
    /// The bill of an attempt corrected what it took.
    Settled {
        /// What it took, and when.
        taken: Taken,
        /// What it used.
        usage: Usage,
    },
}

/// What of a policy is the fleet's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shared {
    pub(super) budgets: bool,
    pub(super) hedge_budget: bool,
    pub(super) breaker: bool,
    pub(super) throttle: bool,
    pub(super) quotas: bool,
}

impl Shared {
    pub(super) fn of(config: &Config, breaker: &Plan, hedge_budget: &budget::Set) -> Shared {
        Shared {
            budgets: config.budget.is_shared(),
            hedge_budget: hedge_budget.is_shared(),
            breaker: breaker.is_shared(),
            throttle: config.throttle.is_shared(),
            quotas: config.quota.is_shared(),
        }
    }

    /// Whether anything is.
    pub(super) fn is_any(self) -> bool {
        self.budgets || self.hedge_budget || self.breaker || self.throttle || self.quotas
    }
}

impl Policy {
    /// How often the processes exchange what they know; None if nothing is the fleet's.
    pub fn sync(&self) -> Option<Duration> {
        self.shared.is_any().then_some(self.sync)
    }

    /// Whether breakers are the fleet's: then their trips are counted where it hears of them.
    pub fn shares_breakers(&self) -> bool {
        self.shared.breaker
    }
}

/// What all processes of a client know together.
#[derive(Debug)]
pub struct Fleet {
    draws: Draws,
    breakers: Breakers,
    budgets: Budgets,
    hedge_budget: Budgets,
    throttles: Throttles,
    quotas: Quotas,
    /// Attempts in flight and calls in line, of all processes at the last exchange.
    busy: u64,
    has_news: bool,
    /// Of its breakers, since somebody asked.
    trips: u64,
}

impl Fleet {
    /// A fleet of which nobody has heard yet. `draws` are under the same root as its clients'.
    pub fn new(policy: &Policy, endpoints: usize, draws: Draws) -> Fleet {
        Fleet {
            draws,
            breakers: Breakers::new(&policy.breaker, endpoints, policy.route()),
            budgets: Budgets::new(&policy.budgets),
            hedge_budget: Budgets::new(&policy.hedge_budget),
            throttles: Throttles::new(&policy.throttle, endpoints),
            quotas: Quotas::new(&policy.quotas),
            busy: 0,
            has_news: false,
            trips: 0,
        }
    }

    /// Hears one piece of news of a process, in the order of all its facts.
    pub fn hear(&mut self, policy: &Policy, now: Instant, news: News) {
        self.has_news = true;
        match news {
            News::Budget(fact) => self.budgets.tell(&policy.budgets, fact, now),
            News::HedgeBudget(fact) => self.hedge_budget.tell(&policy.hedge_budget, fact, now),
            News::Breaker { call, news } => {
                let dice = Dice {
                    draws: &self.draws,
                    call: call.word(),
                };
                self.trips += self.breakers.hear(&policy.breaker, news, now, dice);
            }
            News::Throttled(endpoint) => {
                self.throttles.on_refused(&policy.throttle, endpoint, now);
            }
            News::Ended { endpoint, class } => {
                self.throttles
                    .on_end(&policy.throttle, endpoint, class, now);
            }
            News::Taken(need) => self.quotas.take(&policy.quotas, need, now),
            News::Settled { taken, usage } => {
                self.quotas.settle(&policy.quotas, taken, usage, now);
            }
        }
    }

    /// How often its breakers tripped since this was last asked: once where several processes decided it
    /// before they knew of each other, and also where no process saw reason enough by itself.
    pub fn trips(&mut self) -> u64 {
        std::mem::take(&mut self.trips)
    }

    /// Whether there is anything to take over: without news since the last exchange there is not.
    pub fn has_news(&self) -> bool {
        self.has_news
    }

    /// An exchange begins, at which `busy` is the sum of all [`Client::busy`].
    pub fn meet(&mut self, busy: u64) {
        self.busy = busy;
        self.has_news = false;
        self.quotas.meet();
    }
}

impl Client {
    /// What it has to tell the fleet since its last fact. Whatever is not fetched before the next fact is
    /// forgotten: a client of which nobody asks is alone.
    pub fn news(&mut self) -> impl Iterator<Item = News> {
        self.news.drain(..)
    }

    /// Attempts it has in flight and calls in line.
    pub fn busy(&self) -> u64 {
        self.in_flight() + self.pace.in_line()
    }

    /// Takes over what the fleet knows, between two facts; `member` is its place among all processes.
    pub fn adopt(
        &mut self,
        policy: &Policy,
        fleet: &Fleet,
        member: u32,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let shared = policy.shared;
        if shared.budgets {
            self.budgets.adopt(&policy.budgets, &fleet.budgets);
            self.elsewhere = fleet.busy.saturating_sub(self.busy());
        }
        if shared.hedge_budget {
            self.hedge_budget
                .adopt(&policy.hedge_budget, &fleet.hedge_budget);
        }
        if shared.breaker {
            self.breakers.adopt(&fleet.breakers, member, now);
            self.note_changes(policy, None, outputs);
        }
        if shared.throttle {
            self.throttles.adopt(&fleet.throttles);
        }
        if shared.quotas {
            self.pace.adopt(policy, &fleet.quotas);
            self.serve_line(policy, now, outputs);
        }
    }

    /// Tells the other processes what a breaker was asked or told.
    #[inline]
    pub(super) fn tell_fleet(&mut self, policy: &Policy, call: CallId, news: BreakerNews) {
        if policy.shared.breaker {
            self.news.push(News::Breaker { call, news });
        }
    }
}
