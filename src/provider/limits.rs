//! `limits`: what a provider allows per minute, as continuously refilled token buckets.
//!
//! That OpenAI's tokens-per-minute limit is such a bucket follows from its published waits: each
//! equals (used + requested − limit) ÷ (limit/60). What is counted at admission is the prompt and
//! max-tokens, not the answer: asking for less than one needs is the cheapest way to a 429.

use serde::Deserialize;

use crate::base::wire::RetryAfter;
use crate::base::{Check, Duration};

/// Settings; absent limits do not limit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Requests per minute.
    pub rpm: Option<u64>,
    /// Tokens per minute, prompt and max-tokens together.
    pub tpm: Option<u64>,
    /// Prompt tokens per minute.
    pub input_tpm: Option<u64>,
    /// Answer tokens per minute, reserved as max-tokens.
    pub output_tpm: Option<u64>,
    /// How much of a minute's requests may come at once: the bucket of `rpm` holds what comes in
    /// this time. Providers enforce 60 000 per minute as 1 000 per second.
    pub slice: Duration,
    /// What refusals say about waiting.
    pub retry_after: RetryAfter,
    /// Whether the reservation of max-tokens is corrected to the answer's length at its end.
    pub settle: Settle,
}

/// Whether reservations are corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settle {
    /// Never: what was reserved counts (OpenAI, Azure).
    #[default]
    None,
    /// What was not used comes back at the end (Anthropic's output tokens, Bedrock).
    Actual,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            rpm: None,
            tpm: None,
            input_tpm: None,
            output_tpm: None,
            slice: Duration::from_s(60),
            retry_after: RetryAfter::default(),
            settle: Settle::None,
        }
    }
}

impl Config {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.rpm.is_none()
            && self.tpm.is_none()
            && self.input_tpm.is_none()
            && self.output_tpm.is_none()
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        let limits = [
            ("rpm", self.rpm),
            ("tpm", self.tpm),
            ("input-tpm", self.input_tpm),
            ("output-tpm", self.output_tpm),
        ];
        for (key, limit) in limits {
            if limit.is_some_and(|l| l == 0 || l > 1_000_000_000_000) {
                check
                    .mistake(
                        key,
                        "an absurd limit",
                        "not between 1 and 1 000 000 000 000",
                    )
                    .help("for no limit leave it out; for none at all use a fault");
            }
        }
        if self.slice.is_zero() || self.slice > Duration::from_s(60) {
            check.mistake("slice", "a slice of a minute", "not between 0 and 60s");
        }
    }
}
