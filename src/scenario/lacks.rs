//! Names that may exist though nobody wrote them where they can be seen: in a file that cannot be
//! read, or under a misspelled header. Nothing is said to be unknown that may be there.

use super::nearest;
use super::tree::{Node, Value};

/// The tables a scenario may have.
pub(super) const ROOT: [&str; 9] = [
    "include", "meta", "run", "compare", "workload", "provider", "fault", "policy", "expect",
];

/// Which tables may have more than can be seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lacks {
    /// All of them: a file is missing.
    pub files: bool,
    /// `[provider.NAME]`.
    pub providers: bool,
    /// `[policy.NAME]`.
    pub policies: bool,
    /// `[[fault]]`.
    pub faults: bool,
}

impl Lacks {
    /// What a tree may lack; `whole` is whether all its files could be read.
    pub(super) fn of(tree: &Node, whole: bool) -> Lacks {
        let misspelled = |table: &str| {
            let keys = tree.table().into_iter().flat_map(|root| root.keys());
            keys.filter(|key| !ROOT.contains(key))
                .any(|key| nearest::nearest(key, ROOT) == Some(table))
        };
        let no_tables = |key: &str| {
            let node = tree.child(key);
            node.is_some_and(|node| node.table().is_none())
        };
        let faults = tree.child("fault");
        let no_name = |fault: &Node| fault.child("name").and_then(Node::text).is_none();
        let no_faults = faults.is_some_and(|node| match &node.value {
            Value::Array(faults) => faults.iter().any(no_name),
            _ => true,
        });
        Lacks {
            files: !whole,
            providers: !whole || misspelled("provider") || no_tables("provider"),
            policies: !whole || misspelled("policy") || no_tables("policy"),
            faults: !whole || misspelled("fault") || no_faults,
        }
    }
}
