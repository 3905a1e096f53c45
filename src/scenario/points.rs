//! The points of `[run] vary`: their trees, their names, and which expectations are about them.

use super::merge::merge;
use super::phrases::with_names;
use super::report::{Diagnostic, Report};
use super::shape::{self, Shape};
use super::tree::{Node, Table, Value};
use super::vary::{Axis, member, parse_path};
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

/// `[burst.count=10]`: the point as a part of a directory's name; empty without axes.
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
    format!("[{}]", parts.join(","))
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
    pub axes: &'a [Axis],
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
                .iter()
                .find(|axis| Some(&axis.path) == path.as_ref());
            let Some(axis) = axis else {
                let names: Vec<&str> = self.axes.iter().map(|axis| axis.text.as_str()).collect();
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
mod tests {
    use crate::scenario::{Scenario, check_str};
    use crate::workload::arrivals;

    const TEXT: &str = r#"
[run]
duration = "1m"
vary = { "workload.arrivals.burst.count" = [10, 20], "policy.a.retry.backoff.constant.wait" = ["1s", "5 s"] }
[workload]
arrivals.poisson.rate = "1/s"
[provider.p]
[policy.a]
retry.attempts = 3
retry.backoff.exponential.base = "1s"
[policy.b]
extends = "a"
[[expect]]
at = { "workload.arrivals.burst.count" = 20 }
metric.amplification.max = 2
[[expect]]
metric.success_ratio.min = "50%"
"#;

    fn points() -> Vec<Scenario> {
        check_str("dir/storm.toml", TEXT).unwrap()
    }

    #[test]
    fn every_combination_is_a_scenario_with_a_name_of_its_own() {
        let names: Vec<String> = points().into_iter().map(|s| s.name).collect();
        let expected = [
            "storm[burst.count=10,constant.wait=1s]",
            "storm[burst.count=10,constant.wait=5_s]",
            "storm[burst.count=20,constant.wait=1s]",
            "storm[burst.count=20,constant.wait=5_s]",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_point_is_the_file_with_that_value_written_in() {
        for (point, count) in points().iter().zip([10, 10, 20, 20]) {
            let arrivals::Config::Burst(burst) = point.workload.arrivals else {
                panic!("another kind replaces the arrivals whole");
            };
            assert_eq!(burst.count, count);
            // b inherits what the point made of a.
            assert_eq!(point.policies[0].1, point.policies[1].1);
            let here = if count == 20 { 2 } else { 1 };
            assert_eq!(point.expectations.len(), here);
            assert_eq!(point.point[0].1, count.to_string());
        }
    }

    #[test]
    fn points_have_hashes_of_their_own_and_can_be_read_back() {
        let points = points();
        for (i, point) in points.iter().enumerate() {
            assert!(points[..i].iter().all(|other| other.hash != point.hash));
            let again = check_str("again.toml", &point.resolved).unwrap().remove(0);
            assert_eq!(again.hash, point.hash);
            assert_eq!(again.policies, point.policies);
        }
    }

    #[test]
    fn faults_are_varied_by_name() {
        let text = TEXT.replace(
            "\"workload.arrivals.burst.count\"",
            "\"fault.\\\"a b\\\".effect\"",
        );
        let text =
            text.replace("[10, 20]", "[\"hang\", \"outage\"]")
                .replacen("20 }", "\"hang\" }", 1);
        let fault = "[[fault]]\nname = \"a b\"\non = [\"p\"]\nat = \"1s\"\nfor = \"1s\"\neffect = \"hang\"\n";
        let points = check_str("s.toml", &format!("{text}{fault}")).unwrap();
        let kinds: Vec<&str> = points.iter().map(|s| s.faults[0].effect.kind()).collect();
        assert_eq!(kinds, ["hang", "hang", "outage", "outage"]);
        assert_eq!(points[0].expectations.len(), 2);
        assert_eq!(points[2].expectations.len(), 1);
    }
}
