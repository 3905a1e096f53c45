//! A share of requests: a part of the shards, models or servers behind one address.
//!
//! Each request draws a number, by try, by call, by conversation or by user, and is hit if that is below
//! the share. Whoever asks again by try may find a server that works; who sticks to a bad one does not.

use serde::Deserialize;

use super::By;
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "share",
    summary: "a share of requests, by try, call, conversation or user",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The share.
    pub of: Ratio,
    /// Whose lot decides.
    #[serde(default)]
    pub by: By,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.of.0 == 0.0 {
            let mistake = check.mistake("of", "a fault that hits nobody", "is zero");
            mistake.value_alone();
        }
    }
}
