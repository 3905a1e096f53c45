//! Finagle's jittered backoffs, which are not what the AWS blog calls by the same names.
//!
//! All start with exactly `base` and end as an unjittered `cap` (twitter/finagle 4feb34c,
//! `Backoff.scala`):
//!
//! * decorrelated: U(previous, min(cap, 3·previous)); it never shrinks, the blog's does;
//! * equal: h + U(0, h) with h = base·2^(n−1) after n waits: up to twice the blog's;
//! * exponential: U(0, previous·2^n) after n waits: chance on top of chance, re-based on its own
//!   last draw, so means grow faster than any power.

use serde::{Deserialize, Serialize};

use super::{Step, Waited, base_and_cap};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "finagle",
    summary: "waits as Finagle's jittered backoffs do",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Which of the three.
    pub form: Form,
    /// The first wait.
    pub base: Duration,
    /// The longest wait; once reached, all waits are it.
    pub cap: Duration,
}

/// Finagle's three jittered backoffs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `decorrelatedJittered`.
    Decorrelated,
    /// `equalJittered`.
    Equal,
    /// `exponentialJittered`.
    Exponential,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        base_and_cap(check, self.base, Some(self.cap));
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        let wait = if step.reached.is_zero() {
            self.base
        } else if step.reached >= self.cap {
            self.cap
        } else {
            self.next(step, u)
        };
        Waited {
            wait,
            // A draw of nothing is not a start.
            reached: wait.max(Duration(1)),
        }
    }

    fn next(&self, step: Step, u: impl FnOnce() -> f64) -> Duration {
        // Waits made before this one: Finagle's `attempt`.
        let made = f64::from(step.retry.saturating_sub(1));
        let doubled = |from: Duration, times: f64| from.scale(libm::pow(2.0, times.min(62.0)));
        match self.form {
            Form::Decorrelated => {
                let high = step.reached.scale(3.0).min(self.cap);
                step.reached + (high - step.reached).scale(u())
            }
            Form::Equal => {
                let half = doubled(self.base, made - 1.0).min(self.cap);
                (half + half.scale(u())).min(self.cap)
            }
            Form::Exponential => match doubled(step.reached, made) {
                high if high >= self.cap => self.cap,
                high => high.scale(u()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first waits, in ms, of a backoff from 100 ms to 2 s.
    fn waits(form: Form, u: f64) -> Vec<u64> {
        let config = Config {
            form,
            base: Duration::from_ms(100),
            cap: Duration::from_s(2),
        };
        let mut reached = Duration::ZERO;
        let wait = |retry| {
            let step = Step {
                reached,
                ..Step::at(retry)
            };
            let waited = config.walk(step, || u);
            reached = waited.reached;
            waited.wait.0 / 1_000_000
        };
        (1..=7).map(wait).collect()
    }

    #[test]
    fn each_form_starts_at_the_base_and_ends_at_the_cap() {
        let u = 0.5;
        assert_eq!(
            waits(Form::Decorrelated, u),
            [100, 200, 400, 800, 1400, 1700, 1850]
        );
        assert_eq!(
            waits(Form::Equal, u),
            [100, 150, 300, 600, 1200, 2000, 2000]
        );
        assert_eq!(
            waits(Form::Exponential, u),
            [100, 100, 200, 800, 2000, 2000, 2000]
        );
    }
}
