//! `growth`: how fast traffic may grow, whatever the limits leave (acceleration limits).
//!
//! Above a floor, what passes per minute may be at most so much more than it was on average in the
//! window before. OpenAI's rule of thumb is 50 % per 15 minutes above 1 000 000 prompt tokens a
//! minute (429 `slow_down`); Anthropic answers sharp growth with 429 `ramp_limit_exceeded`.
//!
//! In the window after one in which `u` passed, the allowance is max(above, (1 + most)·u ÷ minutes of
//! the window) per minute, as a bucket that holds a minute of it. A quiet window so resets it to the floor.
//! What the bucket has saved passes on top of that: a minute's worth after a window that did not ask for
//! all it might, so windows should be many minutes long, as those that were published are.

use serde::Deserialize;

use super::counts::{Asked, Counted};
use crate::base::bucket::Bucket;
use crate::base::units::Ratio;
use crate::base::{Check, Duration, Instant};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What grows.
    #[serde(default)]
    pub counts: Grows,
    /// The amount per minute that always passes.
    pub above: u64,
    /// How much more than in the window before may pass.
    #[serde(default = "half")]
    pub most: Ratio,
    /// The window.
    #[serde(default = "quarter")]
    pub window: Duration,
}

/// What grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grows {
    /// Requests.
    Requests,
    /// Prompt tokens.
    #[default]
    Input,
    /// Prompt tokens and max-tokens together.
    Tokens,
}

fn half() -> Ratio {
    Ratio(0.5)
}

fn quarter() -> Duration {
    Duration::from_s(900)
}

const MINUTE: Duration = Duration::from_s(60);

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.above == 0 || self.above > 1_000_000_000_000 {
            let label = "not between 1 and 1 000 000 000 000";
            check.mistake("above", "an absurd floor", label);
        }
        if self.window < Duration::from_s(1) || self.window > Duration::from_s(86_400) {
            check.mistake("window", "an absurd window", "not between 1s and 24h");
        }
    }
}

/// What may pass now.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    config: Config,
    counted: Counted,
    bucket: Bucket,
    /// The number of the window, what may pass in a minute of it, and what has passed.
    window: u64,
    allowed: u64,
    passed: u64,
}

impl Growth {
    pub(super) fn new(config: Config) -> Growth {
        Growth {
            config,
            counted: match config.counts {
                Grows::Requests => Counted::Requests,
                Grows::Input => Counted::Prompt,
                Grows::Tokens => Counted::Tokens,
            },
            bucket: Bucket::new(config.above, config.above, MINUTE),
            window: 0,
            allowed: config.above,
            passed: 0,
        }
    }

    fn advance(&mut self, now: Instant) {
        let window = now.0 / self.config.window.0;
        if window == self.window {
            return;
        }
        let before = if window == self.window + 1 {
            self.passed
        } else {
            0
        };
        let per_minute = before as f64 * (MINUTE.as_s_f64() / self.config.window.as_s_f64());
        let grown = (per_minute * (1.0 + self.config.most.0)) as u64;
        self.allowed = grown.max(self.config.above);
        // What was saved up at the old allowance was saved up by the beginning of the window.
        let begins = Instant(window * self.config.window.0);
        self.bucket.resize(self.allowed, self.allowed, begins);
        (self.window, self.passed) = (window, 0);
    }

    /// How long it takes until a request may pass; None if it never may at this allowance.
    pub(super) fn wait(&mut self, asked: Asked, now: Instant) -> Option<Duration> {
        self.advance(now);
        self.bucket.wait(self.counted.wanted(asked), now)
    }

    /// Lets a request pass.
    pub(super) fn take(&mut self, asked: Asked, now: Instant) {
        self.advance(now);
        let wanted = self.counted.wanted(asked);
        self.bucket.charge(wanted, now);
        self.passed = self.passed.saturating_add(wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever asks for all there is grows by the share per window of what passed in the one before, no
    /// faster.
    #[test]
    fn who_asks_for_everything_grows_by_the_share_of_each_window() {
        let mut growth = Growth::new(Config {
            counts: Grows::Requests,
            above: 100,
            most: Ratio(0.5),
            window: Duration::from_s(900),
        });
        let asked = Asked {
            prompt: 0,
            max: 0,
            cached: 0,
        };
        let mut passed = [0u64; 5];
        for tenth in 0..5 * 9000u64 {
            let now = Instant(tenth * 100_000_000);
            while growth.wait(asked, now) == Some(Duration::ZERO) {
                growth.take(asked, now);
                passed[(tenth / 9000) as usize] += 1;
            }
        }
        // The first window has its bucket's minute more than fifteen.
        let mut before = 0;
        for (i, n) in passed.iter().enumerate() {
            let allowed = if i == 0 {
                100.0
            } else {
                1.5 * before as f64 / 15.0
            };
            let full = allowed as u64 * 15;
            assert!(
                (full..=full + allowed as u64 + 1).contains(n),
                "window {i}: {n} of {full}"
            );
            before = *n;
        }
    }

    #[test]
    fn a_quiet_window_leads_back_to_the_floor() {
        let mut growth = Growth::new(Config {
            counts: Grows::Requests,
            above: 10,
            most: Ratio(1.0),
            window: Duration::from_s(60),
        });
        let asked = Asked {
            prompt: 0,
            max: 0,
            cached: 0,
        };
        let at = |s: u64| Instant::ZERO + Duration::from_s(s);
        for _ in 0..10 {
            growth.take(asked, at(0));
        }
        growth.wait(asked, at(60));
        assert_eq!(growth.allowed, 20);
        growth.wait(asked, at(180));
        assert_eq!(growth.allowed, 10);
    }
}
