//! Jitter: how a scheduled wait is spread, so that clients which failed together do not come back
//! together.
//!
//! Names and formulas: none, full U(0, v), equal v/2 + U(0, v/2) and decorrelated are those of
//! M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015); additive v + U(0, max) is tenacity's
//! `wait_random`; proportional v·U(low, high) is what the OpenAI and Anthropic SDKs do with
//! low = 0.75, high = 1: jitter that only shortens, a quarter at most.

use serde::{Deserialize, Serialize};

use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// A kind of jitter.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// Exactly the scheduled wait.
    None(Plain),
    /// Uniform between nothing and the scheduled wait.
    Full(Plain),
    /// Uniform between half the scheduled wait and all of it.
    Equal(Plain),
    /// Uniform between the base and three times the previous wait; only for `exponential`.
    Decorrelated(Plain),
    /// The scheduled wait and up to `max` more.
    Additive(Additive),
    /// The scheduled wait times a uniform factor.
    Proportional(Proportional),
}

/// The kinds of jitter.
pub const JITTER_KINDS: &[Kind] = &[
    kind("none", "waits exactly as scheduled"),
    kind(
        "full",
        "between nothing (or the floor) and the scheduled wait",
    ),
    kind("equal", "between half the scheduled wait and all of it"),
    kind(
        "decorrelated",
        "between the base and three times the wait before; only for exponential",
    ),
    kind("additive", "the scheduled wait and up to `max` more"),
    kind(
        "proportional",
        "the scheduled wait times a factor between `low` and `high`",
    ),
];

const fn kind(name: &'static str, summary: &'static str) -> Kind {
    Kind { name, summary }
}

/// A kind without settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {}

/// Settings of `additive`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Additive {
    /// The most that is added.
    pub max: Duration,
}

/// Settings of `proportional`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Proportional {
    /// The smallest factor.
    pub low: f64,
    /// The largest factor.
    pub high: f64,
}

impl Default for Jitter {
    fn default() -> Jitter {
        Jitter::None(Plain {})
    }
}

/// U(base, 3·previous), the uncapped decorrelated wait.
pub(super) fn decorrelated(base: Duration, previous: Duration, u: f64) -> Duration {
    let high = previous.scale(3.0).max(base);
    base + (high - base).scale(u)
}

impl Jitter {
    pub(crate) fn check(&self, check: &mut Check, grows: bool) {
        match self {
            Jitter::None(_) | Jitter::Full(_) | Jitter::Equal(_) | Jitter::Additive(_) => {}
            Jitter::Decorrelated(_) if grows => {}
            Jitter::Decorrelated(_) => {
                check
                    .mistake(
                        "jitter",
                        "this schedule has no decorrelated jitter",
                        "not here",
                    )
                    .help("decorrelated jitter grows from wait to wait: use `exponential`");
            }
            Jitter::Proportional(p) => {
                if !(0.0 <= p.low && p.low <= p.high && p.high <= 10.0) {
                    check
                        .mistake(
                            "jitter.proportional",
                            "an absurd jitter",
                            "not 0 ≤ low ≤ high ≤ 10",
                        )
                        .help("the SDKs use low = 0.75, high = 1");
                }
            }
        }
    }

    /// Spreads a scheduled wait. Decorrelated jitter needs the previous wait and is made by the
    /// schedule; here it is full jitter.
    pub(crate) fn apply(&self, wait: Duration, u: impl FnOnce() -> f64) -> Duration {
        match self {
            Jitter::None(_) => wait,
            Jitter::Full(_) | Jitter::Decorrelated(_) => wait.scale(u()),
            Jitter::Equal(_) => {
                let half = Duration(wait.0 / 2);
                half + (wait - half).scale(u())
            }
            Jitter::Additive(a) => wait + a.max.scale(u()),
            Jitter::Proportional(p) => wait.scale(p.low + (p.high - p.low) * u()),
        }
    }
}
