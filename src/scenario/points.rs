//! The points of `[run] vary`: their trees, their names, and which expectations are about them.

use super::merge::merge;
use super::phrases::with_names;
use super::report::{Diagnostic, Report};
use super::shape::{self, Shape};
use super::tree::{Node, Table, Value};
use super::vary::{Axes, Axis, member, parse_path};
use super::{resolved, shorthand};
use crate::scenario::Scenario;

/// One point: a value for each axis.
pub(super) type Point<'a> = Vec<(&'a Axis, &'a Node)>;

/// Every combination, the last axis turning fastest; one empty point without axes.
pub(super) fn points(axes: &[Axis]) -> Vec<Point<'_>> {
    let mut points: Vec<Point<'_>> = vec![Vec::new()];
    for axis in axes {
        let mut longer = Vec::new();
        for point in points {
            for value in &axis.values {
                longer.push(point.iter().copied().chain([(axis, value)]).collect());
            }
        }
        points = longer;
    }
    points
}

/// The tree at a point.
pub(super) fn apply(tree: &Node, point: &Point<'_>) -> Node {
    let mut tree = tree.clone();
    for (axis, value) in point {
        let leaf = Node {
            key: axis.key,
            ..(*value).clone()
        };
        set(&mut tree, &mut Vec::new(), &axis.path, leaf);
    }
    tree
}

/// Sets one value, as if it had been written there.
pub(super) fn put(tree: &mut Node, path: &[String], leaf: Node) {
    set(tree, &mut Vec::new(), path, leaf);
}

fn set(node: &mut Node, path: &mut Vec<String>, rest: &[String], mut leaf: Node) {
    let [key, below @ ..] = rest else {
        shorthand::write_out(path, &mut leaf);
        *node = merge(path, node, &leaf);
        return;
    };
    if let Value::Array(_) = node.value {
        let place = member(node, key).or_else(|| key.parse().ok());
        if let (Value::Array(nodes), Some(i)) = (&mut node.value, place)
            && let Some(element) = nodes.get_mut(i)
        {
            path.push(i.to_string());
            set(element, path, below, leaf);
            path.pop();
        }
        return;
    }
    if node.table().is_none() {
        node.value = Value::Table(Table::default());
    }
    let one_kind = shape::place(path).is_some_and(|place| place.shape != Shape::Set);
    let Some(table) = node.table_mut() else {
        return;
    };
    if one_kind && table.get(key).is_none() {
        *table = Table::default();
    }
    if table.get(key).is_none() {
        let empty = Node::new(leaf.key, leaf.key, Value::Table(Table::default()));
        table.push(key, empty);
    }
    path.push(key.clone());
    if let Some(child) = table.get_mut(key) {
        set(child, path, below, leaf);
    }
    path.pop();
}

/// `@burst.count=10`: the point as a part of a directory's name; empty without axes. No shell takes
/// it for a pattern.
pub(super) fn suffix(point: &Point<'_>) -> String {
    if point.is_empty() {
        return String::new();
    }
    let short = |axis: &Axis, keys: usize| {
        let from = axis.path.len().saturating_sub(keys);
        axis.path[from..].join(".")
    };
    let label = |axis: &Axis| {
        let two = short(axis, 2);
        let twice = point
            .iter()
            .filter(|(other, _)| short(other, 2) == two)
            .count()
            > 1;
        if twice { short(axis, usize::MAX) } else { two }
    };
    let part = |(axis, value): &(&Axis, &Node)| safe(&format!("{}={}", label(axis), plain(value)));
    let parts: Vec<String> = point.iter().map(part).collect();
    format!("@{}", parts.join(","))
}

/// A value as it is named in points: strings without quotes.
pub(super) fn plain(value: &Node) -> String {
    match value.text() {
        Some(text) => text.into(),
        None => resolved::inline(value),
    }
}

/// Only characters that every file system and shell takes as they are.
pub(super) fn safe(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._=-%".contains(c);
    text.chars()
        .map(|c| if safe(c) { c } else { '_' })
        .collect()
}

/// Finds out which expectations are about a point.
#[derive(Debug)]
pub(super) struct At<'a, 'r> {
    /// What is varied.
    pub axes: &'a Axes,
    /// Where mistakes go.
    pub report: &'r mut Report,
}

impl At<'_, '_> {
    /// Which expectations hold at this point. Those of other points leave the tree, and `at` of
    /// those that stay, since the tree no longer varies.
    pub(super) fn expectations(&mut self, tree: &mut Node, point: &Point<'_>) -> Vec<bool> {
        let expect = tree.table_mut().and_then(|root| root.get_mut("expect"));
        let Some(Value::Array(nodes)) = expect.map(|node| &mut node.value) else {
            return Vec::new();
        };
        let mut here = Vec::new();
        for node in nodes.iter_mut() {
            let at = node.table_mut().and_then(|table| table.remove("at"));
            here.push(at.is_none_or(|at| self.is_at(&at, point)));
        }
        let mut keep = here.iter();
        nodes.retain(|_| keep.next().copied().unwrap_or(true));
        if nodes.is_empty() {
            tree.cut(&["expect".into()]);
        }
        here
    }

    fn is_at(&mut self, at: &Node, point: &Point<'_>) -> bool {
        let mut wanted = Vec::new();
        flatten(at, "", &mut wanted);
        if at.table().is_none() || wanted.is_empty() {
            let mistake = Diagnostic::error(at.span, "`at` names no point", "not a varied key");
            let example = "at = { \"workload.arrivals.burst.count\" = 10 }";
            self.report.push(mistake.expected(example));
        }
        let mut all = true;
        for (text, node) in wanted {
            let path = parse_path(&text);
            let axis = self
                .axes
                .list
                .iter()
                .find(|axis| Some(&axis.path) == path.as_ref());
            let Some(axis) = axis else {
                if self.axes.more {
                    continue;
                }
                let names: Vec<&str> = self
                    .axes
                    .list
                    .iter()
                    .map(|axis| axis.text.as_str())
                    .collect();
                let title = format!("`{text}` is not varied");
                let mistake = Diagnostic::error(node.key, title, "no axis of `run.vary`");
                self.report.push(with_names(mistake, &text, &names));
                continue;
            };
            if !axis
                .values
                .iter()
                .any(|value| value.value.same(&node.value))
            {
                let values: Vec<String> = axis.values.iter().map(resolved::inline).collect();
                let mistake =
                    Diagnostic::error(node.span, "no point has this value", "not varied to")
                        .also(axis.key, "varied here")
                        .expected(values.join(", "));
                self.report.push(mistake);
            }
            let value = point.iter().find(|(other, _)| other.path == axis.path);
            all &= value.is_some_and(|(_, value)| value.value.same(&node.value));
        }
        all
    }
}

/// `at = { a.b = 1 }` and `at = { "a.b" = 1 }` are the same.
fn flatten<'n>(node: &'n Node, prefix: &str, result: &mut Vec<(String, &'n Node)>) {
    for (key, child) in node.table().iter().flat_map(|table| table.iter()) {
        let text = match prefix {
            "" => key.to_string(),
            _ => format!("{prefix}.{}", resolved::key(key)),
        };
        match child.table() {
            Some(_) => flatten(child, &text, result),
            None => result.push((text, child)),
        }
    }
}

/// Two points may look the same once unsafe characters are gone; their names must not.
pub(super) fn tell_apart(scenarios: &mut [Scenario]) {
    for i in 1..scenarios.len() {
        let (before, rest) = scenarios.split_at_mut(i);
        let name = rest[0].name.clone();
        let mut n = 2;
        while before.iter().any(|other| other.name == rest[0].name) {
            rest[0].name = format!("{name}.{n}");
            n += 1;
        }
    }
}

#[cfg(test)]
mod tests;
