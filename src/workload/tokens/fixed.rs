//! The same sizes for every call: for laws and for isolating one effect.

use serde::Deserialize;

use super::{Clamped, Law};
use crate::base::Check;
use crate::base::dist::Sampler;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "fixed",
    summary: "the same sizes for every call",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Prompt tokens.
    pub input: u32,
    /// Answer tokens.
    pub output: u32,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.output == 0 {
            check.mistake("output", "answers of no tokens", "is zero");
        }
    }

    pub(super) fn law(&self) -> Law {
        let constant = |n: u32| Clamped {
            sampler: Sampler::Constant(f64::from(n)),
            min: n,
            max: n,
        };
        Law::Drawn {
            input: constant(self.input),
            output: constant(self.output),
        }
    }
}
