//! The keys that a type can be written with, asked of its own deserializer: no list to keep.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// What lies at some keys of a type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Found {
    /// A table with these keys.
    Fields(&'static [&'static str]),
    /// A choice of these kinds.
    Kinds(&'static [&'static str]),
    /// A plain value, or what only its own code can read.
    Value,
}

/// What lies at these keys of a type.
pub(super) fn at<T: for<'de> Deserialize<'de>>(path: &[&'static str]) -> Found {
    match T::deserialize(Probe(path)) {
        Err(Stop(found)) => found,
        Ok(_) => Found::Value,
    }
}

/// Goes down the path and stops where it ends: nothing is ever read.
struct Probe<'p>(&'p [&'static str]);

/// Why a type was not read.
#[derive(Debug)]
struct Stop(Found);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Stop {
        Stop(Found::Value)
    }
}

impl<'p> Probe<'p> {
    fn one(self, end: Found) -> Result<One<'p>, Stop> {
        let (key, rest) = self.0.split_first().ok_or(Stop(end))?;
        Ok(One {
            key: Some(key),
            rest,
        })
    }
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_map(self.one(Found::Value)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_map(self.one(Found::Fields(fields))?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        kinds: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_enum(self.one(Found::Kinds(kinds))?)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// A table, or a choice, of one key.
struct One<'p> {
    key: Option<&'static str>,
    rest: &'p [&'static str],
}

fn name(key: &'static str) -> StrDeserializer<'static, Stop> {
    key.into_deserializer()
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        let key = self.key.take();
        key.map(|key| seed.deserialize(name(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        seed.deserialize(Probe(self.rest))
    }
}

impl<'de> EnumAccess<'de> for One<'_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Stop> {
        let kind = seed.deserialize(name(self.key.unwrap_or_default()))?;
        Ok((kind, self))
    }
}

impl<'de> VariantAccess<'de> for One<'_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        Err(Stop(Found::Value))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Stop> {
        seed.deserialize(Probe(self.rest))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Stop> {
        Err(Stop(Found::Value))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        Probe(self.rest).deserialize_struct("", fields, visitor)
    }
}
