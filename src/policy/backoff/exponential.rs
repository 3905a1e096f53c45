//! Waits that grow by a factor: base·factor^(k−1+origin) before retry k, up to a cap.
//!
//! `origin` is the first exponent. AWS's published simulator starts at 1 (the first wait is up to
//! 2·base), the SDKs at 0; the same words with another origin give twice the wait. With
//! `jitter = "decorrelated"` the factor is not used: the wait is U(base, 3·previous wait), capped
//! (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use serde::Deserialize;

use super::jitter::{self, Jitter};
use super::{CapStage, Step, finish};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "exponential",
    summary: "waits a factor longer every time",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The first wait, for origin 0.
    pub base: Duration,
    /// What each later wait is multiplied with; 1 or more.
    #[serde(default = "two")]
    pub factor: f64,
    /// The longest wait; absent: none.
    pub cap: Option<Duration>,
    /// What the cap bounds.
    #[serde(default)]
    pub cap_stage: CapStage,
    /// The exponent of the first wait.
    #[serde(default)]
    pub origin: u32,
    /// How a wait is spread.
    #[serde(default)]
    pub jitter: Jitter,
}

fn two() -> f64 {
    2.0
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        base_and_cap(check, self.base, self.cap);
        if !(1.0..=100.0).contains(&self.factor) {
            check
                .mistake(
                    "factor",
                    "waits must not shrink or explode",
                    "not between 1 and 100",
                )
                .help("2 doubles every wait");
        }
        if self.origin > 20 {
            check.mistake("origin", "an absurd first exponent", "more than 20");
        }
        self.jitter.check(check, true);
    }

    pub(super) fn wait(&self, step: Step, u: impl FnOnce() -> f64) -> Duration {
        if matches!(self.jitter, Jitter::Decorrelated(_)) {
            let previous = if step.previous.is_zero() {
                self.base
            } else {
                step.previous
            };
            return jitter::decorrelated(self.base, previous, u())
                .min(self.cap.unwrap_or(Duration::MAX));
        }
        let exponent = f64::from(step.retry.saturating_sub(1).saturating_add(self.origin));
        let scheduled = self.base.scale(libm::pow(self.factor, exponent));
        finish(scheduled, self.cap, self.cap_stage, &self.jitter, u)
    }
}

/// Notes a first wait of nothing and a cap below it.
pub(super) fn base_and_cap(check: &mut Check, base: Duration, cap: Option<Duration>) {
    if base.is_zero() {
        check
            .mistake(
                "base",
                "a first wait of nothing grows to nothing",
                "is zero",
            )
            .help("for no wait write `backoff = \"none\"`");
    }
    if let Some(cap) = cap
        && cap < base
    {
        let path = check.path("base");
        check
            .mistake(
                "cap",
                "the longest wait is shorter than the first",
                "below `base`",
            )
            .also(path, format!("the first wait is {base}"))
            .help(format!(
                "`cap` is an upper bound for every wait; raise it to \"{base}\" or more"
            ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(origin: u32, jitter: Jitter) -> Config {
        Config {
            base: Duration::from_ms(500),
            factor: 2.0,
            cap: Some(Duration::from_s(8)),
            cap_stage: CapStage::BeforeJitter,
            origin,
            jitter,
        }
    }

    fn wait(config: &Config, retry: u32) -> u64 {
        config
            .wait(
                Step {
                    retry,
                    previous: Duration::ZERO,
                },
                || 0.5,
            )
            .0
            / 1_000_000
    }

    #[test]
    fn the_schedule_doubles_up_to_the_cap() {
        let c = config(0, Jitter::default());
        assert_eq!(
            (1..=7).map(|k| wait(&c, k)).collect::<Vec<_>>(),
            [500, 1000, 2000, 4000, 8000, 8000, 8000]
        );
        assert_eq!(wait(&config(1, Jitter::default()), 1), 1000);
    }

    #[test]
    fn thousands_of_retries_do_not_overflow() {
        let c = Config {
            cap: None,
            ..config(0, Jitter::default())
        };
        assert_eq!(
            c.wait(
                Step {
                    retry: 5000,
                    previous: Duration::ZERO
                },
                || 0.5
            ),
            Duration::MAX
        );
    }
}
