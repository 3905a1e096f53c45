//! `[workload]`: the traffic, as written.

use serde::Deserialize;

use super::conversations::Conversations;
use super::impatience::Impatience;
use super::senders::Users;
use super::tasks::{self, Tasks};
use super::tenants::{self, Tenants};
use super::trace::Trace;
use super::{arrivals, needs, shape, tokens};
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
    /// How their rate changes by the hour and the day.
    #[serde(default)]
    pub shape: shape::Config,
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
    /// How long callers wait, and whether they ask again; absent: as long as it takes, and never.
    pub impatience: Option<Impatience>,
    /// Who shares the service, by name; none: everybody is alike.
    #[serde(default)]
    pub tenant: Tenants,
    /// What calls are about, by name; none: nothing in particular.
    #[serde(default)]
    pub task: Tasks,
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

impl PriorityShares {
    /// The share of one.
    pub fn of(self, priority: Priority) -> f64 {
        match priority {
            Priority::Batch => self.batch.0,
            Priority::Normal => 1.0 - self.batch.0 - self.critical.0,
            Priority::Critical => self.critical.0,
        }
    }
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

    /// The tasks by name, with their shares.
    pub fn shares_of_tasks(&self) -> impl Iterator<Item = (&str, f64)> + Clone {
        let shares = self.task.iter();
        shares.map(|(name, task)| (name.as_str(), task.share.0))
    }

    /// Whether calls depend on how others ended.
    pub fn reacts(&self) -> bool {
        let follows = self
            .conversations
            .as_ref()
            .is_some_and(Conversations::follows);
        self.is_closed() || follows || self.impatience.is_some()
    }

    /// Whether it is a closed loop: the slower the answers, the fewer calls.
    pub fn is_closed(&self) -> bool {
        matches!(self.arrivals, arrivals::Config::Closed(_))
    }

    /// What is expected to arrive in a run of this length: calls, or what begins with one.
    pub fn arrived(&self, duration: Duration, trace: Option<&Trace>) -> f64 {
        let of_shape = self.shape.ready().map(|shape| shape.amount(duration));
        self.arrivals.expected(of_shape.unwrap_or(duration), trace)
    }

    /// Calls expected in a run of this length if all are answered at once, without those that are asked again.
    pub fn expected(&self, duration: Duration, trace: Option<&Trace>) -> f64 {
        let arrivals = self.arrived(duration, trace);
        let conversations = self.conversations.as_ref().filter(|c| c.follows());
        match conversations {
            Some(c) if !self.is_closed() => arrivals * c.calls_within(duration),
            Some(c) => arrivals * f64::from(c.parallel),
            None => arrivals,
        }
    }

    /// The highest rate of arrivals there is, in calls per second; None where many may come in an instant, or
    /// each brings others.
    pub fn top_rate(&self) -> Option<f64> {
        let shape = self.shape.ready().map_or(1.0, |shape| shape.most());
        let rate = self.arrivals.top_rate().filter(|_| !self.reacts());
        rate.map(|rate| rate * shape)
    }

    /// The priorities that calls have, the lowest first.
    pub fn priorities(&self) -> impl Iterator<Item = Priority> {
        let rest = 1.0
            - self
                .tenant
                .values()
                .map(|tenant| tenant.share.0)
                .sum::<f64>();
        let share = move |priority: &Priority| {
            let tenants = self.tenant.values().map(|tenant| {
                let shares = tenant.priority.unwrap_or(self.priority);
                tenant.share.0 * shares.of(*priority)
            });
            rest * self.priority.of(*priority) + tenants.sum::<f64>()
        };
        Priority::ALL.into_iter().filter(move |p| share(p) > 1e-12)
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
        if let Some(impatience) = &self.impatience {
            check.at("impatience", |c| impatience.check(c));
        }
        check.at("tenant", |c| tenants::check(&self.tenant, c));
        check.at("task", |c| tasks::check(&self.task, c));
        check.at("shape", |c| self.shape.check(c));
        self.together(check);
        check.at("arrivals", |c| self.arrivals.check(c));
        check.at("tokens", |c| self.tokens.check(c));
    }

    /// Notes what does not go together.
    fn together(&self, check: &mut Check) {
        let arrivals = check.path("arrivals");
        if self.shape.ready().is_some() && !self.arrivals.is_timeless() {
            check
                .mistake(
                    "shape",
                    "these arrivals have times of their own",
                    "changes a rate",
                )
                .also(arrivals.clone(), "no rate that a shape could change")
                .help("poisson, gamma, weibull, on-off and mmpp have one");
        }
        if self.is_closed() && self.users.is_some() {
            check
                .mistake("users", "users are told twice", "a closed loop has its own")
                .also(arrivals.clone(), "these are the users");
        }
        let follows = self.conversations.as_ref().map(Conversations::follows);
        if self.impatience.is_some() && !self.is_closed() && follows == Some(false) {
            check
                .mistake(
                    "conversations",
                    "turns do not wait for answers, but callers do",
                    "`think` is missing",
                )
                .help("set `conversations.think` to how long it takes from an answer to the next turn");
        }
        let sized = matches!(self.tokens, super::tokens::Config::Trace(_));
        if sized && follows == Some(true) {
            check
                .mistake(
                    "tokens",
                    "a trace has sizes of single calls",
                    "a size for each arrival",
                )
                .also(arrivals, "each begins a conversation")
                .help("write another kind of tokens for the calls of a conversation");
        }
    }
}
