//! No hedging.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "none",
    summary: "never asks twice at once; the default",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
