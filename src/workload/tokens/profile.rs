//! A fitted profile, by name: see `workload/profiles.rs` for numbers and sources.

use std::sync::OnceLock;

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
        let place = TOKENS.iter().position(|p| p.name == self.name).unwrap_or(0);
        let clamped = |field: &Field, samplers: &[OnceLock<Sampler>]| Clamped {
            sampler: samplers[place]
                .get_or_init(|| Sampler::log_normal_mixture(field.mix))
                .clone(),
            min: field.min,
            max: field.max,
        };
        Law::Drawn {
            input: clamped(&TOKENS[place].input, &INPUT),
            output: clamped(&TOKENS[place].output, &OUTPUT),
        }
    }
}

/// The samplers of each profile, made when first asked for: to invert a mixture costs as much as
/// fifty thousand calls, and every point of a varied scenario asks for it.
static INPUT: [OnceLock<Sampler>; TOKENS.len()] = [const { OnceLock::new() }; TOKENS.len()];
static OUTPUT: [OnceLock<Sampler>; TOKENS.len()] = [const { OnceLock::new() }; TOKENS.len()];
