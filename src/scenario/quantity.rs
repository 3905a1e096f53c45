//! Limits of expectations and least effects: a number in the metric's unit, or text with a unit.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::base::units::{parse_duration, parse_rate, parse_ratio};
use crate::record::metric::Metric;

/// A number or a text with a unit, as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Quantity {
    /// In the metric's own unit.
    Number(f64),
    /// With a unit of its own.
    Text(String),
}

struct QuantityVisitor;

impl Visitor<'_> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a text with a unit such as \"30s\" or \"2%\"")
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Quantity, E> {
        Ok(Quantity::Number(v as f64))
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Quantity, E> {
        Ok(Quantity::Number(v))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Quantity, E> {
        Ok(Quantity::Text(text.into()))
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(QuantityVisitor)
    }
}

/// Why a quantity is not one of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongQuantity {
    /// What is wrong.
    pub wrong: String,
    /// What would have been accepted.
    pub expected: String,
}

impl Quantity {
    /// The value in the metric's own unit.
    ///
    /// # Errors
    /// What is wrong with a text, and what its metric takes.
    pub(super) fn of(&self, metric: &Metric) -> Result<f64, WrongQuantity> {
        let text = match self {
            Quantity::Number(n) => return Ok(*n),
            Quantity::Text(text) => text,
        };
        let parsed = match metric.unit {
            "ms" => parse_duration(text).map(|d| d.as_s_f64() * 1000.0),
            "s" => parse_duration(text).map(|d| d.as_s_f64()),
            "per_s" => parse_rate(text).map(|r| r.per_s()),
            "ratio" => parse_ratio(text).map(|r| r.0),
            "usd" => dollars(text),
            _ => Err("it has no unit".into()),
        };
        parsed.map_err(|wrong| WrongQuantity {
            wrong,
            expected: expected(metric).into(),
        })
    }

    /// The multiple that a text such as "1.1x" says.
    pub(super) fn times(&self) -> Option<f64> {
        let Quantity::Text(text) = self else {
            return None;
        };
        let number: f64 = text.trim().strip_suffix('x')?.trim().parse().ok()?;
        Some(number).filter(|x| x.is_finite() && *x > 0.0)
    }

    /// The share a text in percent says.
    pub(super) fn percent(&self) -> Option<f64> {
        let Quantity::Text(text) = self else {
            return None;
        };
        let number = text.trim().strip_suffix('%')?.trim();
        // As a decimal, not as a quotient: "99.9%" is the same number as 0.999.
        let share: f64 = format!("{number}e-2").parse().ok()?;
        Some(share).filter(|x| x.is_finite())
    }
}

fn dollars(text: &str) -> Result<f64, String> {
    let number = text
        .trim()
        .strip_prefix('$')
        .ok_or("it does not start with `$`")?;
    let parsed: f64 = number
        .trim()
        .parse()
        .map_err(|_| "it is no number of dollars")?;
    match parsed.is_finite() {
        true => Ok(parsed),
        false => Err("it is no number of dollars".into()),
    }
}

/// What a limit of a metric may look like.
pub(super) fn expected(metric: &Metric) -> &'static str {
    match metric.unit {
        "ms" => "a number of milliseconds, or a duration such as \"30s\"",
        "s" => "a number of seconds, or a duration such as \"2m\"",
        "per_s" => "a number per second, or a rate such as \"80/s\"",
        "ratio" => "a share such as 0.99 or \"99%\"",
        "usd" => "a number of dollars, or a text such as \"$0.02\"",
        _ => "a number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_number_in_the_metrics_unit() {
        let cases = [
            ("latency_good_ms_p99", "30s", 30_000.0),
            ("recovery_s", "2m", 120.0),
            ("success_ratio", "99%", 0.99),
            ("cost_usd_per_success", "$0.02", 0.02),
            ("goodput_per_s", "60/min", 1.0),
        ];
        for (name, text, value) in cases {
            let metric = Metric::named(name).unwrap();
            assert_eq!(Quantity::Text(text.into()).of(metric), Ok(value), "{name}");
        }
        let amplification = Metric::named("amplification").unwrap();
        assert!(Quantity::Text("2 x".into()).of(amplification).is_err());
    }
}
