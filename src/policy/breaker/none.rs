//! No breaker: everything is sent.

use serde::{Deserialize, Serialize};

use super::{Common, Counts, Outcome};
use crate::base::registry::Kind;
use crate::base::window::Tally;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "none",
    summary: "sends everything; the default",
};

/// It has no settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}

    pub(super) fn common(&self) -> Common {
        Common::new(Duration::ZERO, 1, Counts::Attempts)
    }

    pub(super) fn judges(&self, _: Tally) -> bool {
        false
    }
}

/// It counts nothing.
#[derive(Clone, Copy, Debug)]
pub struct State;

impl State {
    pub(super) fn new(_: &Config) -> State {
        State
    }

    pub(super) fn record(&mut self, _: &Config, _: Outcome, _: Instant) {}

    pub(super) fn is_bad(&mut self, _: &Config, _: Instant) -> bool {
        false
    }

    pub(super) fn reset(&mut self) {}
}
