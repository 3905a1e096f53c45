//! A provider that cannot be reached: requests are lost on their way, and answers in progress stop where
//! they are.
//!
//! A client with a timeout for connecting learns it soon, and knows that nothing was begun; one without
//! waits as for a hang. What is lost stays lost: nothing is sent again below the client.

use serde::Deserialize;

use super::{Cut, Effect, Verdict};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "unreachable",
    summary: "requests are lost on their way",
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
        Verdict::Lose
    }

    fn cut(&self) -> Option<Cut> {
        Some(Cut::Stall)
    }
}
