//! Settings as they stand in a scenario file, typed without the scenario's own reader, so that a
//! test of the engine or the world does not depend on it. A kind is always a table here:
//! `jitter.full = {}`.

use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// Types one table.
///
/// # Panics
/// If it is not TOML or not such settings: the test itself is wrong.
pub(crate) fn typed<T: DeserializeOwned>(text: &str) -> T {
    let table = DeTable::parse(text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    serde_json::from_value(object(table.get_ref())).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

fn object(table: &DeTable<'_>) -> Value {
    let entry = |(key, value): (&_, &toml::Spanned<DeValue<'_>>)| {
        let key: &toml::Spanned<std::borrow::Cow<'_, str>> = key;
        (key.get_ref().to_string(), plain(value.get_ref()))
    };
    Value::Object(table.iter().map(entry).collect())
}

fn plain(value: &DeValue<'_>) -> Value {
    let number = |text: &str| {
        text.parse()
            .expect("a number that TOML and JSON write alike")
    };
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => Value::Number(number(integer.as_str())),
        DeValue::Float(float) => Value::Number(number(float.as_str())),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Array(list) => Value::Array(list.iter().map(|v| plain(v.get_ref())).collect()),
        DeValue::Table(table) => object(table),
        DeValue::Datetime(when) => panic!("no setting is a date: {when}"),
    }
}
