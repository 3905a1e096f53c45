//! A few probes, as many as the breaker's `probes`.
//!
//! By `any-failure` one failure opens it again and as many successes close it; a success makes no
//! place for another, so never more than `probes` succeed. By `thresholds` the probes decide
//! together: when min(`probes`, least volume) of them have ended, the shares that trip it are held
//! against theirs. Sources: gobreaker, Polly, Hystrix (any failure); resilience4j (thresholds).

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "probes",
    summary: "a few probes decide; the default",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// What opens it again.
    pub verdict: Verdict,
    /// Half-open for so long without a verdict it opens again; absent: it waits for its probes,
    /// however long.
    pub max_wait: Option<Duration>,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.max_wait.is_some_and(Duration::is_zero) {
            check.mistake("max-wait", "no probe can end at once", "is zero");
        }
    }
}
