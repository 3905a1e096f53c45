//! The typed settings as a tree of a scenario file's values: a serializer.
//!
//! Units are kept as numbers and written as texts; serde says by the names of their types which they are.

use std::fmt;

use serde::Serialize;
use serde::ser::{self, Impossible};

use super::settings::Value;
use crate::base::Duration;

/// What no setting is: a text that is no settings, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoSetting;

impl fmt::Display for NoSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a setting")
    }
}

impl std::error::Error for NoSetting {}

impl ser::Error for NoSetting {
    fn custom<T: fmt::Display>(_: T) -> NoSetting {
        NoSetting
    }
}

type Written = Result<Option<Value>, NoSetting>;

/// Writes one value; None is what is absent.
pub(super) struct Writer;

fn plain(value: impl fmt::Display) -> Written {
    Ok(Some(Value::Plain(value.to_string())))
}

fn text(value: impl fmt::Display) -> Written {
    Ok(Some(Value::Text(value.to_string())))
}

/// A number of units of 10^-`places` as a decimal without zeros at its end.
pub(super) fn decimal(units: u64, places: u32) -> String {
    let one = 10u64.pow(places);
    let fraction = format!("{:0width$}", units % one, width = places as usize);
    match fraction.trim_end_matches('0') {
        "" => (units / one).to_string(),
        fraction => format!("{}.{fraction}", units / one),
    }
}

macro_rules! plainly {
    ($($method:ident: $kind:ty),+) => {
        $(fn $method(self, value: $kind) -> Written { plain(value) })+
    };
}

impl ser::Serializer for Writer {
    type Ok = Option<Value>;
    type Error = NoSetting;
    type SerializeSeq = Many;
    type SerializeTuple = Impossible<Option<Value>, NoSetting>;
    type SerializeTupleStruct = Impossible<Option<Value>, NoSetting>;
    type SerializeTupleVariant = Impossible<Option<Value>, NoSetting>;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Impossible<Option<Value>, NoSetting>;

    plainly! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Written {
        // It always has a point or an exponent, and so reads back as a float.
        plain(format_args!("{value:?}"))
    }

    fn serialize_char(self, value: char) -> Written {
        text(value)
    }

    fn serialize_str(self, value: &str) -> Written {
        text(value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(NoSetting)
    }

    fn serialize_none(self) -> Written {
        Ok(None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(None)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        text(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Written {
        let inner = value.serialize(Writer)?;
        match (name, inner) {
            ("Duration", Some(Value::Plain(ns))) => {
                text(Duration(ns.parse().map_err(|_| NoSetting)?))
            }
            ("Several", Some(Value::List(kinds))) => {
                let entries = kinds.into_iter().flat_map(|kind| match kind {
                    Value::Table(entries) => entries,
                    _ => Vec::new(),
                });
                Ok(Some(Value::Table(entries.collect())))
            }
            (_, inner) => Ok(inner),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Written {
        let inner = value.serialize(Writer)?;
        let entry = inner.unwrap_or(Value::Table(Vec::new()));
        Ok(Some(Value::Table(vec![(name.to_string(), entry)])))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Many, NoSetting> {
        Ok(Many(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NoSetting> {
        Err(NoSetting)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, NoSetting> {
        Err(NoSetting)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NoSetting> {
        Err(NoSetting)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, NoSetting> {
        self.serialize_struct("", 0)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Entries, NoSetting> {
        Ok(Entries {
            name,
            key: String::new(),
            entries: Vec::new(),
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NoSetting> {
        Err(NoSetting)
    }
}

/// A list that is being written.
pub(super) struct Many(Vec<Value>);

impl ser::SerializeSeq for Many {
    type Ok = Option<Value>;
    type Error = NoSetting;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoSetting> {
        self.0.extend(value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(Some(Value::List(self.0)))
    }
}

/// A table that is being written.
pub(super) struct Entries {
    name: &'static str,
    key: String,
    entries: Vec<(String, Value)>,
}

impl Entries {
    /// The table, or for units that are kept as numbers the text they are written as.
    fn written(self) -> Written {
        let number = |key: &str| {
            let found = self.entries.iter().find(|(name, _)| name == key);
            let number = found.and_then(|(_, value)| value.inline().parse::<u64>().ok());
            number.ok_or(NoSetting)
        };
        match self.name {
            "Price" => text(format_args!("${}/M", decimal(number("pico_per_token")?, 6))),
            "Money" => text(format_args!("${}", decimal(number("pico_usd")?, 12))),
            "Rate" => {
                let per = self.entries.iter().find(|(name, _)| name == "per");
                let per = per.map(|(_, value)| value.inline()).ok_or(NoSetting)?;
                let unit = match per.trim_matches('"') {
                    "24h" => "d",
                    per => per.trim_start_matches('1'),
                };
                text(format_args!("{}/{unit}", decimal(number("micro")?, 6)))
            }
            _ => Ok(Some(Value::Table(self.entries))),
        }
    }
}

impl ser::SerializeStruct for Entries {
    type Ok = Option<Value>;
    type Error = NoSetting;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), NoSetting> {
        let value = value.serialize(Writer)?;
        self.entries
            .extend(value.map(|value| (key.to_string(), value)));
        Ok(())
    }

    fn end(self) -> Written {
        self.written()
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Option<Value>;
    type Error = NoSetting;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoSetting> {
        self.key = match key.serialize(Writer)? {
            Some(Value::Text(key)) => key,
            _ => return Err(NoSetting),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoSetting> {
        let value = value.serialize(Writer)?;
        let key = std::mem::take(&mut self.key);
        self.entries.extend(value.map(|value| (key, value)));
        Ok(())
    }

    fn end(self) -> Written {
        self.written()
    }
}
