//! No limiter: as many attempts in flight as there are.

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "none",
    summary: "no bound on attempts in flight",
};

/// No settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
