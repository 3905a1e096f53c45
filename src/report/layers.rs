//! Chains of services: what is told of their layers, the same in the page and in the terminal.

use super::number::{fixed, signed};
use crate::record::results::{
    Difference, Judgement, LayerAudit, LayerResults, PolicyResults, Without,
};
use crate::record::{LEAST_REPLICATIONS, Results};

/// The chains of a comparison, in order of the file.
pub(super) fn chains(results: &Results) -> Vec<&PolicyResults> {
    let policies = results.policies.iter();
    policies
        .filter(|policy| !policy.layers.is_empty())
        .collect()
}

/// `1.20`.
pub(super) fn times(value: f64) -> String {
    match value < 100.0 {
        true => fixed(value, 2),
        false => fixed(value, 0),
    }
}

/// Attempts per call of a layer, over all calls or of a scope; "none" if nothing was sent to it.
pub(super) fn amplification(layer: &LayerResults, scope: Option<&str>) -> String {
    let found = match scope {
        None => layer.amplification.as_ref(),
        Some(scope) => layer.during.get(scope),
    };
    found.map_or("none".to_owned(), |estimate| times(estimate.value))
}

/// `1.05 × 3.20 × 2.00 = 6.72`; shorter where a layer was sent nothing.
pub(super) fn product(policy: &PolicyResults, scope: Option<&str>) -> String {
    let factors: Vec<String> = policy
        .layers
        .iter()
        .map(|l| amplification(l, scope))
        .collect();
    let metrics = match scope {
        None => Some(&policy.metrics),
        Some(scope) => policy.during.get(scope),
    };
    let whole = metrics.and_then(|metrics| metrics.get("amplification"));
    let whole = whole.map_or("none".to_owned(), |estimate| times(estimate.value));
    format!("{} = {whole}", factors.join(" × "))
}

/// What an audit found, in one sentence.
pub(super) fn found(results: &Results, audit: &LayerAudit) -> String {
    let chain = &audit.policy;
    if let Some(one) = audit.switch_off.and_then(|place| audit.without.get(place)) {
        return format!(
            "Switch off the retries of {} in {chain}: without them a call makes {} attempts at providers instead \
             of {}, and {}.",
            one.layer,
            times(one.amplification),
            times(audit.amplification),
            success(one),
        );
    }
    let replications = results.meta.replications;
    if audit.without.is_empty() {
        return format!("No layer of {chain} retries: there is nothing to switch off.");
    }
    if replications < LEAST_REPLICATIONS {
        return format!(
            "Which layer of {chain} to switch off is not said under {LEAST_REPLICATIONS} replications."
        );
    }
    format!(
        "No layer of {chain} is shown to be one to switch off: {}.",
        listed(&audit.without)
    )
}

/// Why each layer stays.
fn listed(without: &[Without]) -> String {
    let each = without.iter().map(|one| {
        let falls = one.amplification_change.verdict == Some(Judgement::Better);
        match falls {
            true => format!("without that of {} {}", one.layer, success(one)),
            false => format!("without {} amplification is not shown to fall", one.layer),
        }
    });
    each.collect::<Vec<_>>().join("; ")
}

/// What becomes of success without a layer.
fn success(one: &Without) -> String {
    let change = &one.success_change;
    let interval = points(change);
    match change.verdict {
        Some(Judgement::Equivalent) => format!("success is equivalent ({interval})"),
        Some(Judgement::Better) => format!("success is better ({interval})"),
        Some(Judgement::Worse) => format!("success is worse ({interval})"),
        Some(Judgement::NoDifferenceShown) | None => {
            format!("success is not shown to be as good ({interval})")
        }
    }
}

/// `−0.03 to +0.02 points`.
fn points(change: &Difference) -> String {
    let bound = |bound: Option<f64>| bound.map_or("?".to_owned(), |x| signed(x * 100.0, 2));
    let [low, high] = change.interval;
    format!("{} to {} points", bound(low), bound(high))
}
