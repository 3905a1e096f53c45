//! Refused connections: every request fails after one trip there and back, and answers in progress
//! break off.

use serde::Deserialize;

use super::{Cut, Effect, Verdict};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "refused-connections",
    summary: "no connection can be made",
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
        Verdict::Drop
    }

    fn cut(&self) -> Option<Cut> {
        Some(Cut::Lose)
    }
}
