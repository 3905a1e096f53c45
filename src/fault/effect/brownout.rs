//! A brownout: everything takes longer, including what is in progress.

use serde::Deserialize;

use super::{Effect, Factors, Reach};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "brownout",
    summary: "everything takes longer",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// How many times as long; more than 0, below 1 is faster.
    pub slowdown: f64,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(self.slowdown > 0.0 && self.slowdown <= 10_000.0) {
            check
                .mistake("slowdown", "an absurd slowdown", "not between 0 and 10 000")
                .help("4 makes everything take four times as long");
        }
    }
}

impl Effect for Config {
    fn factors(&self) -> Factors {
        Factors {
            slowdown: self.slowdown,
            ..Factors::default()
        }
    }

    fn reach(&self) -> Reach {
        Reach::Course
    }
}
