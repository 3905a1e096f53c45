//! Where calls have priorities or tenants: which figures of each are shown, the same in the page and in the terminal.

use super::measure::Measure;
use crate::record::Results;
use crate::record::results::{PolicyResults, Scope};

/// The columns, as far as any policy has them.
const METRICS: [&str; 5] = [
    "success_ratio",
    "latency_good_ms_p50",
    "latency_good_ms_p99",
    "cost_usd_per_success",
    "refused_ratio",
];

/// What calls are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Priority,
    Tenant,
}

impl By {
    /// Both.
    pub(super) const ALL: [By; 2] = [By::Priority, By::Tenant];

    /// The word.
    pub(super) fn name(self) -> &'static str {
        match self {
            By::Priority => "priority",
            By::Tenant => "tenant",
        }
    }
}

/// The scopes of priorities, the most important first, or of tenants, in order of their names; none where all
/// calls are of one.
pub(super) fn scopes(results: &Results, by: By) -> Vec<&Scope> {
    let scopes = results.scopes.iter();
    match by {
        By::Priority => {
            let mut scopes: Vec<&Scope> = scopes.filter(|scope| scope.is_of_priority()).collect();
            scopes.sort_by_key(|scope| std::cmp::Reverse(scope.priority));
            scopes
        }
        By::Tenant => {
            let mut scopes: Vec<&Scope> = scopes.filter(|scope| scope.is_of_tenant()).collect();
            scopes.sort_by(|a, b| a.tenant.cmp(&b.tenant));
            scopes
        }
    }
}

/// What is shown of each.
pub(super) fn measures(results: &Results) -> Vec<Measure> {
    let has = |name: &str| {
        let has = |p: &PolicyResults| p.during.values().any(|all| all.contains_key(name));
        results.policies.iter().any(has)
    };
    let shown = METRICS.iter().filter(|name| has(name));
    shown.map(|name| Measure::of(results, name)).collect()
}

/// The name of the priority or tenant of a scope.
pub(super) fn name(scope: &Scope, by: By) -> &str {
    match by {
        By::Priority => scope.priority.map_or("", |priority| priority.name()),
        By::Tenant => scope.tenant.as_deref().unwrap_or(""),
    }
}

/// The value of a measure in a scope, with its unit; "none" where it does not apply.
pub(super) fn value(policy: &PolicyResults, scope: &Scope, measure: &Measure) -> String {
    let metrics = policy.during.get(&scope.name);
    let found = metrics.and_then(|metrics| metrics.get(&measure.name));
    found.map_or("none".to_owned(), |estimate| measure.value(estimate))
}
