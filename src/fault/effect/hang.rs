//! A hang: requests are accepted and never answered; answers in progress stop where they are.
//!
//! The cruellest fault: no error tells a client that has no timeout.

use serde::Deserialize;

use super::{Cut, Effect, Verdict};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "hang",
    summary: "requests are accepted and never answered",
};

/// It has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}

impl Effect for Config {
    fn is_total(&self) -> bool {
        true
    }

    fn verdict(&self, _: bool) -> Verdict {
        Verdict::Stall
    }

    fn cut(&self) -> Option<Cut> {
        Some(Cut::Stall)
    }
}
