//! Overload: status 529, or 503 as most providers but Anthropic have it.
//!
//! The request is refused at once and nothing is billed; answers in progress go on. With `in-stream` a
//! streamed request gets status 200 and one error event instead (`overloaded_error`, or `data:
//! {"error": …}`): a client that looks at the status alone sees an empty success, and an SDK that has
//! returned its stream does not retry. Its code is `overloaded`, and `classify."200/overloaded"` says what
//! a policy takes it for.

use serde::Deserialize;

use super::{Effect, Verdict};
use crate::base::Check;
use crate::base::check;
use crate::base::registry::Kind;
use crate::base::wire::Code;

/// This kind.
pub const INFO: Kind = Kind {
    name: "overload",
    summary: "status 529, or the same within a stream of status 200",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The status.
    pub status: u16,
    /// Whether streamed requests are told within their stream, under status 200.
    pub in_stream: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            status: 529,
            in_stream: false,
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check::status(check, "status", self.status);
    }
}

impl Effect for Config {
    fn verdict(&self, stream: bool) -> Verdict {
        let code = Code::Overloaded;
        match stream && self.in_stream {
            true => Verdict::RespondInStream { code },
            false => Verdict::Respond {
                status: self.status,
                code,
            },
        }
    }

    fn is_total(&self) -> bool {
        true
    }
}
