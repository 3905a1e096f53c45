//! Page–Hinkley: CUSUM around the mean of what it has seen, as River has it.
//!
//! With x̄ the mean with this score in it: S ← α·S + x − x̄ − δ, alarm when S − min S > λ after
//! `min-observations`; for lower scores mirrored. Around a `mean` that is known, α = 1, S − min S is
//! CUSUM's sum with k = δ and h = λ in the scores' own units, and so is the interval of false alarms;
//! but for the wait at the start, which can only make it longer. Around the mean of what was seen, no
//! law is stated: the error of a young mean makes false alarms more frequent, so the threshold must be
//! written. Source: `drift/page_hinkley.py` of River 0.26; the test is Page's (1954) and Hinkley's (1971).

use serde::{Deserialize, Serialize};

use super::cusum::run_length;
use super::run_length::{of_sides, threshold};
use super::{Interval, Observation, Side, check_normal, check_threshold};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "page-hinkley",
    summary: "CUSUM around the mean of what was seen, as River's",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The mean score while nothing is wrong; absent: the mean of what was seen.
    pub mean: Option<f64>,
    /// The scores' standard deviation; only to say the interval of false alarms.
    pub deviation: Option<f64>,
    /// What a score may be off without being counted, δ, in the scores' own units.
    #[serde(default = "delta")]
    pub tolerance: f64,
    /// What a sum keeps for the next score, α, above 0 to 1.
    #[serde(default = "alpha")]
    pub keep: f64,
    /// Scores before which nothing alarms.
    #[serde(default = "thirty")]
    pub min_observations: u32,
    /// In which direction.
    #[serde(default)]
    pub side: Side,
    /// Observations between false alarms; computes the threshold where `mean` and `deviation` are
    /// known and `keep` is 1.
    pub false_alarm_every: Option<f64>,
    /// The rise of the sum that alarms, λ, in the scores' own units.
    pub threshold: Option<f64>,
}

fn delta() -> f64 {
    0.005
}

fn alpha() -> f64 {
    0.9999
}

fn thirty() -> u32 {
    30
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check_normal(
            check,
            self.mean.unwrap_or(0.0),
            self.deviation.unwrap_or(1.0),
        );
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            check.mistake("tolerance", "a tolerance is a distance", "below 0");
        }
        if !(self.keep > 0.0 && self.keep <= 1.0) {
            check.mistake("keep", "no such share", "not above 0 and up to 1");
        }
        check_threshold(check, self.false_alarm_every, self.threshold);
        if self.threshold.is_some_and(|l| !(l > 0.0 && l.is_finite())) {
            check.mistake("threshold", "it would always alarm", "not above 0");
        }
        if self.false_alarm_every.is_some() && self.known().is_none() {
            check
                .mistake(
                    "false-alarm-every",
                    "no threshold is known that alarms so rarely",
                    "needs `mean`, `deviation` and keep = 1",
                )
                .help(
                    "set `mean`, `deviation`, keep = 1 and a tolerance of 0.1 to 3 deviations, \
                     or `threshold` instead",
                );
        }
    }

    /// The deviation and k, in deviations, where CUSUM's law holds and can be computed.
    fn known(&self) -> Option<(f64, f64)> {
        self.mean?;
        let deviation = self.deviation?;
        let k = self.tolerance / deviation;
        ((0.1..=3.0).contains(&k) && self.keep == 1.0).then_some((deviation, k))
    }

    /// λ, in the scores' own units.
    pub fn threshold(&self) -> f64 {
        let sides = if self.side == Side::Both { 2.0 } else { 1.0 };
        self.threshold.unwrap_or_else(|| {
            let every = self.false_alarm_every.unwrap_or_default();
            self.known().map_or(f64::INFINITY, |(deviation, k)| {
                deviation * threshold(every * sides, |h| run_length(k, h, 0.0))
            })
        })
    }

    pub(super) fn false_alarms(&self) -> Interval {
        let Some((deviation, k)) = self.known() else {
            return Interval::Unknown;
        };
        let h = self.threshold() / deviation;
        if h > 100.0 {
            return Interval::Unknown;
        }
        let one = run_length(k, h, 0.0);
        let watched = |side| (self.side == side || self.side == Side::Both).then_some(one);
        let every = of_sides(watched(Side::Down), watched(Side::Up));
        match self.min_observations {
            0 | 1 => Interval::Mean(every),
            _ => Interval::AtLeast(every),
        }
    }

    pub(super) fn start(&self) -> State {
        State {
            config: self.clone(),
            threshold: self.threshold(),
            seen: 0,
            mean: 0.0,
            up: Sum::default(),
            down: Sum::default(),
        }
    }
}

/// A sum and the least it was; both are 0 before the first score.
///
/// River's least is infinite before the first score, which comes to the same: around the mean of what
/// was seen, the first score is its own mean.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sum: f64,
    least: f64,
}

impl Sum {
    fn add(&mut self, keep: f64, x: f64) -> f64 {
        self.sum = keep * self.sum + x;
        self.least = self.least.min(self.sum);
        self.sum - self.least
    }
}

/// The mean and the sums since the last alarm.
#[derive(Clone, Debug)]
pub struct State {
    config: Config,
    threshold: f64,
    seen: u32,
    mean: f64,
    up: Sum,
    down: Sum,
}

impl State {
    pub(super) fn observe(&mut self, seen: Observation<'_>) -> bool {
        let Some(x) = seen.score() else { return false };
        let config = &self.config;
        self.seen = self.seen.saturating_add(1);
        self.mean += (x - self.mean) / f64::from(self.seen);
        let off = x - config.mean.unwrap_or(self.mean);
        let up = self.up.add(config.keep, off - config.tolerance);
        let down = self.down.add(config.keep, -off - config.tolerance);
        let watched = |side| config.side == side || config.side == Side::Both;
        let far = (watched(Side::Up) && up > self.threshold)
            || (watched(Side::Down) && down > self.threshold);
        let alarm = far && self.seen >= config.min_observations;
        if alarm {
            (self.seen, self.mean) = (0, 0.0);
            (self.up, self.down) = (Sum::default(), Sum::default());
        }
        alarm
    }
}
