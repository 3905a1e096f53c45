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
//! with the highest numbers are remembered; of an older one only the turns are bounded. A call that was put off and
//! is sent once more is one call still, and has what is left of its money.
//!
//! With `then = "alert"` nothing is refused, and with `"trip"` and `"fail-over"` the attempt is refused and the
//! breaker of the endpoint that is too dear opens, or it is asked last, `for` a while; of a conversation
//! that has had its turns that is the first endpoint of the route. A call raises one alert for each limit.

use serde::{Deserialize, Serialize};

use super::alarm::Then;
use crate::base::units::Money;
use crate::base::{Check, Duration, Limit};

/// Settings of `limit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The most all attempts of a call may cost together; absent: no limit.
    pub cost_per_call: Option<Money>,
    /// The most all attempts of all calls of a conversation may cost together; absent: no limit.
    pub cost_per_conversation: Option<Money>,
    /// Calls of a conversation that are sent; 1 or more; absent: any number.
    pub turns: Option<u16>,
    /// What follows where one of them is reached.
    pub then: Then,
    /// How long a breaker it opens stays open, or the endpoint is asked last.
    #[serde(rename = "for")]
    pub lasts: Option<Duration>,
}

impl Config {
    /// The limits that are set.
    pub fn set(&self) -> impl Iterator<Item = Limit> {
        let all = [
            (self.cost_per_call.is_some(), Limit::CostPerCall),
            (
                self.cost_per_conversation.is_some(),
                Limit::CostPerConversation,
            ),
            (self.turns.is_some(), Limit::Turns),
        ];
        all.into_iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, limit)| limit)
    }

    /// Whether one that is set raises alerts.
    pub fn alerts(&self) -> bool {
        self.then.alerts() && self.set().next().is_some()
    }

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
        self.then.check(self.lasts, check);
        if self.then != Then::Refuse && self.set().next().is_none() {
            check
                .warning("then", "there is no limit", "nothing is ever reached")
                .help("set cost-per-call, cost-per-conversation or turns");
        }
        if self.turns == Some(0) {
            check
                .mistake("turns", "no call of a conversation is ever sent", "is zero")
                .expected("1 or more");
        }
    }
}
