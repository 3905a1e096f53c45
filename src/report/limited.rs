//! Which limits of providers refused attempts, in words: the same in the page and in the terminal.

use super::refused::Entry;
use crate::base::Dimension;
use crate::record::refusals::Act;
use crate::record::results::PolicyResults;

/// Words that finish "refused for", for every [`Dimension`].
const WORDS: [(Dimension, &str); Dimension::COUNT] = [
    (Dimension::Requests, "requests per minute"),
    (Dimension::Input, "prompt tokens per minute"),
    (Dimension::Output, "answer tokens per minute"),
    (Dimension::Tokens, "tokens per minute"),
    (Dimension::Day, "the quota of the day"),
    (Dimension::Pool, "what endpoints of a pool have together"),
    (Dimension::Growth, "traffic that grew too fast"),
    (
        Dimension::Suspended,
        "too many refusals before: it was shut out",
    ),
];

/// What a limit is, in words, and its place among all.
pub(super) fn known(dimension: &str) -> Option<(usize, &'static str)> {
    let at = WORDS
        .iter()
        .position(|(known, _)| known.name() == dimension)?;
    Some((at, WORDS[at].1))
}

/// What attempts of a policy were refused for.
pub(super) fn limited(policy: &PolicyResults) -> Vec<Entry<'_>> {
    let rows = policy.limited.iter().map(|row| Entry {
        act: Act::Refused,
        section: "limits",
        reason: &row.dimension,
        per_1000_calls: row.per_1000_calls,
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_words_of_its_own() {
        for (at, dimension) in Dimension::ALL.iter().enumerate() {
            let (place, words) = known(dimension.name()).unwrap();
            assert_eq!(place, at, "{dimension}");
            let same = WORDS.iter().filter(|(_, other)| *other == words);
            assert_eq!(same.count(), 1, "{dimension}");
        }
        assert_eq!(known("of another version"), None);
    }
}
