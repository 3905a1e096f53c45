//! `preset` and `extends`: a policy on top of another, and a provider likewise.
//!
//! Lowest lies the preset, on it what is extended, on both its own keys. What is taken over keeps
//! the place where it was written and learns who took it over.

use std::collections::{BTreeMap, BTreeSet};

use super::lacks::Lacks;
use super::merge::merge;
use super::phrases::with_names;
use super::presets::{self, Preset};
use super::report::{Diagnostic, Report, Severity};
use super::source::Span;
use super::tree::{Node, Value};
use super::{nearest, parse, shorthand};

/// The inheritance of one load: presets are read once, so that their lines are known by one place.
#[derive(Debug, Default)]
pub(super) struct Inheritance {
    presets: BTreeMap<&'static str, Node>,
}

/// What can inherit.
#[derive(Clone, Copy, Debug)]
struct Sort {
    /// The table its members stand in.
    key: &'static str,
    /// One of them, and several.
    one: &'static str,
    several: &'static str,
    presets: &'static [Preset],
}

const POLICIES: Sort = Sort {
    key: "policy",
    one: "a policy",
    several: "policies",
    presets: presets::PRESETS,
};

const PROVIDERS: Sort = Sort {
    key: "provider",
    one: "a provider",
    several: "providers",
    presets: presets::PROVIDERS,
};

/// Those that lack something they were to inherit.
#[derive(Clone, Debug, Default)]
pub(super) struct Incomplete {
    pub policies: BTreeSet<String>,
    pub providers: BTreeSet<String>,
}

/// The members of one table while they are being resolved.
struct Family<'t> {
    sort: Sort,
    written: &'t [(String, Node)],
    /// Whether there may be others that are not written here.
    lacks: bool,
    done: BTreeMap<String, Node>,
    /// Those being resolved, each inside the one before.
    open: Vec<String>,
    /// Those that lack something they were to inherit.
    incomplete: BTreeSet<String>,
}

impl Family<'_> {
    fn note(&mut self, name: &str, lacks: bool) {
        if lacks {
            self.incomplete.insert(name.into());
        }
    }
}

impl Inheritance {
    /// Replaces every policy and provider of the tree by what it inherits and says. Returns those that
    /// lack something they were to inherit.
    pub(super) fn resolve(
        &mut self,
        tree: &mut Node,
        lacks: Lacks,
        report: &mut Report,
    ) -> Incomplete {
        Incomplete {
            providers: self.resolve_sort(PROVIDERS, tree, lacks.providers, report),
            policies: self.resolve_sort(POLICIES, tree, lacks.policies, report),
        }
    }

    /// The same for one sort; `lacks` is whether there may be others.
    fn resolve_sort(
        &mut self,
        sort: Sort,
        tree: &mut Node,
        lacks: bool,
        report: &mut Report,
    ) -> BTreeSet<String> {
        let Some(members) = tree.table_mut().and_then(|root| root.get_mut(sort.key)) else {
            return BTreeSet::new();
        };
        let Value::Table(table) = &mut members.value else {
            return BTreeSet::new();
        };
        let written: Vec<(String, Node)> = table
            .iter()
            .map(|(name, node)| (name.into(), node.clone()))
            .collect();
        let mut family = Family {
            sort,
            written: &written,
            lacks,
            done: BTreeMap::new(),
            open: Vec::new(),
            incomplete: BTreeSet::new(),
        };
        for (name, node) in &written {
            let resolved = self.one(name, node, &mut family, report);
            table.insert(name, resolved);
        }
        family.incomplete
    }

    fn one(
        &mut self,
        name: &str,
        node: &Node,
        family: &mut Family<'_>,
        report: &mut Report,
    ) -> Node {
        if let Some(done) = family.done.get(name) {
            return done.clone();
        }
        let mut own = node.clone();
        let Some(table) = own.table_mut() else {
            return own;
        };
        let (preset, extends) = (table.remove("preset"), table.remove("extends"));
        family.open.push(name.into());
        let mut path = vec![family.sort.key.into(), name.into()];
        let mut base = None;
        if let Some(node) = preset {
            base = self.preset(family.sort, &node, report);
            family.note(name, base.is_none());
        }
        if let Some(node) = extends {
            let parent = self.parent(&node, family, report);
            let lacks = node
                .text()
                .is_some_and(|parent| family.incomplete.contains(parent));
            family.note(name, parent.is_none() || lacks);
            base = match (base, parent) {
                (Some(base), Some(parent)) => Some(merge(&mut path, &base, &parent)),
                (base, parent) => parent.or(base),
            };
        }
        family.open.pop();
        let resolved = match base {
            Some(base) => merge(&mut path, &base, &own),
            None => own,
        };
        family.done.insert(name.into(), resolved.clone());
        resolved
    }

    fn parent(
        &mut self,
        node: &Node,
        family: &mut Family<'_>,
        report: &mut Report,
    ) -> Option<Node> {
        let sort = family.sort;
        let name = name_in(node, "extends", sort.one, report)?;
        if let Some(first) = family.open.iter().position(|open| open == name) {
            let mut chain: Vec<String> = family.open[first..].to_vec();
            chain.push(name.into());
            report.push(
                Diagnostic::error(
                    node.span,
                    format!("{} that extends itself", sort.one),
                    "round in a circle",
                )
                .note(chain.join(" extends "))
                .help("remove one `extends` of the circle"),
            );
            return None;
        }
        if family.open.len() >= MAX_CHAIN {
            let title = format!("a chain of more than {MAX_CHAIN} {}", sort.several);
            let mistake = Diagnostic::error(node.span, title, "one too many");
            let help = format!("extend the {} at the end of the chain directly", sort.key);
            report.push(mistake.help(help));
            return None;
        }
        let found = family.written.iter().find(|(other, _)| other == name);
        let Some((_, parent)) = found else {
            if family.lacks {
                return None;
            }
            report.push(unknown_parent(sort, node.span, name, family.written));
            return None;
        };
        let mut inherited = self.one(name, parent, family, report);
        inherited.inherit(node.key.to(node.span));
        Some(inherited)
    }

    fn preset(&mut self, sort: Sort, node: &Node, report: &mut Report) -> Option<Node> {
        let name = name_in(node, "preset", "a preset", report)?;
        let Some(preset) = presets::find_in(sort.presets, name) else {
            report.push(unknown_preset(sort, node.span, name));
            return None;
        };
        if preset.name != name {
            let title = format!("`{name}` means `{}` today", preset.name);
            let mut warning = Diagnostic::error(node.span, title, "the newest of several");
            warning.severity = Severity::Warning;
            report.push(warning.help("write the version, and the numbers stay what they are"));
        }
        let mut inherited = self.read(sort, preset, report)?;
        inherited.inherit(node.key.to(node.span));
        Some(inherited)
    }

    /// The settings of a preset, with those of the preset it builds on. Presets are part of this
    /// program: a test reads every one.
    fn read(&mut self, sort: Sort, preset: &'static Preset, report: &mut Report) -> Option<Node> {
        if let Some(settings) = self.presets.get(preset.name) {
            return Some(settings.clone());
        }
        let file = format!("preset {}", preset.name);
        let id = report.sources.add(&file, preset.text.into(), None);
        let mut tree = parse::parse(id, report)?;
        shorthand::write_out(&mut Vec::new(), &mut tree);
        let mut settings = tree.child(sort.key)?.child(preset.name)?.clone();
        let lower = settings
            .table_mut()
            .and_then(|table| table.remove("preset"));
        let lower = lower.as_ref().and_then(Node::text);
        if let Some(lower) = lower.and_then(|name| presets::find_in(sort.presets, name)) {
            let mut path = vec![sort.key.into(), preset.name.into()];
            settings = merge(&mut path, &self.read(sort, lower, report)?, &settings);
        }
        self.presets.insert(preset.name, settings.clone());
        Some(settings)
    }
}

/// Longer chains of `extends` are no longer meant for readers.
const MAX_CHAIN: usize = 32;

fn name_in<'n>(node: &'n Node, key: &str, what: &str, report: &mut Report) -> Option<&'n str> {
    let name = node.text();
    if name.is_none() {
        let title = format!("`{key}` cannot be {}", node.value.what());
        let mistake = Diagnostic::error(node.span, title, format!("not the name of {what}"));
        report.push(mistake);
    }
    name
}

/// A preset of the other sort is known by its name.
fn unknown_preset(sort: Sort, at: Span, name: &str) -> Diagnostic {
    let title = format!("unknown preset `{name}`");
    let mistake = Diagnostic::error(at, title, "no such preset");
    let mut others = [POLICIES, PROVIDERS].into_iter();
    let other = others.find(|other| presets::find_in(other.presets, name).is_some());
    if let Some(other) = other {
        return mistake.help(format!(
            "it is a preset of {}: see [{}.NAME]",
            other.several, other.key
        ));
    }
    with_names(mistake, name, &presets::names_of(sort.presets))
}

fn unknown_parent(sort: Sort, at: Span, name: &str, members: &[(String, Node)]) -> Diagnostic {
    let title = format!("unknown {} `{name}`", sort.key);
    let mistake = Diagnostic::error(at, title, format!("no such {}", sort.key));
    if presets::find_in(sort.presets, name).is_some() {
        return mistake.help(format!("it is a preset: write `preset = \"{name}\"`"));
    }
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let presets = presets::names_of(sort.presets);
    match nearest::nearest(name, presets) {
        Some(preset) if nearest::nearest(name, names.iter().copied()).is_none() => mistake
            .expected(nearest::list(name, &names))
            .help(format!("did you mean `preset = \"{preset}\"`?")),
        _ => with_names(mistake, name, &names),
    }
}

#[cfg(test)]
mod tests;
