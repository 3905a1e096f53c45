//! Refusals (why nothing was sent, or an answer was not taken), and what a policy that only observes
//! would have done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::{Detour, Refusal};

/// What a policy that only observes would have done, as sums over the calls of one scope. What its guards
/// would have refused stands in [`super::guarding::Guarding`], what its breakers would have done in the
/// counts of trips.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Attempts it would not have sent, by name of `Refusal`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, u64>,
    /// Attempts it would have held in the client's own line.
    pub waited: u64,
    /// Attempts it would have sent beyond the first, by name of `Origin`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<String, u64>,
    /// Attempts it would have aborted, by name of `Timeout`: the first timeout of a call that is over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub timed_out: BTreeMap<String, u64>,
    /// How often it would have gone past an endpoint, by name of `Detour`: a call that another can serve, or
    /// an alarm after which the endpoint is asked last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steered: BTreeMap<String, u64>,
    /// Calls it would have ended with a fallback, by name of `Fallback`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub degraded: BTreeMap<String, u64>,
}

impl Observed {
    /// Whether it would have done nothing: then results leave it out.
    pub fn is_empty(&self) -> bool {
        *self == Observed::default()
    }
}

/// How often a section of a policy said no for one reason. There is one for each section and reason that
/// occurred, in the order of [`Refusal::ALL`], guards on answers last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// The section of the policy in the scenario file, such as `breaker`.
    pub section: String,
    /// The reason: a name of `Refusal`, or the guard that refused an answer.
    pub reason: String,
    /// Over all calls that count, of all replications. A call may be refused more than once: at several
    /// endpoints, and again after a wait.
    pub count: u64,
    /// The same for each thousand calls.
    pub per_1000_calls: f64,
}

/// How often providers refused attempts for a limit. There is one for each limit that occurred, in the
/// order of `Dimension::ALL`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limited {
    /// What the limit counts, a name of `Dimension`: of several that refused the one waited for longest.
    pub dimension: String,
    /// Over all calls that count, of all replications.
    pub count: u64,
    /// The same for each thousand calls.
    pub per_1000_calls: f64,
}

/// What a policy that only observes would have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Not sent an attempt, or refused an answer.
    #[default]
    Refused,
    /// Held an attempt in line.
    Waited,
    /// Sent one more attempt.
    Sent,
    /// Aborted an attempt, or its call, that took too long.
    TimedOut,
    /// Gone past an endpoint.
    Steered,
    /// Opened a breaker.
    Tripped,
    /// Ended a call with a fallback.
    Degraded,
}

/// How often a policy that only observes would have done something. In the order of [`Act`], then as
/// [`Refused`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Would {
    /// What it would have done.
    pub act: Act,
    /// Which section of it, as in [`Refused::section`].
    pub section: String,
    /// Why, as in [`Refused::reason`]; of what it would have sent the name of `Origin`, of what it would have
    /// aborted the name of `Timeout`, of what it would have passed the name of `Detour`, of what it would have
    /// given the name of `Fallback`.
    pub reason: String,
    /// As in [`Refused::count`].
    pub count: u64,
    /// The same for each thousand calls.
    pub per_1000_calls: f64,
}

/// The section of a policy that refuses for a reason. What ends a call anyway, its deadline or a route that
/// is used up, is `deadline` and `route`.
pub fn section(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::BreakerOpen => "breaker",
        Refusal::BudgetShare
        | Refusal::BudgetTime
        | Refusal::BudgetQuota
        | Refusal::BudgetThrottle
        | Refusal::BudgetConcurrent
        | Refusal::BudgetTokens
        | Refusal::BudgetDollars => "budget",
        Refusal::CostLimit | Refusal::TurnLimit => "limit",
        Refusal::CostlyFallback => "costly-fallback",
        Refusal::Throttled => "throttle",
        Refusal::QuotaWait | Refusal::QuotaTooSmall | Refusal::UserQuota => "quota",
        Refusal::LimiterFull => "limiter",
        Refusal::LineFull | Refusal::Shed => "line",
        Refusal::DeferralsFull => "fallback",
        Refusal::Hopeless
        | Refusal::AttemptsSpent
        | Refusal::NotRetried
        | Refusal::ServerWaitTooLong => "retry",
        Refusal::PastDeadline => "deadline",
        Refusal::LimitsUsed | Refusal::Unfit | Refusal::NoEndpoint => "route",
    }
}

/// The section of a policy that goes past an endpoint.
pub fn steerer(detour: Detour) -> &'static str {
    match detour {
        Detour::Fits => "steering",
        Detour::Monitor => "monitor",
        Detour::Guard => "guard",
        Detour::Limit => "limit",
    }
}

/// Whether a refusal holds back what could have been sent, and is not only the end of a call's attempts.
pub fn holds_back(reason: &str) -> bool {
    let ends = [
        Refusal::AttemptsSpent,
        Refusal::NotRetried,
        Refusal::PastDeadline,
        Refusal::NoEndpoint,
    ];
    !ends.iter().any(|refusal| refusal.name() == reason)
}
