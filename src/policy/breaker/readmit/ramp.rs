//! Gradually: the share of traffic that is let through grows from `from` to all over a time.
//!
//! It begins with the first call after the open time, not with the clock: an endpoint that nobody
//! asked has not been tried. Of the calls that come, share after share is let through by systematic
//! sampling: the shares are added up, and a call passes when the sum passes a whole number. So n
//! calls at share s let through n·s ± 1, and from a start that is drawn for each ramp every call
//! passes with probability s and processes do not march in step. Counting begins anew with the ramp
//! and goes on when all traffic is back: what failed on the ramp still counts then. No library does this; it is meant
//! for providers whose capacity, not health, is the question after an outage.

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "ramp",
    summary: "a share of traffic that grows to all of it over a time",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share at its beginning.
    #[serde(default = "tenth")]
    pub from: Ratio,
    /// How long it takes to let all traffic through.
    pub over: Duration,
    /// What opens it again.
    #[serde(default)]
    pub verdict: Verdict,
}

fn tenth() -> Ratio {
    Ratio(0.1)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.from.0 <= 0.0 {
            check.mistake("from", "nothing is ever tried", "is zero");
        }
        if self.over.is_zero() {
            check
                .mistake("over", "a ramp of no time", "is zero")
                .help("for all traffic at once write `readmit = \"at-once\"`");
        }
    }
}
