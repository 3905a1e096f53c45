//! Retry budgets: how much trying again is allowed in all.
//!
//! A limit of attempts per call does not bound the load: if every call fails, three attempts each
//! are three times the load, and that load is what keeps an overloaded provider down. A budget
//! bounds what all calls together may add. Every attempt but the first withdraws from every budget
//! of the policy.

pub mod share;
pub mod time;

use crate::base::registry::registry;
use crate::base::several::Several;
use crate::base::{Check, Duration, Instant, Refusal};

registry! {
    /// A budget.
    "budget": Share = share, Time = time
}

/// The budgets of a policy: all must agree.
pub type Set = Several<Config>;

impl Set {
    /// Checks each.
    pub fn check(&self, check: &mut Check) {
        self.0.iter().for_each(|budget| budget.check(check));
    }
}

impl Set {
    /// What becomes of a wait for one more attempt: some budgets cut it.
    ///
    /// # Errors
    /// A budget it does not fit into.
    pub fn fit(&self, ask: Ask, wait: Duration) -> Result<Duration, Refusal> {
        self.0.iter().try_fold(wait, |wait, budget| match budget {
            Config::Share(_) => Ok(wait),
            Config::Time(time) => time.fit(ask, wait).ok_or(Refusal::BudgetTime),
        })
    }
}

/// What a budget is kept for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All calls of a client process together.
    #[default]
    Process,
    /// Each call for itself.
    Call,
}

/// What a budget is asked about: an attempt beyond the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// Attempts the call made beyond its first.
    pub extra_attempts: u32,
    /// Since the call's first attempt failed; zero before any has.
    pub retrying_for: Duration,
    /// Since the call's first attempt was sent.
    pub calling_for: Duration,
    /// Whether the attempt is about to start; else it is what a failure may lead to.
    pub starts: bool,
}

/// The state of a policy's budgets in one process.
#[derive(Clone, Debug)]
pub struct Budgets(Vec<State>);

#[derive(Clone, Debug)]
enum State {
    Share(share::State),
    Time(time::State),
}

impl Budgets {
    /// Fresh budgets.
    pub fn new(set: &Set) -> Budgets {
        let state = |config: &Config| match config {
            Config::Share(c) => State::Share(share::State::new(c)),
            Config::Time(c) => State::Time(time::State::new(c)),
        };
        Budgets(set.0.iter().map(state).collect())
    }

    /// Tells of a call that arrived.
    pub fn on_call(&mut self, set: &Set, now: Instant) {
        self.shares(set, |state, config| state.on_call(config, now));
    }

    /// Tells of a call that succeeded.
    pub fn on_success(&mut self, set: &Set, now: Instant) {
        self.shares(set, |state, config| state.on_success(config, now));
    }

    /// Tells of an attempt beyond the first that ended after this long.
    pub fn on_extra_end(&mut self, set: &Set, took: Duration, now: Instant) {
        for (state, config) in self.0.iter_mut().zip(&set.0) {
            if let (State::Time(state), Config::Time(_)) = (state, config) {
                state.on_extra_end(took, now);
            }
        }
    }

    /// Whether every budget allows one more attempt. Takes nothing.
    ///
    /// # Errors
    /// The first budget that refuses.
    pub fn ask(&mut self, set: &Set, ask: Ask, now: Instant) -> Result<(), Refusal> {
        for (state, config) in self.0.iter_mut().zip(&set.0) {
            let (allowed, refusal) = match (state, config) {
                (State::Share(s), Config::Share(c)) => (s.ask(c, ask, now), Refusal::BudgetShare),
                (State::Time(s), Config::Time(c)) => (s.ask(c, ask, now), Refusal::BudgetTime),
                _ => continue,
            };
            if !allowed {
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Withdraws for one more attempt, after all have allowed it.
    pub fn withdraw(&mut self, set: &Set, now: Instant) {
        self.shares(set, |state, config| state.withdraw(config, now));
    }

    fn shares(&mut self, set: &Set, mut f: impl FnMut(&mut share::State, &share::Config)) {
        for (state, config) in self.0.iter_mut().zip(&set.0) {
            if let (State::Share(state), Config::Share(config)) = (state, config) {
                f(state, config);
            }
        }
    }
}
