//! `retry`: which endings are tried again, how often, and after what wait.
//!
//! Attempts include the first and are counted per call over all endpoints; a limit per endpoint
//! stands apart, because stacks differ in which of the two they mean.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::{backoff, hopeless, server_wait};
use crate::base::{Check, Class};

/// Settings of `retry`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Attempts per call, the first included; 1 to 1000, or [`UNLIMITED`].
    #[serde(deserialize_with = "limit", serialize_with = "written")]
    pub attempts: u16,
    /// Attempts per call at one endpoint; absent: as many as per call.
    pub attempts_per_endpoint: Option<u16>,
    /// The classes that are tried again.
    pub on: Vec<Class>,
    /// How long to wait before a retry at the same endpoint.
    pub backoff: backoff::Config,
    /// What to do with `Retry-After`.
    pub server_wait: server_wait::Config,
    /// Whether `x-should-retry` beats the class: `false` forbids a retry at the same endpoint,
    /// `true` asks for one.
    pub server_veto: bool,
    /// Whether the wait is also waited after the last failure, for nothing (LiteLLM does).
    pub wait_at_end: bool,
    /// Whether what could hardly be answered by the deadline is left out; absent: no.
    pub skip_hopeless: Option<hopeless::Config>,
}

impl Default for Config {
    /// One attempt; if more are set, what the guides agree on is retried: 408, 429, 500, 502, 503,
    /// 504, 529, timeouts and connection failures.
    fn default() -> Config {
        Config {
            attempts: 1,
            attempts_per_endpoint: None,
            on: vec![
                Class::RateLimited,
                Class::Overloaded,
                Class::ServerFault,
                Class::Transport,
                Class::TimedOut,
            ],
            backoff: backoff::Config::default(),
            server_wait: server_wait::Config::default(),
            server_veto: false,
            wait_at_end: false,
            skip_hopeless: None,
        }
    }
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        attempts(check, "attempts", self.attempts);
        if let Some(n) = self.attempts_per_endpoint {
            attempts(check, "attempts-per-endpoint", n);
        }
        for (i, class) in self.on.iter().enumerate() {
            let never = match class {
                Class::Ok | Class::Cancelled => true,
                Class::RateLimited
                | Class::QuotaExhausted
                | Class::Overloaded
                | Class::ServerFault
                | Class::Transport
                | Class::TimedOut
                | Class::Truncated
                | Class::Malformed
                | Class::BadAnswer
                | Class::Unsuited
                | Class::Rejected => false,
            };
            if never {
                check.mistake(
                    &format!("on.{i}"),
                    format!("`{class}` cannot be retried"),
                    "there is nothing to try again",
                );
            }
        }
        check.at("backoff", |c| self.backoff.check(c));
        check.at("server-wait", |c| self.server_wait.check(c));
        if let Some(hopeless) = &self.skip_hopeless {
            check.at("skip-hopeless", |c| hopeless.check(c));
        }
    }
}

/// `attempts = "unlimited"`: as many as fit before the deadline or a budget, and at most 65 535.
pub const UNLIMITED: u16 = u16::MAX;

/// Reads a number of attempts, or `"unlimited"`.
fn limit<'de, D: Deserializer<'de>>(d: D) -> Result<u16, D::Error> {
    d.deserialize_any(Limit)
}

/// Writes a number of attempts, or `"unlimited"`.
fn written<S: Serializer>(n: &u16, s: S) -> Result<S::Ok, S::Error> {
    match *n {
        UNLIMITED => s.serialize_str("unlimited"),
        n => s.serialize_u16(n),
    }
}

struct Limit;

impl Visitor<'_> for Limit {
    type Value = u16;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("u16")
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<u16, E> {
        // The value that stands for no limit is not to be had by number: like its neighbour, it is too large.
        let number = u16::try_from(n).ok().map(|n| n.min(UNLIMITED - 1));
        number.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(n), &self))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<u16, E> {
        let number = u64::try_from(n).map_err(|_| E::invalid_value(Unexpected::Signed(n), &self));
        number.and_then(|n| self.visit_u64(n))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u16, E> {
        match text {
            "unlimited" => Ok(UNLIMITED),
            _ => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }
}

/// Notes a number of attempts outside 1 to 1000.
pub fn attempts(check: &mut Check, key: &str, n: u16) {
    if !(1..=1000).contains(&n) && n != UNLIMITED {
        check
            .mistake(
                key,
                "an absurd number of attempts",
                "not between 1 and 1000",
            )
            .help("the first attempt counts: 1 means no retry");
    }
}
