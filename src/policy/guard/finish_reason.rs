//! What follows from an answer that stopped at max-tokens: finish reason `length` (OpenAI) or
//! `max_tokens` (Anthropic); or from one that ended without any finish reason.
//!
//! The last is a stream that was cut off cleanly. No SDK raises an error for it; whoever looks at the
//! finish reason alone can tell. Unless `missing = "fail"` it is taken for an answer, as they take it.
//!
//! It comes under HTTP 200 and looks like a success. Asking again with the same limit buys the same cut:
//! `ask-again` raises the limit by `factor`, for this attempt's successors at every endpoint, so that
//! the client's quotas and the provider's limits see the larger request. It asks at the same
//! endpoint without a wait, whatever `retry.on` says, as long as attempts and budgets allow; where the
//! limit has reached `cap`, or none of them does, the answer is refused as with `fail`.

use serde::{Deserialize, Serialize};

use super::Then;
use crate::base::registry::Kind;
use crate::base::wire::Finish;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "finish-reason",
    summary: "answers that stopped at max-tokens: accept, fail, or ask again for longer ones",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// What is made of finish reason `length`.
    pub length: Length,
    /// What is made of an answer without a finish reason.
    pub missing: Missing,
    /// The limit of the next attempt is this many times the last one's, rounded up.
    pub factor: f64,
    /// The largest limit that is asked for, in tokens; absent: any.
    pub cap: Option<u32>,
    /// What follows from an answer that `fail` is written for.
    pub then: Then,
    /// How long a breaker it opens stays open, or the endpoint is asked last.
    #[serde(rename = "for")]
    pub lasts: Option<Duration>,
}

/// What is made of finish reason `length`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// It is an answer.
    Accept,
    /// It is none.
    #[default]
    Fail,
    /// It is none, and the next may be longer.
    AskAgain,
}

/// What is made of an answer without a finish reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It is an answer: what SDKs make of it.
    #[default]
    Accept,
    /// It is none.
    Fail,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            length: Length::default(),
            missing: Missing::default(),
            factor: 2.0,
            cap: None,
            then: Then::default(),
            lasts: None,
        }
    }
}

/// More would only be a slip of the pen: the longest answers of today have some 10⁵ tokens.
const LARGEST_FACTOR: f64 = 1000.0;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(self.factor > 1.0 && self.factor <= LARGEST_FACTOR) {
            check
                .mistake("factor", "the next limit is not larger", "not above 1")
                .expected("a number above 1 and up to 1000")
                .help("with 2, an answer cut at 1024 tokens is asked for with 2048");
        }
        self.then.check(self.lasts, check);
        let accepts = self.length == Length::Accept && self.missing == Missing::Accept;
        if accepts && self.then.alerts() {
            let length = check.path("length");
            check
                .warning(
                    "then",
                    "nothing follows from an answer that is accepted",
                    "this does nothing",
                )
                .also(length, "accepts it")
                .help("use length = \"fail\", or leave `then` out");
        }
        if self.length == Length::AskAgain && self.then.alerts() {
            let length = check.path("length");
            check
                .mistake(
                    "then",
                    "an answer cannot pass and be asked for again",
                    "lets it pass",
                )
                .also(length, "asks again")
                .help("leave out one of the two");
        }
    }

    /// Whether an answer that stopped so is an answer.
    pub fn accepts(&self, finish: Finish) -> bool {
        match finish {
            Finish::Stop => true,
            Finish::Length => self.length == Length::Accept,
            Finish::Missing => self.missing == Missing::Accept,
        }
    }

    pub(super) fn holds_back(&self) -> bool {
        let refuses = self.length != Length::Accept || self.missing == Missing::Fail;
        refuses && self.then == Then::Refuse
    }

    /// The limit of the next attempt after one that was cut at this limit; None: there is no larger one.
    pub fn raised(&self, max_tokens: u32) -> Option<u32> {
        if self.length != Length::AskAgain {
            return None;
        }
        // Casts of floats saturate.
        let raised = (f64::from(max_tokens) * self.factor).ceil() as u32;
        let raised = raised.min(self.cap.unwrap_or(u32::MAX));
        (raised > max_tokens).then_some(raised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_grows_to_the_cap_and_no_further() {
        let rules = Config {
            length: Length::AskAgain,
            factor: 1.5,
            cap: Some(1000),
            ..Config::default()
        };
        let mut limits = vec![401];
        while let Some(next) = rules.raised(limits[limits.len() - 1]) {
            limits.push(next);
        }
        assert_eq!(limits, [401, 602, 903, 1000]);
        assert_eq!(rules.raised(5000), None);
        let fails = Config::default();
        assert_eq!(fails.raised(100), None);
        let open = Config { cap: None, ..rules };
        assert_eq!(open.raised(u32::MAX - 1), Some(u32::MAX));
        assert_eq!(open.raised(u32::MAX), None);
    }
}
