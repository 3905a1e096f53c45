//! A policy that differs by priority: which policy a call is under, and which of its client's states
//! that policy works on.
//!
//! Priorities whose section is written alike share that section's state, as if there were one policy;
//! where it differs each has its own, a lane: a breaker that batch calls trip stays closed for critical
//! ones only if `breaker` differs. Quotas, limiter and the line in front of them are one section.
//!
//! The rest of the engine knows one state of each section. Before a fact is handled those of its
//! priority are put in their place; a policy that is the same for all never gets here.

use crate::base::wire::Priority;
use crate::base::{Draws, Instant};
use crate::policy::Config;
use crate::policy::breaker::set::Breakers;
use crate::policy::budget::Budgets;
use crate::policy::fallback::queue::Queue;
use crate::policy::hedge;
use crate::policy::hopeless::Latencies;
use crate::policy::route::router::Router;
use crate::policy::throttle::Throttles;

use super::alarm::Lasting;
use super::client::Client;
use super::pace::Pace;
use super::policy::{Policy, Unusable};
use super::spending::Spending;
use super::watch::Watcher;

/// How many priorities there are.
const PRIORITIES: usize = Priority::ALL.len();

/// The lane of each priority: they count up in order of first use.
type Places = [usize; PRIORITIES];

/// How a policy differs by priority.
#[derive(Clone, Debug)]
pub(super) struct ByPriority {
    /// The policies of the priorities that have one of their own; the others are under the policy
    /// itself.
    policies: [Option<Policy>; PRIORITIES],
    lanes: Lanes,
}

/// The parts of a client that there is one of for each lane, and by which settings lanes differ.
macro_rules! sections {
    ($($field:ident: $type:ty, $same:expr;)+) => {
        /// By section, which lane is whose.
        #[derive(Clone, Debug)]
        struct Lanes {
            $($field: Places,)+
        }

        impl Lanes {
            fn new(configs: [&Config; PRIORITIES]) -> Lanes {
                Lanes { $($field: places(configs, $same),)+ }
            }
        }

        /// The states that are not in their place, by section and lane. Where the state in place
        /// belongs there lies another that nobody reads.
        #[derive(Debug)]
        pub(super) struct Parked {
            /// Whose states are in place.
            priority: Priority,
            $($field: Vec<$type>,)+
        }

        impl Parked {
            fn new() -> Parked {
                Parked { priority: Priority::default(), $($field: Vec::new(),)+ }
            }

            /// Takes the fresh states of a priority, where it is the first of its lane; hands back
            /// the draws.
            fn add(&mut self, lanes: &Lanes, priority: Priority, fresh: Client) -> Draws {
                $(if lanes.$field[priority as usize] == self.$field.len() {
                    self.$field.push(fresh.$field);
                })+
                fresh.draws
            }

            /// Puts the states of a priority in place.
            fn swap(&mut self, lanes: &Lanes, client: &mut Client, priority: Priority) {
                let (old, new) = (self.priority as usize, priority as usize);
                $({
                    let (old, new) = (lanes.$field[old], lanes.$field[new]);
                    if old != new {
                        std::mem::swap(&mut client.$field, &mut self.$field[old]);
                        std::mem::swap(&mut client.$field, &mut self.$field[new]);
                    }
                })+
                self.priority = priority;
            }
        }
    };
}

sections! {
    breakers: Breakers, same_breaker;
    budgets: Budgets, |a, b| a.budget == b.budget;
    budgeted_in_flight: u64, |a, b| a.budget == b.budget;
    throttles: Throttles, |a, b| a.throttle == b.throttle;
    latencies: Latencies, |a, b| a.retry.skip_hopeless == b.retry.skip_hopeless;
    pace: Pace, same_pace;
    paced_in_flight: u64, same_pace;
    wake_at: Instant, same_pace;
    router: Router, |a, b| same_endpoints(a, b) && a.route == b.route && a.steering == b.steering;
    hedger: hedge::State, |a, b| a.hedge == b.hedge;
    hedge_budget: Budgets, |a, b| a.hedging.budget == b.hedging.budget;
    deferred: Queue, |a, b| a.fallback == b.fallback;
    watcher: Watcher, |a, b| a.monitor == b.monitor;
    spending: Spending, same_spending;
    lasting: Lasting, |a, b| a.guard == b.guard && a.limit == b.limit;
}

/// Whether two policies ask the same endpoints: a route that names none leaves out the policy's own judge.
fn same_endpoints(a: &Config, b: &Config) -> bool {
    let judge = |config: &Config| config.guard.judge().map(|judge| judge.endpoint.clone());
    let named = !a.route.endpoints().is_empty();
    a.route.asks_the_same(&b.route) && (named || judge(a) == judge(b))
}

fn same_breaker(a: &Config, b: &Config) -> bool {
    same_endpoints(a, b) && a.breaker == b.breaker && a.trip == b.trip && a.readmit == b.readmit
}

fn same_pace(a: &Config, b: &Config) -> bool {
    a.quota == b.quota && a.limiter == b.limiter && a.line == b.line
}

fn same_spending(a: &Config, b: &Config) -> bool {
    a.limit == b.limit && a.costly_fallback == b.costly_fallback
}

/// The lane of each priority: that of the first whose section is the same.
fn places(configs: [&Config; PRIORITIES], same: fn(&Config, &Config) -> bool) -> Places {
    let (mut places, mut lanes) = ([0; PRIORITIES], 0);
    for (i, config) in configs.iter().enumerate() {
        let like = configs[..i].iter().position(|other| same(other, config));
        places[i] = like.map_or(lanes, |first| places[first]);
        lanes = lanes.max(places[i] + 1);
    }
    places
}

impl Lanes {
    /// Whether a priority is the first with its line, or the first with its queue.
    fn is_first(&self, priority: Priority) -> bool {
        let first = |lanes: &Places| {
            let place = priority as usize;
            !lanes[..place].contains(&lanes[place])
        };
        first(&self.pace) || first(&self.deferred)
    }
}

impl ByPriority {
    /// How a policy differs, if it does; `ready` makes one policy ready.
    ///
    /// # Errors
    /// Those of `ready`.
    pub(super) fn new(
        config: &Config,
        ready: impl Fn(&Config) -> Result<Policy, Unusable>,
    ) -> Result<Option<ByPriority>, Unusable> {
        if config.priority.is_empty() {
            return Ok(None);
        }
        let own = |priority| config.priority.get(&priority);
        let mut policies = [const { None }; PRIORITIES];
        for priority in Priority::ALL {
            policies[priority as usize] = own(priority).map(&ready).transpose()?;
        }
        Ok(Some(ByPriority {
            policies,
            lanes: Lanes::new(Priority::ALL.map(|priority| own(priority).unwrap_or(config))),
        }))
    }

    /// The policies of the priorities that have one of their own.
    pub(super) fn own(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().flatten()
    }

    /// The same, to be changed.
    pub(super) fn own_mut(&mut self) -> impl Iterator<Item = &mut Policy> {
        self.policies.iter_mut().flatten()
    }

    fn of<'p>(&'p self, policy: &'p Policy, priority: Priority) -> &'p Policy {
        let own = self.policies[priority as usize].as_ref();
        own.unwrap_or(policy)
    }

    /// A client with the states of every lane, each made by `fresh` for a policy.
    pub(super) fn client(
        &self,
        policy: &Policy,
        mut draws: Draws,
        fresh: impl Fn(&Policy, Draws) -> Client,
    ) -> Client {
        let mut parked = Parked::new();
        for priority in Priority::ALL {
            let states = fresh(self.of(policy, priority), draws);
            draws = parked.add(&self.lanes, priority, states);
        }
        let mut client = fresh(self.of(policy, parked.priority), draws);
        client.parked = Some(Box::new(parked));
        client
    }
}

impl Policy {
    /// The policy that calls of a priority are under.
    pub fn of(&self, priority: Priority) -> &Policy {
        match &self.by_priority {
            Some(by) => by.of(self, priority),
            None => self,
        }
    }
}

impl Parked {
    /// What the lanes that are not in place have spent.
    pub(super) fn spendings(&mut self) -> impl Iterator<Item = &mut Spending> {
        self.spending.iter_mut()
    }

    /// When the lines and queues that are not in place are to be looked at.
    pub(super) fn wake_at(&self) -> Instant {
        let queues = self.deferred.iter().map(Queue::due_at);
        let all = self.wake_at.iter().copied().chain(queues);
        all.min().unwrap_or(Instant::NEVER)
    }
}

impl Client {
    /// The policy that calls of a priority are under; its states are in place from here on.
    #[inline]
    pub(super) fn under<'p>(&mut self, policy: &'p Policy, priority: Priority) -> &'p Policy {
        match &policy.by_priority {
            None => policy,
            Some(by) => {
                self.change_lanes(by, priority);
                by.of(policy, priority)
            }
        }
    }

    fn change_lanes(&mut self, by: &ByPriority, priority: Priority) {
        if let Some(mut parked) = self.parked.take() {
            if parked.priority != priority {
                parked.swap(&by.lanes, self, priority);
            }
            self.parked = Some(parked);
        }
    }

    /// Does something for every line and every queue there is, each in its place.
    pub(super) fn each_lane(&mut self, policy: &Policy, mut f: impl FnMut(&mut Client, &Policy)) {
        let Some(by) = &policy.by_priority else {
            return f(self, policy);
        };
        for priority in Priority::ALL {
            if by.lanes.is_first(priority) {
                let policy = self.under(policy, priority);
                f(self, policy);
            }
        }
    }
}
