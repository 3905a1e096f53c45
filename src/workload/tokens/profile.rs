//! A fitted profile, by name: see `workload/profiles.rs` for numbers and sources.

use serde::Deserialize;

use super::{Clamped, Law};
use crate::base::Check;
use crate::base::dist::Sampler;
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
        if TokenProfile::named(&self.name).is_none() {
            let names: Vec<&str> = TOKENS.iter().map(|p| p.name).collect();
            check
                .mistake(
                    "name",
                    format!("unknown token profile `{}`", self.name),
                    "no such profile",
                )
                .expected(names.join(", "));
        }
    }

    pub(super) fn law(&self) -> Law {
        let profile = TokenProfile::named(&self.name).unwrap_or(&TOKENS[0]);
        let clamped = |field: &Field| Clamped {
            sampler: Sampler::log_normal_mixture(field.mix),
            min: field.min,
            max: field.max,
        };
        Law::Drawn {
            input: clamped(&profile.input),
            output: clamped(&profile.output),
        }
    }
}
