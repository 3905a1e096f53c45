//! What a chain of services does, in sentences: which layers a call passes, and what their retries come to.

use super::super::model::Scenario;
use super::page::count;
use crate::policy::layers::{Abort, Layer, chooser};
use crate::policy::{Config, retry, route::groups};

/// The layers of all chains, each policy once, in order.
pub(super) fn layers(scenario: &Scenario) -> Vec<&Layer> {
    let compared = |name: &str| scenario.policies.iter().any(|(other, _)| other == name);
    let chains = scenario
        .policies
        .iter()
        .filter(|(name, _)| !is_variant(scenario, name));
    let mut all: Vec<&Layer> = Vec::new();
    for layer in chains.flat_map(|(_, config)| &config.chain) {
        if !compared(&layer.name) && !all.iter().any(|known| known.name == layer.name) {
            all.push(layer);
        }
    }
    all
}

/// Whether a policy is a chain that an audit made of another.
fn is_variant(scenario: &Scenario, name: &str) -> bool {
    of_audit(scenario, name).is_some()
}

/// The chain that an audit made a policy of, and the layer that it lacks.
fn of_audit<'a>(scenario: &'a Scenario, name: &str) -> Option<(&'a str, &'a str)> {
    let audited = scenario.policies.iter().filter(|(_, c)| c.layers_audit);
    audited
        .flat_map(|(of, config)| (0..config.chain.len()).map(move |place| (of, config, place)))
        .find(|(of, config, place)| config.name_without(of, *place) == name)
        .map(|(of, config, place)| (of.as_str(), config.chain[place].name.as_str()))
}

/// The sentences about a chain.
pub(super) fn sentences(scenario: &Scenario, config: &Config) -> Vec<String> {
    let name = scenario
        .policies
        .iter()
        .find(|(_, other)| std::ptr::eq(other, config));
    let variant = name.and_then(|(name, _)| of_audit(scenario, name));
    if let Some((of, layer)) = variant {
        return vec![
            format!("as `{of}`, but `{layer}` passes every call on once"),
            outage(config, scenario),
        ];
    }
    let each = config.chain.iter().enumerate();
    let each: Vec<String> = each.map(|(place, layer)| stands(place, layer)).collect();
    let mut said = vec![format!("passes {}", each.join(", then "))];
    said.extend(chooses(scenario, config));
    said.push(outage(config, scenario));
    if config.layers_audit {
        said.push("audited: compared with itself without each layer that retries".into());
    }
    said
}

/// `gateway (4 processes, 1ms each way to the next)`.
fn stands(place: usize, layer: &Layer) -> String {
    let at = &layer.place;
    let mut said = Vec::new();
    match (place, at.processes) {
        (_, Some(n)) => said.push(count(n.into(), "process", "processes")),
        (0, None) => {}
        (_, None) => said.push("in the same process".into()),
    }
    if !at.network.is_zero() {
        said.push(format!("{} each way to the next", at.network));
    }
    if at.abort == Abort::GoesOn {
        said.push("goes on when its caller goes away".into());
    }
    match said.is_empty() {
        true => layer.name.clone(),
        false => format!("{} ({})", layer.name, said.join(", ")),
    }
}

/// Who chooses among several providers.
fn chooses(scenario: &Scenario, config: &Config) -> Option<String> {
    let providers: Vec<&str> = scenario.providers.iter().map(|(n, _)| n.as_str()).collect();
    let chooser = &config.chain[chooser(&config.chain, &providers)];
    let asked = crate::policy::layers::asked(&chooser.config, &providers);
    (asked.len() > 1).then(|| format!("`{}` chooses among {}", chooser.name, asked.join(", ")))
}

/// What all retries come to if nothing is ever answered.
fn outage(config: &Config, scenario: &Scenario) -> String {
    let each: Vec<Option<u64>> = config
        .chain
        .iter()
        .map(|layer| most(&layer.config, scenario))
        .collect();
    if each.contains(&None) {
        return "in an outage any number of attempts a call, for a layer retries without end"
            .into();
    }
    let each: Vec<u64> = each.into_iter().flatten().collect();
    let product = each.iter().fold(1u64, |all, n| all.saturating_mul(*n));
    let factors: Vec<String> = each.iter().map(u64::to_string).collect();
    match factors.len() {
        1 => format!("in an outage up to {product} attempts a call"),
        _ => format!(
            "in an outage up to {} = {product} attempts a call",
            factors.join(" × ")
        ),
    }
}

/// The most attempts of a layer; None: any number.
fn most(config: &Config, scenario: &Scenario) -> Option<u64> {
    let attempts = config.most_attempts();
    if attempts == retry::UNLIMITED {
        return None;
    }
    let groups = match &config.groups {
        groups::Config::Fallback(kind) => {
            let all = super::groups::of_policy(scenario, config).map_or(1, |(_, all)| all.len());
            all.min(usize::from(kind.max) + 1)
        }
        groups::Config::None(_) | groups::Config::Priority(_) => 1,
    };
    Some(u64::from(attempts) * groups as u64)
}
