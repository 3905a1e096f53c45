//! An exponentially weighted moving average of scores that alarms when it strays from the mean.
//!
//! With x in deviations from the mean: z ← λ·x + (1 − λ)·z from 0, alarm when |z| > L·√(λ/(2 − λ)), the
//! limits of a long run from the start on (Roberts 1959). The interval of false alarms is that of
//! Crowder's integral equation (1987): L(u) = 1 + (1/λ)·∫ L(y)·φ((y − (1 − λ)u)/λ) dy over the limits.
//! Small λ for small shifts; it always watches both directions.

use serde::{Deserialize, Serialize};

use super::run_length::{density, gauss_legendre, nodes_for, solve, threshold};
use super::{Interval, Observation, check_normal, check_threshold};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "ewma",
    summary: "a moving average that strays from the mean, in either direction",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The mean score while nothing is wrong.
    pub mean: f64,
    /// The scores' standard deviation.
    pub deviation: f64,
    /// The newest score's share of the average, λ, 0.02 to 1.
    #[serde(default = "tenth")]
    pub weight: f64,
    /// Observations between false alarms; computes the threshold.
    pub false_alarm_every: Option<f64>,
    /// The distance that alarms, L, in the average's own deviations in a long run.
    pub threshold: Option<f64>,
}

fn tenth() -> f64 {
    0.1
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check_normal(check, self.mean, self.deviation);
        if !(0.02..=1.0).contains(&self.weight) {
            check
                .mistake("weight", "no such weight", "not between 0.02 and 1")
                .help("0.1 finds shifts of about one deviation");
        }
        check_threshold(check, self.false_alarm_every, self.threshold);
        if self.threshold.is_some_and(|l| !(l > 0.0 && l <= 8.0)) {
            check.mistake("threshold", "an absurd limit", "not above 0 and up to 8");
        }
    }

    /// L, in deviations of the average.
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or_else(|| {
            let every = self.false_alarm_every.unwrap_or_default();
            threshold(every, |l| run_length(self.weight, l, 0.0))
        })
    }

    /// The mean number of observations to an alarm when the mean has moved by so many deviations
    /// before the first of them.
    pub fn delay(&self, shift: f64) -> f64 {
        run_length(self.weight, self.threshold(), shift)
    }

    pub(super) fn false_alarms(&self) -> Interval {
        Interval::Mean(self.delay(0.0))
    }

    pub(super) fn start(&self) -> State {
        State {
            config: self.clone(),
            limit: limit(self.weight, self.threshold()),
            average: 0.0,
        }
    }
}

/// L·√(λ/(2 − λ)).
fn limit(weight: f64, l: f64) -> f64 {
    l * libm::sqrt(weight / (2.0 - weight))
}

fn run_length(weight: f64, l: f64, shift: f64) -> f64 {
    let h = limit(weight, l);
    let nodes = gauss_legendre(nodes_for(2.0 * h / weight), -h, h);
    let step = |from: f64, to: f64| density((to - (1.0 - weight) * from) / weight - shift) / weight;
    let equation = |(i, &(u, _)): (usize, &(f64, f64))| {
        let next = nodes.iter().enumerate();
        let own = |(j, &(y, w)): (usize, &(f64, f64))| f64::from(u8::from(i == j)) - w * step(u, y);
        next.map(own).chain([1.0]).collect()
    };
    let lengths = solve(nodes.iter().enumerate().map(equation).collect());
    let next = nodes.iter().zip(&lengths);
    1.0 + next.map(|(&(y, w), l)| w * step(0.0, y) * l).sum::<f64>()
}

/// The average.
#[derive(Clone, Debug)]
pub struct State {
    config: Config,
    limit: f64,
    average: f64,
}

impl State {
    pub(super) fn observe(&mut self, seen: Observation<'_>) -> bool {
        let Some(x) = seen.score() else { return false };
        let Config {
            mean,
            deviation,
            weight,
            ..
        } = self.config;
        self.average = weight * (x - mean) / deviation + (1.0 - weight) * self.average;
        let alarm = self.average.abs() > self.limit;
        if alarm {
            self.average = 0.0;
        }
        alarm
    }
}
