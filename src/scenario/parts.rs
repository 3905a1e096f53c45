//! The parts of a merged tree, each typed and checked for itself.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::by_priority;
use super::document;
use super::inherit::Incomplete;
use super::lacks::{Lacks, ROOT};
use super::phrases::with_names;
use super::report::{Diagnostic, Report};
use super::tree::{Node, Value};
use super::typing::{Typed, typed};
use super::words::Unit;
use super::{compare, expect};
use crate::provider::limits::pool;
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
    /// `[pool.NAME]`, in order.
    pub pools: Vec<(String, Typed<pool::Config>)>,
    /// `[[fault]]`, in order.
    pub faults: Vec<Typed<fault::Config>>,
    /// `[policy.NAME]`, in order.
    pub policies: Vec<(String, Typed<policy::Config>)>,
    /// `[policy.NAME.priority.NAME]`: those policies as they are for one priority.
    pub own: Vec<by_priority::Own>,
    /// `[[expect]]`, in order, without `at`.
    pub expectations: Vec<Typed<expect::Written>>,
    /// Which members there may be that cannot be seen.
    pub lacks: Lacks,
}

/// Longer names fit in no table of a report.
const MAX_NAME: usize = 64;

impl Parts {
    /// Types every part of a tree and runs the rooms' own checks. `incomplete` are the policies
    /// and providers that lack something they were to inherit.
    pub(super) fn new(
        tree: &Node,
        lacks: Lacks,
        incomplete: &Incomplete,
        report: &mut Report,
    ) -> Parts {
        root_keys(tree, report);
        let mut reader = Reader {
            tree,
            lacks,
            report,
        };
        let mut run = reader.required("run", "duration = \"10m\"", &["vary"]);
        run.examine(reader.report, compare::Run::check);
        let traffic = "arrivals.poisson = { rate = \"40/s\" }";
        let mut workload = reader.required("workload", traffic, &[]);
        workload.examine(reader.report, workload::Config::check);
        let mut providers = reader.required_members("provider", &incomplete.providers);
        for (_, provider) in &mut providers {
            provider.examine(reader.report, provider::Config::check);
        }
        let mut pools = reader.members("pool", &BTreeSet::new());
        for (_, pool) in &mut pools {
            pool.examine(reader.report, pool::Config::check);
        }
        let mut policies = reader.required_members("policy", &incomplete.policies);
        for (name, policy) in &mut policies {
            let differs = by_priority::differs_in(tree, name);
            policy.examine(reader.report, |config: &policy::Config, check| {
                config.check(check);
                // What is in vain for most calls may be meant for the others.
                if differs {
                    check.drop_warnings();
                }
            });
        }
        let own = by_priority::read(tree, &mut policies, &incomplete.policies, reader.report);
        let mut faults = reader.listed("fault", &[]);
        for fault in &mut faults {
            fault.examine(reader.report, fault::Config::check);
        }
        Parts {
            meta: reader.optional("meta"),
            run,
            compare: reader.optional("compare"),
            workload,
            providers,
            pools,
            faults,
            policies,
            own,
            expectations: reader.listed("expect", &["at"]),
            lacks,
        }
    }

    /// Every policy, and every one that is for one priority alone.
    pub(super) fn all_policies(&self) -> impl Iterator<Item = &Typed<policy::Config>> {
        let own = self.own.iter().map(|own| &own.typed);
        self.policies.iter().map(|(_, policy)| policy).chain(own)
    }

    /// The endpoints that a policy asks, in order: those it names, or those of all but its own judge.
    pub(super) fn asked_by<'a>(&'a self, config: &'a policy::Config) -> Vec<&'a str> {
        let judge = config.guard.judge().map(|judge| judge.endpoint.as_str());
        let mut all: Vec<&str> = self.providers.iter().map(|(n, _)| n.as_str()).collect();
        all.retain(|name| self.providers.len() == 1 || Some(*name) != judge);
        config.route.asked(&all)
    }

    /// Whether a policy differs by priority.
    pub(super) fn differs(&self, policy: usize) -> bool {
        self.own.iter().any(|own| own.policy == policy)
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

/// Types the parts of a tree.
struct Reader<'r> {
    tree: &'r Node,
    lacks: Lacks,
    report: &'r mut Report,
}

impl Reader<'_> {
    fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Typed<T> {
        let node = self.tree.child(key).cloned();
        let node = node.unwrap_or_else(|| document::empty(self.tree.span));
        let mut unit = Unit::new(&[key], node);
        unit.incomplete = self.lacks.files;
        typed(unit, self.report)
    }

    fn required<T: DeserializeOwned>(
        &mut self,
        key: &str,
        example: &str,
        other_keys: &'static [&'static str],
    ) -> Typed<T> {
        let node = self.tree.child(key);
        if node.is_none() && !self.lacks.files {
            let mistake = Diagnostic::whole(format!("the scenario has no [{key}]"));
            let help = format!("add [{key}] with {example}");
            self.report.push(mistake.help(help));
        }
        let is_missing = node.is_none();
        let node = node.cloned();
        let node = node.unwrap_or_else(|| document::empty(self.tree.span));
        let mut unit = Unit::new(&[key], node);
        unit.other_keys = other_keys;
        unit.incomplete = is_missing || self.lacks.files;
        typed(unit, self.report)
    }

    /// The tables `[key.NAME]`; at least one is needed.
    fn required_members<T: DeserializeOwned>(
        &mut self,
        key: &str,
        incomplete: &BTreeSet<String>,
    ) -> Vec<(String, Typed<T>)> {
        let node = self.tree.child(key);
        let none = node.is_none_or(|node| node.table().is_some_and(|table| table.is_empty()));
        if none && !self.lacks.files {
            let mistake = Diagnostic::whole(format!("the scenario has no {key}"));
            self.report
                .push(mistake.help(format!("add at least one [{key}.NAME]")));
        }
        self.members(key, incomplete)
    }

    /// The tables `[key.NAME]`.
    fn members<T: DeserializeOwned>(
        &mut self,
        key: &str,
        incomplete: &BTreeSet<String>,
    ) -> Vec<(String, Typed<T>)> {
        let node = self.tree.child(key);
        let table = node.and_then(Node::table);
        if let (Some(node), None) = (node, table) {
            let title = format!("`{key}` cannot be {}", node.value.what());
            let mistake = Diagnostic::error(node.span, title, "not a table of tables");
            self.report.push(mistake.expected(format!("[{key}.NAME]")));
            return Vec::new();
        }
        let mut result = Vec::new();
        for (name, node) in table.iter().flat_map(|table| table.iter()) {
            self.name(key, name, node);
            let mut unit = Unit::new(&[key, name], node.clone());
            if key == "policy" {
                unit.node.cut(&[by_priority::KEY.to_string()]);
                unit.other_keys = &["extends", "preset", by_priority::KEY];
            }
            if key == "provider" {
                unit.other_keys = &["extends", "preset"];
            }
            unit.incomplete = self.lacks.files || incomplete.contains(name);
            result.push((name.to_string(), typed(unit, self.report)));
        }
        result
    }

    fn name(&mut self, key: &str, name: &str, node: &Node) {
        let is_long = name.chars().count() > MAX_NAME;
        if name.is_empty() || is_long || name.chars().any(char::is_control) {
            let title = format!("this cannot be the name of a {key}");
            let mistake = Diagnostic::error(node.key, title, "not a usable name");
            let expected = format!("1 to {MAX_NAME} characters that can be printed");
            self.report.push(mistake.expected(expected));
        }
    }

    /// The tables `[[key]]`, each whole by itself whatever files are missing.
    fn listed<T: DeserializeOwned>(
        &mut self,
        key: &str,
        cut: &'static [&'static str],
    ) -> Vec<Typed<T>> {
        let Some(node) = self.tree.child(key) else {
            return Vec::new();
        };
        let Value::Array(nodes) = &node.value else {
            let title = format!("`{key}` cannot be {}", node.value.what());
            let mistake = Diagnostic::error(node.key, title, "one, where there may be several");
            self.report
                .push(mistake.expected(format!("[[{key}]], in double brackets")));
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
            result.push(typed(unit, self.report));
        }
        result
    }
}
