//! Trips when too large a share of the last seconds' attempts failed, or was slow.
//!
//! Exact counts over a sliding window of buckets, so a tight burst trips it as surely as a
//! spread one. Without a minimum volume the first failure of a quiet minute is a share of 100 %.

use serde::{Deserialize, Serialize};

use super::window::{Rule, Slow, Threshold, TripsOn};
use super::{Common, Counts, Outcome, check_common, one};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::window::{Anchored, Rolling, Tally};
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "time-window",
    summary: "opens when too large a share of the last seconds' attempts failed",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share of failures that trips it, once reached.
    pub failures: Ratio,
    /// The share of slow attempts that trips it too.
    #[serde(default)]
    pub slow: Option<Slow>,
    /// Whether a share must be reached or passed.
    #[serde(default)]
    pub threshold: Threshold,
    /// The length of the window.
    pub span: Duration,
    /// Parts in which it moves; 1 to 1000.
    #[serde(default = "ten")]
    pub buckets: u32,
    /// Where a part begins.
    #[serde(default)]
    pub anchor: Anchor,
    /// Outcomes in the window below which it never trips.
    #[serde(default = "ten")]
    pub min_volume: u32,
    /// What the volume is, of which failures are a share.
    #[serde(default)]
    pub volume: Volume,
    /// Which endings may trip it.
    #[serde(default)]
    pub trips_on: TripsOn,
    /// How long it stays open.
    pub open: Duration,
    /// Attempts let through to try the endpoint; all must succeed.
    #[serde(default = "one")]
    pub probes: u32,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
}

/// Where a part of the window begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// At multiples of its length from time 0: sliding buckets; with one bucket a calendar window.
    #[default]
    Epoch,
    /// At the first event after the one before it is over: Polly's windows.
    FirstEvent,
    /// As before, for failures and the rest each by itself: LiteLLM's two counters, which expire at
    /// different moments.
    FirstEventEach,
}

/// What the volume is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Volume {
    /// Attempts that ended.
    #[default]
    Endings,
    /// Attempts that were asked for, also those in flight and those refused: opossum's `fires`.
    Asked,
}

fn ten() -> u32 {
    10
}

impl Config {
    fn rule(&self) -> Rule {
        Rule {
            failures: self.failures,
            slow: self.slow,
            threshold: self.threshold,
            min_volume: self.min_volume,
        }
    }

    pub(super) fn check(&self, check: &mut Check) {
        self.rule().check(check);
        if self.span < Duration::from_ms(1) {
            check.mistake("span", "an absurd window", "under 1ms");
        }
        if !(1..=1000).contains(&self.buckets) {
            check.mistake(
                "buckets",
                "an absurd number of parts",
                "not between 1 and 1000",
            );
        }
        check_common(check, self.open, self.probes);
    }

    pub(super) fn common(&self) -> Common {
        Common {
            slow_after: self.slow.map(|slow| slow.after),
            on_success: self.trips_on == TripsOn::AnyEnding,
            counts_sent: self.volume == Volume::Asked,
            min_volume: self.min_volume,
            memory: self.span,
            ..Common::new(self.open, self.probes, self.counts)
        }
    }

    pub(super) fn judges(&self, tally: Tally) -> bool {
        self.rule().is_too_many(tally)
    }
}

/// The window.
#[derive(Clone, Debug)]
pub enum State {
    /// Parts on the clock.
    Epoch(Rolling),
    /// Parts begun by events.
    FirstEvent(Anchored),
    /// Failures apart from the rest.
    Each(Box<Each>),
}

/// Two windows, each begun by its own events.
#[derive(Clone, Debug)]
pub struct Each {
    bad: Anchored,
    good: Anchored,
}

impl State {
    pub(super) fn new(config: &Config) -> State {
        let anchored = || Anchored::new(config.span, config.buckets);
        match config.anchor {
            Anchor::Epoch => State::Epoch(Rolling::with_buckets(config.span, config.buckets)),
            Anchor::FirstEvent => State::FirstEvent(anchored()),
            Anchor::FirstEventEach => State::Each(Box::new(Each {
                bad: anchored(),
                good: anchored(),
            })),
        }
    }

    #[inline]
    pub(super) fn record(&mut self, config: &Config, told: Outcome, now: Instant) {
        let mut tally = told.tally();
        // What was asked for has been counted when it was.
        tally.all = u32::from(config.volume == Volume::Endings);
        self.add(tally, now);
    }

    /// Counts an attempt that is sent or refused.
    pub(super) fn asked(&mut self, now: Instant) {
        let all = Tally {
            all: 1,
            ..Tally::default()
        };
        self.add(all, now);
    }

    #[inline]
    fn add(&mut self, tally: Tally, now: Instant) {
        match self {
            State::Epoch(window) => window.add(tally, now),
            State::FirstEvent(window) => window.add(tally, now),
            State::Each(each) if tally.bad > 0 => each.bad.add(tally, now),
            State::Each(each) => each.good.add(tally, now),
        }
    }

    #[inline]
    pub(super) fn is_bad(&mut self, config: &Config, now: Instant) -> bool {
        let tally = match self {
            State::Epoch(window) => window.tally(now),
            State::FirstEvent(window) => window.tally(now),
            State::Each(each) => {
                let (bad, good) = (each.bad.tally(now), each.good.tally(now));
                Tally {
                    all: bad.all + good.all,
                    bad: bad.bad,
                    slow: bad.slow + good.slow,
                }
            }
        };
        config.rule().is_bad(tally)
    }

    pub(super) fn reset(&mut self) {
        match self {
            State::Epoch(window) => window.clear(),
            State::FirstEvent(window) => window.clear(),
            State::Each(each) => {
                each.bad.clear();
                each.good.clear();
            }
        }
    }
}
