//! A factor for each hour of the day times one for each day of the week.
//!
//! Factors may have any scale: they are divided by their mean over the week. The hours by default are those of
//! a question-and-answer service of a university (RAGPulse: a peak of 1.64 times the mean, nights at a
//! twentieth of it), and a day of the weekend has 1/2.7 of a weekday's calls (Azure, a week of 2024).

use std::sync::Arc;

use serde::Deserialize;

use crate::base::registry::Kind;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "weekly",
    summary: "a factor for each hour of the day and each day of the week",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// By hour, from midnight.
    pub hours: Vec<f64>,
    /// By day, from Monday.
    pub days: Vec<f64>,
    /// The time of the week, from midnight before Monday, at which the run begins.
    pub starts: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            // The calls of each hour of five days.
            hours: [
                320, 107, 66, 25, 20, 22, 35, 108, 231, 311, 445, 453, 382, 423, 479, 485, 446,
                379, 435, 461, 376, 374, 398, 325,
            ]
            .map(f64::from)
            .to_vec(),
            days: vec![2.7, 2.7, 2.7, 2.7, 2.7, 1.0, 1.0],
            starts: Duration::ZERO,
        }
    }
}

const HOUR_S: f64 = 3600.0;
const WEEK_S: f64 = 168.0 * HOUR_S;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        for (key, factors, wanted) in [("hours", &self.hours, 24), ("days", &self.days, 7)] {
            if factors.len() != wanted {
                let label = format!("{} and not {wanted}", factors.len());
                check.mistake(key, "a factor for each is needed", label);
            } else if factors.iter().any(|f| !(0.0..=1e9).contains(f)) {
                check.mistake(key, "an absurd factor", "not between 0 and a billion");
            } else if factors.iter().all(|f| *f == 0.0) {
                check.mistake(key, "nobody ever calls", "all are zero");
            }
        }
        if self.starts.as_s_f64() >= WEEK_S {
            check.mistake("starts", "a time of no week", "7d or more");
        }
    }

    /// The factors with their sums, from the start of the run on.
    pub(super) fn steps(&self) -> Steps {
        let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
        let scale = mean(&self.hours) * mean(&self.days);
        let mut sum = 0.0;
        let days = self.days.iter();
        let factors = days.flat_map(|day| self.hours.iter().map(move |hour| day * hour));
        let sums = factors.map(|factor| {
            sum += factor / scale * HOUR_S;
            sum
        });
        let mut steps = Steps {
            sums: sums.collect(),
            starts: self.starts.as_s_f64(),
            before: 0.0,
        };
        steps.before = steps.of_week(steps.starts);
        steps
    }
}

/// ∫ of the factor over a week, hour by hour: a line within each.
#[derive(Clone, Debug)]
pub struct Steps {
    /// Up to the end of each hour, in seconds; a week adds up to itself.
    sums: Arc<[f64]>,
    starts: f64,
    /// Up to the start of the run.
    before: f64,
}

impl Steps {
    fn up_to(&self, hour: usize) -> f64 {
        hour.checked_sub(1).map_or(0.0, |last| self.sums[last])
    }

    fn of_week(&self, t: f64) -> f64 {
        let hour = ((t / HOUR_S) as usize).min(self.sums.len() - 1);
        let (from, to) = (self.up_to(hour), self.sums[hour]);
        from + (to - from) * (t / HOUR_S - hour as f64)
    }

    /// ∫ of the factor from the start, in seconds.
    pub(super) fn amount(&self, t: f64) -> f64 {
        let t = t + self.starts;
        let weeks = (t / WEEK_S).floor();
        weeks * WEEK_S + self.of_week(t - weeks * WEEK_S) - self.before
    }

    pub(super) fn inverse(&self, amount: f64) -> f64 {
        let amount = amount + self.before;
        let weeks = (amount / WEEK_S).floor();
        let rest = amount - weeks * WEEK_S;
        let hour = self.sums.partition_point(|sum| *sum <= rest);
        let hour = hour.min(self.sums.len() - 1);
        let (from, to) = (self.up_to(hour), self.sums[hour]);
        let share = if to > from {
            (rest - from) / (to - from)
        } else {
            1.0
        };
        weeks * WEEK_S + (hour as f64 + share.min(1.0)) * HOUR_S - self.starts
    }

    pub(super) fn most(&self) -> f64 {
        let hours = (0..self.sums.len()).map(|hour| self.sums[hour] - self.up_to(hour));
        hours.fold(0.0, f64::max) / HOUR_S
    }
}
