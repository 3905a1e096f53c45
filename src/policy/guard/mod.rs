//! Guards on answers: what is looked at before a whole answer under HTTP 200 is taken for one.
//!
//! An error breaker sees nothing of an answer that is cut short, that no program can read, or that is
//! wrong. A guard looks at each answer that came whole: at its finish reason, at its form, or by asking
//! a judge, which is a request to a provider with its own latency, price and mistakes. They are asked in
//! this order whatever the order of the file, the cheap ones first: no verdict is bought for an answer
//! that is refused already.
//!
//! A refused answer ends its attempt as `bad-answer`, one that cannot be read as `malformed`, and what
//! follows is the ordinary table: `retry.on`, `on.bad-answer = { fail-over = "now", counts-for-breaker =
//! true }`. With `then = "alert"` a guard lets the answer pass and raises an alert; with `"trip"` and
//! `"fail-over"` it does the same and opens the breaker of its endpoint, or has it asked last, `for` a while:
//! one bad answer is enough, so where some are to be expected a drift monitor is the better judge.
//!
//! Whoever may refuse an answer must not have given it away: a policy with such a guard holds a streamed
//! answer back until it is accepted, so that its time to the first token is that of its end.

pub mod finish_reason;
pub mod judge;
pub mod schema;

use crate::base::registry::registry;
use crate::base::several::Several;
use crate::base::{Check, Class, Duration, Guard};

pub use super::alarm::Then;

registry! {
    /// A guard.
    #[derive(serde::Serialize)]
    "guard": Schema = schema, FinishReason = finish_reason, Judge = judge
}

/// The guards of a policy, each kind at most once.
pub type Set = Several<Config>;

impl Set {
    /// Checks each.
    pub fn check(&self, check: &mut Check) {
        self.0.iter().for_each(|guard| guard.check(check));
    }

    /// The guard on the form of answers.
    pub fn schema(&self) -> Option<&schema::Config> {
        self.0.iter().find_map(|guard| match guard {
            Config::Schema(schema) => Some(schema),
            Config::FinishReason(_) | Config::Judge(_) => None,
        })
    }

    /// The guard on the finish reason.
    pub fn finish_reason(&self) -> Option<&finish_reason::Config> {
        self.0.iter().find_map(|guard| match guard {
            Config::FinishReason(finish_reason) => Some(finish_reason),
            Config::Schema(_) | Config::Judge(_) => None,
        })
    }

    /// The judge.
    pub fn judge(&self) -> Option<&judge::Config> {
        self.0.iter().find_map(|guard| match guard {
            Config::Judge(judge) => Some(judge),
            Config::Schema(_) | Config::FinishReason(_) => None,
        })
    }

    /// What each guard that raises alerts does with one, and for how long.
    pub fn alarms(&self) -> impl Iterator<Item = (Guard, Then, Option<Duration>)> {
        let one = |guard: &Config| match guard {
            Config::Schema(c) => (Guard::Schema, c.then, c.lasts),
            Config::FinishReason(c) => (Guard::FinishReason, c.then, c.lasts),
            Config::Judge(c) => (Guard::Judge, c.follows(), c.lasts),
        };
        self.0.iter().map(one).filter(|(_, then, _)| then.alerts())
    }

    /// How an attempt may end whose answer is refused.
    pub fn refuses(&self) -> Vec<Class> {
        let malformed = self
            .schema()
            .is_some_and(|guard| guard.then == Then::Refuse);
        let cut = self.finish_reason().is_some_and(|guard| guard.holds_back());
        let bad = cut || self.judge().is_some_and(|judge| judge.refuses());
        let classes = [(malformed, Class::Malformed), (bad, Class::BadAnswer)];
        let may = classes.into_iter().filter(|(may, _)| *may);
        may.map(|(_, class)| class).collect()
    }

    /// Whether an answer may only be delivered when all of it has been looked at.
    pub fn holds_back(&self) -> bool {
        self.0.iter().any(|guard| match guard {
            Config::Schema(schema) => schema.holds_back(),
            Config::FinishReason(finish_reason) => finish_reason.holds_back(),
            Config::Judge(judge) => judge.holds_back(),
        })
    }
}
