//! Units as serde reads them: the parse functions, and errors that say what was expected.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::{
    Money, Price, Rate, Ratio, Wrong, parse_money, parse_price, parse_rate, parse_ratio, ratio,
};

struct TextVisitor<T> {
    expected: &'static str,
    parse: fn(&str) -> Result<T, Wrong>,
}

impl<T> Visitor<'_> for TextVisitor<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text)
            .map_err(|wrong| E::custom(format!("{wrong}; expected {}", self.expected)))
    }
}

/// Deserializes a value written as a string, with an error that says what was expected.
pub fn from_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &'static str,
    parse: fn(&str) -> Result<T, Wrong>,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(TextVisitor { expected, parse })
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        from_text(d, "a rate such as \"80/s\" or \"100/min\"", parse_rate)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        from_text(
            d,
            "a price per million tokens such as \"$2.50/M\"",
            parse_price,
        )
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        from_text(d, "an amount such as \"$0.50\"", parse_money)
    }
}

struct RatioVisitor;

impl Visitor<'_> for RatioVisitor {
    type Value = Ratio;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share such as 0.02 or \"2%\"")
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Ratio, E> {
        ratio(v).map_err(|w| E::custom(format!("{w}; expected a share such as 0.02 or \"2%\"")))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Ratio, E> {
        self.visit_f64(v as f64)
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Ratio, E> {
        self.visit_f64(v as f64)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Ratio, E> {
        parse_ratio(text)
            .map_err(|w| E::custom(format!("{w}; expected a share such as 0.02 or \"2%\"")))
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(RatioVisitor)
    }
}
