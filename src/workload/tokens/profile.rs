//! A fitted profile, by name: `chat`, `rag`, `code`, `summaries`, `reasoning-api`, `batch-api`, `api-large`,
//! `api-mid` or `api-small`.
//!
//! Numbers and sources: `src/workload/profiles.rs` of Squall's repository.

use serde::Deserialize;

use super::{Clamped, Law};
use crate::base::Check;
use crate::base::check;
use crate::base::registry::Kind;
use crate::workload::profiles::{Field, TOKENS, TokenProfile};

/// This kind.
pub const INFO: Kind = Kind {
    name: "profile",
    summary: "a fitted profile, by name",
};

/// Settings. A plain string stands for `name`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The profile's name.
    pub name: String,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let names = TOKENS.iter().map(|p| p.name);
        check::profile(check, "token", &self.name, names);
    }

    pub(super) fn law(&self) -> Law {
        let profile = TokenProfile::named(&self.name).unwrap_or(&TOKENS[0]);
        let clamped = |field: &Field| Clamped {
            sampler: field.shape.sampler(),
            min: field.min,
            max: field.max,
        };
        Law::Drawn {
            input: clamped(&profile.input),
            output: clamped(&profile.output),
        }
    }
}
