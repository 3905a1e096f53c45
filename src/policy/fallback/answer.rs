//! A prepared answer (cached, rule-based, an honest message), given in the instant of failure.

use serde::Deserialize;

use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "answer",
    summary: "a prepared answer: degraded",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}
