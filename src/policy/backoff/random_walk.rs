//! A multiplied random walk: every wait is the one before times factor·(1 + spread·U(0, 1)).
//!
//! The loop of OpenAI's cookbook, `delay *= exponential_base * (1 + jitter * random())`, which
//! multiplies before it sleeps: the first wait is already 2 to 4 bases long. Chance multiplies with
//! chance, so with factor 2 and spread 1 the mean triples every time.

use serde::{Deserialize, Serialize};

use super::{Step, Waited, base_and_cap};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "random-walk",
    summary: "waits the wait before times a random factor",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What the first factor multiplies.
    pub base: Duration,
    /// The smallest factor, 1 to 100.
    #[serde(default = "two")]
    pub factor: f64,
    /// How much chance may add to a factor, as a share of it; 0 to 10.
    #[serde(default = "one")]
    pub spread: f64,
    /// The longest wait; absent: none. The walk itself goes on.
    pub cap: Option<Duration>,
}

fn two() -> f64 {
    2.0
}

fn one() -> f64 {
    1.0
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        base_and_cap(check, self.base, self.cap);
        if !(1.0..=100.0).contains(&self.factor) {
            check.mistake(
                "factor",
                "waits must not shrink or explode",
                "not between 1 and 100",
            );
        }
        if !(0.0..=10.0).contains(&self.spread) {
            check.mistake("spread", "an absurd spread", "not between 0 and 10");
        }
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        let from = if step.reached.is_zero() {
            self.base
        } else {
            step.reached
        };
        let reached = from.scale(self.factor * (1.0 + self.spread * u()));
        Waited {
            wait: reached.min(self.cap.unwrap_or(Duration::MAX)),
            reached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_multiplies_before_the_first_wait() {
        let config = Config {
            base: Duration::from_s(1),
            factor: 2.0,
            spread: 1.0,
            cap: Some(Duration::from_s(8)),
        };
        let first = config.walk(Step::at(1), || 0.5);
        assert_eq!(first.wait, Duration::from_s(3));
        let step = Step {
            reached: first.reached,
            ..Step::at(2)
        };
        let second = config.walk(step, || 0.5);
        assert_eq!(second.wait, Duration::from_s(8), "capped");
        assert_eq!(second.reached, Duration::from_s(9), "the walk goes on");
    }
}
