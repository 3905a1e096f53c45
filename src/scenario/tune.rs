//! `[tune]`: what a tuner may move, what it is to reach, and in which weather; as written.

mod possible;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::metric_names::unknown_metric;
use super::phrases::with_names;
use super::points::plain;
use super::quantity::Quantity;
use super::range::{self, Range};
use super::report::{Diagnostic, Report};
use super::tree::{Node, Value};
use super::typing::Typed;
use super::vary::parse_path;
use super::{compare, resolved};
use crate::base::Check;
use crate::record::metric::Metric;
use crate::record::results::Bound;

pub(super) use possible::contradictions;
use possible::impossible;

/// How the objectives of several weathers become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// The mean over weathers.
    #[default]
    Mean,
    /// The worst of the weathers' means.
    Worst,
}

/// `[tune]` as written, without `vary`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    /// The policy whose settings move.
    pub(super) policy: String,
    /// Scenario files whose weather and traffic it is tuned in, beside those of its own file.
    #[serde(default)]
    pub(super) suite: Vec<String>,
    /// Scenario files whose weather and traffic only the certificate sees.
    #[serde(default)]
    pub(super) held_out: Vec<String>,
    minimize: Option<String>,
    maximize: Option<String>,
    #[serde(default)]
    limits: BTreeMap<String, Limits>,
    /// The policy that limits such as "1.1x" are multiples of.
    pub(super) baseline: Option<String>,
    #[serde(default)]
    pub(super) combine: Combine,
    #[serde(default = "three_thousand")]
    pub(super) budget: u64,
    #[serde(default = "sixty")]
    pub(super) certify: u32,
}

fn three_thousand() -> u64 {
    3000
}

fn sixty() -> u32 {
    LEAST_CERTIFICATE
}

/// The most numbers that move: those that Sobol's direction numbers are there for.
const MOST_NUMBERS: usize = 21;
/// The most combinations of choices, each with a search of its own.
const MOST_COMBINATIONS: usize = 64;

/// Fewer replications of a certificate are none: 60 clean runs show that under 5 % lock up.
pub const LEAST_CERTIFICATE: u32 = 60;
/// The most runs of a search.
const MOST_BUDGET: u64 = 10_000_000;

/// `limits.METRIC`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    min: Option<Quantity>,
    max: Option<Quantity>,
}

/// What a limit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    /// In the metric's unit.
    Value(f64),
    /// So many times what the baseline has in the same weather.
    Times(f64),
}

/// A limit on a metric, in every weather.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The metric.
    pub metric: &'static Metric,
    /// Whether it is to be at least or at most this.
    pub side: Bound,
    /// What.
    pub at: At,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug)]
pub struct Objective {
    /// The metric.
    pub metric: &'static Metric,
    /// Whether less is better.
    pub minimize: bool,
}

/// The ways a parameter moves.
#[derive(Clone, Debug)]
pub enum Moves {
    /// Within a range.
    Range(Range),
    /// Among so many choices, by what they are called.
    Choice(Vec<String>),
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The key below the policy, as written.
    pub name: String,
    /// How it moves.
    pub moves: Moves,
    /// It applies if each of these parameters, which come before it, has one of these choices.
    pub when: Vec<(usize, Vec<usize>)>,
    /// The keys below the policy.
    pub(super) path: Vec<String>,
    /// Where it is written.
    pub(super) node: Node,
}

impl Written {
    /// Notes what makes no sense by itself.
    pub(super) fn check(&self, check: &mut Check) {
        if !(100..=MOST_BUDGET).contains(&self.budget) {
            check
                .mistake("budget", "an absurd budget", "not 100 to 10 000 000 runs")
                .help("a few thousand runs find good settings of half a dozen parameters");
        }
        if !(LEAST_CERTIFICATE..=compare::MAX_REPLICATIONS).contains(&self.certify) {
            check
                .mistake(
                    "certify",
                    "no certificate",
                    "not 60 to 100 000 replications",
                )
                .help("60 clean runs show that fewer than 5 % lock up");
        }
        if self.minimize.is_some() == self.maximize.is_some() {
            let title = match self.minimize {
                None => "nothing to reach",
                Some(_) => "two things to reach",
            };
            check
                .mistake("", title, "either `minimize` or `maximize`")
                .help("hold the other metrics by `limits`");
        }
    }

    /// What is to be reached; None with a mistake.
    pub(super) fn objective(
        &self,
        typed: &Typed<Written>,
        report: &mut Report,
    ) -> Option<Objective> {
        let (key, name) = match (&self.minimize, &self.maximize) {
            (Some(name), None) => ("minimize", name),
            (None, Some(name)) => ("maximize", name),
            _ => return None,
        };
        let Some(metric) = Metric::named(name) else {
            let mistake = unknown_metric(&typed.unit, &[key], name, report);
            typed.unit.push(&[key], mistake, report);
            return None;
        };
        Some(Objective {
            metric,
            minimize: key == "minimize",
        })
    }

    /// The limits; those with a mistake are left out.
    pub(super) fn limits(&self, typed: &Typed<Written>, report: &mut Report) -> Vec<Limit> {
        let mut all = Vec::new();
        for (name, limits) in &self.limits {
            let path = ["limits", name.as_str()];
            let Some(metric) = Metric::named(name) else {
                let mistake = unknown_metric(&typed.unit, &path, name, report);
                typed.unit.push(&path, mistake, report);
                continue;
            };
            let sides = [
                ("min", Bound::AtLeast, &limits.min),
                ("max", Bound::AtMost, &limits.max),
            ];
            for (key, side, quantity) in sides {
                let path = ["limits", name.as_str(), key];
                let Some(quantity) = quantity else { continue };
                if let Some(mistake) = impossible(typed, &path, metric, side, quantity, report) {
                    typed.unit.push(&path, mistake, report);
                    continue;
                }
                let at = match quantity.times() {
                    Some(times) => Some(At::Times(times)),
                    None => compare::quantity(&typed.unit, &path, metric, quantity, report)
                        .map(At::Value),
                };
                all.extend(at.map(|at| Limit { metric, side, at }));
            }
            if limits.min.is_none() && limits.max.is_none() {
                let mistake = typed
                    .unit
                    .mistake(&path, "a limit of nothing", "empty", report);
                typed
                    .unit
                    .push(&path, mistake.expected("min, max, or both"), report);
            }
        }
        all
    }
}

/// Reads `[tune.vary]`: the choices first, for others may apply under one of them.
pub(super) fn parameters(vary: Option<&Node>, report: &mut Report) -> Vec<Parameter> {
    let mut found = Vec::new();
    if let Some(vary) = vary {
        if vary.table().is_none() {
            let title = format!("`vary` cannot be {}", vary.value.what());
            report.push(Diagnostic::error(vary.span, title, "not a table of ranges"));
        }
        collect(vary, "", &mut found, report);
    }
    let is_choice = |parameter: &Parameter| matches!(parameter.moves, Moves::Choice(_));
    found.sort_by_key(|parameter| (!is_choice(parameter), parameter.path.len()));
    twice(&found, report);
    too_many(vary, &found, report);
    for place in 0..found.len() {
        let (before, rest) = found.split_at_mut(place);
        if !conditions(before, &mut rest[0], report) {
            rest[0].when = vec![(0, Vec::new())];
        }
    }
    found
}

/// A key that stands twice: once in quotes and once as a table, or one within what another replaces.
fn twice(found: &[Parameter], report: &mut Report) {
    for (place, parameter) in found.iter().enumerate() {
        let before = found[..place].iter();
        let mut same = before.filter(|other| other.path == parameter.path);
        if let Some(other) = same.next() {
            let title = format!("`{}` varies twice", parameter.name);
            let mistake = Diagnostic::error(parameter.node.key, title, "again here")
                .also(other.node.key, "the first time");
            report.push(mistake.help("keep one of them: a key has one value at a time"));
        }
    }
}

/// More numbers than a design has directions for, or more combinations of choices than anybody could search.
fn too_many(vary: Option<&Node>, found: &[Parameter], report: &mut Report) {
    let choices = found.iter().filter_map(|parameter| match &parameter.moves {
        Moves::Choice(labels) => Some(labels.len()),
        Moves::Range(_) => None,
    });
    let combinations = choices.clone().try_fold(1usize, usize::checked_mul);
    let numbers = found.len() - choices.count();
    let (title, help) = if numbers > MOST_NUMBERS {
        (
            format!("more than {MOST_NUMBERS} ranges"),
            "leave out what hardly matters; tune the rest afterwards",
        )
    } else if combinations.is_none_or(|n| n > MOST_COMBINATIONS) {
        (
            format!("more than {MOST_COMBINATIONS} combinations of choices"),
            "each combination is searched by itself: choose among fewer",
        )
    } else {
        return;
    };
    let place = vary.map_or(found[0].node.key, |vary| vary.key);
    report.push(Diagnostic::error(place, title, "too much to search").help(help));
}

/// `vary = { a.b = … }` and `vary = { "a.b" = … }` are the same.
fn collect(node: &Node, prefix: &str, found: &mut Vec<Parameter>, report: &mut Report) {
    for (key, child) in node.table().into_iter().flat_map(|table| table.iter()) {
        let name = match prefix {
            "" => key.to_owned(),
            _ => format!("{prefix}.{}", resolved::key(key)),
        };
        let moves = match &child.value {
            Value::Table(_) if range::is_range(child) => {
                Range::read(child, &["when"], report).map(Moves::Range)
            }
            Value::Table(_) => {
                collect(child, &name, found, report);
                continue;
            }
            Value::Array(values) if values.len() > 1 => {
                Some(Moves::Choice(values.iter().map(label).collect()))
            }
            other => {
                let title = format!("a parameter cannot have {}", other.what());
                let mistake = Diagnostic::error(child.span, title, "nothing to choose from");
                let example =
                    "{ from = \"100ms\", to = \"10s\", scale = \"log\" }, or a list of choices";
                report.push(mistake.expected(example));
                None
            }
        };
        let Some(path) = parse_path(&name) else {
            let mistake = Diagnostic::error(child.key, "this is no key", "cannot be read");
            report.push(mistake.expected("keys separated by dots, below the policy"));
            continue;
        };
        found.extend(moves.map(|moves| Parameter {
            name,
            moves,
            when: Vec::new(),
            path,
            node: child.clone(),
        }));
    }
}

/// What a choice is called: its text, its number, or the kind that a table chooses.
fn label(node: &Node) -> String {
    match node.table().and_then(|table| table.nth(0)) {
        Some((kind, _)) => kind.to_owned(),
        None => plain(node),
    }
}

/// Under which choices a parameter applies: those of the kind it stands below, and those it names.
fn conditions(before: &[Parameter], parameter: &mut Parameter, report: &mut Report) -> bool {
    for (place, choice) in before.iter().enumerate() {
        let Moves::Choice(labels) = &choice.moves else {
            continue;
        };
        let below = parameter.path.strip_prefix(choice.path.as_slice());
        let Some(kind) = below.and_then(<[String]>::first) else {
            continue;
        };
        let under: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == *kind).collect();
        if under.is_empty() {
            let title = format!("`{}` applies under no choice", parameter.name);
            let mistake = Diagnostic::error(parameter.node.key, title, "never chosen")
                .also(choice.node.key, format!("chosen are {}", labels.join(", ")));
            report.push(mistake.help("add this kind to the choices, or leave the parameter out"));
            return false;
        }
        parameter.when.push((place, under));
    }
    let when = parameter.node.child("when").cloned();
    let entries = when
        .as_ref()
        .and_then(Node::table)
        .into_iter()
        .flat_map(|t| t.iter());
    for (name, value) in entries {
        let place = before.iter().position(|other| other.name == name);
        let Some((place, Moves::Choice(labels))) = place.map(|p| (p, &before[p].moves)) else {
            let names: Vec<&str> = before
                .iter()
                .filter(|other| matches!(other.moves, Moves::Choice(_)))
                .map(|other| other.name.as_str())
                .collect();
            let title = format!("`{name}` is no choice");
            let mistake = Diagnostic::error(value.key, title, "not among the parameters");
            report.push(with_names(mistake, name, &names));
            return false;
        };
        let wanted = label(value);
        let Some(choice) = labels.iter().position(|label| *label == wanted) else {
            let names: Vec<&str> = labels.iter().map(String::as_str).collect();
            let mistake = Diagnostic::error(value.span, "no such choice", "never chosen");
            report.push(with_names(mistake, &wanted, &names));
            return false;
        };
        parameter.when.push((place, vec![choice]));
    }
    true
}
