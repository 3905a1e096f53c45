//! `[[expect]]`: what must hold, as written and as meant.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calls;
use super::lacks::Lacks;
use super::limits::Limits;
use super::metric_names::unknown_metric;
use super::model::{Condition, Expect, Gate, default_min_effect};
use super::phrases::with_names;
use super::quantity::Quantity;
use super::report::{self, Report};
use super::typing::Typed;
use super::words::Unit;
use crate::base::Duration;
use crate::base::units::Ratio;
use crate::base::wire::Priority;
use crate::record::metric::Metric;
use crate::record::results::{FaultTime, Severity};

/// One `[[expect]]` as written, without `at`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    pub(super) policy: Option<String>,
    pub(super) during: Option<String>,
    pub(super) after: Option<String>,
    pub(super) priority: Option<Priority>,
    pub(super) tenant: Option<String>,
    pub(super) layer: Option<String>,
    #[serde(default)]
    gate: By,
    runs: Option<Ratio>,
    #[serde(default)]
    severity: Severity,
    #[serde(default)]
    pub(super) metric: BTreeMap<String, Limits>,
    #[serde(default)]
    order: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    same: BTreeMap<String, Same>,
}

/// `gate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    #[default]
    Bound,
    Mean,
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
    /// Start, end and whether it is drawn of each fault, if all are known, and the length of the run.
    pub times: Option<(Vec<FaultTime<'a>>, u64)>,
    /// The tenants, if they are known.
    pub tenants: Option<Vec<&'a str>>,
    /// Each chain with its layers, if they are known.
    pub chains: Option<Vec<(&'a str, Vec<&'a str>)>>,
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
    let calls = calls::meant(&mut reader, written);
    reader.metrics(written);
    reader.orders(written);
    reader.sames(written);
    let gate = reader.gate(written);
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
        calls,
        layer: written.layer.clone(),
        gate,
        severity: written.severity,
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

    /// Notes a name that nothing has, with the nearest that something has.
    pub(super) fn unknown(&mut self, what: &str, name: &str, path: &[&str], names: &[&str]) {
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
            calls::fits(self, written, metric);
            self.limits(metric, limits);
        }
    }

    /// What decides.
    fn gate(&mut self, written: &Written) -> Gate {
        let Some(Ratio(share)) = written.runs else {
            return match written.gate {
                By::Bound => Gate::Bound,
                By::Mean => Gate::Mean,
            };
        };
        let (no_share, no_limit) = (share <= 0.0 || share >= 1.0, |c: &Condition| {
            !matches!(c, Condition::Min(..) | Condition::Max(..))
        });
        if no_share {
            let help = "no number of runs shows what all of them do; `runs = \"99%\"` takes 299 \
                        clean ones";
            self.mistake(
                &["runs"],
                "no share of runs",
                "not between 0 and 100 %",
                help,
            );
        } else if written.gate == By::Mean {
            let help =
                "leave out one: `gate = \"mean\"` goes by the mean of all runs, `runs` by each";
            self.mistake(&["runs"], "two gates", "decides beside `gate`", help);
        } else if self.conditions.iter().any(no_limit) {
            let help = "leave it out, or give `min` or `max`, which each run can meet";
            let label = "`value`, `order` and `same` are about all runs together";
            self.mistake(&["runs"], "no limit for each run", label, help);
        } else {
            self.few_runs(share);
        }
        Gate::Runs(share)
    }

    /// Warns of a share of runs that cannot be shown, however well each of them does.
    fn few_runs(&mut self, share: f64) {
        let needed = Gate::clean_runs(share);
        let too_few = |n: &u32| u64::from(*n) < needed;
        let Some(n) = self.names.replications.filter(too_few) else {
            return;
        };
        let label = format!("needs {needed} clean runs; there are {n}");
        let title = "this share of runs cannot be shown";
        let mut warning = self.unit.mistake(&["runs"], title, label, self.report);
        warning.severity = report::Severity::Warning;
        let help = format!("set `run.replications = {needed}` or more, or ask for a smaller share");
        self.unit.push(&["runs"], warning.help(help), self.report);
    }

    fn orders(&mut self, written: &Written) {
        for name in self.keys("order") {
            let (Some(metric), Some(policies)) =
                (self.metric("order", &name), written.order.get(&name))
            else {
                continue;
            };
            calls::fits(self, written, metric);
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
            calls::fits(self, written, metric);
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
