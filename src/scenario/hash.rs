//! The scenario's hash: the same on every machine and whatever the order of the keys.
//!
//! It covers what decides the numbers of a seed: the merged tables without title, seed,
//! replications and expectations, and the bytes of recorded traffic and of replayed incidents. Where
//! that lies and what it is called does not enter it.

use super::traces;
use super::tree::{Node, Table, Value};

/// FNV-1a, 64 bits: published, tiny and without any state of the process.
#[derive(Clone, Copy, Debug)]
struct Fnv(u64);

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// With the length, so that "ab" + "c" is not "a" + "bc".
    fn text(&mut self, text: &str) {
        self.write(&(text.len() as u64).to_le_bytes());
        self.write(text.as_bytes());
    }

    fn node(&mut self, node: &Node) {
        match &node.value {
            Value::String(text) => {
                self.write(b"s");
                self.text(text);
            }
            // `2` and `2.0` mean the same wherever both are allowed.
            Value::Integer(i) if (*i as f64) as i64 == *i => self.float(*i as f64),
            Value::Integer(i) => {
                self.write(b"i");
                self.write(&i.to_le_bytes());
            }
            Value::Float(x) => self.float(*x),
            Value::Boolean(b) => self.write(if *b { b"t" } else { b"f" }),
            Value::Datetime(text) => {
                self.write(b"d");
                self.text(text);
            }
            Value::Array(nodes) => {
                self.write(b"[");
                nodes.iter().for_each(|node| self.node(node));
                self.write(b"]");
            }
            Value::Table(table) => self.table(table),
        }
    }

    fn float(&mut self, x: f64) {
        self.write(b"n");
        self.write(&x.to_bits().to_le_bytes());
    }

    fn table(&mut self, table: &Table) {
        let mut entries: Vec<(&str, &Node)> = table.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        self.write(b"{");
        for (key, node) in entries {
            self.text(key);
            self.node(node);
        }
        self.write(b"}");
    }
}

/// 16 hex digits for a merged tree and the bytes of the files it names.
pub(super) fn hash(tree: &Node, files: &[u8]) -> String {
    let mut fnv = Fnv(0xcbf2_9ce4_8422_2325);
    let mut tree = tree.clone();
    for path in [
        &["meta"][..],
        &["expect"],
        &["run", "seed"],
        &["run", "replications"],
    ] {
        let path: Vec<String> = path.iter().map(|key| key.to_string()).collect();
        tree.cut(&path);
    }
    for path in traces::places(&tree) {
        tree.cut(&path);
    }
    // The order of providers and policies is part of the scenario though tables are sorted here.
    for members in ["provider", "policy"] {
        for name in tree
            .child(members)
            .and_then(Node::table)
            .iter()
            .flat_map(|t| t.keys())
        {
            fnv.text(name);
        }
    }
    fnv.node(&tree);
    fnv.write(files);
    format!("{:016x}", fnv.0)
}

/// 16 hex digits for the bytes of files; nothing for none.
pub(super) fn bytes(files: &[u8]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let mut fnv = Fnv(0xcbf2_9ce4_8422_2325);
    fnv.write(files);
    format!("{:016x}", fnv.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fnv_1a() {
        // Test vectors of the authors: "" and "foobar".
        let mut fnv = Fnv(0xcbf2_9ce4_8422_2325);
        fnv.write(b"foobar");
        assert_eq!(fnv.0, 0x8594_4171_f739_67e8);
    }
}
