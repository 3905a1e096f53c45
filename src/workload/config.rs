//! `[workload]`: the traffic, as written.

use serde::Deserialize;

use super::senders::{Conversations, Users};
use super::{arrivals, needs, tokens};
use crate::base::capability::Capabilities;
use crate::base::units::Ratio;
use crate::base::wire::Priority;
use crate::base::{Check, Duration};

/// The traffic's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Client processes, each with breakers and budgets of its own or with those of the fleet; calls fall on
    /// them at random.
    #[serde(default = "one")]
    pub processes: u32,
    /// When calls arrive, over all processes.
    pub arrivals: arrivals::Config,
    /// How long prompts and answers are.
    #[serde(default)]
    pub tokens: tokens::Config,
    /// Whether answers are read token by token.
    #[serde(default)]
    pub stream: bool,
    /// The longest answer that is asked for.
    #[serde(default = "max_tokens")]
    pub max_tokens: u32,
    /// What an answer is worth that stops there.
    #[serde(default)]
    pub cut_answers: CutAnswers,
    /// How long a caller waits; absent: for ever (and H is ten minutes).
    pub deadline: Option<Duration>,
    /// Shares of priorities; what is left over is normal.
    #[serde(default)]
    pub priority: PriorityShares,
    /// What calls need an endpoint to be able to do, in shares.
    #[serde(default)]
    pub needs: needs::Config,
    /// Who makes the calls; absent: nobody in particular.
    pub users: Option<Users>,
    /// How calls belong together; absent: they do not. A conversation stays in its process.
    pub conversations: Option<Conversations>,
}

/// What a text is worth that stops at max-tokens. JSON that stops there cannot be read, whatever is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutAnswers {
    /// Nothing: half a sentence is no answer.
    #[default]
    Bad,
    /// As much as a whole one: that much was asked for.
    Good,
}

/// Shares of priorities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PriorityShares {
    /// Nobody waits for it.
    pub batch: Ratio,
    /// Payments, health checks.
    pub critical: Ratio,
}

fn one() -> u32 {
    1
}

fn max_tokens() -> u32 {
    1024
}

impl Config {
    /// H: what a failure costs in the time to a good answer; the deadline, or ten minutes.
    pub fn horizon(&self) -> Duration {
        self.deadline.unwrap_or(Duration::from_s(600))
    }

    /// The priorities that calls have, the lowest first.
    pub fn priorities(&self) -> impl Iterator<Item = Priority> {
        let PriorityShares { batch, critical } = self.priority;
        let share = move |priority: &Priority| match priority {
            Priority::Batch => batch.0,
            Priority::Normal => 1.0 - batch.0 - critical.0,
            Priority::Critical => critical.0,
        };
        Priority::ALL.into_iter().filter(move |p| share(p) > 0.0)
    }

    /// What some calls need.
    pub fn needed(&self) -> Capabilities {
        self.needs.any(self.priorities())
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if !(1..=1_000_000).contains(&self.processes) {
            check.mistake(
                "processes",
                "an absurd number of processes",
                "not between 1 and 1 000 000",
            );
        }
        if self.max_tokens == 0 {
            check.mistake("max-tokens", "answers of no tokens", "is zero");
        }
        if self
            .deadline
            .is_some_and(|d| d.is_zero() || d > Duration::from_s(3600))
        {
            check.mistake("deadline", "an absurd deadline", "not between 0 and 1h");
        }
        if self.priority.batch.0 + self.priority.critical.0 > 1.0 {
            check.mistake(
                "priority",
                "shares of more than everything",
                "they add up to more than 1",
            );
        }
        if let Some(users) = &self.users {
            check.at("users", |c| users.check(c));
        }
        if let Some(conversations) = &self.conversations {
            check.at("conversations", |c| conversations.check(c));
        }
        check.at("arrivals", |c| self.arrivals.check(c));
        check.at("tokens", |c| self.tokens.check(c));
    }
}
