//! A budget in time: no more than so many seconds of trying again.
//!
//! Per call it bounds what a user waits for a hopeless call: an extra attempt may start only while
//! less than `limit` has passed since the first attempt failed. Per process it bounds what all
//! extra attempts together keep busy: `limit` of attempt time, refilled evenly over `per`.

use serde::Deserialize;

use super::{Ask, Scope};
use crate::base::registry::Kind;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "time",
    summary: "seconds of trying again",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The time that may be spent.
    pub limit: Duration,
    /// Whether calls share it.
    #[serde(default = "call")]
    pub scope: Scope,
    /// For scope process: the time over which `limit` comes back.
    #[serde(default = "minute")]
    pub per: Duration,
}

fn call() -> Scope {
    Scope::Call
}

fn minute() -> Duration {
    Duration::from_s(60)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.limit.is_zero() {
            check
                .mistake("limit", "a budget of no time", "is zero")
                .expected("such as \"8s\"");
        }
        if self.per.is_zero() {
            check.mistake("per", "time cannot come back at once", "is zero");
        }
    }
}

/// The time left, for scope process.
#[derive(Clone, Debug)]
pub struct State {
    /// Nanoseconds left; negative after a long attempt.
    left: i128,
    at: Instant,
}

impl State {
    /// A full budget.
    pub fn new(config: &Config) -> State {
        State {
            left: i128::from(config.limit.0),
            at: Instant::ZERO,
        }
    }

    /// Whether one more attempt may start.
    pub fn ask(&mut self, config: &Config, ask: Ask, now: Instant) -> bool {
        match config.scope {
            Scope::Call => ask.retrying_for < config.limit,
            Scope::Process => {
                self.advance(config, now);
                self.left > 0
            }
        }
    }

    /// An extra attempt ended after this long.
    pub fn on_extra_end(&mut self, config: &Config, took: Duration, now: Instant) {
        self.advance(config, now);
        self.left -= i128::from(took.0);
    }

    fn advance(&mut self, config: &Config, now: Instant) {
        let limit = i128::from(config.limit.0);
        let gained = i128::from(now.since(self.at).0) * limit / i128::from(config.per.0);
        // Only whole nanoseconds are gained; the rest of the time counts on the next call.
        if gained > 0 || self.left >= limit {
            self.left = (self.left + gained).min(limit);
            self.at = self.at.max(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(scope: Scope) -> Config {
        Config {
            limit: Duration::from_s(8),
            scope,
            per: Duration::from_s(80),
        }
    }

    #[test]
    fn a_call_may_retry_for_eight_seconds_and_no_longer() {
        let config = config(Scope::Call);
        let mut state = State::new(&config);
        let ask = |ms| Ask {
            extra_attempts: 1,
            retrying_for: Duration::from_ms(ms),
        };
        assert!(state.ask(&config, ask(7999), Instant::ZERO));
        assert!(!state.ask(&config, ask(8000), Instant::ZERO));
    }

    #[test]
    fn a_process_gets_its_time_back_evenly() {
        let config = config(Scope::Process);
        let mut state = State::new(&config);
        let ask = Ask {
            extra_attempts: 1,
            retrying_for: Duration::ZERO,
        };
        state.on_extra_end(&config, Duration::from_s(9), Instant::ZERO);
        let at = |s| Instant::ZERO + Duration::from_s(s);
        assert!(
            !state.ask(&config, ask, at(10)),
            "one second in debt, one second earned"
        );
        assert!(state.ask(&config, ask, at(11)));
    }
}
