//! A fitted profile, by name: `frontier-large`, `frontier-mid`, `small-fast`, `azure-shared`, `oss-host-2023` or
//! `cold-start-host`.
//!
//! Numbers and sources: `src/provider/profiles.rs` of Squall's repository.

use serde::Deserialize;

use super::Law;
use crate::base::Check;
use crate::base::check;
use crate::base::registry::Kind;
use crate::provider::profiles::{LATENCY, LatencyProfile};

/// This kind.
pub const INFO: Kind = Kind {
    name: "profile",
    summary: "a fitted profile, by name",
};

/// Settings. A plain string stands for `name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The profile's name.
    pub name: String,
    /// Whether prompt tokens that are in no cache take the time they were measured to take on top; without
    /// it every prompt is taken to be cached, as nearly all of the measured ones were.
    #[serde(default)]
    pub uncached: bool,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let names = LATENCY.iter().map(|p| p.name);
        check::profile(check, "latency", &self.name, names);
    }

    pub(super) fn law(&self) -> Law {
        let fallback = &LATENCY[0];
        let profile = LatencyProfile::named(&self.name).unwrap_or(fallback);
        Law {
            base_s: profile.base_s,
            per_prompt_token_s: profile.per_ctx_token_us * 1e-6,
            per_uncached_token_s: match self.uncached {
                true => profile.uncached_us * 1e-6,
                false => 0.0,
            },
            first_token_factor: profile.ratio.sampler(),
            per_token_s: profile.tpot_ms / 1000.0,
            decode_factor: profile.pace.sampler(),
        }
    }
}
