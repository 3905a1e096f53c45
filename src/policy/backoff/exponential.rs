//! Waits that grow by a factor: base·factor^(k−1+origin) before retry k, up to a cap.
//!
//! `origin` is the first exponent. AWS's published simulator starts at 1 (the first wait is up to
//! 2·base), the SDKs at 0; the same words with another origin give twice the wait. With
//! `jitter = "decorrelated"` the factor is not used: the wait is U(base, 3·previous wait), capped
//! (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
//!
//! `floor` is tenacity's `min`: the scheduled wait is max(floor, min(cap, base·factor^…)) and full
//! jitter draws from the floor up, U(floor, scheduled). `first-wait-zero` leaves the first wait out
//! and the others where they were (azure-core: 0, 1.6, 3.2 s for base 0.8 s).

use serde::{Deserialize, Serialize};

use super::jitter::{self, Jitter};
use super::{CapStage, Step, Waited, base_and_cap};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "exponential",
    summary: "waits a factor longer every time",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
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
    /// The shortest wait, also with jitter.
    #[serde(default)]
    pub floor: Duration,
    /// Whether the first retry is sent at once.
    #[serde(default)]
    pub first_wait_zero: bool,
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
        if let Some(cap) = self.cap
            && self.floor > cap
        {
            let path = check.path("cap");
            check
                .mistake(
                    "floor",
                    "the shortest wait is longer than the longest",
                    "above `cap`",
                )
                .also(path, format!("the longest wait is {cap}"));
        }
        self.jitter.check(check, true);
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        if self.first_wait_zero && step.retry <= 1 {
            return step.plain(Duration::ZERO);
        }
        step.plain(self.wait(step, u).max(self.floor))
    }

    fn wait(&self, step: Step, u: impl FnOnce() -> f64) -> Duration {
        let cap = self.cap.unwrap_or(Duration::MAX);
        if matches!(self.jitter, Jitter::Decorrelated(_)) {
            let previous = if step.previous.is_zero() {
                self.base
            } else {
                step.previous
            };
            return jitter::decorrelated(self.base, previous, u()).min(cap);
        }
        let exponent = f64::from(step.retry.saturating_sub(1).saturating_add(self.origin));
        let plain = self.base.scale(libm::pow(self.factor, exponent));
        let before = match self.cap_stage {
            CapStage::BeforeJitter | CapStage::Both => plain.min(cap),
            CapStage::AfterJitter => plain,
        };
        let scheduled = before.max(self.floor);
        let wait = match self.jitter {
            Jitter::Full(_) => self.floor + (scheduled - self.floor).scale(u()),
            _ => self.jitter.apply(scheduled, u),
        };
        match self.cap_stage {
            CapStage::BeforeJitter => wait,
            CapStage::AfterJitter | CapStage::Both => wait.min(cap),
        }
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
            floor: Duration::ZERO,
            first_wait_zero: false,
            jitter,
        }
    }

    fn wait(config: &Config, retry: u32) -> u64 {
        config.walk(Step::at(retry), || 0.5).wait.0 / 1_000_000
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
        assert_eq!(c.walk(Step::at(5000), || 0.5).wait, Duration::MAX);
    }

    #[test]
    fn a_floor_lifts_the_schedule_and_what_full_jitter_draws_from() {
        let c = Config {
            floor: Duration::from_s(1),
            ..config(0, Jitter::Full(super::super::jitter::Plain {}))
        };
        // U(1, max(1, 0.5)), U(1, 1), U(1, 2), U(1, 4): tenacity's wait_random_exponential(min=1).
        let waits: Vec<u64> = (1..=4).map(|k| wait(&c, k)).collect();
        assert_eq!(waits, [1000, 1000, 1500, 2500]);
        let plain = Config {
            jitter: Jitter::default(),
            ..c
        };
        let waits: Vec<u64> = (1..=4).map(|k| wait(&plain, k)).collect();
        assert_eq!(waits, [1000, 1000, 2000, 4000]);
    }

    #[test]
    fn a_first_wait_of_zero_leaves_the_others_where_they_were() {
        let c = Config {
            first_wait_zero: true,
            ..config(0, Jitter::default())
        };
        assert_eq!(
            (1..=4).map(|k| wait(&c, k)).collect::<Vec<_>>(),
            [0, 1000, 2000, 4000]
        );
    }
}
