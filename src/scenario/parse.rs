//! Text to tree. All syntax errors of a file are reported, one for each line.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::report::{Diagnostic, Report};
use super::source::{FileId, Span};
use super::tree::{Node, Table, Value};

/// Parses a text that is already in the source map; None if it is no TOML.
pub(super) fn parse(file: FileId, report: &mut Report) -> Option<Node> {
    let text = report.sources.get(file).text.clone();
    let (root, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        let mut lines = BTreeSet::new();
        for error in errors {
            let range = error.span().unwrap_or(text.len()..text.len());
            let span = clamp(&text, file, range.start, range.end);
            // The parser goes on after an error, but what it says next about the same line is
            // mostly about its own repair.
            if lines.insert(report.sources.position(span).0) {
                report.push(syntax(&text, span, error.message()));
            }
        }
        return None;
    }
    let mut converter = Converter { file, report };
    let whole = Span {
        file,
        start: 0,
        end: 0,
    };
    let table = converter.table(root.get_ref());
    Some(Node::new(whole, whole, Value::Table(table)))
}

/// A span that lies inside the text and on character boundaries.
fn clamp(text: &str, file: FileId, start: usize, end: usize) -> Span {
    let mut start = start.min(text.len());
    let mut end = end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span { file, start, end }
}

fn syntax(text: &str, span: Span, message: &str) -> Diagnostic {
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (message, None),
    };
    let mut mistake = Diagnostic::error(span, "this is no TOML", what);
    mistake.expected = expected.map(String::from);
    if span.start >= text.trim_end().len() {
        mistake.help = Some("the file may be cut off".into());
    } else if what.contains("duplicate key") {
        mistake.help = Some("a key may be given once; a table may not be opened again".into());
    }
    mistake
}

struct Converter<'r> {
    file: FileId,
    report: &'r mut Report,
}

impl Converter<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span {
            file: self.file,
            start: range.start,
            end: range.end,
        }
    }

    /// The parser sorts keys by name; the places of the keys bring the order of the file back.
    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut result = Table::default();
        for (key, value) in entries {
            let node = self.node(self.span(key.span()), value);
            result.push(key.get_ref().as_ref(), node);
        }
        result
    }

    fn node(&mut self, key: Span, value: &Spanned<DeValue<'_>>) -> Node {
        let span = self.span(value.span());
        let value = match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(b) => Value::Boolean(*b),
            DeValue::Datetime(d) => Value::Datetime(d.to_string()),
            DeValue::Float(f) => Value::Float(f.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Integer(i) => {
                let parsed = i64::from_str_radix(i.as_str(), i.radix());
                Value::Integer(parsed.unwrap_or_else(|_| self.too_large(span)))
            }
            DeValue::Array(nodes) => {
                let node = |n: &Spanned<DeValue<'_>>| self.node(self.span(n.span()), n);
                Value::Array(nodes.iter().map(node).collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node::new(key, span, value)
    }

    fn too_large(&mut self, span: Span) -> i64 {
        let mut mistake = Diagnostic::error(span, "this number is too large", "does not fit");
        mistake.expected = Some(format!("a whole number up to {}", i64::MAX));
        self.report.push(mistake);
        self.report.unread.push(span);
        0
    }
}
