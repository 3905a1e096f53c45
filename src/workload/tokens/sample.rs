//! Sizes of recorded calls, each drawn at random, whatever the arrivals.
//!
//! A file of token counts that came without times, or a trace whose times do not matter: the sizes are real, with
//! their spikes and with what prompts and answers have to do with each other, and calls come as the arrivals say.

use std::sync::Arc;

use serde::Deserialize;

use super::Law;
use crate::base::Check;
use crate::base::registry::Kind;
use crate::workload::sizes::Sizes;

/// This kind.
pub const INFO: Kind = Kind {
    name: "sample",
    summary: "sizes of recorded calls, drawn at random",
};

/// Settings. A plain string stands for `file`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// A CSV file with the columns `in_tokens,out_tokens`, or a trace; relative to the scenario file.
    pub file: String,
    /// What was read from it.
    #[serde(skip)]
    pub sizes: Arc<Sizes>,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.file.is_empty() {
            check.mistake("file", "a file needs a name", "empty");
        }
    }

    pub(super) fn law(&self) -> Law {
        Law::Sampled(Arc::clone(&self.sizes))
    }
}
