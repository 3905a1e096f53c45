//! On for the whole of its span, from `at` on and as long as `for` says.

use std::ops::Range;

use serde::Deserialize;

use super::Occurrence;
use crate::base::registry::Kind;
use crate::base::{Check, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "once",
    summary: "on for the whole of its time",
};

/// It has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}

    pub(super) fn times(&self, span: Range<Instant>) -> Vec<Occurrence> {
        vec![Occurrence {
            from: span.start,
            to: span.end,
            share: 1.0,
            incident: 0,
        }]
    }

    pub(super) fn said(&self) -> String {
        String::new()
    }
}
