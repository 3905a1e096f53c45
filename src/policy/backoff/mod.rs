//! Backoff: how long a client waits before it tries the same endpoint again.
//!
//! A schedule gives the longest wait of each retry, a jitter spreads it. Both are settings, because
//! what a library calls "exponential backoff with jitter" differs in the first exponent, in what
//! the cap bounds and in the direction of the jitter, and each moves results by 10–100 %.
//!
//! Three things are called decorrelated: `exponential` with `jitter = "decorrelated"` is the AWS
//! blog's, `decorrelated-v2` is Polly's, and `finagle.form = "decorrelated"` never shrinks.

pub mod constant;
pub mod decorrelated_v2;
pub mod exponential;
pub mod finagle;
pub mod jitter;
pub mod linear;
pub mod none;
pub mod random_walk;
pub mod schedule;

use crate::base::registry::{each, registry};
use crate::base::{Check, Duration};
use jitter::Jitter;

registry! {
    /// The schedule of waits.
    #[derive(serde::Serialize)]
    "backoff": None = none, Constant = constant, Linear = linear, Exponential = exponential,
    Schedule = schedule, DecorrelatedV2 = decorrelated_v2, RandomWalk = random_walk,
    Finagle = finagle
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

/// What the cap bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapStage {
    /// The scheduled wait, before jitter.
    #[default]
    BeforeJitter,
    /// The wait that comes out.
    AfterJitter,
    /// Both.
    Both,
}

/// What a wait is computed from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Step {
    /// Which retry this is: 1 for the first.
    pub retry: u32,
    /// The wait before the previous retry, whoever decided it; zero before the first.
    pub previous: Duration,
    /// What the schedule kept of its last wait; zero before the first.
    pub reached: Duration,
}

impl Step {
    /// The first step of a schedule that keeps nothing.
    pub fn at(retry: u32) -> Step {
        Step {
            retry,
            ..Step::default()
        }
    }

    /// A wait that leaves nothing behind.
    fn plain(self, wait: Duration) -> Waited {
        Waited {
            wait,
            reached: self.reached,
        }
    }
}

/// A wait, and what its schedule keeps for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// The wait.
    pub wait: Duration,
    /// For [`Step::reached`] of the call's next step.
    pub reached: Duration,
}

impl Config {
    /// The wait before a retry. `u` is a uniform in (0, 1) that is asked for at most once, and only
    /// by a jitter that needs it.
    pub fn wait(&self, step: Step, u: impl FnOnce() -> f64) -> Duration {
        self.walk(step, u).wait
    }

    /// The wait before a retry, and what is kept for the next.
    pub fn walk(&self, step: Step, u: impl FnOnce() -> f64) -> Waited {
        each!(self, Config: None, Constant, Linear, Exponential, Schedule, DecorrelatedV2,
            RandomWalk, Finagle => |kind| kind.walk(step, u))
    }

    /// Whether it goes on by itself also while the server says how long to wait.
    pub fn goes_on(&self) -> bool {
        matches!(self, Config::DecorrelatedV2(_))
    }

    /// How it spreads its waits, if that is a setting.
    pub fn jitter(&self) -> Option<&Jitter> {
        match self {
            Config::Constant(c) => Some(&c.jitter),
            Config::Linear(c) => Some(&c.jitter),
            Config::Exponential(c) => Some(&c.jitter),
            Config::Schedule(c) => Some(&c.jitter),
            Config::None(_)
            | Config::DecorrelatedV2(_)
            | Config::RandomWalk(_)
            | Config::Finagle(_) => None,
        }
    }
}

/// A scheduled wait, capped and jittered at the stage that is set.
fn finish(
    scheduled: Duration,
    cap: Option<Duration>,
    stage: CapStage,
    jitter: &Jitter,
    u: impl FnOnce() -> f64,
) -> Duration {
    let cap = cap.unwrap_or(Duration::MAX);
    match stage {
        CapStage::BeforeJitter => jitter.apply(scheduled.min(cap), u),
        CapStage::AfterJitter => jitter.apply(scheduled, u).min(cap),
        CapStage::Both => jitter.apply(scheduled.min(cap), u).min(cap),
    }
}

/// Notes a first wait of nothing and a cap below it.
fn base_and_cap(check: &mut Check, base: Duration, cap: Option<Duration>) {
    if base.is_zero() {
        check
            .mistake(
                "base",
                "a first wait of nothing grows to nothing",
                "is zero",
            )
            .help("for no wait write `backoff = \"none\"`");
    }
    if let Some(cap) = cap
        && cap < base
    {
        let path = check.path("base");
        check
            .mistake(
                "cap",
                "the longest wait is shorter than the first",
                "below `base`",
            )
            .also(path, format!("the first wait is {base}"))
            .help(format!(
                "`cap` is an upper bound for every wait; raise it to \"{base}\" or more"
            ));
    }
}
