//! Round robin: one endpoint after the other, each as often as the others.
//!
//! Calls begin at the endpoint after the one that was asked newly last; a failure leads on in the
//! same circle. Each process counts for itself, so many processes that send little spread less
//! evenly than one. It knows nothing of load: an endpoint that is slow holds ever more of the calls.

use serde::{Deserialize, Serialize};

use super::OnFailure;
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "round-robin",
    summary: "one endpoint after the other",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    pub on_failure: OnFailure,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
    }
}

/// Where the next call begins.
#[derive(Clone, Debug, Default)]
pub struct State {
    cursor: u8,
}

impl State {
    /// Orders places of the route, which stand in the route's order, from the cursor on.
    pub(super) fn order(&self, places: &mut [u8]) {
        let before = places.partition_point(|&place| place < self.cursor);
        places.rotate_left(before);
    }

    /// An endpoint was asked newly: the next call begins after it.
    pub(super) fn on_sent(&mut self, place: u8) {
        self.cursor = place + 1;
    }
}
