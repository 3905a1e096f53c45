//! YAML as it is written: texts in quotes whatever they contain, numbers with all their digits.

use super::writer::decimal;
use crate::base::Duration;

/// A text between quotes. The escapes of YAML's double-quoted texts are those of JSON and more.
pub(super) fn text(text: &str) -> String {
    let mut result = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\t' => result.push_str("\\t"),
            c if (c as u32) < 0x20 || (0x7f..0xa0).contains(&(c as u32)) => {
                result.push_str(&format!("\\x{:02x}", c as u32));
            }
            // Breaks of lines, and what the older versions of YAML take for such or forbid.
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                result.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => result.push(c),
        }
    }
    result.push('"');
    result
}

/// A list of texts on one line.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(text).collect();
    format!("[{}]", texts.join(", "))
}

/// Seconds with all their digits.
pub(super) fn seconds(duration: Duration) -> String {
    decimal(duration.0, 9)
}

/// A number as YAML reads it back, also by parsers of version 1.1.
pub(super) fn number(value: f64) -> String {
    let plain = format!("{value}");
    match plain.contains(['.', 'e']) {
        true => plain,
        false => format!("{plain}.0"),
    }
}
