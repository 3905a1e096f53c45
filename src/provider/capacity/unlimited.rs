//! As much as comes: only limits refuse.

use serde::Deserialize;

use super::room::Room;
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "unlimited",
    summary: "as much as comes; the default",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}

    pub(super) fn room(&self) -> Option<Room> {
        None
    }
}
