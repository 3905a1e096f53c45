//! Whether an answer is the JSON that was asked for.
//!
//! Models that are asked for JSON wrap it in a Markdown fence now and then, or break it; most libraries
//! for structured output strip the fence and ask again for the rest. What is refused ends as `malformed`.
//! An answer that stopped at max-tokens cannot be read either. Providers whose answers are text
//! (without `json`) are never found at fault.

use serde::{Deserialize, Serialize};

use super::Then;
use crate::base::registry::Kind;
use crate::base::wire::Content;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "schema",
    summary: "answers that are not the JSON that was asked for",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// What is made readable.
    pub repair: Repair,
    /// What follows from an answer that cannot be read.
    pub then: Then,
    /// How long a breaker it opens stays open, or the endpoint is asked last.
    #[serde(rename = "for")]
    pub lasts: Option<Duration>,
}

/// What is made readable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// Nothing.
    #[default]
    None,
    /// JSON in a code fence: the fence is stripped.
    Fenced,
}

/// What comes of looking at an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It can be read as it is.
    Readable,
    /// It can be read now.
    Repaired,
    /// It cannot be read.
    Unreadable,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        self.then.check(self.lasts, check);
    }

    pub(super) fn holds_back(&self) -> bool {
        self.then == Then::Refuse || self.repair != Repair::None
    }

    /// What comes of looking at an answer.
    pub fn form(&self, content: Content) -> Form {
        match (content, self.repair) {
            (Content::FencedJson, Repair::Fenced) => Form::Repaired,
            (Content::FencedJson | Content::BrokenJson, _) => Form::Unreadable,
            (Content::Text | Content::Json | Content::Passed | Content::Flagged, _) => {
                Form::Readable
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_stripped_by_those_who_repair_it_and_nobody_mends_what_is_broken() {
        let form = |repair, content| {
            let then = Then::Refuse;
            let lasts = None;
            Config {
                repair,
                then,
                lasts,
            }
            .form(content)
        };
        assert_eq!(form(Repair::None, Content::FencedJson), Form::Unreadable);
        assert_eq!(form(Repair::Fenced, Content::FencedJson), Form::Repaired);
        for repair in [Repair::None, Repair::Fenced] {
            assert_eq!(form(repair, Content::BrokenJson), Form::Unreadable);
            assert_eq!(form(repair, Content::Json), Form::Readable);
            assert_eq!(form(repair, Content::Text), Form::Readable);
        }
    }
}
