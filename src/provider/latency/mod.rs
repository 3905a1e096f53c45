//! Service times: the first token, then token by token.
//!
//! A kind gives three things of one try: how long until the first token, how long per token after
//! it, each from its own keyed uniform. Load, brownouts and queues act on top of it, in `world`.

pub mod distribution;
pub mod linear;
pub mod profile;

use crate::base::registry::{each, registry};

registry! {
    /// The law of service times.
    "latency": Distribution = distribution, Linear = linear, Profile = profile
}

impl Default for Config {
    /// A quiet mid-size model: `profile = "frontier-mid"`.
    fn default() -> Config {
        Config::Profile(profile::Config {
            name: "frontier-mid".into(),
            uncached: false,
        })
    }
}

/// A ready-to-draw law of service times.
#[derive(Clone, Debug)]
pub struct Law {
    /// Seconds to the first token, for an empty prompt, before noise.
    pub base_s: f64,
    /// Seconds per prompt token, before noise.
    pub per_prompt_token_s: f64,
    /// Seconds per prompt token that is in no cache, before noise; on top.
    pub per_uncached_token_s: f64,
    /// The factor on all three, one draw per try.
    pub first_token_factor: crate::base::dist::Sampler,
    /// Seconds per answer token after the first, before noise.
    pub per_token_s: f64,
    /// The factor on it, one draw per try.
    pub decode_factor: crate::base::dist::Sampler,
}

impl Config {
    /// The law to draw from. The settings have been checked.
    pub fn law(&self) -> Law {
        each!(self, Config: Distribution, Linear, Profile => |kind| kind.law())
    }
}
