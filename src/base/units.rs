//! Units as people write them: `"250ms"`, `"80/s"`, `"$3/M"`, `0.02` or `"2%"`.
//!
//! Everything becomes an exact integer where a sum is taken later (nanoseconds, pico-dollars), and
//! every refusal says what was expected, with an example.

use serde::Serialize;

use super::time::Duration;

mod typed;

pub use typed::from_text;

/// Events per length of time, kept as millionths of an event so that `"0.5/s"` is exact.
/// Written `"80/s"`, `"100/min"`, `"5/h"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Millionths of an event per [`Rate::per`]; at least one.
    pub micro: u64,
    /// The length of time the events are counted over.
    pub per: Duration,
}

impl Rate {
    /// Events per second.
    pub fn per_s(self) -> f64 {
        self.micro as f64 / 1e6 / self.per.as_s_f64()
    }

    /// The time between two events at this rate, rounded to the nearest nanosecond.
    pub fn interval(self) -> Duration {
        let ns = (u128::from(self.per.0) * 1_000_000 + u128::from(self.micro) / 2)
            / u128::from(self.micro);
        Duration(u64::try_from(ns).unwrap_or(u64::MAX))
    }
}

/// The price of one token, in pico-dollars (10⁻¹² USD): `"$3/M"` is 3 000 000.
/// Micro-dollars could not hold $0.075 per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Pico-dollars per token.
    pub pico_per_token: u64,
}

/// An amount of money, in pico-dollars (10⁻¹² USD). Written `"$0.50"`; up to $18 million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Money {
    /// Pico-dollars.
    pub pico_usd: u64,
}

/// A share of a whole, 0 to 1. Written `0.02` or `"2%"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Ratio(pub f64);

/// A parse function's refusal: what is wrong, in half a sentence.
pub type Wrong = String;

/// A non-negative decimal number, split from what follows it.
fn split_number(text: &str) -> Result<(&str, &str), Wrong> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    if !number.contains(|c: char| c.is_ascii_digit()) {
        return Err(if text.starts_with('-') {
            "it is negative".into()
        } else {
            "it does not start with a number".into()
        });
    }
    let power = rest.strip_prefix(['e', 'E']);
    let power = power.map(|power| power.trim_start_matches(['+', '-']));
    if power.is_some_and(|power| power.starts_with(|c: char| c.is_ascii_digit())) {
        return Err("it has an exponent: write all digits of the number".into());
    }
    Ok((number, rest))
}

/// `number × scale` as an exact integer; refuses what does not come out whole or does not fit.
fn exact(number: &str, scale: u64) -> Result<u64, Wrong> {
    let digits: String = number.chars().filter(|&c| c != '_').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if fraction.contains('.') {
        return Err("it has two decimal points".into());
    }
    let fraction = fraction.trim_end_matches('0');
    let too_large = || Wrong::from("it is too large");
    let mut value: u128 = 0;
    for c in whole.chars().chain(fraction.chars()) {
        let digit = u128::from(c as u8 - b'0');
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(digit))
            .ok_or_else(too_large)?;
    }
    value = value.checked_mul(u128::from(scale)).ok_or_else(too_large)?;
    let places = u32::try_from(fraction.len()).map_err(|_| too_large())?;
    let divisor = 10u128.checked_pow(places).ok_or_else(too_large)?;
    if !value.is_multiple_of(divisor) {
        return Err("it is finer than the smallest unit".into());
    }
    u64::try_from(value / divisor).map_err(|_| too_large())
}

fn time_unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    })
}

/// Parses a duration: one or more numbers with a unit each (`ns us ms s m min h d`).
pub fn parse_duration(text: &str) -> Result<Duration, Wrong> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("it is empty".into());
    }
    let mut total = 0u64;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let size = match unit {
            "" => return Err("its unit is missing".into()),
            _ => time_unit(unit)
                .ok_or_else(|| format!("`{unit}` is no unit of time (ns, us, ms, s, m, h, d)"))?,
        };
        total = total
            .checked_add(exact(number, size)?)
            .ok_or("it is too large")?;
        rest = next.trim_start();
    }
    Ok(Duration(total))
}

/// Parses a rate: a number, `/`, a unit of time.
pub fn parse_rate(text: &str) -> Result<Rate, Wrong> {
    let (number, rest) = split_number(text.trim())?;
    let unit = rest
        .trim()
        .strip_prefix('/')
        .ok_or("it has no `/` and unit of time")?
        .trim();
    let per = time_unit(unit).ok_or_else(|| format!("`{unit}` is no unit of time (s, min, h)"))?;
    let micro = exact(number, 1_000_000)?;
    if micro == 0 {
        return Err("it is zero".into());
    }
    Ok(Rate {
        micro,
        per: Duration(per),
    })
}

/// Parses a price per million tokens: `$`, a number, `/M`.
pub fn parse_price(text: &str) -> Result<Price, Wrong> {
    let rest = text
        .trim()
        .strip_prefix('$')
        .ok_or("it does not start with `$`")?;
    let (number, rest) = split_number(rest.trim())?;
    match rest.trim() {
        "/M" | "/Mtok" => Ok(Price {
            pico_per_token: exact(number, 1_000_000)?,
        }),
        other => Err(format!("`{other}` is not `/M` (per million tokens)")),
    }
}

/// Parses an amount of money: `$` and a number.
pub fn parse_money(text: &str) -> Result<Money, Wrong> {
    let rest = text.trim().strip_prefix('$');
    let (number, rest) = split_number(rest.ok_or("it does not start with `$`")?.trim())?;
    match rest.trim() {
        "" => Ok(Money {
            pico_usd: exact(number, 1_000_000_000_000)?,
        }),
        other => Err(format!("`{other}` stands after the amount")),
    }
}

/// Parses a share: a number from 0 to 1, or a percentage.
pub fn parse_ratio(text: &str) -> Result<Ratio, Wrong> {
    let text = text.trim();
    let (number, rest) = split_number(text)?;
    let digits: String = number.chars().filter(|&c| c != '_').collect();
    let wrong = |_| Wrong::from("it is not a number");
    match rest.trim() {
        // As a decimal, not as a quotient: "99.9%" is the same number as 0.999.
        "%" => ratio(format!("{digits}e-2").parse().map_err(wrong)?),
        "" => ratio(digits.parse().map_err(wrong)?),
        other => Err(format!("`{other}` after the number is not `%`")),
    }
}

fn ratio(value: f64) -> Result<Ratio, Wrong> {
    if (0.0..=1.0).contains(&value) {
        Ok(Ratio(value))
    } else {
        Err("it is not between 0 and 1 (0 % and 100 %)".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_ms(1500)));
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_s(5400)));
        assert_eq!(parse_duration("0.1ms"), Ok(Duration(100_000)));
        assert_eq!(parse_duration(" 2 min "), Ok(Duration::from_s(120)));
    }

    #[test]
    fn a_wrong_duration_says_what_is_wrong() {
        for (text, part) in [
            ("", "empty"),
            ("5", "unit is missing"),
            ("5 parsecs", "no unit of time"),
            ("-5s", "negative"),
            ("0.5ns", "finer"),
            ("99999999999999d", "too large"),
            ("1.2.3s", "two decimal points"),
            ("1e3s", "an exponent"),
        ] {
            let wrong = parse_duration(text).unwrap_err();
            assert!(wrong.contains(part), "{text}: {wrong}");
        }
    }

    #[test]
    fn rates_keep_fractions_and_give_intervals() {
        assert_eq!(parse_rate("80/s").unwrap().interval(), Duration(12_500_000));
        assert_eq!(parse_rate("0.5/s").unwrap().interval(), Duration::from_s(2));
        assert_eq!(
            parse_rate("100/min").unwrap().interval(),
            Duration::from_ms(600)
        );
        assert!(parse_rate("0/s").is_err());
        assert!(parse_rate("5").is_err());
        let wrong = parse_rate("1e9/s").unwrap_err();
        assert!(wrong.contains("exponent"), "{wrong}");
    }

    #[test]
    fn the_cheapest_published_price_is_exact() {
        assert_eq!(parse_price("$0.075/M").unwrap().pico_per_token, 75_000);
        assert_eq!(parse_price("$3/M").unwrap().pico_per_token, 3_000_000);
        assert!(parse_price("3/M").is_err());
        assert!(parse_price("$3/k").is_err());
    }

    #[test]
    fn amounts_of_money_are_exact() {
        assert_eq!(parse_money("$0.50").unwrap().pico_usd, 500_000_000_000);
        assert_eq!(parse_money("$ 12").unwrap().pico_usd, 12_000_000_000_000);
        for wrong in ["5", "$3/M", "-$1", "$-1", "$20_000_000"] {
            assert!(parse_money(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_stay_between_nothing_and_all() {
        assert_eq!(parse_ratio("2%"), Ok(Ratio(0.02)));
        assert_eq!(parse_ratio("99.9%"), Ok(Ratio(0.999)));
        assert!(parse_ratio("120%").is_err());
        assert!(parse_ratio("-1").is_err());
    }
}
