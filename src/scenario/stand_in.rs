//! Stand-ins for values that must be there and are not.
//!
//! What type a missing value has, only its deserializer knows. So plain values are tried until one
//! is taken; nobody reads it, it only lets the rest of its part be typed.

use serde::de::DeserializeOwned;

use super::gaps::Gap;
use super::shape;
use super::source::Span;
use super::tree::{Node, Table, Value};
use super::type_error::{TypeError, What};
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

impl Unit {
    /// Puts a status that nobody wrote in place of one that is none, so that the class beside it is
    /// typed too; false if something else is wrong.
    pub(super) fn give_status(&mut self, error: &TypeError) -> bool {
        let ([table, wrong], What::Custom(_), true) = (
            &error.path[..],
            &error.what,
            error.at_key && self.path[0] == "policy",
        ) else {
            return false;
        };
        let root = self.node.table_mut().filter(|_| table == "classify");
        let Some(classes) = root.and_then(|root| root.get_mut(table)?.table_mut()) else {
            return false;
        };
        let mut all = (400..600).map(|status: u16| status.to_string());
        let free = all.find(|status| classes.get(status).is_none());
        let (Some(free), Some(class)) = (free, classes.remove(wrong)) else {
            return false;
        };
        self.gaps
            .push(Gap::Value(vec![table.clone(), free.clone()]));
        classes.push(free, class);
        true
    }
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
