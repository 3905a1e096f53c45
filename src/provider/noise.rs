//! What service times have in common: shares of their noise, and a level that wanders.
//!
//! Two tries of one call, or two calls of one minute, are not independent: a difficult prompt is slow
//! wherever it is sent, and a busy hour is slow for all. How much that is decides what a hedge gains. The noise
//! of a try is built from three standard normal scores, z = √time · Z(moment) + √call · Z(call) + √(the rest) ·
//! Z(try), and Φ(z) goes through the law of `latency`: so that law stays what it is, and two tries of one
//! call at one moment have the correlation time + call. For a log-normal it is that of the logarithms.

use serde::Deserialize;

use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// Settings of `variance`: whose the noise is. What is neither of the time nor of the call is each try's own.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Variance {
    /// The share that all tries of a moment have in common.
    pub time: Ratio,
    /// How long it takes until a moment has nothing in common with the one before.
    pub every: Duration,
    /// The share that all tries of a call have in common, also at other providers.
    pub call: Ratio,
}

impl Default for Variance {
    fn default() -> Variance {
        Variance {
            time: Ratio(0.0),
            every: Duration::from_s(60),
            call: Ratio(0.0),
        }
    }
}

impl Variance {
    /// Whether every try has its own noise alone.
    pub fn is_each_trys(&self) -> bool {
        self.time.0 == 0.0 && self.call.0 == 0.0
    }

    /// Notes what no shares can be.
    pub fn check(&self, check: &mut Check) {
        if self.time.0 + self.call.0 > 1.0 {
            let time = check.path("time");
            check
                .mistake(
                    "call",
                    "more than all of the variance",
                    "too much with `time`",
                )
                .also(time, "this share is of the time")
                .help("together they are at most 100 %; the rest is each try's own");
        }
        if self.every < Duration::from_ms(1) {
            check.mistake("every", "an absurd moment", "under 1ms");
        }
    }
}

/// Settings of `level`: what all service times of an hour, and of a day, are multiplied with. Each is log-normal
/// with median 1, wanders from one value to the next without a step, and comes on top of the noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Level {
    /// Standard deviation of the logarithm of the hour's factor.
    pub hour: f64,
    /// Standard deviation of the logarithm of the day's factor.
    pub day: f64,
}

impl Level {
    /// Whether it never changes.
    pub fn is_flat(&self) -> bool {
        self.hour == 0.0 && self.day == 0.0
    }

    /// Notes what no level can be.
    pub fn check(&self, check: &mut Check) {
        for (key, sigma) in [("hour", self.hour), ("day", self.day)] {
            if !(0.0..=3.0).contains(&sigma) {
                check
                    .mistake(key, "an absurd spread", "not between 0 and 3")
                    .help("standard deviation of the logarithm; 0.05 to 0.3 is usual");
            }
        }
    }
}
