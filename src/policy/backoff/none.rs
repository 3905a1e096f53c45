//! No wait at all: the retry goes out in the instant of the failure.
//!
//! Right for a stateless fault that the next server does not share; the fastest way into a retry
//! storm for anything else.

use serde::{Deserialize, Serialize};

use super::{Step, Waited};
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "none",
    summary: "tries again at once",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}

    pub(super) fn walk(&self, step: Step, _: impl FnOnce() -> f64) -> Waited {
        step.plain(Duration::ZERO)
    }
}
