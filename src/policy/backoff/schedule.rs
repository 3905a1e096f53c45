//! A list of waits, one a retry; after the last it stays with the last.
//!
//! For what no formula says: tenacity's `wait_chain`, a table out of a runbook, the waits Envoy's
//! documentation promises.

use serde::{Deserialize, Serialize};

use super::jitter::Jitter;
use super::{Step, Waited};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "schedule",
    summary: "waits as a list says, and then as its last entry",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The waits, one or more; `"0s"` tries again at once.
    pub waits: Vec<Duration>,
    /// How a wait is spread.
    #[serde(default)]
    pub jitter: Jitter,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.waits.is_empty() {
            check
                .mistake("waits", "a schedule without waits", "is empty")
                .help("for no wait write `backoff = \"none\"`");
        }
        self.jitter.check(check, false);
    }

    pub(super) fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        let place = step.retry.saturating_sub(1) as usize;
        let entry = self.waits.get(place).or(self.waits.last());
        let scheduled = entry.copied().unwrap_or(Duration::ZERO);
        step.plain(self.jitter.apply(scheduled, u))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_goes_on() {
        let s = Duration::from_s;
        let config = Config {
            waits: vec![s(0), s(3), s(1)],
            jitter: Jitter::default(),
        };
        let waits = (1..=5).map(|k| config.walk(Step::at(k), || 0.5).wait.0 / 1_000_000_000);
        assert_eq!(waits.collect::<Vec<_>>(), [0, 3, 1, 1, 1]);
    }
}
