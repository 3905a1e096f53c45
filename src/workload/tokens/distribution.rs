//! Sizes from distributions of your own.

use serde::Deserialize;

use super::{Clamped, Law};
use crate::base::Check;
use crate::base::dist::Dist;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "distribution",
    summary: "sizes from distributions",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Prompt tokens.
    pub input: Dist<u32>,
    /// Answer tokens.
    pub output: Dist<u32>,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check.at("input", |c| self.input.check(c));
        check.at("output", |c| self.output.check(c));
    }

    pub(super) fn law(&self) -> Law {
        let clamped = |dist: &Dist<u32>| Clamped {
            sampler: dist.sampler(),
            min: 1,
            max: 2_000_000,
        };
        Law::Drawn {
            input: clamped(&self.input),
            output: clamped(&self.output),
        }
    }
}
