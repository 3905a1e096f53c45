//! A first token drawn from one distribution, whatever the prompt, then a time per token.

use serde::Deserialize;

use super::Law;
use crate::base::dist::Dist;
use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "distribution",
    summary: "a first token from one distribution, then per token",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Time to the first token.
    pub first_token: Dist<Duration>,
    /// Time per answer token after the first, one draw per answer.
    #[serde(default = "at_once")]
    pub per_token: Dist<Duration>,
}

fn at_once() -> Dist<Duration> {
    Dist::Constant(Duration::ZERO)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check.at("first-token", |c| self.first_token.check(c));
        check.at("per-token", |c| self.per_token.check(c));
    }

    pub(super) fn law(&self) -> Law {
        Law {
            base_s: 1.0,
            per_prompt_token_s: 0.0,
            per_uncached_token_s: 0.0,
            first_token_factor: self.first_token.sampler(),
            per_token_s: 1.0,
            decode_factor: self.per_token.sampler(),
        }
    }
}
