//! `retry.server-wait`: what a client makes of `Retry-After`.
//!
//! A server that tells every refused client the same seconds makes them all come back at once, and
//! a wait honoured to the letter gets no jitter in any official SDK. So the wait has a floor, a
//! cap, jitter of its own, and a chosen reaction to one that is too long.

use serde::Deserialize;

use crate::base::{Check, Duration};

/// Settings of `retry.server-wait`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Whether a stated wait replaces the backoff.
    pub honour: bool,
    /// Shorter waits become this.
    pub floor: Duration,
    /// Longer waits are too long.
    pub cap: Duration,
    /// What to do about a wait that is too long.
    pub too_long: TooLong,
    /// How much may be added at random: the wait becomes w·(1 + jitter·U). It only ever lengthens:
    /// coming back earlier than told is a refusal for certain.
    pub jitter: f64,
}

/// The reaction to a stated wait over the cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TooLong {
    /// Use the backoff's own wait.
    #[default]
    Ignore,
    /// Wait for the cap.
    Clamp,
    /// Do not retry here; another endpoint may still be asked.
    Fail,
    /// Wait as told.
    Honour,
}

impl Default for Config {
    /// Honoured from nothing to 60 s, no jitter, longer ones ignored: the official SDKs of 2025.
    fn default() -> Config {
        Config {
            honour: true,
            floor: Duration::ZERO,
            cap: Duration::from_s(60),
            too_long: TooLong::Ignore,
            jitter: 0.0,
        }
    }
}

/// What came of a stated wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerWait {
    /// Wait this long.
    Wait(Duration),
    /// Nothing was stated, or it is not honoured: the backoff decides.
    Backoff,
    /// Too long to wait for.
    TooLong,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.floor > self.cap {
            let cap = check.path("cap");
            check
                .mistake(
                    "floor",
                    "the shortest wait is longer than the longest",
                    "above `cap`",
                )
                .also(cap, format!("the longest wait is {}", self.cap));
        }
        if !(0.0..=10.0).contains(&self.jitter) {
            check
                .mistake("jitter", "an absurd jitter", "not between 0 and 10")
                .help("0.25 adds up to a quarter of the wait");
        }
    }

    /// Decides about a stated wait; `u` is a uniform that is only asked for if jitter is added.
    pub fn decide(&self, stated: Option<Duration>, u: impl FnOnce() -> f64) -> ServerWait {
        // A stated wait of nothing says nothing: the SDKs fall back to their own backoff.
        let Some(stated) = stated.filter(|wait| self.honour && !wait.is_zero()) else {
            return ServerWait::Backoff;
        };
        let wait = if stated <= self.cap {
            stated.max(self.floor)
        } else {
            match self.too_long {
                TooLong::Ignore => return ServerWait::Backoff,
                TooLong::Fail => return ServerWait::TooLong,
                TooLong::Clamp => self.cap,
                TooLong::Honour => stated,
            }
        };
        if self.jitter > 0.0 {
            return ServerWait::Wait(wait + wait.scale(self.jitter * u()));
        }
        ServerWait::Wait(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_s;

    #[test]
    fn a_wait_within_bounds_is_kept_to_the_letter() {
        let config = Config::default();
        assert_eq!(config.decide(Some(S(20)), || 0.9), ServerWait::Wait(S(20)));
        assert_eq!(config.decide(None, || 0.9), ServerWait::Backoff);
        assert_eq!(config.decide(Some(S(0)), || 0.9), ServerWait::Backoff);
    }

    #[test]
    fn each_reaction_to_a_day_of_waiting_is_its_own() {
        let day = Some(S(86_400));
        let with = |too_long| {
            Config {
                too_long,
                ..Config::default()
            }
            .decide(day, || 0.0)
        };
        assert_eq!(with(TooLong::Ignore), ServerWait::Backoff);
        assert_eq!(with(TooLong::Clamp), ServerWait::Wait(S(60)));
        assert_eq!(with(TooLong::Fail), ServerWait::TooLong);
        assert_eq!(with(TooLong::Honour), ServerWait::Wait(S(86_400)));
    }

    #[test]
    fn jitter_only_lengthens() {
        let config = Config {
            jitter: 0.5,
            ..Config::default()
        };
        assert_eq!(config.decide(Some(S(10)), || 0.0), ServerWait::Wait(S(10)));
        assert_eq!(config.decide(Some(S(10)), || 0.8), ServerWait::Wait(S(14)));
    }
}
