//! Shorthands, written out before merging, so that a short form in one file meets the long form
//! in another.
//!
//! A kind without settings may be just its name, a kind with one main setting may be that
//! setting, a plain value where a distribution stands is a constant, and one network delay is
//! both ways.

use super::shape::{self, Shape};
use super::tree::{Node, Table, Value};

/// Writes out every shorthand in a node that stands at `path`.
pub(super) fn write_out(path: &mut Vec<String>, node: &mut Node) {
    if let Some(place) = shape::place(path) {
        at_place(place, node);
    } else if shape::matches("provider.*.network", path) && node.table().is_none() {
        both_ways(node);
    } else if shape::matches("expect.*.same.*", path) && node.array().is_some() {
        wrap(node, "policies");
    }
    match &mut node.value {
        Value::Table(table) => {
            for (key, child) in table.iter_mut() {
                path.push(key.into());
                write_out(path, child);
                path.pop();
            }
        }
        Value::Array(nodes) => {
            for (i, child) in nodes.iter_mut().enumerate() {
                path.push(i.to_string());
                write_out(path, child);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at_place(place: &shape::Place, node: &mut Node) {
    match (place.shape, &mut node.value) {
        (Shape::Choice | Shape::Set | Shape::Distribution, Value::Table(table)) => {
            for (kind, child) in table.iter_mut() {
                let main = place.main_keys.iter().find(|(k, _)| *k == kind);
                if let (Some((_, key)), Value::String(_) | Value::Array(_)) = (main, &child.value) {
                    wrap(child, key);
                }
            }
        }
        // `network.out = "exponential"` forgets the settings; as a constant it would be no time.
        (Shape::Distribution, Value::String(text)) if !place.kinds().contains(&text.as_str()) => {
            wrap(node, "constant");
        }
        (Shape::Choice | Shape::Distribution, Value::String(kind)) => {
            let kind = std::mem::take(kind);
            node.value = Value::Table(Table::default());
            wrap(node, &kind);
        }
        // `fallback = "message"`; "none" is the empty set, and an unknown name is told as a kind's.
        (Shape::Set, Value::String(kind)) if kind != "none" => {
            let kind = std::mem::take(kind);
            node.value = Value::Table(Table::default());
            wrap(node, &kind);
        }
        (Shape::Distribution, Value::Integer(_) | Value::Float(_)) => wrap(node, "constant"),
        (Shape::Choice | Shape::Set | Shape::Distribution, _) => {}
    }
}

/// Puts a node one table deeper, under a key.
fn wrap(node: &mut Node, key: &str) {
    *node = node.clone().wrapped(key);
}

fn both_ways(node: &mut Node) {
    let way = Node {
        key: node.span,
        ..node.clone()
    };
    let mut table = Table::default();
    table.push("out", way.clone());
    table.push("back", way);
    node.value = Value::Table(table);
}
