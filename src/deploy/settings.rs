//! A policy's settings as they stand in a scenario file: a tree, its lines, and in which lines two differ.
//!
//! The tree is made by serde of the typed settings, defaults included, so a new setting is in it without
//! being named here.

use serde::Serialize;

use super::writer::Writer;
use crate::policy::config::Config;
use crate::scenario::{toml_key, toml_text};

/// A value of a scenario file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text without its quotes.
    Text(String),
    /// A number or a truth, as it is written.
    Plain(String),
    /// A list.
    List(Vec<Value>),
    /// A table, in the order of the settings.
    Table(Vec<(String, Value)>),
}

impl Value {
    /// On one line, as TOML.
    pub fn inline(&self) -> String {
        match self {
            Value::Text(text) => toml_text(text),
            Value::Plain(text) => text.clone(),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Value::inline).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Table(entries) if entries.is_empty() => "{}".into(),
            Value::Table(entries) => {
                let entry = |(key, value): &(String, Value)| {
                    format!("{} = {}", toml_key(key), value.inline())
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    fn lines(&self, path: &str, into: &mut Vec<Line>) {
        match self {
            Value::Table(entries) if !entries.is_empty() => {
                for (key, value) in entries {
                    let key = toml_key(key);
                    let path = match path {
                        "" => key,
                        path => format!("{path}.{key}"),
                    };
                    value.lines(&path, into);
                }
            }
            value => into.push(Line {
                key: path.into(),
                value: value.inline(),
            }),
        }
    }
}

/// One setting: a dotted key and its value, both as in a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Below `[policy.NAME]`.
    pub key: String,
    /// As TOML.
    pub value: String,
}

/// Every setting of a policy, defaults included. What differs by priority and the layers of a chain are policies
/// of their own and not in it.
pub fn lines(config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    // Nothing a policy is made of fails to be written; the test of all presets would see it.
    if let Ok(Some(tree)) = config.serialize(Writer) {
        tree.lines("", &mut lines);
    }
    lines
}

/// A setting of one policy that another has otherwise, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The dotted key.
    pub key: String,
    /// Its value in the one; None: it is not there.
    pub wanted: Option<String>,
    /// And in the other.
    pub there: Option<String>,
}

/// The settings in which two policies differ: those of the first in their order, then those that only the
/// second has.
pub fn differences(wanted: &[Line], there: &[Line]) -> Vec<Difference> {
    let value_in = |lines: &[Line], key: &str| {
        let found = lines.iter().find(|line| line.key == key);
        found.map(|line| line.value.clone())
    };
    let own = wanted.iter().map(|line| Difference {
        key: line.key.clone(),
        wanted: Some(line.value.clone()),
        there: value_in(there, &line.key),
    });
    let others = there
        .iter()
        .filter(|line| value_in(wanted, &line.key).is_none());
    let others = others.map(|line| Difference {
        key: line.key.clone(),
        wanted: None,
        there: Some(line.value.clone()),
    });
    own.chain(others).filter(|d| d.wanted != d.there).collect()
}

/// The lines in which a policy differs from another that is the same but for them: what has to be written on
/// top of that one.
pub fn written_on(base: &Config, config: &Config) -> Vec<Difference> {
    differences(&lines(config), &lines(base))
}
