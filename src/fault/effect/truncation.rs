//! Truncation: streamed answers break off at some token, each as likely as any other.
//!
//! A clean one looks like a success: the stream ends as it should, only the finish reason never came. The
//! SDKs of OpenAI and Anthropic raise nothing and return the text so far, and LiteLLM writes a finish
//! reason of `stop` that nobody sent; so a policy takes it for an answer unless `guard.finish-reason` says
//! otherwise. The answer is bad, and JSON is broken. A dirty one is a connection that is cut: an error in
//! every client, if the framing shows it. An answer that is not streamed cannot be cut unseen: it ends as
//! a lost connection either way. What was produced is billed.

use serde::Deserialize;

use super::{Break, Effect};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "truncation",
    summary: "answers break off, cleanly or with the connection",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether the stream ends as if it were whole.
    pub clean: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config { clean: true }
    }
}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}

impl Effect for Config {
    fn breaks(&self, stream: bool) -> Option<Break> {
        Some(match self.clean && stream {
            true => Break::Clean,
            false => Break::Dirty,
        })
    }
}
