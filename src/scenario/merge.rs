//! Merging two trees, key by key; the second wins.
//!
//! Below a choice the same kind merges and another kind replaces whole, so that no setting of the
//! old kind survives by accident. Faults and expectations add up: `[[fault]]` means one more.

use super::shape::{self, Shape};
use super::tree::{Node, Table, Value};

/// `base` with `over` laid on top, both standing at `path`.
pub(super) fn merge(path: &mut Vec<String>, base: &Node, over: &Node) -> Node {
    match (&base.value, &over.value) {
        (Value::Table(low), Value::Table(high)) => {
            let one_kind = shape::place(path).is_some_and(|place| place.shape != Shape::Set);
            if one_kind && !high.is_empty() && !same_kind(low, high) {
                return over.clone();
            }
            let mut table = low.clone();
            for (key, value) in high.iter() {
                path.push(key.into());
                let merged = match low.get(key) {
                    Some(old) => merge(path, old, value),
                    None => value.clone(),
                };
                path.pop();
                table.insert(key, merged);
            }
            // What a settings table lacks, its first writer forgot; a section is its last writer's.
            let place = if path.len() > 2 { base } else { over };
            Node {
                value: Value::Table(table),
                ..place.clone()
            }
        }
        (Value::Array(low), Value::Array(high)) if adds_up(path) => {
            let nodes = low.iter().chain(high).cloned().collect();
            Node {
                value: Value::Array(nodes),
                ..over.clone()
            }
        }
        _ => over.clone(),
    }
}

fn same_kind(low: &Table, high: &Table) -> bool {
    high.keys().all(|kind| low.get(kind).is_some())
}

fn adds_up(path: &[String]) -> bool {
    matches!(path, [only] if only == "fault" || only == "expect")
}
