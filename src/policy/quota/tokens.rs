//! Tokens per interval: what a client may ask for, counted before it is sent.
//!
//! An attempt reserves its prompt, as the client estimates it, and its max-tokens. What it did not
//! use comes back with its bill. A client that counts afterwards instead (`reserve = "nothing"`)
//! overshoots by everything it has in flight.

use serde::{Deserialize, Serialize};

use super::Need;
use super::meter::{Meter, Method};
use super::per::Per;
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, Usage};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "tokens",
    summary: "tokens per interval, reserved before an attempt and settled after it",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Tokens per interval, over all endpoints of the process, or of the fleet.
    pub rate: Rate,
    /// Tokens that may go out at once after a pause, for a bucket or GCRA; absent: those of a whole
    /// interval.
    pub burst: Option<u64>,
    /// The longest wait in line; an attempt that would wait longer is not made.
    #[serde(default = "super::minute")]
    pub max_wait: Duration,
    /// How it is counted.
    #[serde(default)]
    pub method: Method,
    /// What an attempt takes when it is sent.
    #[serde(default)]
    pub reserve: Reserve,
    /// Whether the bill corrects what was taken.
    #[serde(default = "yes")]
    pub settle: bool,
    /// Whose rate it is.
    #[serde(default)]
    pub scope: Scope,
    /// Whether each user has the rate for himself; then nobody waits for it.
    #[serde(default)]
    pub per: Per,
}

/// What an attempt takes when it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reserve {
    /// The estimate of its prompt and its max-tokens.
    #[default]
    MaxTokens,
    /// The estimate of its prompt.
    Prompt,
    /// Nothing: it is counted when the bill comes.
    Nothing,
}

fn yes() -> bool {
    true
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.burst == Some(0) {
            check
                .mistake("burst", "nothing could ever be sent", "is zero")
                .expected("1 or more");
        }
        if self.reserve == Reserve::Nothing && !self.settle {
            let settle = check.path("settle");
            check
                .mistake("reserve", "nothing is ever counted", "nothing before")
                .also(settle, "nothing after");
        }
        super::burst_of_a_window(check, self.method, self.burst.is_some());
        super::wait_of_a_user(check, self.per, self.max_wait);
    }

    pub(super) fn meter(&self) -> Meter {
        let whole = self.rate.micro / 1_000_000;
        Meter::new(self.method, self.rate, self.burst.unwrap_or(whole).max(1))
    }

    /// What one attempt takes.
    pub(super) fn amount(&self, need: Need) -> u64 {
        match self.reserve {
            Reserve::MaxTokens => u64::from(need.prompt) + u64::from(need.max_tokens),
            Reserve::Prompt => u64::from(need.prompt),
            Reserve::Nothing => 0,
        }
    }

    /// What its bill says it should have taken.
    pub(super) fn used(usage: Usage) -> u64 {
        usage.input_tokens + usage.output_tokens
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config as Quota, Quotas, Set, Taken};
    use super::*;
    use crate::base::Instant;
    use crate::base::several::Several;
    use crate::base::units::parse_rate;

    /// 900 of a minute whose bill comes in the next, of which everything is used: nothing passes once more.
    #[test]
    fn a_bill_gives_back_to_the_window_that_it_was_taken_of() {
        let config = Config {
            rate: parse_rate("1000/min").unwrap(),
            burst: None,
            max_wait: Duration::from_s(60),
            method: Method::CalendarWindow,
            reserve: Reserve::MaxTokens,
            settle: true,
            scope: Scope::Process,
            per: Per::Process,
        };
        let set: Set = Several(vec![Quota::Tokens(config)]);
        let mut quotas = Quotas::new(&set);
        let at = |s| Instant::ZERO + Duration::from_s(s);
        let need = |max_tokens| Need {
            max_tokens,
            ..Need::default()
        };
        let taken = |need, at| Taken { need, at };
        quotas.take(&set, need(900), at(59));
        quotas.take(&set, need(1000), at(61));
        quotas.settle(&set, taken(need(900), at(59)), Usage::default(), at(62));
        assert!(!quotas.are_ready(&set, need(1), at(62)));
        quotas.settle(&set, taken(need(1000), at(61)), Usage::default(), at(63));
        assert!(quotas.are_ready(&set, need(1000), at(63)));
    }
}
