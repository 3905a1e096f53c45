//! `limit`: what one call may cost at most.
//!
//! Before each attempt, the first included: what the attempts of the call were billed, what those without a
//! bill may cost, and what this one may cost, must not be more than the limit; else it is refused there, and
//! a cheaper endpoint of the route may still serve it. What an attempt may cost is the price of the
//! endpoint for the prompt and for an answer of max-tokens, so what is spent in the end is never more, as
//! far as the client's count of prompt tokens is right. A budget of dollars bounds what all calls together
//! spend on extra attempts; this bounds each call.

use serde::Deserialize;

use crate::base::Check;
use crate::base::units::Money;

/// Settings of `limit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The most all attempts of a call may cost together; absent: no limit.
    pub cost_per_call: Option<Money>,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.cost_per_call.is_some_and(|most| most.pico_usd == 0) {
            check
                .mistake(
                    "cost-per-call",
                    "nothing that costs is ever sent",
                    "is nothing",
                )
                .expected("such as \"$0.05\"");
        }
    }
}
