//! A judge: another model that is shown the question and the answer and says whether it is bad.
//!
//! The judge is a request of its own to a provider of the scenario. It obeys that provider's limits,
//! capacity and faults, and is billed, but it is no attempt of the call: the client's quotas, budgets
//! and breakers do not see it. Its prompt is its instructions, the call's prompt and the answer; its
//! verdict is right as often as the provider's `judge` says. A judge that is refused, fails or takes
//! longer than `timeout` gives no verdict.
//!
//! Inline, the answer waits for the verdict: the judge's latency is added to the call's, the deadline
//! goes on, and what else is in flight for the call is stopped like hedges that lost. The attempt counts
//! as in flight until then. Beside, the answer is delivered, and the verdict comes later: it raises an
//! alert and feeds what watches the endpoint. A policy that only observes asks its judge beside.
//!
//! Source of the trade: guardrails of gateways run before or after the answer is sent (Portkey,
//! LiteLLM: `during_call`, `post_call`, `logging_only`).

use serde::{Deserialize, Serialize};

use super::Then;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::wire::Request;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "judge",
    summary: "asks another model whether the answer is bad, before or after it is delivered",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The provider that judges.
    pub endpoint: String,
    /// Before the answer is delivered, or after.
    #[serde(default)]
    pub when: When,
    /// The share of answers it is shown.
    #[serde(default = "all")]
    pub sample: Ratio,
    /// How long its verdict is waited for; absent: as long as the call has, and beside for ever. Beside, one
    /// that takes longer is dropped from the sample: it counts as no verdict.
    pub timeout: Option<Duration>,
    /// Tokens of its instructions, beside the call's prompt and the answer.
    #[serde(default = "instructions")]
    pub prompt_tokens: u32,
    /// Tokens of its verdict.
    #[serde(default = "verdict")]
    pub answer_tokens: u32,
    /// What becomes of an answer it gives no verdict on. Inline only.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What follows from an answer it finds fault with. Beside, there is an alert at any rate.
    #[serde(default)]
    pub then: Then,
    /// How long a breaker it opens stays open, or the endpoint is asked last.
    #[serde(rename = "for")]
    pub lasts: Option<Duration>,
}

fn all() -> Ratio {
    Ratio(1.0)
}

fn instructions() -> u32 {
    300
}

fn verdict() -> u32 {
    20
}

/// When the judge is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Before the answer is delivered, which waits for the verdict.
    #[default]
    Inline,
    /// After: nobody waits.
    Beside,
}

/// What becomes of an answer without a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It is accepted.
    #[default]
    Accept,
    /// It is refused.
    Refuse,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.sample.0 == 0.0 {
            check
                .warning("sample", "this judge is never asked", "no answer at all")
                .help("0.05 shows it every twentieth answer");
        }
        if self.timeout.is_some_and(Duration::is_zero) {
            check.mistake("timeout", "no verdict can come so soon", "no time at all");
        }
        if self.answer_tokens == 0 {
            check.mistake("answer-tokens", "a verdict has at least one token", "none");
        }
        self.then.check(self.lasts, check);
        let beside = self.when == When::Beside;
        if beside && self.on_failure == OnFailure::Refuse {
            let when = check.path("when");
            check
                .mistake(
                    "on-failure",
                    "nothing is left to refuse",
                    "refuses an answer",
                )
                .also(when, "the answer has been delivered")
                .help("leave it out, or use when = \"inline\"");
        }
    }

    pub(super) fn holds_back(&self) -> bool {
        self.when == When::Inline
    }

    /// What follows from an answer it finds fault with: one that was delivered cannot be refused.
    pub fn follows(&self) -> Then {
        match (self.when, self.then) {
            (When::Beside, Then::Refuse) => Then::Alert,
            (_, then) => then,
        }
    }

    pub(super) fn refuses(&self) -> bool {
        let on_failure = self.on_failure == OnFailure::Refuse;
        self.when == When::Inline && (self.then == Then::Refuse || on_failure)
    }

    /// What is asked of it about an answer of so many tokens to this request.
    pub fn request(&self, asked: &Request, answer_tokens: u32) -> Request {
        let prompt = self.prompt_tokens.saturating_add(asked.prompt_tokens);
        Request {
            prompt_tokens: prompt.saturating_add(answer_tokens),
            max_tokens: self.answer_tokens,
            stream: false,
            priority: asked.priority,
            sender: crate::base::Sender::NOBODY,
            needs: crate::base::Capabilities::NONE,
        }
    }
}
