//! YAML as it is read: a tree of values with their lines, and a refusal of what no configuration file looks like.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// A value and the line it begins in, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Yaml,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// Keys that are no texts are left out.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key of a table.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let found = self.entries().iter().find(|(own, _)| own == key);
        found
            .map(|(_, node)| node)
            .filter(|n| n.value != Yaml::Null)
    }

    /// The entries of a table; none of anything else.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        match &self.value {
            Yaml::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Yaml::List(items) => items,
            _ => &[],
        }
    }

    /// The text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, also one in quotes, as LiteLLM takes them from the environment.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.value {
            Yaml::Integer(i) => Some(*i as f64),
            Yaml::Float(x) => Some(*x),
            Yaml::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|x| x.is_finite())
    }

    /// A truth; `yes` and `on` are such to LiteLLM's parser, which reads version 1.1.
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.value {
            Yaml::Bool(b) => Some(*b),
            Yaml::Text(text) => match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "true" => Some(true),
                "no" | "off" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What it is, for a message.
    pub(super) fn what(&self) -> &'static str {
        match &self.value {
            Yaml::Null => "nothing",
            Yaml::Bool(_) => "true or false",
            Yaml::Integer(_) | Yaml::Float(_) => "a number",
            Yaml::Text(_) => "a text",
            Yaml::List(_) => "a list",
            Yaml::Table(_) => "a table",
        }
    }
}

/// Why a text cannot be read: the line, from 1, and what is wrong.
pub(super) type Unreadable = (usize, String);

/// Deeper than this no configuration file is.
const MAX_DEPTH: usize = 64;

/// Reads the one document of a text.
///
/// # Errors
/// If it is no YAML, no document, or nested so deeply that no person wrote it.
pub(super) fn parse(text: &str) -> Result<Node, Unreadable> {
    depth(text)?;
    let documents = MarkedYaml::load_from_str(text).map_err(|error| {
        let why = error.info().to_string();
        (error.marker().line().max(1), why)
    })?;
    match documents.as_slice() {
        [] => Err((0, "it is empty".into())),
        [document] => Ok(node(document)),
        [_, second, ..] => Err((
            second.span.start.line().max(1),
            "a second document begins here".into(),
        )),
    }
}

/// Refuses deep nesting before the parser meets it: it calls itself for each level.
fn depth(text: &str) -> Result<(), Unreadable> {
    let mut open = 0usize;
    for (i, line) in text.lines().enumerate() {
        let brackets = line.chars().fold(0usize, |most, c| {
            match c {
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
            most.max(open)
        });
        let dashes = line.matches("- ").count() + line.matches("? ").count();
        let indent = line.len() - line.trim_start().len();
        // Each level of a block is a column further to the right.
        if brackets > MAX_DEPTH || dashes > 4 * MAX_DEPTH || indent > 16 * MAX_DEPTH {
            return Err((i + 1, "it is nested too deeply".into()));
        }
    }
    Ok(())
}

fn node(from: &MarkedYaml<'_>) -> Node {
    let value = match &from.data {
        YamlData::Value(scalar) => self::scalar(scalar),
        YamlData::Representation(text, ..) => Yaml::Text(text.to_string()),
        YamlData::Sequence(items) => Yaml::List(items.iter().map(node).collect()),
        YamlData::Mapping(entries) => {
            let entry = |(key, value): (&MarkedYaml<'_>, &MarkedYaml<'_>)| {
                let key = match node(key).value {
                    Yaml::Text(key) => key,
                    Yaml::Integer(key) => key.to_string(),
                    _ => return None,
                };
                Some((key, node(value)))
            };
            Yaml::Table(entries.iter().filter_map(entry).collect())
        }
        YamlData::Tagged(_, inner) => node(inner).value,
        YamlData::Alias(_) | YamlData::BadValue => Yaml::Null,
    };
    Node {
        line: from.span.start.line().max(1),
        value,
    }
}

fn scalar(from: &Scalar<'_>) -> Yaml {
    match from {
        Scalar::Null => Yaml::Null,
        Scalar::Boolean(b) => Yaml::Bool(*b),
        Scalar::Integer(i) => Yaml::Integer(*i),
        Scalar::FloatingPoint(x) => Yaml::Float(x.into_inner()),
        Scalar::String(text) => Yaml::Text(text.to_string()),
    }
}
