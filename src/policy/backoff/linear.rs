//! Waits that grow by the same step: base, base + step, base + 2·step, …

use serde::{Deserialize, Serialize};

use super::jitter::Jitter;
use super::{CapStage, Step, Waited, base_and_cap, finish};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "linear",
    summary: "waits one step longer every time",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The first wait.
    pub base: Duration,
    /// What each later wait adds.
    pub step: Duration,
    /// The longest wait; absent: none.
    pub cap: Option<Duration>,
    /// What the cap bounds.
    #[serde(default)]
    pub cap_stage: CapStage,
    /// How a wait is spread.
    #[serde(default)]
    pub jitter: Jitter,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        base_and_cap(check, self.base, self.cap);
        self.jitter.check(check, false);
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        let added = self
            .step
            .0
            .saturating_mul(u64::from(step.retry.saturating_sub(1)));
        let scheduled = self.base + Duration(added);
        step.plain(finish(scheduled, self.cap, self.cap_stage, &self.jitter, u))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_by_the_step_up_to_the_cap() {
        let s = Duration::from_s;
        let config = Config {
            base: s(1),
            step: s(2),
            cap: Some(s(6)),
            cap_stage: CapStage::BeforeJitter,
            jitter: Jitter::default(),
        };
        let waits: Vec<u64> = (1..=5)
            .map(|retry| config.walk(Step::at(retry), || 0.5).wait.0 / 1_000_000_000)
            .collect();
        assert_eq!(waits, [1, 3, 5, 6, 6]);
    }
}
