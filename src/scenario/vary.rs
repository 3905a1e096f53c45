//! `[run] vary`: one file, several points.
//!
//! Each point is the file as if the varied keys had been written with that point's values, so
//! inheritance and shorthands apply to them, and a mistake in one points at its place in `vary`.

use toml::de::{DeTable, DeValue};

use super::lacks::Lacks;
use super::parse;
use super::phrases::with_names;
use super::range::{self, Range};
use super::report::{Diagnostic, Report};
use super::resolved;
use super::source::Span;
use super::tree::{Node, Table, Value};

/// One varied key.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// The keys.
    pub path: Vec<String>,
    /// The keys as written.
    pub text: String,
    /// Where they are written.
    pub key: Span,
    /// The values, in order.
    pub values: Vec<Node>,
}

/// More points than anyone means to run.
const MAX_POINTS: usize = 1000;

/// What may be varied.
const ROOTS: [&str; 6] = ["workload", "provider", "pool", "fault", "policy", "run"];

/// What a file varies.
#[derive(Clone, Debug, Default)]
pub(super) struct Axes {
    /// The varied keys that can be.
    pub list: Vec<Axis>,
    /// Whether there may be others: with a mistake, or in a file that is not there.
    pub more: bool,
}

/// Takes `run.vary` out of the tree.
pub(super) fn take(tree: &mut Node, lacks: Lacks, report: &mut Report) -> Axes {
    let run = tree.table_mut().and_then(|root| root.get_mut("run"));
    let vary = run
        .and_then(Node::table_mut)
        .and_then(|run| run.remove("vary"));
    let Some(vary) = vary else {
        return Axes {
            list: Vec::new(),
            more: lacks.files,
        };
    };
    let before = report.count();
    let mut axes = Vec::new();
    if vary.table().is_none() {
        let title = format!("`vary` cannot be {}", vary.value.what());
        let mistake = Diagnostic::error(vary.span, title, "not a table");
        let example = "vary = { \"workload.arrivals.burst.count\" = [10, 20] }";
        report.push(mistake.expected(example));
    }
    collect(&vary, "", &mut axes, report);
    let all = axes.len();
    axes.retain(|axis| is_usable(axis, tree, lacks, report));
    refuse_overlaps(&mut axes, tree, report);
    let mut more = lacks.files || report.count() > before || axes.len() < all;
    let points = axes
        .iter()
        .map(|axis| axis.values.len())
        .try_fold(1usize, usize::checked_mul);
    if points.is_none_or(|n| n > MAX_POINTS) {
        let title = format!("more than {MAX_POINTS} points");
        let mistake = Diagnostic::error(vary.key, title, "every combination is one point");
        report.push(mistake.help("vary fewer values, or split the file"));
        axes.clear();
        more = true;
    }
    Axes { list: axes, more }
}

/// Refuses a key that is varied twice, or within another that is: what is laid down last would hide the other.
fn refuse_overlaps(axes: &mut Vec<Axis>, tree: &Node, report: &mut Report) {
    // A fault may be called by its name or by its place.
    let key = |axis: &Axis| {
        let mut path = axis.path.clone();
        let faults = tree.child("fault").filter(|_| path[0] == "fault");
        if let (Some(faults), Some(name)) = (faults, path.get_mut(1))
            && let Some(place) = member(faults, name)
        {
            *name = place.to_string();
        }
        path
    };
    let keys: Vec<Vec<String>> = axes.iter().map(key).collect();
    let mut kept = 0;
    axes.retain(|axis| {
        let (own, before) = (&keys[kept], &keys[..kept]);
        kept += 1;
        let same = |other: &&Vec<String>| own.starts_with(other) || other.starts_with(own);
        let Some(other) = before.iter().find(same) else {
            return true;
        };
        let (title, label) = match own.len() == other.len() {
            true => (format!("`{}` is varied twice", axis.text), "again here"),
            false => (
                format!("`{}` and `{}` overlap", axis.text, other.join(".")),
                "one lies within the other",
            ),
        };
        let mistake = Diagnostic::error(axis.key, title, label);
        report.push(mistake.help("write all values of a key in one list"));
        false
    });
}

/// Puts other keys to vary in the place of the file's own.
pub(super) fn replace(tree: &mut Node, text: &str, report: &mut Report) {
    let file = report.sources.add("--vary", text.to_owned(), None);
    let Some(mut vary) = parse::parse(file, report) else {
        return;
    };
    let at = vary.span;
    vary.key = at;
    let Some(root) = tree.table_mut() else { return };
    if root.get("run").is_none() {
        root.insert("run", Node::new(at, at, Value::Table(Table::default())));
    }
    if let Some(run) = root.get_mut("run").and_then(Node::table_mut) {
        run.insert("vary", vary);
    }
}

/// `vary = { a.b = […] }` and `vary = { "a.b" = […] }` are the same.
fn collect(node: &Node, prefix: &str, axes: &mut Vec<Axis>, report: &mut Report) {
    let Some(table) = node.table() else { return };
    for (key, child) in table.iter() {
        let text = match prefix {
            "" => key.to_string(),
            _ => format!("{prefix}.{}", resolved::key(key)),
        };
        match &child.value {
            Value::Table(_) if range::is_range(child) => {
                if let Some(values) = Range::points(child, report) {
                    axis(text, child, values, axes, report);
                }
            }
            Value::Table(_) => collect(child, &text, axes, report),
            Value::Array(values) if !values.is_empty() => {
                axis(text, child, values.clone(), axes, report);
            }
            other => {
                let what = match other {
                    Value::Array(_) => "an empty list",
                    other => other.what(),
                };
                let title = format!("a varied key cannot have {what}");
                let mistake = Diagnostic::error(child.span, title, "not a list of values");
                report.push(
                    mistake
                        .expected("a list of values, such as [10, 20], or { from = 10, to = 80 }"),
                );
            }
        }
    }
}

fn axis(text: String, node: &Node, values: Vec<Node>, axes: &mut Vec<Axis>, report: &mut Report) {
    let Some(path) = parse_path(&text) else {
        let mistake = Diagnostic::error(node.key, "this is no key", "cannot be read");
        let mistake = mistake.expected("keys separated by dots, as at the left of a `=`");
        let spaced = text.contains(char::is_whitespace);
        report.push(match spaced {
            true => mistake.help("a name with spaces goes in quotes: fault.\"429 storm\".for"),
            false => mistake,
        });
        return;
    };
    axes.push(Axis {
        path,
        text,
        key: node.key,
        values,
    });
}

/// The keys of a dotted path, with TOML's own rules for quotes.
pub(super) fn parse_path(text: &str) -> Option<Vec<String>> {
    if text.contains(['\n', '=', '#', '[', ']']) {
        return None;
    }
    let text = format!("{text} = 0");
    let root = DeTable::parse(&text).ok()?;
    let mut table = root.get_ref();
    let mut path = Vec::new();
    loop {
        let (key, value) = table.iter().next()?;
        path.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

fn is_usable(axis: &Axis, tree: &Node, lacks: Lacks, report: &mut Report) -> bool {
    let mut push = |title: String, label: &str, wrong: &str, names: &[&str]| {
        let mistake = Diagnostic::error(axis.key, title, label);
        report.push(with_names(mistake, wrong, names));
    };
    let root = &axis.path[0];
    if !ROOTS.contains(&root.as_str()) {
        push(
            format!("`{root}` cannot be varied"),
            "not a part that varies",
            root,
            &ROOTS,
        );
        return false;
    }
    if let (true, Some(key)) = (root == "run", axis.path.get(1))
        && ["seed", "replications", "vary"].contains(&key.as_str())
    {
        let names = ["duration", "warm-up"];
        push(
            format!("`run.{key}` cannot be varied"),
            "points share it",
            key,
            &names,
        );
        return false;
    }
    if let (true, Some(name)) = (
        ["provider", "pool", "fault", "policy"].contains(&&**root),
        axis.path.get(1),
    ) {
        let named = tree.child(root).and_then(|all| member(all, name));
        let is_hidden = match root.as_str() {
            "provider" => lacks.providers,
            "policy" => lacks.policies,
            "pool" => lacks.files,
            _ => lacks.faults,
        };
        if named.is_none() && is_hidden {
            return false;
        }
        if named.is_none() {
            let names = tree.child(root).map(members).unwrap_or_default();
            push(
                format!("unknown {root} `{name}`"),
                "varies nothing",
                name,
                &names,
            );
            return false;
        }
    }
    for (i, value) in axis.values.iter().enumerate() {
        if let Some(first) = axis.values[..i].iter().find(|v| v.value.same(&value.value)) {
            let mistake = Diagnostic::error(value.span, "the same point twice", "again here");
            report.push(mistake.also(first.span, "first here"));
            return false;
        }
    }
    true
}

/// A member of `provider`, `policy` or, by name or place, `fault`.
pub(super) fn member(all: &Node, name: &str) -> Option<usize> {
    match &all.value {
        Value::Table(table) => table.keys().position(|key| key == name),
        Value::Array(nodes) => {
            let named = |node: &Node| node.child("name").and_then(Node::text) == Some(name);
            nodes.iter().position(named).or_else(|| {
                let place: usize = name.parse().ok()?;
                (place < nodes.len()).then_some(place)
            })
        }
        _ => None,
    }
}

fn members(all: &Node) -> Vec<&str> {
    match &all.value {
        Value::Table(table) => table.keys().collect(),
        Value::Array(nodes) => nodes
            .iter()
            .filter_map(|node| node.child("name").and_then(Node::text))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_rules_of_toml() {
        assert_eq!(parse_path("a.\"b.c\".d").unwrap(), ["a", "b.c", "d"]);
        for wrong in ["", "a..b", "a b", "a = 1\nb", "a.", "[a]"] {
            assert_eq!(parse_path(wrong), None, "{wrong:?}");
        }
    }
}
