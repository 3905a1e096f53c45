//! `hedging`: what goes with a hedge, whatever its delay. Which ending decides, what a failure leads
//! to, and how many hedges there may be in all.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::policy::budget::share;

/// Settings of `hedging`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Which ending of several attempts in flight ends them all.
    pub first: First,
    /// What a failure leads to while hedges are left.
    pub on_failure: OnFailure,
    /// If all fail: whose failure decides what follows.
    pub all_fail: AllFail,
    /// A budget of hedges alone, beside the policy's budgets; absent: none.
    pub budget: Option<share::Config>,
}

/// Which ending of several attempts in flight ends them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// The first success.
    #[default]
    Success,
    /// The first success, and the first failure that is not retried (gRPC, Polly, Finagle).
    Acceptable,
    /// The first of all, also a failure: it can beat a success that is on its way (failsafe,
    /// resilience4j).
    Completion,
}

/// What a failure leads to while hedges are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The delay goes on; the last one in flight that fails is retried as by `retry`.
    #[default]
    Wait,
    /// The next hedge at once, if the failure may be retried (gRPC, Polly).
    Next,
}

/// If all fail: whose failure decides what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllFail {
    /// The one that failed last.
    #[default]
    Last,
    /// The one that was hedged (Polly).
    Primary,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if let Some(budget) = &self.budget {
            check.at("budget", |c| budget.check(c));
        }
    }
}
