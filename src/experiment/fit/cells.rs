//! Lines of CSV and of JSON, taken apart into named cells that know their place.

use std::ops::Range;

use serde_json::Value;

/// One cell of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its text without quotes.
    pub text: String,
    /// Where it stands in the line, in bytes.
    pub at: Range<usize>,
}

/// What is wrong with a line as a whole: where, and why.
pub(super) type Broken = (Range<usize>, String);

/// The cells of a line of CSV (RFC 4180, but that no quoted cell goes on over the end of its line).
pub(super) fn csv(line: &str) -> Result<Vec<Cell>, Broken> {
    let mut cells = Vec::new();
    let mut start = 0;
    loop {
        let rest = &line[start..];
        let (text, end) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (text, taken) = unquoted(quoted).ok_or_else(|| {
                    (
                        start..line.len(),
                        "its quote is not closed on this line".to_string(),
                    )
                })?;
                (text, start + 1 + taken)
            }
            None => {
                let taken = rest.find(',').unwrap_or(rest.len());
                (rest[..taken].trim().to_string(), start + taken)
            }
        };
        cells.push(Cell {
            text,
            at: start..end,
        });
        match line[end..].chars().next() {
            None => return Ok(cells),
            Some(',') => start = end + 1,
            Some(_) => return Err((end..line.len(), "text stands after a closed quote".into())),
        }
    }
}

/// What stands before the closing quote, and how many bytes with it.
fn unquoted(quoted: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match (c, chars.peek()) {
            ('"', Some((_, '"'))) => {
                text.push('"');
                chars.next();
            }
            ('"', _) => return Some((text, i + 1)),
            _ => text.push(c),
        }
    }
    None
}

/// The named values of a line of JSON: an object, whose inner objects are named with dots. `attributes` are as if
/// they stood outside, also as OTLP writes them: a list of keys with values.
pub(super) fn json(line: &str) -> Result<Vec<(String, Cell)>, Broken> {
    let wrong = |why: &str| (0..line.len(), why.to_string());
    let value: Value = serde_json::from_str(line).map_err(|e| {
        let column = e.column().saturating_sub(1).min(line.len());
        (column..line.len(), "it is no JSON from here on".to_string())
    })?;
    let Value::Object(_) = value else {
        return Err(wrong("it is no object `{ … }`"));
    };
    let mut found = Vec::new();
    flatten(line, "", &value, &mut found);
    Ok(found)
}

fn flatten(line: &str, prefix: &str, value: &Value, found: &mut Vec<(String, Cell)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let name = match (prefix, key.as_str()) {
                    ("", "attributes") => String::new(),
                    ("", key) => key.to_string(),
                    (prefix, key) => format!("{prefix}.{key}"),
                };
                flatten(line, &name, value, found);
            }
        }
        Value::Array(items) if prefix.is_empty() => {
            for item in items {
                let key = item.get("key").and_then(Value::as_str);
                let inner = item.get("value").and_then(Value::as_object);
                if let (Some(key), Some((_, value))) = (key, inner.and_then(|v| v.iter().next())) {
                    flatten(line, key, value, found);
                }
            }
        }
        // Other lists hold nothing that is known, and null says nothing.
        Value::Array(_) | Value::Null => {}
        Value::String(text) => found.push((prefix.to_string(), cell(line, prefix, text.clone()))),
        Value::Bool(_) | Value::Number(_) => {
            found.push((prefix.to_string(), cell(line, prefix, value.to_string())));
        }
    }
}

/// A value with its place in the line, as far as it can be found.
fn cell(line: &str, name: &str, text: String) -> Cell {
    let last = name.rsplit('.').next().unwrap_or(name);
    let key = [name, last]
        .into_iter()
        .find_map(|key| line.find(&format!("\"{key}\"")));
    let at = key.and_then(|key| {
        let from = line[key..].find(&text)? + key;
        Some(from..from + text.len())
    });
    Cell {
        text,
        at: at.unwrap_or(0..line.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_hold_commas_and_quotes() {
        let cells = csv(r#"1,"a, ""b""",,x"#).unwrap();
        let texts: Vec<&str> = cells.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts, ["1", "a, \"b\"", "", "x"]);
        assert_eq!(cells[3].at, 14..15);
        assert_eq!(csv("1,\"a").unwrap_err().0, 2..4);
        assert_eq!(csv("\"a\"b").unwrap_err().0, 3..4);
    }

    #[test]
    fn spans_are_flattened_however_they_are_nested() {
        let names = |line: &str| -> Vec<(String, String)> {
            let cells = json(line).unwrap().into_iter();
            cells.map(|(name, cell)| (name, cell.text)).collect()
        };
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        let expected = [pair("gen_ai.usage.input_tokens", "7")];
        assert_eq!(names(r#"{"gen_ai.usage.input_tokens":7}"#), expected);
        assert_eq!(
            names(r#"{"attributes":{"gen_ai.usage.input_tokens":7}}"#),
            expected
        );
        assert_eq!(
            names(r#"{"gen_ai":{"usage":{"input_tokens":7}}}"#),
            expected
        );
        let otlp =
            r#"{"attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"7"}}]}"#;
        assert_eq!(names(otlp), expected);
        assert_eq!(json("[1]").unwrap_err().1, "it is no object `{ … }`");
        assert!(json("{\"a\":").is_err());
    }

    #[test]
    fn a_value_knows_its_place() {
        let line = r#"{"a":5,"out_tokens":"x5"}"#;
        let found = json(line).unwrap();
        assert_eq!(&line[found[1].1.at.clone()], "x5");
    }
}
