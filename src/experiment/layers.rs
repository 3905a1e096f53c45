//! Chains: amplification by layer, and which layer to switch off.

use super::book::Book;
use super::compare::difference;
use super::sample::Sample;
use crate::base::Stop;
use crate::policy::{self, layers::Layer};
use crate::record::Replication;
use crate::record::metric::Metric;
use crate::record::replication::Sums;
use crate::record::results::{Difference, Judgement, LayerAudit, LayerResults, Scope, Without};
use crate::scenario::Scenario;
use crate::scenario::model::default_min_effect;

/// The chance that an audit says to switch off a layer that matters, over all of its intervals.
const AUDIT_ERROR: f64 = 0.05;

/// The layers of a policy; none if it is no chain.
pub fn results(
    config: &policy::Config,
    runs: &[Replication],
    scopes: &[Scope],
) -> Vec<LayerResults> {
    let layers = config.chain.iter().enumerate();
    let one = |(place, layer): (usize, &Layer)| {
        let sample = |scope| sample(runs, place, scope).map(|sample| sample.estimate("attempts"));
        let total = |of: &dyn Fn(&Sums) -> u64| {
            let all = runs.iter().filter_map(|run| run.scopes.first());
            all.map(of).sum()
        };
        let during = scopes.iter().enumerate().skip(1);
        let during = during.filter_map(|(i, scope)| Some((scope.name.clone(), sample(i)?)));
        LayerResults {
            name: layer.name.clone(),
            calls: total(&|sums| received(sums, place)),
            attempts: total(&|sums| sent(sums, place)),
            amplification: sample(0),
            during: during.collect(),
        }
    };
    layers.map(one).collect()
}

/// Attempts that a layer sent ÷ calls sent to it, in a scope; None if none were.
pub fn sample(runs: &[Replication], layer: usize, scope: usize) -> Option<Sample> {
    let sums: Vec<&Sums> = runs
        .iter()
        .filter_map(|run| run.scopes.get(scope))
        .collect();
    let list = |of: &dyn Fn(&Sums) -> u64| -> Vec<f64> {
        sums.iter().map(|sums| of(sums) as f64).collect()
    };
    let (attempts, calls) = (list(&|s| sent(s, layer)), list(&|s| received(s, layer)));
    Sample::ratio(&attempts, &calls)
}

/// Attempts that a layer sent.
fn sent(sums: &Sums, layer: usize) -> u64 {
    sums.layers.get(layer).copied().unwrap_or(0)
}

/// Calls that were sent to a layer.
fn received(sums: &Sums, layer: usize) -> u64 {
    match layer.checked_sub(1) {
        None => sums.calls,
        Some(before) => sent(sums, before),
    }
}

/// The processes whose breakers a policy's timeline shows: of a chain those of the layer that chooses
/// among providers.
pub fn watched_processes(scenario: &Scenario, config: &policy::Config) -> u32 {
    let names: Vec<&str> = scenario.providers.iter().map(|(n, _)| n.as_str()).collect();
    let all = scenario.workload.processes;
    if config.chain.is_empty() {
        return all;
    }
    let chooser = policy::layers::chooser(&config.chain, &names);
    let until = config.chain.iter().take(chooser + 1);
    until.fold(all, |before, layer| layer.place.processes.unwrap_or(before))
}

/// The audits of all chains that ask for one; None if it was told to stop.
pub fn audits(scenario: &Scenario, book: &Book<'_>, stop: &Stop) -> Option<Vec<LayerAudit>> {
    let asking = scenario.policies.iter().filter(|(_, c)| c.layers_audit);
    let mut audits = Vec::new();
    for (name, config) in asking {
        stop.check()?;
        audits.extend(audit(scenario, book, (name, config)));
    }
    Some(audits)
}

fn audit(
    scenario: &Scenario,
    book: &Book<'_>,
    (name, config): (&str, &policy::Config),
) -> Option<LayerAudit> {
    let amplification = Metric::named("amplification")?;
    let success = Metric::named("success_ratio")?;
    let of = |policy: &str, metric| book.find(policy, None, metric).ok();
    let mut places = Vec::new();
    for (place, layer) in config.chain.iter().enumerate() {
        let other = config.name_without(name, place);
        let compared = scenario.policies.iter().any(|(name, _)| *name == other);
        places.extend(compared.then_some((layer.name.clone(), other)));
    }
    let level = 1.0 - AUDIT_ERROR / (2 * places.len()).max(1) as f64;
    let change = |metric: &'static Metric, other: &str| -> Option<Difference> {
        let effect = scenario.compare.min_effect.get(metric.name).copied();
        let effect = effect.unwrap_or_else(|| default_min_effect(metric));
        let (a, b) = (of(other, metric)?, of(name, metric)?);
        Some(difference(
            metric,
            (other, a),
            (name, b),
            Some((level, Some(effect))),
        ))
    };
    let one = |(layer, other): (String, String)| {
        Some(Without {
            layer,
            amplification: of(&other, amplification)?.value,
            amplification_change: change(amplification, &other)?,
            success_change: change(success, &other)?,
            policy: other,
        })
    };
    let without: Vec<Without> = places.into_iter().filter_map(one).collect();
    Some(LayerAudit {
        policy: name.to_owned(),
        amplification: of(name, amplification)?.value,
        switch_off: switch_off(&without),
        without,
    })
}

/// The layer without which amplification falls most, of those without which it is shown to fall and success
/// is shown to be no worse.
fn switch_off(without: &[Without]) -> Option<usize> {
    let good = |one: &Without| {
        let keeps = [Judgement::Equivalent, Judgement::Better].map(Some);
        let falls = one.amplification_change.verdict == Some(Judgement::Better);
        falls && keeps.contains(&one.success_change.verdict)
    };
    let good = without.iter().enumerate().filter(|(_, one)| good(one));
    let least = good.min_by(|(_, a), (_, b)| a.amplification.total_cmp(&b.amplification));
    least.map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(amplification: f64, falls: Judgement, success: Judgement) -> Without {
        let change = |verdict| Difference {
            verdict: Some(verdict),
            ..Difference::default()
        };
        Without {
            amplification,
            amplification_change: change(falls),
            success_change: change(success),
            ..Without::default()
        }
    }

    #[test]
    fn the_layer_to_switch_off_costs_no_success_and_saves_most() {
        use Judgement::{Better, Equivalent, NoDifferenceShown, Worse};
        let dear = without(1.0, Better, Worse);
        let unsure = without(1.5, Better, NoDifferenceShown);
        let good = without(4.0, Better, Equivalent);
        let better = without(3.0, Better, Better);
        let same = without(2.0, NoDifferenceShown, Equivalent);
        let all = [dear.clone(), unsure, good, better, same.clone()];
        assert_eq!(switch_off(&all), Some(3));
        assert_eq!(switch_off(&[dear, same]), None);
        assert_eq!(switch_off(&[]), None);
    }

    #[test]
    fn the_product_over_layers_is_the_amplification_of_the_whole() {
        let sums = Sums {
            calls: 10,
            layers: vec![20, 60, 90],
            ..Sums::default()
        };
        let ratio = |layer| sent(&sums, layer) as f64 / received(&sums, layer) as f64;
        assert_eq!([ratio(0), ratio(1), ratio(2)], [2.0, 3.0, 1.5]);
    }
}
