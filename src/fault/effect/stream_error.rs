//! Streamed answers break off with an error event, at some token, each as likely as any other.
//!
//! Status 200 was sent long before, so nothing but the event tells. The SDKs raise an error without a
//! status, or with 200, and never retry it. An answer that is not streamed gets an error status in its
//! stead: 529 or 500. What was produced is billed.

use serde::Deserialize;

use super::{Break, Effect};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "stream-error",
    summary: "an error event in the middle of an answer",
};

/// Settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the event says.
    pub code: Said,
}

/// What an error event says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// The service has too much to do.
    #[default]
    Overloaded,
    /// The provider broke.
    ServerError,
}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}
}

impl Effect for Config {
    fn breaks(&self, _: bool) -> Option<Break> {
        Some(match self.code {
            Said::Overloaded => Break::Overloaded,
            Said::ServerError => Break::ServerError,
        })
    }
}
