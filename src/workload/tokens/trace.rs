//! Sizes from the trace that gives the arrivals, row by row.

use serde::Deserialize;

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "trace",
    summary: "sizes from the trace of the arrivals",
};

/// It has no settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
