//! `cache`: a provider's cache of prompts. What it holds of a prompt is charged as `price.cached-input`, what it
//! takes in as `price.cache-write`.
//!
//! The next turn of a conversation finds what it repeats of the turn before, as long as nothing expires; a call by
//! itself finds a shared beginning (a system prompt, the same tools) with a chance of its own. Providers cache from a
//! least length on, 1024 tokens at the most, and for some minutes after the last use, five at Anthropic.

use serde::Deserialize;

use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Shorter prompts are neither found nor taken in, in tokens.
    pub min_tokens: u32,
    /// How long a conversation's prompt is kept after its last use.
    pub ttl: Duration,
    /// The share of calls whose prompt begins like others' and is found for it.
    pub hit: Ratio,
    /// The share of such a prompt that is found.
    pub prefix: Ratio,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            min_tokens: 1024,
            ttl: Duration::from_s(300),
            hit: Ratio(0.0),
            prefix: Ratio(1.0),
        }
    }
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.ttl.is_zero() || self.ttl > Duration::from_s(7 * 86_400) {
            check.mistake(
                "ttl",
                "an absurd time to keep a prompt",
                "not above 0 and up to 7 days",
            );
        }
        if self.prefix.0 == 0.0 {
            check.mistake("prefix", "prompts of which nothing is found", "is zero");
        }
    }
}
