//! What is not known of a part after its mistakes were cut out.
//!
//! A part with a mistake is still checked for every other one. Whatever stands where the mistake
//! was, a default or a stand-in, is nobody's: a check that looks at it would find follow-ups.

use super::nearest;
use super::tree::Node;
use super::words::Unit;

/// One thing that is not known, with the keys it lies under.
#[derive(Clone, Debug)]
pub(super) enum Gap {
    /// The value there, and all below it.
    Value(Vec<String>),
    /// What a table lacks: it had a key that is none of its keys.
    Key {
        /// The table.
        table: Vec<String>,
        /// The key that was cut.
        wrong: String,
    },
    /// How many elements a list has: one was cut, and the others moved up.
    Element(Vec<String>),
}

impl Unit {
    /// Whether the setting at some keys below is as its author meant it, written or by default.
    pub(super) fn knows(&self, path: &[String]) -> bool {
        let (node, depth) = self.node.deepest(path);
        let is_written = depth == path.len();
        // What is not written, or not all of it, may be in a file or policy that is not there.
        if self.incomplete && (!is_written || node.table().is_some()) {
            return false;
        }
        let hides = |gap: &Gap| match gap {
            Gap::Value(at) => at.starts_with(path) || path.starts_with(at),
            Gap::Key { table, .. } => {
                table.starts_with(path) || (!is_written && table[..] == path[..depth])
            }
            Gap::Element(list) => list.starts_with(path),
        };
        !self.gaps.iter().any(hides)
    }

    /// The same for keys separated by dots.
    pub(super) fn knows_key(&self, key: &str) -> bool {
        let path: Vec<String> = key.split('.').map(String::from).collect();
        self.knows(&path)
    }

    /// A setting that somebody wrote and that is as they meant it.
    pub(super) fn written(&self, key: &str) -> Option<&Node> {
        self.node.child(key).filter(|_| self.knows_key(key))
    }

    /// Whether a place lies in what is not known: whatever stands there is nobody's.
    pub(super) fn in_gap(&self, path: &[String]) -> bool {
        let holds = |gap: &Gap| match gap {
            Gap::Value(at) => path.starts_with(at),
            Gap::Key { .. } | Gap::Element(_) => false,
        };
        // The part itself is there, whatever is wrong with it.
        !path.is_empty() && self.gaps.iter().any(holds)
    }

    /// Whether a table lacks a key only because of what is known to be wrong.
    pub(super) fn has_lost(&self, table: &[String], key: &str) -> bool {
        let path = [table, &[key.to_string()]].concat();
        self.incomplete
            || self.gaps.iter().any(|gap| match gap {
                Gap::Value(at) => path.starts_with(at),
                Gap::Key { table: at, wrong } => {
                    at == table && nearest::nearest(wrong, [key]).is_some()
                }
                Gap::Element(_) => false,
            })
    }

    /// Whether a choice has no kind only because of what is known to be wrong.
    pub(super) fn has_lost_kind(&self, choice: &[String]) -> bool {
        self.incomplete
            || self.gaps.iter().any(|gap| match gap {
                Gap::Value(at) => {
                    choice.starts_with(at) || at.split_last().is_some_and(|(_, up)| up == choice)
                }
                Gap::Key { table, .. } => table == choice,
                Gap::Element(_) => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::SourceMap;
    use super::super::tree::{Node, Table, Value};
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(String::from).collect()
    }

    /// `retry = { attempts = 1 }`
    fn unit(gap: Gap) -> Unit {
        let file = SourceMap::default().add("s.toml", String::new(), None);
        let span = crate::scenario::source::Span {
            file,
            start: 0,
            end: 0,
        };
        let one = Node::new(span, span, Value::Integer(1));
        let mut retry = Table::default();
        retry.push("attempts", one);
        let mut root = Table::default();
        root.push("retry", Node::new(span, span, Value::Table(retry)));
        let mut unit = Unit::new(&["policy", "a"], Node::new(span, span, Value::Table(root)));
        unit.gaps.push(gap);
        unit
    }

    #[test]
    fn a_gap_hides_what_depends_on_it_and_nothing_else() {
        let known = |gap: Gap| {
            let unit = unit(gap);
            let keys = ["retry", "retry.attempts", "retry.on", "retry.on.0", "hedge"];
            keys.map(|key| unit.knows_key(key))
        };
        let value = Gap::Value(path("retry.on"));
        assert_eq!(known(value), [false, true, false, false, true]);
        let key = Gap::Key {
            table: path("retry"),
            wrong: "atempts".into(),
        };
        assert_eq!(known(key), [false, true, false, false, true]);
        let element = Gap::Element(path("retry.on"));
        assert_eq!(known(element), [false, true, false, true, true]);
    }

    #[test]
    fn a_misspelled_key_is_not_missing_as_well() {
        let unit = unit(Gap::Key {
            table: path("retry"),
            wrong: "bsae".into(),
        });
        assert!(unit.has_lost(&path("retry"), "base"));
        assert!(!unit.has_lost(&path("retry"), "factor"));
        assert!(!unit.has_lost(&path("hedge"), "base"));
    }
}
