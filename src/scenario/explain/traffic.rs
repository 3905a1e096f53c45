//! What the traffic is, and whether it depends on the answers.

use super::super::model::Scenario;
use super::super::phrases;
use super::super::tree::Node;
use super::page::{count, grouped};
use super::{kinds, sentence, settings};
use crate::workload::tokens;

/// All of it, in one sentence or two.
pub(super) fn sentences(scenario: &Scenario, tree: &Node) -> String {
    let workload = &scenario.workload;
    let node = |key| tree.child("workload").and_then(|node| node.child(key));
    let below = |key| node(key).map(kinds);
    let mut said = vec![arrivals(scenario, below("arrivals").unwrap_or_default())];
    if workload.shape.ready().is_some() {
        said.push(format!("shape {}", below("shape").unwrap_or_default()));
    }
    let chat = || match &workload.tokens {
        tokens::Config::Profile(profile) => format!("profile {} (the default)", profile.name),
        other => format!("{} (the default)", other.kind()),
    };
    said.push(format!("tokens {}", below("tokens").unwrap_or_else(chat)));
    let streamed = if workload.stream { "streamed" } else { "whole" };
    said.push(format!(
        "answers {streamed}, at most {} tokens",
        grouped(workload.max_tokens.into())
    ));
    if !workload.needed().is_empty() {
        let needs = node("needs").map(|node| settings(node, &[]));
        said.push(format!("needs {}", needs.unwrap_or_default()));
    }
    said.push(match workload.deadline {
        Some(deadline) => format!("deadline {}", phrases::moment(deadline)),
        None => "no deadline".into(),
    });
    let mut sentences = vec![said.join("; ")];
    sentences.extend(reactions(scenario, &node));
    sentence("", &sentences)
}

fn arrivals(scenario: &Scenario, kind: String) -> String {
    let workload = &scenario.workload;
    let trace = scenario.trace.as_deref();
    let calls = grouped(workload.expected(scenario.run.duration, trace) as u64);
    let processes = count(workload.processes.into(), "process", "processes");
    let (about, calls) = match workload.reacts() {
        false => ("about", format!("{calls} calls a run")),
        true if workload.is_closed() => ("at most", format!("{calls} calls a run")),
        true => ("about", format!("{calls} calls a run if all are answered")),
    };
    format!("arrivals {kind} over {processes}: {about} {calls}")
}

/// Who makes the calls, and how they depend on the answers; nothing if all are alike and it does not.
fn reactions<'a>(
    scenario: &Scenario,
    node: &dyn Fn(&'static str) -> Option<&'a Node>,
) -> Vec<String> {
    let workload = &scenario.workload;
    let mut all = Vec::new();
    if !workload.tenant.is_empty() {
        all.push(format!(
            "tenants {}",
            node("tenant").map(kinds).unwrap_or_default()
        ));
    }
    if !workload.task.is_empty() {
        all.push(format!(
            "tasks {}",
            node("task").map(kinds).unwrap_or_default()
        ));
    }
    let told = |key| {
        node(key)
            .map(|node| settings(node, &[]))
            .unwrap_or_default()
    };
    if workload.is_closed() {
        all.push("a closed loop: the slower the answers, the fewer calls".to_string());
    }
    if workload.conversations.as_ref().is_some_and(|c| c.follows()) {
        let said = told("conversations");
        all.push(format!(
            "conversations whose turns follow the answers: {said}"
        ));
    }
    if workload.impatience.is_some() {
        all.push(format!("callers who lose patience: {}", told("impatience")));
    }
    // A sentence begins with a capital.
    for said in &mut all {
        let first = said.remove(0).to_ascii_uppercase();
        said.insert(0, first);
    }
    all
}
