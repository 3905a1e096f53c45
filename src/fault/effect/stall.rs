//! Answers stop at some token, each as likely as any other, and nobody says so.
//!
//! The connection stays open. Only a timeout between tokens (`timeout.inactivity`) or for the whole attempt
//! ends it; what was produced is billed. Unlike a hang it hits answers that begin while it is on, and those
//! that are in progress when it begins go on.

use serde::Deserialize;

use super::{Break, Effect};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "stall",
    summary: "answers stop in the middle and say nothing",
};

/// It has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}

impl Effect for Config {
    fn breaks(&self, _: bool) -> Option<Break> {
        Some(Break::Stall)
    }
}
