//! Trips after so many failures within a time, whatever succeeds in between.
//!
//! The more traffic, the sooner: a share of failures that is nothing at 100 calls a second trips it,
//! and the same share at one a minute never does. Source: `max_fails` with `fail_timeout` of nginx
//! and Kong; LiteLLM's `allowed_fails`, whose counter lives as long as a cooldown.

use serde::{Deserialize, Serialize};

use super::time_window::Anchor;
use super::window::Threshold;
use super::{Common, Counts, Outcome, check_common, one};
use crate::base::registry::Kind;
use crate::base::window::{Anchored, Rolling, Tally};
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "max-fails",
    summary: "opens after n failures within a time, whatever succeeds in between",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Failures that trip it; 1 or more.
    pub failures: u32,
    /// Whether so many must be reached or passed.
    #[serde(default)]
    pub threshold: Threshold,
    /// The time within which they are counted.
    pub span: Duration,
    /// Where that time begins.
    #[serde(default)]
    pub anchor: Anchor,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through to try the endpoint; all must succeed.
    #[serde(default = "one")]
    pub probes: u32,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.failures == 0 && self.threshold == Threshold::AtLeast {
            check
                .mistake("failures", "a breaker that trips on nothing", "is zero")
                .expected("1 or more");
        }
        if self.span < Duration::from_ms(1) {
            check.mistake("span", "an absurd window", "under 1ms");
        }
        check_common(check, self.open, self.probes);
    }

    pub(super) fn common(&self) -> Common {
        Common {
            memory: self.span,
            ..Common::new(self.open, self.probes, self.counts)
        }
    }

    pub(super) fn judges(&self, tally: Tally) -> bool {
        match self.threshold {
            Threshold::AtLeast => tally.bad >= self.failures,
            Threshold::Above => tally.bad > self.failures,
        }
    }
}

/// The failures of late.
#[derive(Clone, Debug)]
pub enum State {
    /// In buckets on the clock.
    Epoch(Rolling),
    /// From the first of them on.
    FirstEvent(Anchored),
}

impl State {
    pub(super) fn new(config: &Config) -> State {
        match config.anchor {
            Anchor::Epoch => State::Epoch(Rolling::new(config.span)),
            Anchor::FirstEvent | Anchor::FirstEventEach => {
                State::FirstEvent(Anchored::new(config.span, 1))
            }
        }
    }

    pub(super) fn record(&mut self, _: &Config, told: Outcome, now: Instant) {
        if told.failed != Some(true) {
            return;
        }
        match self {
            State::Epoch(window) => window.add(told.tally(), now),
            State::FirstEvent(window) => window.add(told.tally(), now),
        }
    }

    pub(super) fn is_bad(&mut self, config: &Config, now: Instant) -> bool {
        config.judges(match self {
            State::Epoch(window) => window.tally(now),
            State::FirstEvent(window) => window.tally(now),
        })
    }

    pub(super) fn reset(&mut self) {
        match self {
            State::Epoch(window) => window.clear(),
            State::FirstEvent(window) => window.clear(),
        }
    }
}
