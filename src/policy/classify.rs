//! Classification: what an ending means, and what is done about it.
//!
//! The status alone lies: a 429 can mean "wait a second" or "buy more credit". The table goes from
//! (status, provider code) to a class; the class decides about retries, breaker and failover. One
//! function does the mapping, and a policy may override any entry of the table.

use std::fmt;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use super::breaker::Counting;
use super::{backoff, retry};
use crate::base::wire::{Code, Ending};
use crate::base::{Check, Class};

/// What an entry of the `classify` table matches: a status, or a status with a provider code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// The HTTP status, 400 to 599; 200 with a code: an error within a stream.
    pub status: u16,
    /// The provider's code; None matches all.
    pub code: Option<Code>,
}

impl Pattern {
    /// Parses `"429"` or `"429/insufficient-quota"`.
    ///
    /// # Errors
    /// What is wrong, in half a sentence.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let (status, code) = match text.split_once('/') {
            Some((status, code)) => (status, Some(code)),
            None => (text, None),
        };
        let status = status
            .parse()
            .ok()
            // An error within a stream of status 200 is told by its code alone.
            .filter(|s| (400..600).contains(s) || *s == 200 && code.is_some())
            .ok_or("no status of a failure; expected a status from 400 to 599, or status/code")?;
        let code = match code {
            None => None,
            Some(name) => {
                let known = CODES.iter().find(|(known, _)| *known == name);
                let names = || CODES.map(|(n, _)| n).join(", ");
                Some(
                    known
                        .ok_or_else(|| format!("`{name}` is no code; expected {}", names()))?
                        .1,
                )
            }
        };
        Ok(Pattern { status, code })
    }
}

impl Pattern {
    /// Notes a class that no status can mean: a refusal taken for an answer would be a success.
    pub(super) fn check(&self, check: &mut Check, class: Class) {
        if matches!(class, Class::Ok | Class::Cancelled) {
            check
                .mistake(
                    &self.to_string(),
                    format!("no status means `{class}`"),
                    "not a way to fail",
                )
                .expected("a class such as `rejected` or `overloaded`");
        }
    }
}

/// The names of provider codes in patterns.
const CODES: [(&str, Code); 6] = [
    ("rate-limit", Code::RateLimit),
    ("insufficient-quota", Code::InsufficientQuota),
    ("request-too-large", Code::RequestTooLarge),
    ("unsupported", Code::Unsupported),
    ("overloaded", Code::Overloaded),
    ("server-error", Code::ServerError),
];

impl fmt::Display for Pattern {
    /// As it is parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self
            .code
            .and_then(|c| CODES.iter().find(|(_, known)| *known == c));
        match code {
            Some((code, _)) => write!(f, "{}/{code}", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Pattern::parse(&String::deserialize(d)?).map_err(D::Error::custom)
    }
}

/// `on.CLASS`: what to do about one class, where it differs from `retry`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RuleConfig {
    /// Attempts that may end this way before the call gives up; 1: no retry. With `fail-over =
    /// "now"` attempts at one endpoint before the call moves on to the next; absent: 1.
    pub attempts: Option<u16>,
    /// The wait before a retry.
    pub backoff: Option<backoff::Config>,
    /// What it is to the breaker: a failure or not, or more exactly.
    pub counts_for_breaker: Option<Counting>,
    /// When to leave the endpoint, if not as `route` says.
    pub fail_over: Option<FailOver>,
}

/// When a class leads to another endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOver {
    /// As `route` says.
    #[default]
    AsRoute,
    /// Without a wait: after one attempt, or where the class is retried after `attempts` of them
    /// with a backoff between. After the last endpoint of the route the call gives up.
    Now,
    /// As `now`, to the next of `groups`; without groups to the next endpoint.
    NextGroup,
    /// Never: stay here, and give up rather than pass an open breaker.
    Never,
}

impl RuleConfig {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if let Some(n) = self.attempts {
            retry::attempts(check, "attempts", n);
        }
        if let Some(backoff) = &self.backoff {
            check.at("backoff", |c| backoff.check(c));
        }
    }
}

/// The class of an ending, before a policy's own entries.
///
/// Source: the five guides and the SDKs agree on 400 401 403 404 413 422 never; 408 429 500 502
/// 503 504 529 and connection failures yes; quota-exhausted 429 never; 503 and 529 are overload,
/// 500, 502 and 504 the provider's fault. 409 is a conflict that the SDKs retry: a server fault.
pub fn class(ending: Ending, answer_had_begun: bool) -> Class {
    match ending {
        Ending::Answer { .. } => Class::Ok,
        Ending::ConnectionRefused => Class::Transport,
        Ending::ConnectionLost | Ending::Status { status: 200, .. } if answer_had_begun => {
            Class::Truncated
        }
        Ending::ConnectionLost => Class::Transport,
        Ending::Status { status, code, .. } => class_of_status(status, code),
    }
}

fn class_of_status(status: u16, code: Code) -> Class {
    match (status, code) {
        (429, Code::InsufficientQuota) => Class::QuotaExhausted,
        (400 | 413 | 429, Code::RequestTooLarge) => Class::Unsuited,
        (429, _) => Class::RateLimited,
        (503 | 529, _) | (_, Code::Overloaded) => Class::Overloaded,
        (408, _) => Class::TimedOut,
        (409, _) => Class::ServerFault,
        (400..=499, _) => Class::Rejected,
        _ => Class::ServerFault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::wire::Advice;

    fn status(status: u16, code: Code) -> Class {
        class(
            Ending::Status {
                status,
                code,
                advice: Advice::NONE,
            },
            false,
        )
    }

    #[test]
    fn the_table_is_that_of_the_guides() {
        for s in [400, 401, 403, 404, 413, 422] {
            assert_eq!(status(s, Code::None), Class::Rejected, "{s}");
        }
        for s in [500, 502, 504] {
            assert_eq!(status(s, Code::None), Class::ServerFault, "{s}");
        }
        for s in [503, 529] {
            assert_eq!(status(s, Code::None), Class::Overloaded, "{s}");
        }
        assert_eq!(status(429, Code::RateLimit), Class::RateLimited);
        assert_eq!(status(429, Code::InsufficientQuota), Class::QuotaExhausted);
        assert_eq!(status(408, Code::None), Class::TimedOut);
        assert_eq!(status(500, Code::Overloaded), Class::Overloaded);
    }

    #[test]
    fn a_connection_that_breaks_is_transport_until_an_answer_began() {
        assert_eq!(class(Ending::ConnectionLost, false), Class::Transport);
        assert_eq!(class(Ending::ConnectionLost, true), Class::Truncated);
    }

    #[test]
    fn patterns_say_what_they_match_and_refuse_nonsense() {
        assert_eq!(
            Pattern::parse("429"),
            Ok(Pattern {
                status: 429,
                code: None
            })
        );
        let quota = Pattern::parse("429/insufficient-quota").unwrap();
        assert_eq!(quota.code, Some(Code::InsufficientQuota));
        assert!(Pattern::parse("200").is_err());
        assert!(
            Pattern::parse("429/no-such")
                .unwrap_err()
                .contains("insufficient-quota")
        );
    }

    #[test]
    fn no_status_is_a_success() {
        let mut check = Check::new();
        let parsed = |text| Pattern::parse(text).unwrap();
        parsed("429/overloaded").check(&mut check, Class::Ok);
        parsed("500").check(&mut check, Class::Cancelled);
        parsed("500").check(&mut check, Class::Rejected);
        let mistakes = check.into_mistakes();
        let keys: Vec<&str> = mistakes.iter().map(|m| m.path[0].as_str()).collect();
        assert_eq!(keys, ["429/overloaded", "500"]);
    }
}
