//! Whether two scenarios have the same weather and traffic, by what was resolved of them, line by line.
//!
//! Runs of the same seed are pairs only where nothing but the policies differs. Titles, expectations and the frame
//! of the comparison decide no figure of a run; the seed and the number of replications are looked at by whoever
//! pairs; and what files contain is told by a hash of them, so their names do not matter.

use std::collections::BTreeMap;

use super::parse;
use super::report::Report;
use super::resolved::inline;
use super::traces;
use super::tree::{Node, Value};

/// A setting that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path, such as `workload.arrivals.poisson.rate`.
    pub path: String,
    /// Its value in the earlier scenario, as TOML; None: not there.
    pub before: Option<String>,
    /// Its value now.
    pub now: Option<String>,
}

impl Change {
    /// `retry.attempts: 3 before, 4 now`.
    pub fn said(&self) -> String {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let (before, now) = (value(&self.before), value(&self.now));
        format!("{}: {before} before, {now} now", self.path)
    }
}

/// What differs between two scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Of weather, traffic and time: then their runs are no pairs.
    pub world: Vec<Change>,
    /// Of policies that both have, by name.
    pub policies: Vec<(String, Vec<Change>)>,
}

/// What differs between an earlier scenario and one of now, both as resolved; None if one of them is no TOML.
pub fn changes(before: &str, now: &str) -> Option<Changes> {
    let (before, now) = (tree(before)?, tree(now)?);
    let mut all = Changes {
        world: differing(&world(&before), &world(&now)),
        policies: Vec::new(),
    };
    for members in ["provider", "pool", "fault"] {
        let (old, new) = (names(&before, members), names(&now, members));
        let mut sorted = [old.clone(), new.clone()];
        sorted.iter_mut().for_each(|names| names.sort());
        // The same ones in another order draw other weather.
        if old != new && sorted[0] == sorted[1] {
            all.world.push(Change {
                path: format!("the order of `{members}`"),
                before: Some(old.join(", ")),
                now: Some(new.join(", ")),
            });
        }
    }
    let policy = |tree: &Node, name: &str| {
        let node = tree.child("policy").and_then(|all| all.child(name));
        let mut settings = BTreeMap::new();
        if let Some(node) = node {
            flatten(node, "", &mut settings);
        }
        settings
    };
    for name in names(&now, "policy") {
        if !names(&before, "policy").contains(&name) {
            continue;
        }
        let changed = differing(&policy(&before, &name), &policy(&now, &name));
        if !changed.is_empty() {
            all.policies.push((name, changed));
        }
    }
    Some(all)
}

fn tree(text: &str) -> Option<Node> {
    let mut report = Report::new("resolved");
    let file = report.sources.add("resolved", text.to_owned(), None);
    parse::parse(file, &mut report)
}

/// Parts that decide no figure of a run of a seed, and the policies.
const APART: [&str; 4] = ["meta", "compare", "expect", "policy"];

/// What whoever pairs looks at; so are names of files.
const ELSEWHERE: [&str; 2] = ["run.seed", "run.replications"];

fn world(tree: &Node) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let root = tree.table().into_iter().flat_map(|root| root.iter());
    for (name, node) in root.filter(|(name, _)| !APART.contains(name)) {
        flatten(node, name, &mut settings);
    }
    let replays = |path: &str| {
        path.starts_with("fault.")
            && (path.ends_with(".schedule.replay") || path.ends_with(".schedule.replay.file"))
    };
    settings.retain(|path, _| {
        !ELSEWHERE.contains(&path.as_str()) && !replays(path) && !traces::is_place(path)
    });
    settings
}

/// The names of the members of a part, in order.
fn names(tree: &Node, members: &str) -> Vec<String> {
    match tree.child(members).map(|node| &node.value) {
        Some(Value::Table(table)) => table.keys().map(str::to_owned).collect(),
        Some(Value::Array(nodes)) => nodes.iter().filter_map(name).collect(),
        _ => Vec::new(),
    }
}

fn name(node: &Node) -> Option<String> {
    node.child("name").and_then(Node::text).map(str::to_owned)
}

/// Every setting below a node by its path; members of a list that have names go by them.
fn flatten(node: &Node, path: &str, settings: &mut BTreeMap<String, String>) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        _ => format!("{path}.{key}"),
    };
    match &node.value {
        Value::Table(table) if !table.is_empty() => {
            for (key, node) in table.iter() {
                flatten(node, &below(key), settings);
            }
        }
        Value::Array(nodes) if !nodes.is_empty() && nodes.iter().all(|n| name(n).is_some()) => {
            for node in nodes {
                flatten(node, &below(&name(node).unwrap_or_default()), settings);
            }
        }
        _ => {
            settings.insert(path.to_owned(), inline(node));
        }
    }
}

/// The settings of which either side has another value, in order of their paths.
fn differing(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<Change> {
    let mut paths: Vec<&String> = before.keys().chain(now.keys()).collect();
    paths.sort();
    paths.dedup();
    let change = |path: &String| Change {
        path: path.clone(),
        before: before.get(path).cloned(),
        now: now.get(path).cloned(),
    };
    let all = paths.into_iter().map(change);
    all.filter(|change| change.before != change.now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "[meta]\ntitle = \"a\"\n[run]\nduration = \"10m\"\nseed = 1\n\
        [workload]\narrivals.poisson.rate = \"40/s\"\n[provider.a]\n[provider.b]\n\
        [[fault]]\nname = \"x\"\nat = \"1m\"\n[policy.p]\nretry.attempts = 3\n[policy.q]\n\
        [[expect]]\nmetric.success_ratio.min = 0.5\n";

    fn changed(pairs: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut now = BEFORE.to_owned();
        for (from, to) in pairs {
            assert!(now.contains(from), "{from}");
            now = now.replacen(from, to, 1);
        }
        let changes = changes(BEFORE, &now).unwrap();
        let said = |list: &[Change]| list.iter().map(Change::said).collect::<Vec<_>>();
        let of =
            |(name, list): &(String, Vec<Change>)| format!("{name}: {}", said(list).join("; "));
        (
            said(&changes.world),
            changes.policies.iter().map(of).collect(),
        )
    }

    #[test]
    fn weather_and_traffic_are_told_apart_from_policies_and_words() {
        let none: [&str; 0] = [];
        let (world, policies) = changed(&[
            ("\"a\"", "\"b\""),
            ("seed = 1", "seed = 2"),
            ("min = 0.5", "min = 0.9"),
            ("[policy.q]", "[policy.new]"),
        ]);
        assert_eq!((world.as_slice(), policies.as_slice()), (&[][..], &[][..]));
        let (world, policies) = changed(&[("attempts = 3", "attempts = 4\nhedge = \"none\"")]);
        assert_eq!(world, none);
        let said = "p: hedge: nothing before, \"none\" now; retry.attempts: 3 before, 4 now";
        assert_eq!(policies, [said]);
        let (world, _) = changed(&[("40/s", "60/s"), ("\"1m\"", "\"2m\"")]);
        let said = [
            "fault.x.at: \"1m\" before, \"2m\" now",
            "workload.arrivals.poisson.rate: \"40/s\" before, \"60/s\" now",
        ];
        assert_eq!(world, said);
        let (world, _) = changed(&[("[provider.a]\n[provider.b]", "[provider.b]\n[provider.a]")]);
        assert_eq!(world, ["the order of `provider`: a, b before, b, a now"]);
        assert_eq!(changes(BEFORE, "= nonsense"), None);
    }
}
