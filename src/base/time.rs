//! Virtual time: unsigned nanoseconds, so equal times are equal on every machine.
//!
//! `Instant` is a point (nanoseconds from the start of the run, or of the process under tokio);
//! `Duration` is a length. Both saturate instead of wrapping: a wait that overflows is "never".

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Deserializer, Serialize};

use super::units::parse_duration;

/// A point in time, in nanoseconds from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Instant(pub u64);

/// A length of time, in nanoseconds. Written in TOML as `"250ms"`, `"1.5s"`, `"2m"`, `"1h30m"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Duration(pub u64);

impl Instant {
    /// The start.
    pub const ZERO: Instant = Instant(0);
    /// Later than everything: the wake-up of something that waits for no time.
    pub const NEVER: Instant = Instant(u64::MAX);

    /// How long after `earlier` this is; zero if it is not after it.
    pub fn since(self, earlier: Instant) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);
    /// The longest length; adding it to an instant gives [`Instant::NEVER`].
    pub const MAX: Duration = Duration(u64::MAX);

    /// Whole nanoseconds.
    pub const fn from_ns(ns: u64) -> Duration {
        Duration(ns)
    }

    /// Whole milliseconds.
    pub const fn from_ms(ms: u64) -> Duration {
        Duration(ms * 1_000_000)
    }

    /// Whole seconds.
    pub const fn from_s(s: u64) -> Duration {
        Duration(s * 1_000_000_000)
    }

    /// Seconds as a float, rounded to the nearest nanosecond; negative and NaN become zero,
    /// what is too long becomes [`Duration::MAX`].
    pub fn from_s_f64(s: f64) -> Duration {
        // `as` saturates and turns NaN into zero, which is what a wait should do.
        Duration((s * 1e9 + 0.5) as u64)
    }

    /// Seconds as a float.
    pub fn as_s_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// This length times a non-negative factor, rounded to the nearest nanosecond.
    pub fn scale(self, factor: f64) -> Duration {
        Duration((self.0 as f64 * factor + 0.5) as u64)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, d: Duration) -> Instant {
        Instant(self.0.saturating_add(d.0))
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;
    fn sub(self, d: Duration) -> Instant {
        Instant(self.0.saturating_sub(d.0))
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, d: Duration) -> Duration {
        Duration(self.0.saturating_add(d.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, d: Duration) {
        *self = *self + d;
    }
}

impl Sub for Duration {
    type Output = Duration;
    fn sub(self, d: Duration) -> Duration {
        Duration(self.0.saturating_sub(d.0))
    }
}

impl fmt::Display for Duration {
    /// The shortest exact form with one unit: `1.5s`, `250ms`, `2m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 6] = [
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
            (1, "ns"),
        ];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        for (size, name) in UNITS {
            if self.0.is_multiple_of(size) {
                return write!(f, "{}{name}", self.0 / size);
            }
            // One and a half seconds reads better as 1.5s than as 1500ms.
            if self.0 > size && size <= 1_000_000_000 && (self.0 * 10).is_multiple_of(size) {
                return write!(f, "{}.{}{name}", self.0 / size, self.0 % size * 10 / size);
            }
        }
        write!(f, "{}ns", self.0)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        super::units::from_text(
            d,
            "a duration such as \"250ms\", \"1.5s\" or \"2m\"",
            parse_duration,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_too_much_is_never() {
        assert_eq!(Instant(5) + Duration::MAX, Instant::NEVER);
    }

    #[test]
    fn a_duration_prints_as_it_is_written() {
        for text in ["250ms", "1.5s", "2m", "1h", "0s", "7ns", "90s"] {
            let d = parse_duration(text).unwrap();
            assert_eq!(parse_duration(&d.to_string()).unwrap(), d, "{text}");
        }
        assert_eq!(Duration::from_ms(1500).to_string(), "1.5s");
        assert_eq!(Duration::from_s(90).to_string(), "90s");
    }

    #[test]
    fn float_seconds_round_and_saturate() {
        assert_eq!(Duration::from_s_f64(0.25), Duration::from_ms(250));
        assert_eq!(Duration::from_s_f64(-1.0), Duration::ZERO);
        assert_eq!(Duration::from_s_f64(f64::NAN), Duration::ZERO);
        assert_eq!(Duration::from_s_f64(1e30), Duration::MAX);
    }
}
