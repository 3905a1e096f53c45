//! What the kinds with a share of failures have in common: thresholds, and slow calls.

use serde::{Deserialize, Serialize};

use crate::base::units::Ratio;
use crate::base::window::Tally;
use crate::base::{Check, Duration};

/// Whether a threshold itself trips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Threshold {
    /// ≥: Polly, resilience4j, Hystrix.
    #[default]
    AtLeast,
    /// >: opossum, cockatiel, LiteLLM, Helicone.
    Above,
}

/// Which endings may trip it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TripsOn {
    /// Only bad ones: Polly, opossum.
    #[default]
    Failure,
    /// All: a success that fills the least volume may trip it. resilience4j.
    AnyEnding,
}

/// What is too slow, and how many. "p95 above X" is a share of 5 % after X.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Slow {
    /// An attempt that takes longer is slow, however it ends.
    pub after: Duration,
    /// The share of slow ones that trips it.
    pub share: Ratio,
}

/// The rule over a tally.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) failures: Ratio,
    pub(super) slow: Option<Slow>,
    pub(super) threshold: Threshold,
    pub(super) min_volume: u32,
}

impl Rule {
    /// Whether so much is a reason to trip.
    #[inline]
    pub(super) fn is_bad(self, tally: Tally) -> bool {
        self.is_too_many(tally) && tally.all >= self.min_volume
    }

    /// The same whatever the volume, if there is any.
    #[inline]
    pub(super) fn is_too_many(self, tally: Tally) -> bool {
        let reaches = |part: u32, share: Ratio| {
            let (part, limit) = (f64::from(part), share.0 * f64::from(tally.all));
            match self.threshold {
                Threshold::AtLeast => part >= limit,
                Threshold::Above => part > limit,
            }
        };
        tally.all > 0
            && (reaches(tally.bad, self.failures)
                || self
                    .slow
                    .is_some_and(|slow| reaches(tally.slow, slow.share)))
    }

    pub(super) fn check(self, check: &mut Check) {
        let at_least = self.threshold == Threshold::AtLeast;
        if at_least && self.failures.0 <= 0.0 {
            check
                .mistake("failures", "a breaker that trips on nothing", "is zero")
                .expected("a share such as 0.5 or \"20%\"");
        }
        if !at_least && self.failures.0 >= 1.0 && self.slow.is_none() {
            check
                .mistake(
                    "failures",
                    "a breaker that never trips",
                    "no share is above 1",
                )
                .help("use threshold = \"at-least\"");
        }
        if self.min_volume == 0 {
            check.mistake("min-volume", "a share of nothing is no share", "is zero");
        }
        let Some(slow) = self.slow else { return };
        if slow.after.is_zero() {
            check.mistake("slow.after", "everything would be slow", "is zero");
        }
        if at_least && slow.share.0 <= 0.0 {
            check.mistake("slow.share", "a breaker that trips on nothing", "is zero");
        }
    }
}
