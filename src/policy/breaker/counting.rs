//! `on.CLASS.counts-for-breaker`: what an ending of a class is to a breaker.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// What an ending of a class is to a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    /// A failure; written `true` or `"failure"`.
    Failure,
    /// Nothing: it says nothing about the endpoint, and a probe gives its place back; written `false`
    /// or `"ignored"`.
    Ignored,
    /// A success: it heals.
    Success,
    /// A failure that trips it at once, whatever was counted before.
    Trips,
}

struct CountingVisitor;

impl Visitor<'_> for CountingVisitor {
    type Value = Counting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, \"failure\", \"ignored\", \"success\" or \"trips\"")
    }

    fn visit_bool<E: de::Error>(self, counts: bool) -> Result<Counting, E> {
        Ok(match counts {
            true => Counting::Failure,
            false => Counting::Ignored,
        })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Counting, E> {
        Ok(match text {
            "failure" => Counting::Failure,
            "ignored" => Counting::Ignored,
            "success" => Counting::Success,
            "trips" => Counting::Trips,
            _ => return Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        })
    }
}

impl<'de> Deserialize<'de> for Counting {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(CountingVisitor)
    }
}
