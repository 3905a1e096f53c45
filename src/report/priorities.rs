//! Where calls have priorities: which figures of each are shown, the same in the page and in the terminal.

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

/// The scopes of priorities, the most important first; none where all calls are of one.
pub(super) fn scopes(results: &Results) -> Vec<&Scope> {
    let scopes = results.scopes.iter();
    let mut scopes: Vec<&Scope> = scopes.filter(|scope| scope.is_of_priority()).collect();
    scopes.sort_by_key(|scope| std::cmp::Reverse(scope.priority));
    scopes
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

/// The name of the priority of a scope.
pub(super) fn name(scope: &Scope) -> &'static str {
    scope.priority.map_or("", |priority| priority.name())
}

/// The value of a measure in a scope, with its unit; "none" where it does not apply.
pub(super) fn value(policy: &PolicyResults, scope: &Scope, measure: &Measure) -> String {
    let metrics = policy.during.get(&scope.name);
    let found = metrics.and_then(|metrics| metrics.get(&measure.name));
    found.map_or("none".to_owned(), |estimate| measure.value(estimate))
}
