//! `workload.conversations`: how calls belong together.
//!
//! Without `think` the calls of each user, or of everybody, are grouped as they come. With it every arrival, or
//! every user of a closed loop, begins a conversation, and each turn comes a while after the answer to the
//! one before: answers that are slow make turns late, and a turn without an answer may end it all. A turn
//! may be several calls: an agent that asks, runs a tool and asks again (`steps`), several calls side by
//! side (`parallel`), or agents that answer each other (`agents`).
//!
//! Prompts grow: a call repeats all that was said before it. With p the new text of a call and o the tokens
//! of an answer, the t-th call (from 0) of a conversation asks with (t + 1)·p + t·o tokens; among `agents`,
//! of whom each brings its own p once and then answers the others, with min(t + 1, agents)·p + t·o.

use serde::Deserialize;

use crate::base::dist::Dist;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// Settings of `workload.conversations`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conversations {
    /// Turns of one conversation, 1 to 65535; one call each unless there are steps.
    pub turns: u16,
    /// From the answer to one turn to the call of the next; absent: turns are just the calls as they arrive.
    pub think: Option<Dist<Duration>>,
    /// Calls of a turn, one after the other, 1 to 1000: all but the first after a tool has run.
    #[serde(default = "one")]
    pub steps: u16,
    /// How long a tool takes; absent: a millisecond.
    pub gap: Option<Dist<Duration>>,
    /// Calls at once, in every step, 1 to 16. The next step waits for all of them.
    #[serde(default = "one")]
    pub parallel: u16,
    /// How many agents talk to each other, in turn; absent: every call brings new text.
    pub agents: Option<u16>,
    /// Whether a call repeats all that was said before it.
    #[serde(default)]
    pub context: Context,
    /// The most tokens a call repeats; the oldest are left out. Absent: all.
    pub most_context: Option<u32>,
    /// The share of conversations that do not end by themselves.
    #[serde(default)]
    pub runaway: Ratio,
    /// What follows when no call of a step is answered.
    #[serde(default)]
    pub after_failure: AfterFailure,
}

/// Whether a call repeats what was said before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// All of it, as chats and agents do.
    #[default]
    Grows,
    /// Nothing.
    Same,
}

/// What follows when no call of a step is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterFailure {
    /// The conversation is over.
    #[default]
    End,
    /// It goes on with the next step as if nothing had been said.
    GoOn,
}

fn one() -> u16 {
    1
}

/// The most calls side by side: their place has four bits in an id.
pub const MOST_PARALLEL: u16 = 16;

impl Conversations {
    /// So many calls as they arrive.
    pub fn of_turns(turns: u16) -> Conversations {
        Conversations {
            turns,
            think: None,
            steps: 1,
            gap: None,
            parallel: 1,
            agents: None,
            context: Context::Grows,
            most_context: None,
            runaway: Ratio(0.0),
            after_failure: AfterFailure::End,
        }
    }

    /// Whether turns come after answers.
    pub fn follows(&self) -> bool {
        self.think.is_some()
    }

    /// Calls of one conversation that is always answered, and at once, on average, within so long.
    pub fn calls_within(&self, duration: Duration) -> f64 {
        let at_once = f64::from(self.steps) * f64::from(self.parallel);
        let own = f64::from(self.turns) * at_once;
        let mean = |law: &Option<Dist<Duration>>| law.as_ref().map_or(0.0, |l| l.sampler().mean());
        let gaps = f64::from(self.steps - 1) * mean(&self.gap).max(0.001);
        let turn = mean(&self.think).max(0.001) + gaps;
        // One that runs away goes on until the end: half of the run, on average.
        let endless = 0.5 * duration.as_s_f64() / turn * at_once;
        own + self.runaway.0 * (endless - own).max(0.0)
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.turns == 0 {
            check.mistake("turns", "conversations of nothing", "is zero");
        }
        if !(1..=1000).contains(&self.steps) {
            check.mistake("steps", "an absurd number of steps", "not 1 to 1000");
        }
        if !(1..=MOST_PARALLEL).contains(&self.parallel) {
            check.mistake("parallel", "an absurd number of calls", "not 1 to 16");
        }
        if self
            .agents
            .is_some_and(|agents| !(2..=1000).contains(&agents))
        {
            check
                .mistake("agents", "an absurd number of agents", "not 2 to 1000")
                .help("leave it out for people and tools that bring new text with every call");
        }
        if self.most_context == Some(0) {
            check
                .mistake("most-context", "nothing is ever repeated", "is zero")
                .help("write context = \"same\"");
        }
        for (key, law) in [("think", &self.think), ("gap", &self.gap)] {
            if let Some(law) = law {
                check.at(key, |c| law.check(c));
            }
        }
        self.in_vain(check);
    }

    /// Warns about what says nothing without something else.
    fn in_vain(&self, check: &mut Check) {
        let plain = Conversations::of_turns(self.turns);
        let others = Conversations {
            think: None,
            ..self.clone()
        };
        if self.think.is_none() && others != plain {
            check
                .mistake(
                    "",
                    "these conversations do not follow answers",
                    "`think` is missing",
                )
                .help("set `think` to how long it takes from an answer to the next turn");
        }
        if self.think.is_some() && self.gap.is_some() && self.steps == 1 {
            check
                .warning("gap", "no tool ever runs", "turns have one step")
                .help("set `steps` to the calls of a turn");
        }
        if self.most_context.is_some() && self.context == Context::Same {
            check.warning("most-context", "nothing is repeated", "context is `same`");
        }
    }
}
