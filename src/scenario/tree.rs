//! The tree between TOML and types: every key and value with the place it was written at.
//!
//! Tables keep the order of the file, because the place of a provider is its id and the first
//! policy is the baseline. Merging, inheritance and shorthands are done here, before typing, so
//! that a value keeps its place whatever it went through.

use super::source::Span;

/// One value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where its key stands; for an element of an array, the element itself.
    pub key: Span,
    /// Where the value stands; for a `[table]`, its header.
    pub span: Span,
    /// Where an heir took it over (`extends = "…"`), if it was inherited.
    pub via: Option<Span>,
    /// The value.
    pub value: Value,
}

/// A value of TOML.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A string.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction or exponent, `inf` or `nan`.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or time, as written: no setting is one.
    Datetime(String),
    /// An array.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table, in order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(Vec<(String, Node)>);

impl Table {
    /// An entry.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, node)| node)
    }

    /// An entry, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.0
            .iter_mut()
            .find(|(k, _)| k == key)
            .map(|(_, node)| node)
    }

    /// Sets an entry: in its old place, or at the end.
    pub(super) fn insert(&mut self, key: impl Into<String>, node: Node) {
        let key = key.into();
        match self.get_mut(&key) {
            Some(old) => *old = node,
            None => self.0.push((key, node)),
        }
    }

    /// Adds an entry that is known to be new.
    pub(super) fn push(&mut self, key: impl Into<String>, node: Node) {
        self.0.push((key.into(), node));
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, key: &str) -> Option<Node> {
        let place = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(place).1)
    }

    /// The entries in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(k, node)| (k.as_str(), node))
    }

    /// The entries in order, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.0.iter_mut().map(|(k, node)| (k.as_str(), node))
    }

    /// The entry at a place.
    pub(super) fn nth(&self, place: usize) -> Option<(&str, &Node)> {
        self.0.get(place).map(|(k, node)| (k.as_str(), node))
    }

    /// The keys in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(k, _)| k.as_str())
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Node {
    /// A node that was not inherited.
    pub(super) fn new(key: Span, span: Span, value: Value) -> Node {
        Node {
            key,
            span,
            via: None,
            value,
        }
    }

    /// The table it is, if it is one.
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The table it is, to be changed.
    pub(super) fn table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The text it is, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The array it is, if it is one.
    pub(super) fn array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The same value one table deeper, at the place where it was written: for shorthands.
    pub(super) fn wrapped(self, key: &str) -> Node {
        let mut outer = Node::new(self.key, self.span, Value::Table(Table::default()));
        outer.via = self.via;
        let inner = Node {
            key: self.span,
            ..self
        };
        if let Value::Table(table) = &mut outer.value {
            table.push(key, inner);
        }
        outer
    }

    /// The child of a key or of an array's place.
    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Table(table) => table.get(key),
            Value::Array(nodes) => nodes.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The deepest node on a path, and how many of its keys exist.
    pub(super) fn deepest<'n>(&'n self, path: &[String]) -> (&'n Node, usize) {
        let (mut node, mut depth) = (self, 0);
        while let Some(child) = path.get(depth).and_then(|key| node.child(key)) {
            node = child;
            depth += 1;
        }
        (node, depth)
    }

    /// The node at exactly this path.
    pub(super) fn find(&self, path: &[String]) -> Option<&Node> {
        let (node, depth) = self.deepest(path);
        (depth == path.len()).then_some(node)
    }

    /// Puts a node into the table at a path without its last key; nothing if there is none.
    pub(super) fn put(&mut self, path: &[String], node: Node) {
        let [key, rest @ ..] = path else { return };
        match (self.table_mut(), rest) {
            (Some(table), []) => table.insert(key.clone(), node),
            (Some(table), _) => {
                if let Some(child) = table.get_mut(key) {
                    child.put(rest, node);
                }
            }
            (None, _) => {}
        }
    }

    /// Takes out what is at a path; nothing if it is not there.
    pub(super) fn cut(&mut self, path: &[String]) {
        let [key, rest @ ..] = path else { return };
        match &mut self.value {
            Value::Table(table) if rest.is_empty() => {
                table.remove(key);
            }
            Value::Table(table) => {
                if let Some(child) = table.get_mut(key) {
                    child.cut(rest);
                }
            }
            Value::Array(nodes) => {
                let Some(i) = key.parse().ok().filter(|i| *i < nodes.len()) else {
                    return;
                };
                if rest.is_empty() {
                    nodes.remove(i);
                } else {
                    nodes[i].cut(rest);
                }
            }
            _ => {}
        }
    }

    /// Marks this node and all below it as taken over at `via`.
    pub(super) fn inherit(&mut self, via: Span) {
        self.via = Some(via);
        match &mut self.value {
            Value::Table(table) => table.iter_mut().for_each(|(_, node)| node.inherit(via)),
            Value::Array(nodes) => nodes.iter_mut().for_each(|node| node.inherit(via)),
            _ => {}
        }
    }
}

impl Value {
    /// What kind of value it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Value::String(_) => "a string",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Datetime(_) => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// Whether two values say the same, wherever they stand; `2` and `2.0` do.
    pub(super) fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::String(a), Value::String(b)) | (Value::Datetime(a), Value::Datetime(b)) => {
                a == b
            }
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Integer(i), Value::Float(f)) | (Value::Float(f), Value::Integer(i)) => {
                *i as f64 == *f
            }
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.value.same(&b.value))
            }
            (Value::Table(a), Value::Table(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(k, v)| b.get(k).is_some_and(|w| v.value.same(&w.value)))
            }
            _ => false,
        }
    }
}
