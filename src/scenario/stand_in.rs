//! Stand-ins for values that must be there and are not.
//!
//! What type a missing value has, only its deserializer knows. So plain values are tried until one
//! is taken; nobody reads it, it only lets the rest of its part be typed.

use serde::de::DeserializeOwned;

use super::shape;
use super::source::Span;
use super::tree::{Node, Table, Value};
use super::type_error::What;
use super::types::Typer;
use super::words::Unit;

/// A unit's tree with some value at a path that its type takes; None if it takes none.
pub(super) fn stand_in<T: DeserializeOwned>(unit: &Unit, path: &[String]) -> Option<Node> {
    let full = [&unit.path[..], path].concat();
    let at = unit.node.deepest(path).0.key;
    candidates(&full, at).into_iter().find_map(|value| {
        let mut tree = unit.node.clone();
        tree.put(path, Node::new(at, at, value));
        let is_taken = match T::deserialize(Typer(&tree)) {
            Ok(_) => true,
            Err(mut error) => {
                error.path.reverse();
                // What a kind itself lacks gets a stand-in of its own.
                !error.path.starts_with(path) || matches!(error.what, What::Missing(_))
            }
        };
        is_taken.then_some(tree)
    })
}

fn candidates(path: &[String], at: Span) -> Vec<Value> {
    let empty = || Value::Table(Table::default());
    if let Some(place) = shape::place(path) {
        let one = |kind: &str| {
            let mut table = Table::default();
            table.push(kind, Node::new(at, at, empty()));
            Value::Table(table)
        };
        return place.kinds().into_iter().map(one).collect();
    }
    vec![
        // A duration, and a name.
        Value::String("1s".into()),
        Value::String("1/s".into()),
        Value::Integer(1),
        // A list of anything.
        Value::Array(Vec::new()),
        empty(),
    ]
}
