//! `[policy.NAME.priority.batch]`: what a policy does otherwise for the calls of one priority.
//!
//! What is written there is laid on the whole policy by the rules of all merging, so every setting
//! keeps the place where somebody wrote it, and what comes of it is typed and checked as a policy.

use std::collections::BTreeSet;

use super::merge::merge;
use super::parts::Parts;
use super::phrases::with_names;
use super::report::{Diagnostic, Report, Severity};
use super::tree::Node;
use super::typing::{Typed, typed};
use super::words::Unit;
use crate::base::Check;
use crate::base::wire::Priority;
use crate::policy::{Config, fleet};

/// The key below a policy.
pub(super) const KEY: &str = "priority";

/// A policy as it is for one priority.
#[derive(Debug)]
pub(super) struct Own {
    /// The place of the policy in the file.
    pub policy: usize,
    /// Whose it is.
    pub priority: Priority,
    /// The whole policy.
    pub typed: Typed<Config>,
    /// Where what differs is written.
    written: Node,
}

/// Reads what the policies of a tree do by priority and lays it on them. `incomplete` are those that
/// lack something they were to inherit.
pub(super) fn read(
    tree: &Node,
    policies: &mut [(String, Typed<Config>)],
    incomplete: &BTreeSet<String>,
    report: &mut Report,
) -> Vec<Own> {
    let mut all = Vec::new();
    for (place, (name, policy)) in policies.iter_mut().enumerate() {
        let node = tree.child("policy").and_then(|nodes| nodes.child(name));
        let Some((node, priorities)) = node.and_then(|node| Some((node, node.child(KEY)?))) else {
            continue;
        };
        let mut rest = node.clone();
        rest.cut(&[KEY.to_string()]);
        for (priority, written) in members(priorities, report) {
            let merged = merge(&mut vec!["policy".into(), name.clone()], &rest, written);
            let mut unit = Unit::new(&["policy", name], merged);
            unit.incomplete = policy.unit.incomplete || incomplete.contains(name);
            let mut own: Typed<Config> = typed(unit, report);
            let usual = policy.value.as_ref();
            own.examine(report, |config, check| {
                config.check(check);
                check.drop_warnings();
                if let Some(usual) = usual {
                    apart_in_a_fleet(usual, config, check);
                }
            });
            if let (Some(policy), Some(config)) = (&mut policy.value, &own.value) {
                policy.priority.insert(priority, config.clone());
            }
            all.push(Own {
                policy: place,
                priority,
                typed: own,
                written: written.clone(),
            });
        }
    }
    all
}

/// Notes a section that all processes have together and that differs for a priority: a fleet keeps one
/// state of it.
fn apart_in_a_fleet(usual: &Config, own: &Config, check: &mut Check) {
    let of = |config: &Config, section: &str| {
        let scopes = fleet::scopes(config);
        let within = |key: &String| key.split('.').next() == Some(section);
        scopes.iter().any(within)
    };
    let differing = [
        ("budget", usual.budget != own.budget),
        ("hedging", usual.hedging.budget != own.hedging.budget),
        ("throttle", usual.throttle != own.throttle),
        (
            "trip",
            usual.trip != own.trip
                || usual.breaker != own.breaker
                || usual.readmit != own.readmit
                || !usual.route.asks_the_same(&own.route)
                || usual.guard.judge().map(|judge| &judge.endpoint)
                    != own.guard.judge().map(|judge| &judge.endpoint),
        ),
        (
            "quota",
            usual.quota != own.quota || usual.limiter != own.limiter || usual.line != own.line,
        ),
    ];
    if usual.fleet != own.fleet {
        check
            .mistake(
                "fleet",
                "all processes exchange what they know at once",
                "differs for a priority",
            )
            .help("write `fleet` for the whole policy");
    }
    for (section, _) in differing.iter().filter(|(_, differs)| *differs) {
        if of(usual, section) || of(own, section) {
            check
                .mistake(section, "a fleet has one state for all priorities", "differs for a priority")
                .help("leave `scope = \"fleet\"` out here, or write the section alike for all priorities");
        }
    }
}

/// The priorities that are written, without those that cannot be.
fn members<'n>(node: &'n Node, report: &mut Report) -> Vec<(Priority, &'n Node)> {
    let names = Priority::ALL.map(Priority::name);
    let Some(table) = node.table() else {
        let title = format!("`{KEY}` cannot be {}", node.value.what());
        let mistake = Diagnostic::error(node.span, title, "not a table of policies");
        report.push(mistake.expected("[policy.NAME.priority.batch]"));
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, own) in table.iter() {
        let Some(priority) = Priority::ALL.into_iter().find(|p| p.name() == name) else {
            let title = format!("unknown priority `{name}`");
            let mistake = Diagnostic::error(own.key, title, "not a priority");
            report.push(with_names(mistake, name, &names));
            continue;
        };
        if is_policy(own, name, report) {
            all.push((priority, own));
        }
    }
    all
}

/// Whether what is written for a priority can be laid on a policy.
fn is_policy(own: &Node, name: &str, report: &mut Report) -> bool {
    let Some(table) = own.table() else {
        let title = format!("`{name}` cannot be {}", own.value.what());
        let mistake = Diagnostic::error(own.span, title, "not a policy's settings");
        report.push(mistake.expected(format!("settings such as {name}.retry.attempts = 1")));
        return false;
    };
    let mut is_good = true;
    for key in [KEY, "preset", "extends"] {
        if let Some(node) = table.get(key) {
            let title = format!("a priority cannot have `{key}`");
            let mistake = Diagnostic::error(node.key, title, "only a policy can");
            let help = match key {
                KEY => "a priority says what differs from its policy: write it beside this one",
                _ => "name it for the policy; here stands only what differs for this priority",
            };
            report.push(mistake.help(help));
            is_good = false;
        }
    }
    is_good
}

/// Warns about what surely does nothing: what is as it would be anyhow, or for calls there are none of.
pub(super) fn warn(parts: &Parts, report: &mut Report) {
    let workload = parts.workload.value.as_ref();
    let workload = workload.filter(|_| parts.workload.knows("priority"));
    for own in &parts.own {
        let (_, policy) = &parts.policies[own.policy];
        let same = |(own, policy): (&Config, &Config)| {
            let policy = Config {
                priority: own.priority.clone(),
                ..policy.clone()
            };
            *own == policy
        };
        let known = own.typed.unit.gaps.is_empty() && policy.unit.gaps.is_empty();
        let both = own.typed.value.as_ref().zip(policy.value.as_ref());
        if known && both.is_some_and(same) {
            let title = "nothing differs for this priority";
            warning(own, title, "as the policy is anyhow", None, report);
        } else if workload.is_some_and(|workload| !workload.priorities().any(|p| p == own.priority))
        {
            let name = own.priority.name();
            let title = format!("no call is {name}");
            let help = match own.priority {
                Priority::Normal => {
                    "give it less in `workload.priority`: the rest is normal".into()
                }
                _ => format!("set `workload.priority.{name}`"),
            };
            warning(
                own,
                &title,
                "for calls there are none of",
                Some(help),
                report,
            );
        }
    }
}

fn warning(own: &Own, title: &str, label: &str, help: Option<String>, report: &mut Report) {
    let mut warning = Diagnostic::error(own.written.key, title, label);
    warning.severity = Severity::Warning;
    warning.help = help;
    report.push(warning);
}

/// Whether a policy of a tree has anything that differs by priority.
pub(super) fn differs_in(tree: &Node, policy: &str) -> bool {
    let path = ["policy", policy, KEY].map(String::from);
    tree.find(&path).is_some()
}
