//! The name that was probably meant.

/// The nearest of some names, if one is near enough to be worth saying.
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong: Vec<char> = wrong.to_lowercase().chars().take(MAX_LENGTH).collect();
    let best = names
        .into_iter()
        .map(|name| (distance(&wrong, name), name))
        .min_by_key(|(distance, _)| *distance)?;
    // A third of the letters may be wrong, and never all of them.
    let allowed = ((wrong.len().max(best.1.len()) + 1) / 3).max(1);
    (best.0 <= allowed && best.0 < best.1.chars().count()).then_some(best.1)
}

/// The names that have a word in them, those that begin with it first; none of a word that is too short to mean
/// something.
pub(super) fn with_it<'n>(word: &str, names: &[&'n str]) -> Vec<&'n str> {
    let word = word.to_lowercase();
    if word.chars().count() < 3 {
        return Vec::new();
    }
    let begins = names.iter().filter(|name| name.starts_with(&word));
    let has = |name: &&&str| !name.starts_with(&word) && name.contains(&word);
    let mut found: Vec<&'n str> = begins.chain(names.iter().filter(has)).copied().collect();
    let mut seen: Vec<&str> = Vec::new();
    found.retain(|name| {
        let is_new = !seen.contains(name);
        seen.push(name);
        is_new
    });
    found
}

/// Nobody mistypes longer names, and the distance takes quadratic time.
const MAX_LENGTH: usize = 100;

/// Insertions, deletions, substitutions and swaps of neighbours between two words; `_` and `-` are
/// the same, because metrics are written with one and keys with the other.
fn distance(a: &[char], b: &str) -> usize {
    let same = |x: char, y: char| x == y || (matches!(x, '-' | '_') && matches!(y, '-' | '_'));
    let b: Vec<char> = b.to_lowercase().chars().take(MAX_LENGTH).collect();
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(!same(a[i - 1], b[j - 1]));
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// Names for an `expected:` line: all if they are few, else those nearest to what was written.
pub(super) fn list(wrong: &str, names: &[&str]) -> String {
    const MANY: usize = 20;
    let quoted = |names: &[&str]| {
        let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        quoted.join(", ")
    };
    if names.len() <= MANY {
        return quoted(names);
    }
    let first = with_it(wrong, names);
    let wrong: Vec<char> = wrong.to_lowercase().chars().take(MAX_LENGTH).collect();
    let mut sorted = names.to_vec();
    let place = |name: &str| first.iter().position(|with_it| *with_it == name);
    sorted.sort_by_key(|name| (place(name).unwrap_or(first.len()), distance(&wrong, name)));
    let rest = names.len() - 5;
    format!("{} or one of {rest} more", quoted(&sorted[..5]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let kinds = ["none", "constant", "linear", "exponential"];
        assert_eq!(nearest("exponental", kinds), Some("exponential"));
        assert_eq!(nearest("Linaer", kinds), Some("linear"));
        assert_eq!(nearest("fibonacci", kinds), None);
        assert_eq!(nearest("alfa", ["beta", "alpha"]), Some("alpha"));
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(
            nearest("success-ratio", ["success_ratio"]),
            Some("success_ratio")
        );
        assert_eq!(nearest("", []), None);
    }

    #[test]
    fn names_that_have_the_word_come_before_those_that_look_like_it() {
        let names: Vec<String> = (0..20).map(|i| format!("opena{i}")).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.extend(["azure-openai-node-6", "openai-python-3.0.0-beta"]);
        let said = list("openai", &names);
        let first = "`openai-python-3.0.0-beta`, `azure-openai-node-6`, `opena";
        assert!(said.starts_with(first), "{said}");
        assert_eq!(with_it("on", &["constant"]), [""; 0], "too short");
    }
}
