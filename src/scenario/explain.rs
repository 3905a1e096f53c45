//! What a scenario says, in plain words and 80 columns: for `squall check`.
//!
//! Kinds and their settings are told from the resolved tree and not kind by kind, so a new kind
//! needs no line here.

mod chains;
mod conditions;
mod groups;
mod monitors;
mod page;
mod policy;
#[cfg(test)]
mod tests;
mod traffic;

use self::page::Page;
use super::model::Scenario;
use super::report::Report;
use super::tree::{Node, Value};
use super::{parse, phrases, points};
use crate::provider::limits::pool::Config as Pool;
use crate::provider::{self, latency};

/// A short account of a scenario: run, traffic, providers, faults, policies, expectations.
pub fn explain(scenario: &Scenario) -> String {
    let mut page = Page::default();
    page.line("", &heading(scenario));
    page.line("", &scenario.why);
    for (key, value) in &scenario.point {
        page.line("Point", &format!("{key} = {value}"));
    }
    page.line("Run", &run(scenario));
    // What was printed as resolved can be read back; a test holds that.
    let mut report = Report::new(&scenario.file);
    let file = report
        .sources
        .add("resolved", scenario.resolved.clone(), None);
    let Some(tree) = parse::parse(file, &mut report) else {
        return page.text;
    };
    page.line("Traffic", &traffic::sentences(scenario, &tree));
    world(scenario, &tree, &mut page);
    policies(scenario, &tree, &mut page);
    page.line("Compares", &conditions::compared(&scenario.compare));
    for (i, said) in conditions::expected(scenario).iter().enumerate() {
        page.line(if i == 0 { "Expects" } else { " " }, said);
    }
    page.text
}

/// Providers, what they share, and faults.
fn world(scenario: &Scenario, tree: &Node, page: &mut Page) {
    for (name, config) in &scenario.providers {
        let node = tree.child("provider").and_then(|all| all.child(name));
        page.line("Provider", &sentence(name, &provider(config, node)));
    }
    for (name, config) in &scenario.pools {
        let node = tree.child("pool").and_then(|all| all.child(name));
        page.line("Pool", &sentence(name, &pool(scenario, config, node)));
    }
    for (i, fault) in scenario.faults.iter().enumerate() {
        let node = tree
            .child("fault")
            .and_then(|all| all.child(&i.to_string()));
        let effect = node
            .and_then(|node| node.child("effect"))
            .map(kinds)
            .unwrap_or_default();
        let (from, to) = (fault.at, fault.at + fault.lasts);
        let (from, to) = (phrases::moment(from), phrases::moment(to));
        let when = format!(
            "{effect} at {} from {from} to {to}",
            fault.on.names.join(", ")
        );
        let hits = fault.hits.said().map(|said| format!("it hits {said}"));
        let said = [when, fault.schedule.said(), hits.unwrap_or_default()];
        page.line("Fault", &sentence(&fault.name, &said));
    }
}

/// Policies that are compared, and the layers of chains.
fn policies(scenario: &Scenario, tree: &Node, page: &mut Page) {
    let providers: Vec<&str> = scenario.providers.iter().map(|(n, _)| n.as_str()).collect();
    for (name, config) in &scenario.policies {
        let node = tree.child("policy").and_then(|all| all.child(name));
        let baseline = if *name == scenario.compare.baseline {
            " (baseline)"
        } else {
            ""
        };
        page.line(
            "Policy",
            &sentence(
                &format!("{name}{baseline}"),
                &match config.is_chain() {
                    true => chains::sentences(scenario, config),
                    false => of_policy(scenario, config, &providers, node),
                },
            ),
        );
    }
    for layer in chains::layers(scenario) {
        let node = tree.child("policy").and_then(|all| all.child(&layer.name));
        let said = of_policy(scenario, &layer.config, &providers, node);
        let name = format!("{}, by itself", layer.name);
        page.line("Layer", &sentence(&name, &said));
    }
}

/// The sentences about a policy that is no chain.
fn of_policy(
    scenario: &Scenario,
    config: &crate::policy::Config,
    providers: &[&str],
    node: Option<&Node>,
) -> Vec<String> {
    [
        self::policy::sentences(config, providers, node),
        groups::sentences(scenario, config).into_iter().collect(),
        monitors::sentences(scenario, config, node),
    ]
    .concat()
}

/// `name: Title`; the name alone where the title is only its copy.
fn heading(scenario: &Scenario) -> String {
    let (name, title) = (&scenario.name, &scenario.title);
    match name.strip_prefix(title.as_str()) {
        Some(point) if point.is_empty() || point.starts_with('[') => name.clone(),
        _ => format!("{name}: {title}"),
    }
}

/// Labels say who a provider is and do nothing in a run.
const LABELS: [&str; 6] = ["dialect", "vendor", "model", "region", "account", "group"];

fn provider(config: &provider::Config, node: Option<&Node>) -> Vec<String> {
    let child = |key: &str| node.and_then(|node| node.child(key));
    let without = [&LABELS[..], &["network"]].concat();
    let mut said: Vec<String> = child("network").map(network).into_iter().collect();
    if let (latency::Config::Profile(profile), None) = (&config.latency, child("latency")) {
        said.push(format!("latency profile {} (the default)", profile.name));
    }
    let rest = node.map(|node| settings(node, &without));
    said.extend(rest.filter(|rest| !rest.is_empty()));
    let label = |key: &&str| Some(format!("{key} {}", points::plain(child(key)?)));
    let labels: Vec<String> = LABELS.iter().filter_map(label).collect();
    let labelled = (!labels.is_empty()).then(|| format!("labels: {}", labels.join(", ")));
    let mut sentences = vec![said.join(", ")];
    sentences.extend(labelled);
    sentences
}

/// What a pool allows, and to whom together.
fn pool(scenario: &Scenario, config: &Pool, node: Option<&Node>) -> Vec<String> {
    let of_it = scenario
        .providers
        .iter()
        .filter(|(name, p)| config.has(name, p));
    let names: Vec<&str> = of_it.map(|(name, _)| name.as_str()).collect();
    let limits = node.and_then(|node| node.child("limits"));
    let limits = limits.map(|node| settings(node, &[])).unwrap_or_default();
    vec![format!("{limits} for {} together", names.join(", "))]
}

/// `network 20ms each way`.
fn network(node: &Node) -> String {
    let way = |key: &str| {
        let said = node.child(key).map_or_else(|| "0s".into(), kinds);
        said.trim_start_matches("constant ").to_string()
    };
    match (way("out"), way("back")) {
        (out, back) if out == back => format!("network {out} each way"),
        (out, back) => format!("network {out} out and {back} back"),
    }
}

fn run(scenario: &Scenario) -> String {
    let run = &scenario.run;
    let warm_up = if run.warm_up.is_zero() {
        String::new()
    } else {
        let warm_up = phrases::moment(run.warm_up);
        format!(", whose first {warm_up} do not count")
    };
    let duration = phrases::moment(run.duration);
    let times = match run.replications {
        1 => "once".into(),
        n => format!("{n} times"),
    };
    format!(
        "{duration} of traffic{warm_up}, {times} per policy, seed {}.",
        run.seed
    )
}

/// A choice or set: each kind with its settings.
fn kinds(node: &Node) -> String {
    let Some(table) = node.table() else {
        return points::plain(node);
    };
    let kind = |(name, node): (&str, &Node)| {
        // A kind that is all but its name or its file is told by that alone.
        let only = node.table().filter(|table| table.len() == 1);
        let main = only.and_then(|table| table.get("name").or_else(|| table.get("file")));
        match (main, settings(node, &[])) {
            (Some(main), _) => format!("{name} {}", points::plain(main)),
            (None, said) if said.is_empty() => name.to_string(),
            (None, said) if node.table().is_none() => format!("{name} {said}"),
            (None, said) => format!("{name} ({said})"),
        }
    };
    table.iter().map(kind).collect::<Vec<_>>().join(", ")
}

/// The settings of a table on one line: `base 1s, cap 32s, jitter full`.
fn settings(node: &Node, without: &[&str]) -> String {
    let Some(table) = node.table() else {
        return points::plain(node);
    };
    let setting = |(key, node): (&str, &Node)| match &node.value {
        Value::Table(inner) if inner.is_empty() => key.to_string(),
        Value::Table(inner) if inner.len() == 1 => format!("{key} {}", kinds(node)),
        Value::Table(_) => format!("{key} ({})", settings(node, &[])),
        _ => format!("{key} {}", points::plain(node)),
    };
    let shown = |(key, _): &(&str, &Node)| !without.contains(key);
    table
        .iter()
        .filter(shown)
        .map(setting)
        .collect::<Vec<_>>()
        .join(", ")
}

/// `name: First part. Second part.`
fn sentence(name: &str, parts: &[String]) -> String {
    let mut text = match name {
        "" => String::new(),
        _ => format!("{name}:"),
    };
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push(' ');
        }
        let mut letters = part.chars();
        let first = letters.next().map(|c| {
            if name.is_empty() {
                c
            } else {
                c.to_ascii_uppercase()
            }
        });
        text.extend(first);
        text.push_str(letters.as_str());
        text.push('.');
    }
    text
}
