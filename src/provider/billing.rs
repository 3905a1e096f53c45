//! `billed`: what a provider charges for what did not become a whole answer.
//!
//! A timeout, an abort and a hedge that lost look alike to a provider: the connection is closed. So one rule,
//! `abandoned`, is about all three.

use serde::Deserialize;

use super::config::Abandoned;
use crate::base::Check;

/// What is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Nothing.
    Nothing,
    /// The prompt, and nothing of the answer.
    Prompt,
    /// The prompt and what had been produced by then; nothing before the answer was begun.
    SoFar,
    /// The prompt and all that is produced until the work ends, whoever still waits for it.
    ToEnd,
}

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Work whose client closed the connection: timed out, aborted, or lost as a hedge. Absent: as
    /// `abandoned.billed` says.
    pub abandoned: Option<Rule>,
    /// Answers that broke off at the provider's end.
    pub truncated: Rule,
    /// Requests that ended with a status of 500 and above.
    pub errors: Rule,
    /// Requests that ended with a status below 500.
    pub refused: Rule,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            abandoned: None,
            truncated: Rule::SoFar,
            errors: Rule::Nothing,
            refused: Rule::Nothing,
        }
    }
}

impl Config {
    /// The rule for work whose client went away.
    pub fn on_abandoned(&self, abandoned: Abandoned) -> Rule {
        let otherwise = match abandoned.billed {
            true => Rule::ToEnd,
            false => Rule::SoFar,
        };
        self.abandoned.unwrap_or(otherwise)
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.truncated == Rule::ToEnd {
            check
                .mistake(
                    "truncated",
                    "what broke off has no other end",
                    "not \"to-end\"",
                )
                .expected("nothing, prompt, so-far");
        }
        for (key, rule) in [("errors", self.errors), ("refused", self.refused)] {
            if matches!(rule, Rule::SoFar | Rule::ToEnd) {
                check
                    .mistake(
                        key,
                        "an error has no answer to charge for",
                        "not a rule about answers",
                    )
                    .expected("nothing, prompt");
            }
        }
    }
}
