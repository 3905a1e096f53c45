//! An answer given to somebody before, to the same question or a similar one.
//!
//! Whether there is one belongs to the call: under every policy with the same share the same calls
//! have one. How good an old answer is nobody asks: it is counted as degraded.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "cached",
    summary: "a cached answer, for the share of calls that have one",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share of calls for which an answer lies in the cache, 0 to 1.
    pub hit: Ratio,
}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
