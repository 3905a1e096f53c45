//! CUSUM of normal scores: sums what lies beyond half the shift that matters, and alarms when the
//! sum passes a threshold.
//!
//! With x in deviations from the mean: S ← max(0, S + x − k), alarm when S > h, k = shift/2. No other
//! monitor of that interval of false alarms finds a lasting shift of that size sooner (Moustakides
//! 1986). The interval is that of Page's integral equation, solved to many digits; Siegmund's
//! (e^{2kb} − 2kb − 1)/2k² with b = h + 1.166 is within some percent of it. Not for shares of failures
//! (`bernoulli-cusum`), nor where the mean is not known beforehand (`page-hinkley`).

use serde::{Deserialize, Serialize};

use super::run_length::{density, gauss_legendre, nodes_for, of_sides, solve, threshold};
use super::{Interval, Observation, Side, check_normal, check_threshold};
use crate::base::Check;
use crate::base::quantile::normal_cdf;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "cusum",
    summary: "sums of what lies beyond half a shift; the soonest for a shift of known size",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The mean score while nothing is wrong.
    pub mean: f64,
    /// The scores' standard deviation.
    pub deviation: f64,
    /// The shift of the mean that is to be found, in deviations, 0.25 to 6.
    #[serde(default = "one")]
    pub shift: f64,
    /// In which direction.
    #[serde(default)]
    pub side: Side,
    /// Observations between false alarms; computes the threshold.
    pub false_alarm_every: Option<f64>,
    /// The sum that alarms, h, in deviations.
    pub threshold: Option<f64>,
}

fn one() -> f64 {
    1.0
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check_normal(check, self.mean, self.deviation);
        if !(0.25..=6.0).contains(&self.shift) {
            check
                .mistake(
                    "shift",
                    "an absurd shift",
                    "not between 0.25 and 6 deviations",
                )
                .expected("in deviations, such as 1");
        }
        check_threshold(check, self.false_alarm_every, self.threshold);
        if self.threshold.is_some_and(|h| !(0.0..=100.0).contains(&h)) {
            check.mistake("threshold", "an absurd sum", "not between 0 and 100");
        }
    }

    /// h, in deviations.
    pub fn threshold(&self) -> f64 {
        // Both sides alarm as often, so each may half as often.
        let sides = if self.side == Side::Both { 2.0 } else { 1.0 };
        self.threshold.unwrap_or_else(|| {
            let every = self.false_alarm_every.unwrap_or_default();
            threshold(every * sides, |h| run_length(self.shift / 2.0, h, 0.0))
        })
    }

    /// The mean number of observations to an alarm when the mean has moved up by so many deviations
    /// before the first of them.
    pub fn delay(&self, shift: f64) -> f64 {
        let (k, h) = (self.shift / 2.0, self.threshold());
        let watched = |side: Side, shift: f64| {
            (self.side == side || self.side == Side::Both).then(|| run_length(k, h, shift))
        };
        of_sides(watched(Side::Down, -shift), watched(Side::Up, shift))
    }

    pub(super) fn false_alarms(&self) -> Interval {
        Interval::Mean(self.delay(0.0))
    }

    pub(super) fn start(&self) -> State {
        State {
            config: self.clone(),
            h: self.threshold(),
            down: 0.0,
            up: 0.0,
        }
    }
}

/// The mean run length from S = 0 where the mean is `shift` above its own:
/// L(s) = 1 + L(0)·Φ(k − s) + ∫₀ʰ L(y)·φ(y + k − s) dy with k − shift for k.
pub(super) fn run_length(k: f64, h: f64, shift: f64) -> f64 {
    let k = k - shift;
    let nodes = gauss_legendre(nodes_for(h), 0.0, h);
    let from: Vec<f64> = [0.0].into_iter().chain(nodes.iter().map(|n| n.0)).collect();
    let equation = |(i, &s): (usize, &f64)| {
        let stays = nodes.iter().map(|(y, weight)| weight * density(y + k - s));
        let next = [normal_cdf(k - s)].into_iter().chain(stays);
        let own = |(j, p): (usize, f64)| f64::from(u8::from(i == j)) - p;
        next.enumerate().map(own).chain([1.0]).collect()
    };
    solve(from.iter().enumerate().map(equation).collect())[0]
}

/// The two sums.
#[derive(Clone, Debug)]
pub struct State {
    config: Config,
    h: f64,
    down: f64,
    up: f64,
}

impl State {
    pub(super) fn observe(&mut self, seen: Observation<'_>) -> bool {
        let Some(x) = seen.score() else { return false };
        let config = &self.config;
        let (x, k) = ((x - config.mean) / config.deviation, config.shift / 2.0);
        if config.side != Side::Down {
            self.up = (self.up + x - k).max(0.0);
        }
        if config.side != Side::Up {
            self.down = (self.down - x - k).max(0.0);
        }
        let alarm = self.up > self.h || self.down > self.h;
        if alarm {
            (self.up, self.down) = (0.0, 0.0);
        }
        alarm
    }
}
