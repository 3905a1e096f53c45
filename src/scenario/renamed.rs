//! Keys that were called otherwise before: whoever writes the old name is told the new one.

/// The last keys of a table, a key it had, and the key it has instead.
const RENAMED: &[(&[&str], &str, &str)] = &[(&["hedge", "percentile"], "percentile", "at")];

/// What a key of a table is called now, if it was renamed.
pub(super) fn to(table: &[String], old: &str) -> Option<&'static str> {
    let ends = |tail: &[&str]| {
        let from = table.len().checked_sub(tail.len());
        from.is_some_and(|from| table[from..].iter().eq(tail))
    };
    let found = RENAMED
        .iter()
        .find(|(tail, was, _)| *was == old && ends(tail));
    found.map(|(_, _, new)| *new)
}
