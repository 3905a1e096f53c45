//! The parts of a merged tree, each typed and checked for itself.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::document;
use super::phrases::with_names;
use super::report::{Diagnostic, Report};
use super::tree::{Node, Value};
use super::typing::{Typed, typed};
use super::words::Unit;
use super::{compare, expect};
use crate::{fault, policy, provider, workload};

/// Every part of one point, typed.
#[derive(Debug)]
pub(super) struct Parts {
    /// `[meta]`.
    pub meta: Typed<compare::Meta>,
    /// `[run]`.
    pub run: Typed<compare::Run>,
    /// `[compare]`.
    pub compare: Typed<compare::Written>,
    /// `[workload]`.
    pub workload: Typed<workload::Config>,
    /// `[provider.NAME]`, in order.
    pub providers: Vec<(String, Typed<provider::Config>)>,
    /// `[[fault]]`, in order.
    pub faults: Vec<Typed<fault::Config>>,
    /// `[policy.NAME]`, in order.
    pub policies: Vec<(String, Typed<policy::Config>)>,
    /// `[[expect]]`, in order, without `at`.
    pub expectations: Vec<Typed<expect::Written>>,
}

/// The tables a scenario may have.
const ROOT: [&str; 9] = [
    "include", "meta", "run", "compare", "workload", "provider", "fault", "policy", "expect",
];

/// Longer names fit in no table of a report.
const MAX_NAME: usize = 64;

impl Parts {
    /// Types every part of a tree and runs the rooms' own checks. `incomplete` are the policies
    /// that lack something they were to inherit.
    pub(super) fn new(tree: &Node, incomplete: &BTreeSet<String>, report: &mut Report) -> Parts {
        root_keys(tree, report);
        let mut run = required(tree, "run", "duration = \"10m\"", &["vary"], report);
        run.clean &= run.check(report, compare::Run::check);
        let traffic = "arrivals.poisson = { rate = \"40/s\" }";
        let mut workload = required(tree, "workload", traffic, &[], report);
        workload.clean &= workload.check(report, workload::Config::check);
        let mut providers = members(tree, "provider", &BTreeSet::new(), report);
        for (_, provider) in &mut providers {
            provider.clean &= provider.check(report, provider::Config::check);
        }
        let mut policies = members(tree, "policy", incomplete, report);
        for (_, policy) in &mut policies {
            policy.clean &= policy.check(report, policy::Config::check);
        }
        let mut faults = listed(tree, "fault", &[], report);
        for fault in &mut faults {
            fault.clean &= fault.check(report, fault::Config::check);
        }
        Parts {
            meta: optional(tree, "meta", report),
            run,
            compare: optional(tree, "compare", report),
            workload,
            providers,
            faults,
            policies,
            expectations: listed(tree, "expect", &["at"], report),
        }
    }
}

fn root_keys(tree: &Node, report: &mut Report) {
    for (key, node) in tree.table().iter().flat_map(|table| table.iter()) {
        if !ROOT.contains(&key) {
            let title = format!("unknown key `{key}`");
            let mistake = Diagnostic::error(node.key, title, "not a part of a scenario");
            report.push(with_names(mistake, key, &ROOT));
        }
    }
}

fn optional<T: DeserializeOwned>(tree: &Node, key: &str, report: &mut Report) -> Typed<T> {
    let node = tree.child(key).cloned();
    let node = node.unwrap_or_else(|| document::empty(tree.span));
    typed(Unit::new(&[key], node), report)
}

fn required<T: DeserializeOwned>(
    tree: &Node,
    key: &str,
    example: &str,
    other_keys: &'static [&'static str],
    report: &mut Report,
) -> Typed<T> {
    if let Some(node) = tree.child(key) {
        let mut unit = Unit::new(&[key], node.clone());
        unit.other_keys = other_keys;
        return typed(unit, report);
    }
    let mistake = Diagnostic::whole(format!("the scenario has no [{key}]"));
    report.push(mistake.help(format!("add [{key}] with {example}")));
    Typed {
        value: None,
        unit: Unit::new(&[key], document::empty(tree.span)),
        clean: false,
    }
}

/// The tables `[key.NAME]`; at least one is needed.
fn members<T: DeserializeOwned>(
    tree: &Node,
    key: &str,
    incomplete: &BTreeSet<String>,
    report: &mut Report,
) -> Vec<(String, Typed<T>)> {
    let node = tree.child(key);
    let table = node.and_then(Node::table);
    if let (Some(node), None) = (node, table) {
        let title = format!("`{key}` cannot be {}", node.value.what());
        let mistake = Diagnostic::error(node.span, title, "not a table of tables");
        report.push(mistake.expected(format!("[{key}.NAME]")));
        return Vec::new();
    }
    if table.is_none_or(|table| table.is_empty()) {
        let mistake = Diagnostic::whole(format!("the scenario has no {key}"));
        report.push(mistake.help(format!("add at least one [{key}.NAME]")));
    }
    let mut result = Vec::new();
    for (name, node) in table.iter().flat_map(|table| table.iter()) {
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control)
        {
            let title = format!("this cannot be the name of a {key}");
            let mistake = Diagnostic::error(node.key, title, "not a usable name");
            let expected = format!("1 to {MAX_NAME} characters that can be printed");
            report.push(mistake.expected(expected));
        }
        let mut unit = Unit::new(&[key, name], node.clone());
        if key == "policy" {
            unit.other_keys = &["extends", "preset"];
        }
        unit.incomplete = incomplete.contains(name);
        result.push((name.to_string(), typed(unit, report)));
    }
    result
}

/// The tables `[[key]]`.
fn listed<T: DeserializeOwned>(
    tree: &Node,
    key: &str,
    cut: &'static [&'static str],
    report: &mut Report,
) -> Vec<Typed<T>> {
    let Some(node) = tree.child(key) else {
        return Vec::new();
    };
    let Value::Array(nodes) = &node.value else {
        let title = format!("`{key}` cannot be {}", node.value.what());
        let mistake = Diagnostic::error(node.key, title, "one, where there may be several");
        report.push(mistake.expected(format!("[[{key}]], in double brackets")));
        return Vec::new();
    };
    let mut result = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let mut node = node.clone();
        for key in cut {
            node.cut(&[key.to_string()]);
        }
        let mut unit = Unit::new(&[key, &i.to_string()], node);
        unit.other_keys = cut;
        result.push(typed(unit, report));
    }
    result
}
