//! Limiters: how many attempts a client process has in flight, of its own will.
//!
//! A quota bounds what is sent per interval; only a limiter notices that answers take longer. The
//! adaptive ones were made for services whose answers take alike: an answer of a language model
//! takes as long as it is long, and that noise looks to them like load.

pub mod aimd;
pub mod fixed;
pub mod gradient;
pub mod gradient2;
pub mod none;
pub mod vegas;

use crate::base::registry::registry;
use crate::base::{Check, Class, Duration, Instant};

registry! {
    /// A limiter.
    #[derive(serde::Serialize)]
    "limiter": None = none, Fixed = fixed, Aimd = aimd, Vegas = vegas, Gradient2 = gradient2,
    Gradient = gradient
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

fn minute() -> Duration {
    Duration::from_s(60)
}

/// What an adaptive limiter learns from one attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// From sending to the end.
    pub took: Duration,
    /// Attempts in flight when it ended, itself included.
    pub in_flight: u32,
    /// Whether it was refused or timed out: a sign of too much load whatever it took.
    pub dropped: bool,
    /// A uniform in (0, 1) of its own, for what is spread at random.
    pub u: f64,
    /// When it ended.
    pub now: Instant,
}

/// What an ending says about load; None: nothing.
pub fn drops(class: Class) -> Option<bool> {
    match class {
        Class::Ok | Class::Malformed | Class::BadAnswer => Some(false),
        Class::RateLimited | Class::Overloaded | Class::TimedOut | Class::Transport => Some(true),
        Class::QuotaExhausted
        | Class::ServerFault
        | Class::Truncated
        | Class::Unsuited
        | Class::Rejected
        | Class::Cancelled => None,
    }
}

/// The limiter of one process.
#[derive(Clone, Debug)]
pub enum State {
    /// See [`none`].
    None,
    /// See [`fixed`].
    Fixed(u32),
    /// See [`aimd`].
    Aimd(aimd::State),
    /// See [`vegas`].
    Vegas(Box<vegas::State>),
    /// See [`gradient2`].
    Gradient2(Box<gradient2::State>),
    /// See [`gradient`].
    Gradient(Box<gradient::State>),
}

impl State {
    /// As it begins.
    pub fn new(config: &Config) -> State {
        match config {
            Config::None(_) => State::None,
            Config::Fixed(c) => State::Fixed(c.limit),
            Config::Aimd(c) => State::Aimd(aimd::State::new(c)),
            Config::Vegas(c) => State::Vegas(Box::new(vegas::State::new(c))),
            Config::Gradient2(c) => State::Gradient2(Box::new(gradient2::State::new(c))),
            Config::Gradient(c) => State::Gradient(Box::new(gradient::State::new(c))),
        }
    }

    /// How many attempts may be in flight; at least one.
    pub fn limit(&self) -> u32 {
        match self {
            State::None => u32::MAX,
            State::Fixed(limit) => *limit,
            State::Aimd(state) => state.limit(),
            State::Vegas(state) => state.limit(),
            State::Gradient2(state) => state.limit(),
            State::Gradient(state) => state.limit(),
        }
    }

    /// Tells of an attempt that ended.
    pub fn on_end(&mut self, config: &Config, sample: Sample) {
        match (self, config) {
            (State::Aimd(state), Config::Aimd(c)) => state.on_end(c, sample),
            (State::Vegas(state), Config::Vegas(c)) => state.on_end(c, sample),
            (State::Gradient2(state), Config::Gradient2(c)) => state.on_end(c, sample),
            (State::Gradient(state), Config::Gradient(c)) => state.on_end(c, sample),
            _ => {}
        }
    }
}

impl Config {
    /// Whether it limits anything.
    pub fn limits(&self) -> bool {
        !matches!(self, Config::None(_))
    }

    /// Whether it learns from endings.
    pub fn learns(&self) -> bool {
        matches!(
            self,
            Config::Aimd(_) | Config::Vegas(_) | Config::Gradient2(_) | Config::Gradient(_)
        )
    }

    /// The longest wait for a place.
    pub fn max_wait(&self) -> Duration {
        match self {
            Config::None(_) => Duration::MAX,
            Config::Fixed(c) => c.max_wait,
            Config::Aimd(c) => c.max_wait,
            Config::Vegas(c) => c.max_wait,
            Config::Gradient2(c) => c.max_wait,
            Config::Gradient(c) => c.max_wait,
        }
    }
}

/// Notes bounds in the wrong order.
fn bounds(check: &mut Check, initial: u32, min: u32, max: u32) {
    if min == 0 {
        check
            .mistake("min", "nothing could ever be sent", "is zero")
            .expected("1 or more");
    }
    if min > max {
        let max_at = check.path("max");
        check
            .mistake(
                "min",
                "the lowest limit is above the highest",
                "above `max`",
            )
            .also(max_at, format!("the highest is {max}"));
    } else if !(min..=max).contains(&initial) {
        check
            .mistake(
                "initial",
                "begins outside its bounds",
                "not between `min` and `max`",
            )
            .expected(format!("{min} to {max}"));
    }
}

#[cfg(test)]
mod tests;
