//! A set of kinds of one room, each at most once: `budget.share = {…}` beside `budget.time = {…}`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{EnumAccessDeserializer, StrDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess,
    VariantAccess, Visitor,
};
use serde::{Serialize, Serializer};

/// Any number of kinds, in the order of the file; `"none"` is the empty set.
#[derive(Clone, Debug, PartialEq)]
pub struct Several<C>(pub Vec<C>);

impl<C> Default for Several<C> {
    fn default() -> Self {
        Several(Vec::new())
    }
}

struct SetVisitor<C>(PhantomData<C>);

impl<'de, C: Deserialize<'de>> Visitor<'de> for SetVisitor<C> {
    type Value = Several<C>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of kinds, or \"none\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "none" => Ok(Several::default()),
            other => Err(E::custom(format!(
                "`{other}` needs settings; expected a table or \"none\""
            ))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut kinds = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let entry = Entry {
                key: &key,
                map: &mut map,
            };
            kinds.push(C::deserialize(EnumAccessDeserializer::new(entry))?);
        }
        Ok(Several(kinds))
    }
}

impl<'de, C: Deserialize<'de>> Deserialize<'de> for Several<C> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(SetVisitor(PhantomData))
    }
}

impl<C: Serialize> Serialize for Several<C> {
    /// A list of kinds with a name of its own: whoever writes a file makes the table of it that is read.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_newtype_struct("Several", &self.0)
    }
}

/// One entry of the table, read as an externally tagged enum.
struct Entry<'a, A> {
    key: &'a str,
    map: &'a mut A,
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Entry<'_, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), A::Error> {
        let key: StrDeserializer<'_, A::Error> = self.key.into_deserializer();
        Ok((seed.deserialize(key)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Entry<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.map.next_value()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.map.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("a kind is a table"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("a kind is a table"))
    }
}
