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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::parse;
    use super::super::report::Report;
    use super::*;
    use crate::base::Duration;
    use crate::base::units::Rate;
    use crate::fault;

    /// A unit of a file.
    fn unit(path: &[&str], text: &str) -> Unit {
        let mut report = Report::new("s.toml");
        let file = report.sources.add("s.toml", text.to_string(), None);
        Unit::new(path, parse::parse(file, &mut report).unwrap())
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Plain {
        wait: Duration,
        rate: Rate,
        count: u8,
        names: Vec<String>,
    }

    #[test]
    fn whatever_its_type_takes_stands_in_for_a_plain_value() {
        let whole = "wait = \"3s\"\nrate = \"5/s\"\ncount = 7\nnames = [\"a\"]\n";
        for (key, line) in ["wait", "rate", "count", "names"].iter().zip(whole.lines()) {
            let unit = unit(&["run"], &whole.replace(line, ""));
            assert!(Plain::deserialize(Typer(&unit.node)).is_err(), "{key}");
            let path = [key.to_string()];
            let tree = stand_in::<Plain>(&unit, &path).unwrap();
            let plain = Plain::deserialize(Typer(&tree)).unwrap();
            // Nothing else is touched.
            let kept = [
                plain.wait == Duration::from_s(3),
                plain.rate.per_s() == 5.0,
                plain.count == 7,
                plain.names == ["a"],
            ];
            assert_eq!(kept.iter().filter(|kept| !**kept).count(), 1, "{key}");
        }
    }

    #[test]
    fn a_choice_gets_one_of_its_kinds_and_what_that_kind_lacks_later() {
        let text = "name = \"x\"\non = [\"a\"]\nat = \"1m\"\nfor = \"1m\"\n";
        let unit = unit(&["fault", "0"], text);
        let tree = stand_in::<fault::Config>(&unit, &["effect".to_string()]).unwrap();
        let kinds = tree.child("effect").and_then(Node::table).unwrap();
        assert_eq!(kinds.len(), 1);
    }

    #[test]
    fn nothing_stands_in_where_nothing_is_taken() {
        #[derive(Debug)]
        struct Never;
        impl<'de> Deserialize<'de> for Never {
            fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Never, D::Error> {
                Err(serde::de::Error::custom("never"))
            }
        }
        #[derive(Debug, Deserialize)]
        struct Holds {
            #[serde(rename = "it")]
            _it: Never,
        }
        let unit = unit(&["run"], "");
        assert!(stand_in::<Holds>(&unit, &["it".to_string()]).is_none());
    }
}
