//! Retry budgets: how much trying again is allowed in all.
//!
//! A limit of attempts per call does not bound the load: if every call fails, three attempts each
//! are three times the load, and that load is what keeps an overloaded provider down. A budget
//! bounds what all calls together may add. Every attempt but the first withdraws from every budget
//! of the policy.
//!
//! What fills a budget decides how an outage looks: calls (Finagle), successes (tower, gRPC),
//! nothing but what is in flight (Envoy, failsafe-go), or what first attempts cost.
//!
//! What a call may cost in all, its first attempt included, is a budget of each call (`scope = "call"`).
//! Others are a process's own, or the fleet's (`scope = "fleet"`): a hundred processes with a budget
//! each have a hundred budgets, and a reserve of ten is one of a thousand.

pub mod concurrent;
pub mod dollars;
pub mod expiring_share;
pub mod fact;
mod per_call;
mod reservations;
pub mod retry_quota;
pub mod retry_throttle;
pub mod share;
pub mod time;
pub mod tokens;

pub use fact::{Ask, Cause, Fact, Facts};

use std::fmt::Debug;

use crate::base::registry::registry;
use crate::base::several::Several;
use crate::base::{Check, Duration, Instant, Refusal};

/// What a kind of budget decides. Its settings belong to all processes, its state to one of them.
trait Rules {
    /// What it keeps.
    type State: Clone + Debug;

    /// Why it refuses.
    const REFUSAL: Refusal;

    /// As it begins.
    fn begin(&self) -> Self::State;

    /// The facts that change its state: of no other need it be told.
    fn heeds(&self) -> Facts {
        Facts::ALL
    }

    /// Learns of something that happened.
    fn tell(&self, state: &mut Self::State, fact: Fact, now: Instant);

    /// Whether it allows one more attempt. Takes nothing.
    fn ask(&self, state: &mut Self::State, ask: &Ask, now: Instant) -> bool;

    /// What becomes of the wait for that attempt; None: it does not fit.
    fn fit(&self, _: &Ask, wait: Duration) -> Option<Duration> {
        Some(wait)
    }

    /// Whether all processes have it together.
    fn is_fleet(&self) -> bool {
        false
    }

    /// Whether it counts what each call costs, and so must be told of it.
    fn is_per_call(&self) -> bool {
        false
    }
}

/// The registry and, for every kind in it, the way from the room to its file.
macro_rules! kinds {
    ($($variant:ident = $module:ident),+ $(,)?) => {
        registry! {
            /// A budget.
            #[derive(serde::Serialize)]
            "budget": $($variant = $module),+
        }

        #[derive(Clone, Debug)]
        enum State {
            $($variant(<$module::Config as Rules>::State),)+
        }

        impl Config {
            fn begin(&self) -> State {
                match self {
                    $(Config::$variant(config) => State::$variant(config.begin()),)+
                }
            }

            fn heeds(&self) -> Facts {
                match self {
                    $(Config::$variant(config) => Rules::heeds(config),)+
                }
            }

            fn refusal(&self) -> Refusal {
                match self {
                    $(Config::$variant(_) => <$module::Config as Rules>::REFUSAL,)+
                }
            }

            // Inlined into the loop over budgets, every kind would prepare itself for every fact.
            #[inline(never)]
            fn tell(&self, state: &mut State, fact: Fact, now: Instant) {
                match (self, state) {
                    $((Config::$variant(c), State::$variant(s)) => c.tell(s, fact, now),)+
                    _ => debug_assert!(false, "a state is its config's"),
                }
            }

            fn ask(&self, state: &mut State, ask: &Ask, now: Instant) -> bool {
                match (self, state) {
                    $((Config::$variant(c), State::$variant(s)) => c.ask(s, ask, now),)+
                    _ => true,
                }
            }

            fn fit(&self, ask: &Ask, wait: Duration) -> Option<Duration> {
                match self {
                    $(Config::$variant(config) => config.fit(ask, wait),)+
                }
            }

            /// Whether all processes have it together.
            pub fn is_fleet(&self) -> bool {
                match self {
                    $(Config::$variant(config) => Rules::is_fleet(config),)+
                }
            }

            fn is_per_call(&self) -> bool {
                match self {
                    $(Config::$variant(config) => Rules::is_per_call(config),)+
                }
            }
        }
    };
}

kinds! {
    Share = share,
    ExpiringShare = expiring_share,
    RetryQuota = retry_quota,
    RetryThrottle = retry_throttle,
    Concurrent = concurrent,
    Time = time,
    Tokens = tokens,
    Dollars = dollars,
}

/// The budgets of a policy: all must agree.
pub type Set = Several<Config>;

impl Set {
    /// Whether one of them takes note of bills.
    pub fn heeds_bills(&self) -> bool {
        self.0.iter().any(|budget| budget.heeds().meet(Facts::BILL))
    }

    /// Checks each.
    pub fn check(&self, check: &mut Check) {
        self.0.iter().for_each(|budget| budget.check(check));
    }

    /// What becomes of a wait for one more attempt: some budgets cut it.
    ///
    /// # Errors
    /// A budget it does not fit into.
    pub fn fit(&self, ask: &Ask, wait: Duration) -> Result<Duration, Refusal> {
        self.0.iter().try_fold(wait, |wait, budget| {
            budget.fit(ask, wait).ok_or_else(|| budget.refusal())
        })
    }

    /// Whether all processes have one of them together.
    pub fn is_shared(&self) -> bool {
        self.0.iter().any(Config::is_fleet)
    }

    /// Whether one of them counts what each call costs: [`Fact::Spends`] and [`Fact::Closed`].
    pub fn is_per_call(&self) -> bool {
        self.0.iter().any(Config::is_per_call)
    }
}

/// What a budget is kept for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All calls of a client process together.
    #[default]
    Process,
    /// Each call for itself.
    Call,
    /// All calls of all processes together, known to each process up to `fleet.sync` late.
    Fleet,
}

/// The state of a policy's budgets in one process.
#[derive(Clone, Debug)]
pub struct Budgets {
    states: Vec<State>,
    /// What any of them takes note of: most facts are nothing to most policies.
    heed: Facts,
}

impl Budgets {
    /// Fresh budgets.
    pub fn new(set: &Set) -> Budgets {
        let heed = |all: Facts, budget: &Config| all.and(budget.heeds());
        Budgets {
            states: set.0.iter().map(Config::begin).collect(),
            heed: set.0.iter().fold(Facts::default(), heed),
        }
    }

    /// Whether there are none: then nothing need be asked.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Whether one of them takes note of a fact; if none does, it need not be told.
    #[inline]
    pub fn heed(&self, fact: Fact) -> bool {
        self.heed.meet(fact.kind())
    }

    /// Tells each of something that happened.
    #[inline(never)]
    pub fn tell(&mut self, set: &Set, fact: Fact, now: Instant) {
        for (state, config) in self.states.iter_mut().zip(&set.0) {
            config.tell(state, fact, now);
        }
    }

    /// Whether every budget allows one more attempt. Takes nothing.
    ///
    /// # Errors
    /// The first budget that refuses.
    pub fn ask(&mut self, set: &Set, ask: &Ask, now: Instant) -> Result<(), Refusal> {
        for (state, config) in self.states.iter_mut().zip(&set.0) {
            if !config.ask(state, ask, now) {
                return Err(config.refusal());
            }
        }
        Ok(())
    }

    /// Takes over, from one that was told what all processes were told, those that are the fleet's.
    pub fn adopt(&mut self, set: &Set, all: &Budgets) {
        let pairs = self.states.iter_mut().zip(&all.states);
        for ((state, common), config) in pairs.zip(&set.0) {
            if config.is_fleet() {
                state.clone_from(common);
            }
        }
    }
}
