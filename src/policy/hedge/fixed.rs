//! A hedge after a fixed delay without a first token (streamed) or an answer (whole).
//!
//! With delay 0 both are sent in one instant: twice the load for the best tail.

use serde::{Deserialize, Serialize};

use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "fixed",
    summary: "asks again after a fixed delay",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// How long the newest attempt may be silent; 0 sends both at once.
    pub after: Duration,
    /// Where the hedge goes.
    #[serde(default)]
    pub to: To,
    /// Hedges per call, 1 to 3: at most four attempts are in flight.
    #[serde(default = "super::one")]
    pub max: u8,
}

/// Where a hedge goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// The same endpoint.
    #[default]
    Same,
    /// The next endpoint of the route that no attempt is in flight to.
    Other,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_max(self.max, check);
    }
}
