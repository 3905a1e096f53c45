//! `limits`: what a provider allows per minute and per day, and what it makes of those who ask for more.
//!
//! One limit is what it counts × how it counts × what a request takes at admission × what is
//! corrected at its end × whose it is: an endpoint's own, or a pool's that several share
//! (`[pool.NAME]`). The vendors are settings of that, and `preset` of a provider writes them out.
//!
//! That OpenAI's tokens-per-minute limit is a continuously refilled bucket follows from its
//! published waits: each equals (used + requested − limit) ÷ (limit/60). What is counted at
//! admission is the prompt and max-tokens, not the answer: asking for less than one needs is the
//! cheapest way to a 429.

pub mod admission;
mod check;
pub mod counts;
pub mod growth;
pub mod limit;
pub mod others;
pub mod pool;
pub mod suspension;

use serde::Deserialize;

use crate::base::meter::Method;
use crate::base::wire::RetryAfter;
use crate::base::{Check, Duration};

/// Settings; absent limits do not limit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
    /// Requests per day.
    pub rpd: Option<u64>,
    /// Tokens per day, prompt and max-tokens together.
    pub tpd: Option<u64>,
    /// How much of a minute's requests may come at once: the bucket of `rpm` holds what comes in
    /// this time, and windows are so long. Providers enforce 60 000 per minute as 1 000 per second.
    pub slice: Duration,
    /// How the limits per minute count.
    pub method: Method,
    /// How the limits per day count, and when a day is over.
    pub day: Day,
    /// What a request takes of limits on tokens.
    pub counts: counts::Config,
    /// What refusals say about waiting.
    pub retry_after: RetryAfter,
    /// Whether the reservation of max-tokens is corrected to the answer's length at its end.
    pub settle: Settle,
    /// What a token of the answer counts for once the reservation is corrected (Bedrock: 5).
    pub burndown: u32,
    /// What a refused request takes of the limits all the same.
    pub refused: Refused,
    /// How fast traffic may grow.
    pub growth: Option<growth::Config>,
    /// When whoever is refused too often is shut out.
    pub suspend: Option<suspension::Config>,
    /// What other tenants take of these limits.
    pub others: Option<others::Config>,
}

/// `day`: the limits of a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Day {
    /// How they count; `calendar-window`: all of it comes back when the day is over.
    pub method: Method,
    /// When a day on the calendar is over, as a time of day; a run begins at 0:00.
    pub resets: Duration,
}

impl Default for Day {
    fn default() -> Day {
        Day {
            method: Method::CalendarWindow,
            resets: Duration::ZERO,
        }
    }
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

/// What a refused request takes of the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    /// Nothing.
    #[default]
    Free,
    /// It counts as a request.
    Requests,
    /// It counts as a request, and its tokens count as well.
    All,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            rpm: None,
            tpm: None,
            input_tpm: None,
            output_tpm: None,
            rpd: None,
            tpd: None,
            slice: Duration::from_s(60),
            method: Method::Bucket,
            day: Day::default(),
            counts: counts::Config::default(),
            retry_after: RetryAfter::default(),
            settle: Settle::None,
            burndown: 1,
            refused: Refused::Free,
            growth: None,
            suspend: None,
            others: None,
        }
    }
}

impl Config {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.amounts().iter().all(|(_, amount)| amount.is_none()) && self.growth.is_none()
    }

    /// The limit of the whole minute, where that of its slice does not follow from it: windows let whole
    /// requests pass, so a slice with a part of one lets more pass than its share.
    fn rpm_beside_slice(&self) -> Option<u64> {
        let minute = u128::from(Duration::from_s(60).0);
        let parts = |rpm: u64| u128::from(rpm) * u128::from(self.slice.0) % minute;
        self.rpm
            .filter(|&rpm| !self.method.has_burst() && parts(rpm) > 0)
    }

    /// The limits by their keys.
    fn amounts(&self) -> [(&'static str, Option<u64>); 6] {
        [
            ("rpm", self.rpm),
            ("tpm", self.tpm),
            ("input-tpm", self.input_tpm),
            ("output-tpm", self.output_tpm),
            ("rpd", self.rpd),
            ("tpd", self.tpd),
        ]
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        check::check(self, check);
    }
}

#[cfg(test)]
mod tests;
