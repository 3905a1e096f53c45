//! A tree as TOML 1.0, in the order of the file: what merging and inheritance made.
//!
//! Below its header every setting stands on one line with a dotted key, so no inline table is
//! longer than a line and the text can be read back to the same tree.

use std::fmt::Write;
use std::path::Path;

use super::files::plain;
use super::model::Scenario;
use super::parse;
use super::report::Report;
use super::traces;
use super::tree::{Node, Table, Value};

/// The whole tree.
pub(super) fn print(tree: &Node) -> String {
    let mut text = String::new();
    let Some(root) = tree.table() else {
        return text;
    };
    for (name, node) in root.iter() {
        match &node.value {
            Value::Table(table) if ["provider", "pool", "policy"].contains(&name) => {
                for (member, node) in table.iter() {
                    section(&mut text, &format!("[{name}.{}]", key(member)), node);
                }
            }
            Value::Array(nodes) if name == "fault" || name == "expect" => {
                for node in nodes {
                    section(&mut text, &format!("[[{name}]]"), node);
                }
            }
            _ => section(&mut text, &format!("[{}]", key(name)), node),
        }
    }
    text
}

impl Scenario {
    /// The merged tables, in TOML that can be read wherever it is put: recorded traffic is named from the
    /// directory the scenario's file is in. `None` where that name cannot be written in TOML.
    pub fn resolved_in(&self, dir: &Path) -> Option<String> {
        let mut report = Report::new(&self.file);
        let file = report.sources.add("resolved", self.resolved.clone(), None);
        let mut tree = parse::parse(file, &mut report)?;
        let places = traces::places(&tree);
        if places.is_empty() {
            return Some(self.resolved.clone());
        }
        let at = tree.span;
        for keys in places {
            let name = tree.find(&keys).and_then(Node::text)?;
            let path = plain(&dir.join(name)).to_str()?.to_string();
            tree.put(&keys, Node::new(at, at, Value::String(path)));
        }
        Some(print(&tree))
    }
}

fn section(text: &mut String, header: &str, node: &Node) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(header);
    text.push('\n');
    if let Some(table) = node.table() {
        entries(text, "", table);
    }
}

fn entries(text: &mut String, prefix: &str, table: &Table) {
    for (name, node) in table.iter() {
        let dotted = match prefix {
            "" => key(name),
            _ => format!("{prefix}.{}", key(name)),
        };
        match node.table() {
            Some(inner) if !inner.is_empty() => entries(text, &dotted, inner),
            _ => {
                text.push_str(&dotted);
                text.push_str(" = ");
                text.push_str(&inline(node));
                text.push('\n');
            }
        }
    }
}

/// A value on one line.
pub(super) fn inline(node: &Node) -> String {
    match &node.value {
        Value::String(text) => quoted(text),
        Value::Integer(i) => i.to_string(),
        // `{:?}` always writes a point or an exponent, so it reads back as a float.
        Value::Float(x) if x.is_finite() => format!("{x:?}"),
        Value::Float(x) if x.is_nan() => "nan".into(),
        Value::Float(x) => if *x > 0.0 { "inf" } else { "-inf" }.into(),
        Value::Boolean(b) => b.to_string(),
        Value::Datetime(text) => text.clone(),
        Value::Array(nodes) => {
            let parts: Vec<String> = nodes.iter().map(inline).collect();
            format!("[{}]", parts.join(", "))
        }
        Value::Table(table) if table.is_empty() => "{}".into(),
        Value::Table(table) => {
            let part = |(name, node): (&str, &Node)| format!("{} = {}", key(name), inline(node));
            let parts: Vec<String> = table.iter().map(part).collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

/// A key, quoted if it must be.
pub fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        name.into()
    } else {
        quoted(name)
    }
}

/// A text as TOML, in quotes.
pub fn quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\t' => result.push_str("\\t"),
            '\r' => result.push_str("\\r"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(result, "\\u{:04X}", u32::from(c));
            }
            c => result.push(c),
        }
    }
    result.push('"');
    result
}
