//! Backoff: how long a client waits before it tries the same endpoint again.
//!
//! A schedule gives the longest wait of each retry, a jitter spreads it. Both are settings, because
//! what a library calls "exponential backoff with jitter" differs in the first exponent, in what
//! the cap bounds and in the direction of the jitter, and each moves results by 10–100 %.

pub mod constant;
pub mod exponential;
pub mod jitter;
pub mod linear;
pub mod none;

use crate::base::Duration;
use crate::base::registry::{each, registry};
use jitter::Jitter;

registry! {
    /// The schedule of waits.
    "backoff": None = none, Constant = constant, Linear = linear, Exponential = exponential
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

/// What the cap bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapStage {
    /// The scheduled wait, before jitter.
    #[default]
    BeforeJitter,
    /// The wait that comes out.
    AfterJitter,
}

/// What a wait is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which retry this is: 1 for the first.
    pub retry: u32,
    /// The wait before the previous retry; zero before the first.
    pub previous: Duration,
}

impl Config {
    /// The wait before a retry. `u` is a uniform in (0, 1) that is asked for at most once, and only
    /// by a jitter that needs it.
    pub fn wait(&self, step: Step, u: impl FnOnce() -> f64) -> Duration {
        each!(self, Config: None, Constant, Linear, Exponential => |kind| kind.wait(step, u))
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
    }
}
