//! A 429 storm: the limits shrink, and what `Retry-After` says is a choice of its own.
//!
//! A right wait lets a crowd come back in turn; a missing one leaves everybody to their backoff; an
//! identical one, the same seconds in every refusal, makes them all come back in one instant.

use serde::Deserialize;

use super::{Effect, Factors, Reach};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::wire::RetryAfter;

/// This kind.
pub const INFO: Kind = Kind {
    name: "rate-limit",
    summary: "limits shrink: a 429 storm",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What is left of the limits, 0 to 1; 0 refuses everything.
    pub factor: f64,
    /// What refusals say about waiting; absent: what the provider's always say.
    pub retry_after: Option<RetryAfter>,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(0.0..=1.0).contains(&self.factor) {
            check
                .mistake("factor", "a storm shrinks limits", "not between 0 and 1")
                .help("0.2 leaves a fifth of every limit");
        }
    }
}

impl Effect for Config {
    fn factors(&self) -> Factors {
        Factors {
            limits: self.factor,
            ..Factors::default()
        }
    }

    fn is_total(&self) -> bool {
        self.factor == 0.0
    }

    fn reach(&self) -> Reach {
        Reach::Provider
    }
}
