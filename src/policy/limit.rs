//! `limit`: what one call or one conversation may cost at most, and how many turns a conversation may have.
//!
//! Before each attempt, the first included: what the attempts of the call were billed, what those without a
//! bill may cost, and what this one may cost, must not be more than the limit; else it is refused there, and
//! a cheaper endpoint of the route may still serve it. What an attempt may cost is the price of the
//! endpoint for the prompt and for an answer of max-tokens, so what is spent in the end is never more, as
//! far as the client's count of prompt tokens is right. A budget of dollars bounds what all calls together
//! spend on extra attempts; this bounds each call.
//!
//! A conversation is bounded in the same way over all its calls, and by its turns: an agent that has lost
//! its way asks again and again, with a longer prompt each time. The hundred thousand conversations of a process
//! with the highest numbers are remembered; of an older one only the turns are bounded. A call that was put off
//! and is sent again counts as a new one.

use serde::Deserialize;

use crate::base::Check;
use crate::base::units::Money;

/// Settings of `limit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The most all attempts of a call may cost together; absent: no limit.
    pub cost_per_call: Option<Money>,
    /// The most all attempts of all calls of a conversation may cost together; absent: no limit.
    pub cost_per_conversation: Option<Money>,
    /// Calls of a conversation that are sent; 1 or more; absent: any number.
    pub turns: Option<u16>,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        for (key, most) in [
            ("cost-per-call", self.cost_per_call),
            ("cost-per-conversation", self.cost_per_conversation),
        ] {
            if most.is_some_and(|most| most.pico_usd == 0) {
                check
                    .mistake(key, "nothing that costs is ever sent", "is nothing")
                    .expected("such as \"$0.05\"");
            }
        }
        if self.turns == Some(0) {
            check
                .mistake("turns", "no call of a conversation is ever sent", "is zero")
                .expected("1 or more");
        }
    }
}
