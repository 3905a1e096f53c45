//! Polly's decorrelated jitter v2: random, and yet its waits add up as planned.
//!
//! t = k + U(0, 1) for k = 0, 1, …; f(t) = 2^t·tanh(√(4t)); the wait is the step from f of the
//! previous t to f of this one, times base/1.4. So the first n waits add up to exactly
//! f(t of the n-th)·base/1.4, and none of them depends on how the sum was cut. The medians lie near
//! 0.90, 1.14, 2.02, 4.00 and 8.01 bases: the first two are not 1 and 2.
//!
//! Source: Polly.Core `RetryHelper.DecorrelatedJitterBackoffV2` (App-vNext/Polly 173d6d1). The cap
//! clips what comes out and leaves the sum alone; the sum goes on while the server decides.

use serde::{Deserialize, Serialize};

use super::{Step, Waited, base_and_cap};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "decorrelated-v2",
    summary: "waits Polly's random steps along a curve that doubles",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// About the median of the first wait (0.90 of it).
    pub base: Duration,
    /// The longest wait; absent: none.
    pub cap: Option<Duration>,
}

/// Polly's `RpScalingFactor`: it brings the medians near base·2^k.
const SCALE: f64 = 1.0 / 1.4;

/// Polly's `PFactor`: how fast the curve becomes a pure doubling.
const PACE: f64 = 4.0;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        base_and_cap(check, self.base, self.cap);
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        let t = f64::from(step.retry.saturating_sub(1)) + u();
        let curve = libm::pow(2.0, t) * libm::tanh(libm::sqrt(PACE * t));
        let reached = self.base.scale(curve * SCALE);
        // A curve that has left the range of time stays there: its steps are not nothing.
        let wait = match reached {
            Duration::MAX => Duration::MAX,
            reached => reached - step.reached,
        };
        Waited {
            wait: wait.min(self.cap.unwrap_or(Duration::MAX)),
            reached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_retries_do_not_overflow() {
        let config = Config {
            base: Duration::from_s(1),
            cap: None,
        };
        let first = config.walk(Step::at(5000), || 0.5);
        assert_eq!(first.wait, Duration::MAX);
        let next = Step {
            reached: first.reached,
            ..Step::at(5001)
        };
        assert_eq!(config.walk(next, || 0.5).wait, Duration::MAX);
    }
}
