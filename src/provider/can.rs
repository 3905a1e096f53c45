//! `can`: what an endpoint is able to do, and what it does when it is asked for more.
//!
//! OpenAI's and Anthropic's APIs answer a parameter that the model does not have with status 400 and
//! `invalid_request_error`. Many hosts of open models and compatible servers take it and do nothing:
//! the answer comes, is billed, and is text or calls no tool.

use serde::Deserialize;

use crate::base::capability::{Capabilities, Capability};

/// Settings of `can`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Answers in JSON: JSON mode, structured output.
    pub json: bool,
    /// Calls of tools.
    pub tools: bool,
    /// What it does when it is asked for what it cannot do.
    pub otherwise: Otherwise,
}

/// What becomes of a request for what an endpoint cannot do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// It is refused: status 400, code `unsupported`. Nothing is billed.
    #[default]
    Refuse,
    /// It is answered as if it had not asked: no JSON, no call of a tool, and so never a good answer.
    Ignore,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            json: true,
            tools: true,
            otherwise: Otherwise::default(),
        }
    }
}

impl Config {
    /// What it cannot do.
    pub fn lacks(self) -> Capabilities {
        let can = |capability: &Capability| match capability {
            Capability::Json => self.json,
            Capability::Tools => self.tools,
        };
        Capabilities::of(Capability::ALL.iter().copied().filter(|one| !can(one)))
    }
}
