//! A quota that is used up: status 429 with the code `insufficient-quota` and no word of a wait.
//!
//! Credit, a budget or a spend limit has run out. It has the status of a rate limit, and clients that look
//! at nothing else (both vendors' SDKs among them) wait and try again in vain. Answers in progress go on.

use serde::Deserialize;

use super::{Effect, Verdict};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::wire::Code;

/// This kind.
pub const INFO: Kind = Kind {
    name: "quota-exhausted",
    summary: "status 429 that no wait helps: insufficient-quota",
};

/// It has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}

impl Effect for Config {
    fn verdict(&self, _: bool) -> Verdict {
        Verdict::Respond {
            status: 429,
            code: Code::InsufficientQuota,
        }
    }

    fn is_total(&self) -> bool {
        true
    }
}
