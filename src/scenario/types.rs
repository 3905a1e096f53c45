//! serde over the tree: a mistake knows the keys it lies under, so its line can be found.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::{Node, Table, Value};
use super::type_error::{TypeError, What};

/// Deserializes a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typer<'de>(pub &'de Node);

impl<'de> Deserializer<'de> for Typer<'de> {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match &self.0.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(i) => visitor.visit_i64(*i),
            Value::Float(x) if x.is_finite() => visitor.visit_f64(*x),
            Value::Float(_) => Err(de::Error::custom("no setting is infinite or not a number")),
            Value::Boolean(b) => visitor.visit_bool(*b),
            Value::Datetime(_) => Err(de::Error::invalid_type(
                Unexpected::Other("a date"),
                &visitor,
            )),
            Value::Array(nodes) => visitor.visit_seq(Elements { nodes, next: 0 }),
            Value::Table(table) => visitor.visit_map(Entries { table, next: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        kinds: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        let table = match &self.0.value {
            Value::String(name) => {
                return visitor.visit_enum(BorrowedStrDeserializer::<TypeError>::new(name));
            }
            Value::Table(table) => table,
            other => {
                let found = other.what();
                return Err(TypeError::new(What::NotAKind { found, kinds }));
            }
        };
        let mut entries = table.iter();
        let Some((kind, node)) = entries.next() else {
            return Err(TypeError::new(What::NoKind(kinds)));
        };
        // Of several keys the unknown ones are mistakes by themselves; only then are two kinds.
        if let Some((wrong, _)) = table.iter().find(|(k, _)| !kinds.contains(k)) {
            return Err(<TypeError as de::Error>::unknown_variant(wrong, kinds).at_key(wrong));
        }
        if let Some((second, _)) = entries.next() {
            let first = kind.into();
            return Err(TypeError::new(What::TwoKinds { first }).at_key(second));
        }
        visitor.visit_enum(OneKind { kind, node })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The elements of an array.
struct Elements<'de> {
    nodes: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = TypeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, TypeError> {
        let Some(node) = self.nodes.get(self.next) else {
            return Ok(None);
        };
        let place = self.next.to_string();
        self.next += 1;
        seed.deserialize(Typer(node))
            .map(Some)
            .map_err(|e| e.below(place))
    }
}

/// The entries of a table.
struct Entries<'de> {
    table: &'de Table,
    next: usize,
}

impl<'de> Entries<'de> {
    fn entry(&self, i: usize) -> Option<(&'de str, &'de Node)> {
        self.table.nth(i)
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = TypeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, TypeError> {
        let Some((key, _)) = self.entry(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
            .map_err(|e: TypeError| e.at_key(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, TypeError> {
        let entry = self.next.checked_sub(1).and_then(|i| self.entry(i));
        let Some((key, node)) = entry else {
            return Err(de::Error::custom("a value without a key"));
        };
        seed.deserialize(Typer(node)).map_err(|e| e.below(key))
    }
}

/// A table with one entry, read as an externally tagged enum.
struct OneKind<'de> {
    kind: &'de str,
    node: &'de Node,
}

impl<'de> EnumAccess<'de> for OneKind<'de> {
    type Error = TypeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), TypeError> {
        let name = IntoDeserializer::<TypeError>::into_deserializer(self.kind);
        let kind = seed.deserialize(name).map_err(|e| e.at_key(self.kind))?;
        Ok((kind, self))
    }
}

impl<'de> VariantAccess<'de> for OneKind<'de> {
    type Error = TypeError;

    fn unit_variant(self) -> Result<(), TypeError> {
        match &self.node.value {
            Value::Table(table) if table.is_empty() => Ok(()),
            _ => Err(TypeError::new(What::Mismatch {
                found: self.node.value.what().into(),
                expected: format!("only its name: \"{}\"", self.kind),
            })
            .below(self.kind)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, TypeError> {
        seed.deserialize(Typer(self.node))
            .map_err(|e| e.below(self.kind))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, TypeError> {
        Typer(self.node)
            .deserialize_any(visitor)
            .map_err(|e| e.below(self.kind))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        Typer(self.node)
            .deserialize_any(visitor)
            .map_err(|e| e.below(self.kind))
    }
}
