//! Attempts per interval: a token bucket with a line in front of it.
//!
//! Attempts that find no token wait in order of arrival. The bucket is refilled continuously, so
//! what passes in any window T is at most burst + rate·T.

use serde::Deserialize;

use crate::base::bucket::Bucket;
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "requests",
    summary: "attempts per interval",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Attempts per interval, over all endpoints of the process.
    pub rate: Rate,
    /// Attempts that may go out at once after a pause.
    #[serde(default = "one")]
    pub burst: u32,
    /// The longest wait in line; an attempt that would wait longer is not made.
    #[serde(default = "minute")]
    pub max_wait: Duration,
}

fn one() -> u32 {
    1
}

fn minute() -> Duration {
    Duration::from_s(60)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.burst == 0 {
            check
                .mistake("burst", "nothing could ever be sent", "is zero")
                .expected("1 or more");
        }
    }
}

/// The bucket of one process.
#[derive(Clone, Debug)]
pub struct State {
    bucket: Bucket,
}

impl State {
    /// A full bucket.
    pub fn new(config: &Config) -> State {
        // micro-tokens per period: a token is a million of them.
        let capacity = u64::from(config.burst) * TOKEN;
        State {
            bucket: Bucket::new(capacity, config.rate.micro, config.rate.per),
        }
    }

    /// Whether a token is there now.
    pub fn ready(&mut self, now: Instant) -> bool {
        self.bucket.has(TOKEN, now)
    }

    /// Takes a token that is there.
    pub fn take(&mut self, now: Instant) {
        self.bucket.charge(TOKEN, now);
    }

    /// How long until the attempt with `ahead` others before it in line gets its token.
    pub fn wait(&mut self, config: &Config, ahead: usize, now: Instant) -> Duration {
        let first = self.bucket.wait(TOKEN, now).unwrap_or(Duration::MAX);
        let interval = config.rate.interval();
        first + Duration(interval.0.saturating_mul(ahead as u64))
    }
}

/// Micro-tokens of one attempt.
const TOKEN: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::parse_rate;

    #[test]
    fn tokens_come_at_the_rate_after_the_burst() {
        let config = Config {
            rate: parse_rate("4/s").unwrap(),
            burst: 2,
            max_wait: Duration::from_s(60),
        };
        let mut state = State::new(&config);
        let mut sent = Vec::new();
        let mut now = Instant::ZERO;
        while sent.len() < 6 {
            if state.ready(now) {
                state.take(now);
                sent.push(now.0 / 1_000_000);
            } else {
                now = now + state.wait(&config, 0, now);
            }
        }
        assert_eq!(sent, [0, 0, 250, 500, 750, 1000]);
        assert_eq!(state.wait(&config, 3, now), Duration::from_ms(1000));
    }
}
