//! Invalid credentials: every request is answered with status 401.
//!
//! A key that was revoked, rotated or mistyped. No SDK retries it and no wait helps; another provider has
//! another key. Answers in progress go on.

use serde::Deserialize;

use super::{Effect, Verdict};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::wire::Code;

/// This kind.
pub const INFO: Kind = Kind {
    name: "invalid-credentials",
    summary: "every request gets status 401",
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
            status: 401,
            code: Code::None,
        }
    }

    fn is_total(&self) -> bool {
        true
    }
}
