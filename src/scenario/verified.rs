//! What of the presets was compared with recordings of the software they stand for.
//!
//! The table is counted by `tests/golden.rs` and is not written by hand.

/// One line a preset, or kind of monitor, and recording: its name, package, version and decisions that
/// agree.
const VERIFIED: &str = include_str!("verified.txt");

/// What `squall explain` says of a preset: against which releases it is verified, or that it is not.
pub(super) fn label(preset: &str) -> String {
    let known = against(preset);
    known.unwrap_or_else(|| "documented, not verified against the software".into())
}

/// Against which releases a preset or a kind is verified, if it is.
pub(super) fn against(name: &str) -> Option<String> {
    let rows = VERIFIED
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>());
    let of_it = rows.filter(|row| row.first() == Some(&name));
    // Of one release there may be several recordings.
    let mut releases: Vec<(String, u32)> = Vec::new();
    for row in of_it {
        let [_, package, version, n] = row[..] else {
            continue;
        };
        let (release, n) = (format!("{package} {version}"), n.parse().unwrap_or(0));
        match releases.iter_mut().find(|(known, _)| *known == release) {
            Some((_, all)) => *all += n,
            None => releases.push((release, n)),
        }
    }
    let each = releases
        .iter()
        .map(|(release, n)| format!("{release}, {n} decisions"));
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| format!("verified against {}", each.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::monitor;
    use crate::scenario::presets;

    #[test]
    fn every_line_is_of_a_preset_or_a_monitor_and_counts_something() {
        let is_monitor = |name: &str| monitor::KINDS.iter().any(|kind| kind.name == name);
        for line in VERIFIED.lines() {
            let row: Vec<&str> = line.split(' ').collect();
            assert_eq!(row.len(), 4, "{line}");
            let known = presets::names().contains(&row[0]) || is_monitor(row[0]);
            assert!(known, "{line}");
            assert!(row[3].parse::<u32>().is_ok_and(|n| n > 0), "{line}");
        }
    }

    #[test]
    fn a_preset_says_what_it_was_compared_with() {
        let known = label("openai-python-3");
        assert!(known.starts_with("verified against openai 3."), "{known}");
        assert!(known.ends_with(" decisions"), "{known}");
        assert!(label("kong-maxfails").starts_with("documented"));
    }
}
