//! A hedge when an attempt is slower than most: after a percentile of the process's own latencies
//! (time to the first token if streamed, else to the end).
//!
//! At percentile p about 1 − p of the calls are hedged, whatever the latencies are: the delay follows
//! them. Finagle's BackupRequest (p = 1 − max extra load, a histogram of 3 × 10 s read every 3 s, 1 ms to 2 s) and
//! tower's hedge. What a hedge cuts short is a long latency that is not seen to its end: with `censored` it
//! counts with the time it had taken; without, the long ones go missing, the percentile drifts down
//! and ever more is hedged. Fast failures never count.

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use super::{Sample, To};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Class, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "percentile",
    summary: "asks again after a percentile of its own latencies",
};

/// Settings. A plain value stands for `at`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Which percentile, as the share of attempts that are faster; above 0 and below 1.
    pub at: Ratio,
    /// How long latencies are remembered.
    #[serde(default = "half_a_minute")]
    pub span: Duration,
    /// How often the delay is read anew; 0: for every attempt.
    #[serde(default = "three_seconds")]
    pub refresh: Duration,
    /// With fewer latencies remembered there is no hedge.
    #[serde(default = "ten")]
    pub min_samples: u32,
    /// The shortest delay.
    #[serde(default = "a_millisecond")]
    pub floor: Duration,
    /// The longest delay; absent: any.
    pub cap: Option<Duration>,
    /// Whether attempts that timed out or lost to a hedge count, with the time they had taken.
    #[serde(default = "yes")]
    pub censored: bool,
    /// Where the hedge goes.
    #[serde(default)]
    pub to: To,
    /// Hedges per call, 1 to 3: at most four attempts are in flight.
    #[serde(default = "super::one")]
    pub max: u8,
}

fn half_a_minute() -> Duration {
    Duration::from_s(30)
}

fn three_seconds() -> Duration {
    Duration::from_s(3)
}

fn ten() -> u32 {
    10
}

fn a_millisecond() -> Duration {
    Duration::from_ms(1)
}

fn yes() -> bool {
    true
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_max(self.max, check);
        if !(self.at.0 > 0.0 && self.at.0 < 1.0) {
            check
                .mistake(
                    "at",
                    "no attempt is slower, or every one",
                    "not inside 0 to 1",
                )
                .help("\"95%\" hedges about one call in twenty");
        }
        if self.span.is_zero() {
            check
                .mistake("span", "nothing is ever remembered", "is zero")
                .help("\"30s\" remembers the last half minute");
        }
        if let Some(cap) = self.cap.filter(|cap| *cap < self.floor) {
            let at = check.path("cap");
            check
                .mistake(
                    "floor",
                    "the shortest delay is above the longest",
                    "above `cap`",
                )
                .also(at, format!("the longest is {cap}"));
        }
    }
}

/// What one process remembers.
#[derive(Clone, Debug)]
pub struct State {
    histogram: Histogram,
    delay: Option<Duration>,
    /// From here on the delay is read anew.
    next: Instant,
}

impl State {
    /// Nothing yet.
    pub(super) fn new(config: &Config) -> State {
        State {
            histogram: Histogram::new(config.span),
            delay: None,
            next: Instant::ZERO,
        }
    }

    pub(super) fn delay(&mut self, config: &Config, now: Instant) -> Option<Duration> {
        if now >= self.next {
            let enough = self.histogram.count(now) >= u64::from(config.min_samples);
            let read = self.histogram.quantile(config.at.0, now);
            let within = |delay: Duration| {
                let delay = delay.max(config.floor);
                config.cap.map_or(delay, |cap| delay.min(cap))
            };
            self.delay = read.filter(|_| enough).map(within);
            // Until there is one it is looked for every time.
            if self.delay.is_some() {
                self.next = now + config.refresh;
            }
        }
        self.delay
    }

    pub(super) fn record(&mut self, config: &Config, sample: Sample, now: Instant) {
        let counts = match sample.class {
            Class::Ok => true,
            Class::TimedOut | Class::Cancelled => config.censored,
            _ => false,
        };
        if counts {
            self.histogram.record(sample.took, now);
        }
    }
}
