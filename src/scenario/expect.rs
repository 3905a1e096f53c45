//! `[[expect]]`: what must hold, as written and as meant.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lacks::Lacks;
use super::limits::Limits;
use super::metric_names::{is_split_by_fault, unknown_metric};
use super::model::{Condition, Expect, Gate, default_min_effect};
use super::phrases::with_names;
use super::quantity::Quantity;
use super::report::Report;
use super::typing::Typed;
use super::words::Unit;
use crate::base::Duration;
use crate::base::wire::Priority;
use crate::record::metric::Metric;
use crate::record::results::Scope;

/// One `[[expect]]` as written, without `at`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    policy: Option<String>,
    during: Option<String>,
    priority: Option<Priority>,
    #[serde(default)]
    gate: Gate,
    #[serde(default)]
    metric: BTreeMap<String, Limits>,
    #[serde(default)]
    order: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    same: BTreeMap<String, Same>,
}

/// `same.NAME`; a plain list stands for `policies`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Same {
    policies: Vec<String>,
    min_effect: Option<Quantity>,
}

/// The names an expectation may use.
#[derive(Clone, Debug)]
pub(super) struct Names<'a> {
    /// The policies.
    pub policies: Vec<&'a str>,
    /// The faults.
    pub faults: Vec<&'a str>,
    /// The priorities of the calls, if they are known.
    pub priorities: Option<Vec<Priority>>,
    /// The replications of the run, if they are known.
    pub replications: Option<u32>,
    /// The deadline of calls, if there is one and it is known.
    pub deadline: Option<Duration>,
    /// Which there may be that are not among these.
    pub lacks: Lacks,
}

/// What an expectation means; every mistake in it is reported.
pub(super) fn meant(
    typed: &Typed<Written>,
    names: &Names<'_>,
    report: &mut Report,
) -> Option<Expect> {
    let written = typed.value.as_ref()?;
    let mut reader = Reader {
        unit: &typed.unit,
        names,
        report,
        conditions: Vec::new(),
    };
    if let Some(policy) = &written.policy {
        reader.policy(policy, &["policy"]);
    }
    if let Some(fault) = &written.during
        && fault != "all"
        && !names.faults.contains(&fault.as_str())
        && !names.lacks.faults
    {
        reader.unknown("fault", fault, &["during"], &names.faults);
    }
    if written.during.is_some() && written.priority.is_some() {
        reader.mistake(
            &["priority"],
            "an expectation about a fault and a priority",
            "calls are counted by one of them",
            "leave out `during` or `priority`",
        );
    }
    if let (Some(priority), Some(all)) = (written.priority, &names.priorities)
        && !(all.len() > 1 && all.contains(&priority))
    {
        reader.mistake(
            &["priority"],
            "nothing is counted by this priority",
            "all calls are alike, or none is so",
            "set `workload.priority`, or leave it out",
        );
    }
    reader.metrics(written);
    reader.orders(written);
    reader.sames(written);
    let conditions = reader.conditions;
    let nothing = written.metric.is_empty() && written.order.is_empty() && written.same.is_empty();
    if nothing && typed.unit.gaps.is_empty() {
        let mistake = typed
            .unit
            .mistake(
                &[],
                "an expectation that expects nothing",
                "no condition",
                report,
            )
            .expected("`metric.NAME`, `order.NAME` or `same.NAME`");
        typed.unit.push(&[], mistake, report);
    }
    Some(Expect {
        policy: written.policy.clone(),
        during: match written.priority {
            Some(priority) => Some(Scope::name_of(priority)),
            None => written.during.clone().filter(|name| name != "all"),
        },
        gate: written.gate,
        conditions,
    })
}

/// One expectation while its conditions are gathered.
pub(super) struct Reader<'a, 'r> {
    /// The expectation.
    pub unit: &'a Unit,
    /// The names it may use.
    pub names: &'a Names<'a>,
    /// Where mistakes go.
    pub report: &'r mut Report,
    /// The conditions so far.
    pub conditions: Vec<Condition>,
}

/// What a key of an expectation splits calls by.
fn split(key: &str) -> &str {
    match key {
        "during" => "fault",
        other => other,
    }
}

impl Reader<'_, '_> {
    /// Notes a mistake about a setting of the expectation.
    pub(super) fn mistake(&mut self, path: &[&str], title: &str, label: &str, help: &str) {
        let mistake = self
            .unit
            .mistake(path, title, label, self.report)
            .help(help);
        self.unit.push(path, mistake, self.report);
    }

    /// Whether a setting of the expectation is as its author meant it.
    pub(super) fn knows(&self, path: &[&str]) -> bool {
        let path: Vec<String> = path.iter().map(|key| key.to_string()).collect();
        self.unit.knows(&path)
    }

    fn unknown(&mut self, what: &str, name: &str, path: &[&str], names: &[&str]) {
        let title = format!("unknown {what} `{name}`");
        let label = format!("no such {what}");
        let mistake = self.unit.value_mistake(path, title, label);
        self.unit
            .push(path, with_names(mistake, name, names), self.report);
    }

    fn policy(&mut self, name: &str, path: &[&str]) {
        if !self.names.policies.contains(&name) && !self.names.lacks.policies {
            self.unknown("policy", name, path, &self.names.policies);
        }
    }

    /// The keys of a table in order of the file; the map they are typed into is sorted.
    fn keys(&self, table: &str) -> Vec<String> {
        let table = self.unit.node.child(table).and_then(|node| node.table());
        table
            .map(|t| t.keys().map(String::from).collect())
            .unwrap_or_default()
    }

    fn metric(&mut self, table: &str, name: &str) -> Option<&'static Metric> {
        let found = Metric::named(name);
        if found.is_none() {
            let unit = self.unit.clone();
            let mistake = unknown_metric(&unit, &[table, name], name, self.report);
            unit.push(&[table, name], mistake, self.report);
        }
        found
    }

    fn metrics(&mut self, written: &Written) {
        for name in self.keys("metric") {
            let (Some(metric), Some(limits)) =
                (self.metric("metric", &name), written.metric.get(&name))
            else {
                continue;
            };
            for (key, is_set) in [
                ("during", written.during.is_some()),
                ("priority", written.priority.is_some()),
            ] {
                if is_set && !is_split_by_fault(metric) {
                    self.mistake(
                        &[key],
                        "this metric is of the whole run",
                        &format!("`{name}` is not split by {}", split(key)),
                        &format!("leave out `{key}`"),
                    );
                }
            }
            self.limits(metric, limits);
        }
    }

    fn orders(&mut self, written: &Written) {
        for name in self.keys("order") {
            let (Some(metric), Some(policies)) =
                (self.metric("order", &name), written.order.get(&name))
            else {
                continue;
            };
            self.policies(written, policies, &["order", &name]);
            self.conditions
                .push(Condition::Order(metric, policies.clone()));
        }
    }

    fn sames(&mut self, written: &Written) {
        for name in self.keys("same") {
            let (Some(metric), Some(same)) = (self.metric("same", &name), written.same.get(&name))
            else {
                continue;
            };
            self.policies(written, &same.policies, &["same", &name, "policies"]);
            let path = &["same", &name, "min-effect"][..];
            let effect = match &same.min_effect {
                None => Some(default_min_effect(metric)),
                Some(q) => super::compare::effect(self.unit, path, metric, q, self.report),
            };
            if let Some(effect) = effect {
                let policies = same.policies.clone();
                self.conditions
                    .push(Condition::Same(metric, policies, effect));
            }
        }
    }

    /// The policies that are compared with each other.
    fn policies(&mut self, written: &Written, policies: &[String], path: &[&str]) {
        if written.policy.is_some() {
            let label = format!("`{}` names its own policies", path[0]);
            self.mistake(
                &["policy"],
                "a policy too many",
                &label,
                "leave out `policy`",
            );
        }
        if policies.len() < 2 && self.knows(path) {
            self.mistake(
                path,
                "a comparison needs two policies",
                "fewer than two",
                "name two or more policies, the smallest first",
            );
        }
        for (i, name) in policies.iter().enumerate() {
            let place = i.to_string();
            let path = [path, &[place.as_str()]].concat();
            self.policy(name, &path);
            if policies[..i].contains(name) {
                self.mistake(
                    &path,
                    "a policy compared with itself",
                    "again here",
                    "remove one",
                );
            }
        }
    }
}
