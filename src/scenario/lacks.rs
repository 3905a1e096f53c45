//! Names that may exist though nobody wrote them where they can be seen: in a file that cannot be
//! read, or under a misspelled header. Nothing is said to be unknown that may be there.

use super::nearest;
use super::tree::{Node, Value};

/// The tables a scenario may have.
pub(super) const ROOT: [&str; 11] = [
    "include", "meta", "run", "compare", "workload", "provider", "pool", "fault", "policy",
    "expect", "tune",
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

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::report::Report;
    use super::*;

    /// Whether providers, policies and faults may be there that cannot be seen.
    fn lacking(text: &str, whole: bool) -> [bool; 3] {
        let mut report = Report::new("s.toml");
        let file = report.sources.add("s.toml", text.to_string(), None);
        let tree = parse::parse(file, &mut report).unwrap();
        let lacks = Lacks::of(&tree, whole);
        assert_eq!(lacks.files, !whole);
        [lacks.providers, lacks.policies, lacks.faults]
    }

    #[test]
    fn what_is_not_written_is_not_there_unless_it_may_be_where_nobody_looks() {
        let good = "[provider.a]\n[policy.b]\n[[fault]]\nname = \"c\"\n";
        let cases = [
            (good, [false, false, false]),
            // Nothing at all is nothing that is hidden.
            ("", [false, false, false]),
            // Under a misspelled header.
            ("[providr.a]\n", [true, false, false]),
            ("[polcy.b]\n", [false, true, false]),
            ("[[falt]]\nname = \"c\"\n", [false, false, true]),
            ("[nonsense]\n", [false, false, false]),
            // Not tables of tables.
            ("provider = 1\n", [true, false, false]),
            ("policy = \"b\"\n", [false, true, false]),
            ("fault = 3\n", [false, false, true]),
            // A fault whose name is missing or no text.
            ("[[fault]]\nat = \"1m\"\n", [false, false, true]),
            ("[[fault]]\nname = 3\n", [false, false, true]),
        ];
        for (text, expected) in cases {
            assert_eq!(lacking(text, true), expected, "{text:?}");
            assert_eq!(lacking(text, false), [true; 3], "{text:?}, and a file");
        }
    }
}
