//! An answer by rules alone: a regular expression, a decision table, a template.
//!
//! Which calls the rules cover belongs to the call, as with a cache, and independently of it.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "rule",
    summary: "an answer by rules, for the share of calls they cover",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share of calls that the rules cover, 0 to 1.
    pub covers: Ratio,
}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
