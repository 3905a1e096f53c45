//! Turns of phrase of messages: unknown names, wrong types, what units say about themselves.

use super::nearest;
use super::report::Diagnostic;
use super::source::Span;
use super::tree::{Node, Value};
use crate::base::{Duration, Mistake};

/// Rooms list the names they know in `expected`; which of them was meant is found here, where the
/// edit distance is.
pub(super) fn unknown_name(found: &Mistake) -> Option<(&str, Vec<&str>)> {
    let wrong = found.title.strip_prefix("unknown ")?.split('`').nth(1)?;
    Some((wrong, found.expected.as_deref()?.split(", ").collect()))
}

/// Adds what would have been accepted and the nearest of it.
pub(super) fn with_names(mut mistake: Diagnostic, wrong: &str, names: &[&str]) -> Diagnostic {
    if !names.is_empty() {
        mistake.expected = Some(nearest::list(wrong, names));
    }
    // Half a name is no slip of the finger.
    let with_it = nearest::with_it(wrong, names);
    let is_meant = |name: &&str| with_it.is_empty() || with_it.contains(name);
    if let Some(name) = nearest::nearest(wrong, names.iter().copied()).filter(is_meant) {
        mistake.help = Some(format!("did you mean `{name}`?"));
    }
    mistake
}

/// What a unit or a kind says about a value it refuses.
pub(super) fn custom(key: &str, text: &str, place: Span) -> Diagnostic {
    let Some((wrong, expected)) = text.split_once("; expected ") else {
        return Diagnostic::error(place, format!("`{key}` cannot be used"), text);
    };
    let title = match expected.split_once(" such as ") {
        Some((noun, _)) => format!("`{key}` is not {noun}"),
        None => format!("`{key}` cannot be used"),
    };
    Diagnostic::error(place, title, wrong).expected(expected)
}

/// A value of another type, or out of its range.
pub(super) fn mismatch(
    key: &str,
    found: &str,
    expected: &str,
    node: &Node,
    place: Span,
) -> Diagnostic {
    if let ("newtype variant", Some(name)) = (expected, node.text()) {
        let title = format!("`{name}` is only a name");
        let mistake = Diagnostic::error(place, title, "its value is missing");
        return mistake.expected(format!("{key}.{name} = …"));
    }
    let expected = humane(expected);
    let title = format!("`{key}` cannot be {found}");
    let (noun, examples) = match expected.split_once(" such as ") {
        Some((noun, _)) => (noun, true),
        None => (expected.as_str(), false),
    };
    let mut mistake = Diagnostic::error(place, title, format!("not {noun}"));
    let number = match &node.value {
        Value::Integer(i) => Some(i.to_string()),
        Value::Float(x) => Some(x.to_string()),
        _ => None,
    };
    if let (Some(number), true) = (number, noun.contains("duration")) {
        mistake = mistake.help(format!("write the unit: \"{number}s\" or \"{number}ms\""));
    }
    // Without examples the label has said it all.
    if examples {
        mistake.expected(expected)
    } else {
        mistake
    }
}

/// A moment of a run in hours, minutes and seconds, so that two of them compare at a glance: `2m`,
/// `2m 30s`, `1h 0m 5s`, `1.5s`. The spaces in it do not break.
pub(super) fn moment(at: Duration) -> String {
    let (minutes, ns) = (at.0 / 60_000_000_000, at.0 % 60_000_000_000);
    let mut parts = Vec::new();
    if minutes >= 60 {
        parts.push(format!("{}h", minutes / 60));
    }
    if minutes > 0 {
        parts.push(format!("{}m", minutes % 60));
    }
    if ns > 0 || parts.is_empty() {
        parts.push(match ns % 1_000_000_000 {
            0 => format!("{}s", ns / 1_000_000_000),
            _ => {
                let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
                format!("{}s", text.trim_end_matches('0'))
            }
        });
    }
    parts.join("\u{a0}")
}

/// What serde calls a type, as a user would.
fn humane(expected: &str) -> String {
    let up_to = |max: u64| format!("a whole number from 0 to {max}");
    match expected {
        "u8" => up_to(u8::MAX.into()),
        "u16" => up_to(u16::MAX.into()),
        "u32" => up_to(u32::MAX.into()),
        "u64" | "usize" => "a whole number, 0 or more".into(),
        "i64" => "a whole number".into(),
        "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list such as [\"a\", \"b\"]".into(),
        "a map" => "a table".into(),
        text if text.starts_with("struct ") || text.starts_with("enum ") => "a table".into(),
        text => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_the_units_of_a_clock() {
        let at = |ms| moment(Duration::from_ms(ms)).replace('\u{a0}', " ");
        assert_eq!(at(120_000), "2m");
        assert_eq!(at(150_000), "2m 30s");
        assert_eq!(at(3_605_000), "1h 0m 5s");
        assert_eq!(at(1_500), "1.5s");
        assert_eq!(at(0), "0s");
    }
}
