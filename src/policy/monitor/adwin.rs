//! ADWIN: a window that grows while its parts agree and drops its old part when two differ.
//!
//! Observations of 0 to 1 lie in buckets of 1, 2, 4, … with at most `max-buckets` + 1 of a size, so n
//! of them take O(log n) memory. At every `clock`-th one, the window is cut at every border of buckets
//! into n₀ old and n₁ new ones; if |μ₀ − μ₁| > ε, the oldest bucket goes, and it is cut again:
//! ε = √(2m·σ²·ln(2 ln n/δ)) + ⅔·m·ln(2 ln n/δ), m = 1/(n₀ − w + 1) + 1/(n₁ − w + 1), w =
//! `min-window`. Any cut is an alarm; then the window starts anew, as in River, or goes on with its newer
//! part, as in the paper: then one change may alarm several times, until what is left is all of its new
//! side. Source: Bifet and Gavaldà, *Learning from Time-Changing Data with Adaptive Windowing* (2007), and
//! River 0.26, whose settings and ε these are. Scores below 0 count as 0, above 1 as 1: there ε holds.
//!
//! ε is made so that one look at an unchanged window cuts with a chance of at most δ, by a union bound
//! over the borders (their Theorem 3.1, with ln n for the number of borders); then the first j looks
//! alarm with at most j·δ, and the mean interval is clock/(2δ) or more. It is a bound: in truth alarms
//! are much rarer. It needs no mean and no deviation; a shift of known size is found sooner by `cusum`.

use serde::{Deserialize, Serialize};

use super::{Interval, Observation, check_threshold};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "adwin",
    summary: "a window that drops its old part when it differs from the new one",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Observations from one look to the next.
    #[serde(default = "thirty_two")]
    pub clock: u32,
    /// Buckets of a size before two of them are joined, 1 to 1000.
    #[serde(default = "five")]
    pub max_buckets: u32,
    /// The fewest observations of a part, w.
    #[serde(default = "five")]
    pub min_window: u32,
    /// Up to so many observations it is not cut.
    #[serde(default = "ten")]
    pub grace: u32,
    /// What is left of the window after an alarm.
    #[serde(default)]
    pub after_alarm: AfterAlarm,
    /// At least so many observations between false alarms; computes δ.
    pub false_alarm_every: Option<f64>,
    /// The chance that one look finds a change where there is none, δ, above 0 and below 1.
    pub threshold: Option<f64>,
}

/// What is left of a window after an alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterAlarm {
    /// Nothing, and the next look is `clock` observations later: as River has it.
    #[default]
    StartAnew,
    /// What is newer than the cut, as the paper has it.
    KeepNewer,
}

fn thirty_two() -> u32 {
    32
}

fn five() -> u32 {
    5
}

fn ten() -> u32 {
    10
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.clock == 0 {
            check.mistake("clock", "it never looks", "is zero");
        }
        if !(1..=1000).contains(&self.max_buckets) {
            check.mistake("max-buckets", "no such window", "not between 1 and 1000");
        }
        if self.min_window == 0 {
            check.mistake("min-window", "a part of nothing", "is zero");
        }
        check_threshold(check, self.false_alarm_every, self.threshold);
        if !(self.threshold() > 0.0 && self.threshold() < 1.0) {
            let key = match self.threshold {
                Some(_) => "threshold",
                None => "false-alarm-every",
            };
            check
                .mistake(key, "δ is no chance", "makes δ not between 0 and 1")
                .help("δ is clock/(2·false-alarm-every); 0.002 is River's");
        }
    }

    /// δ.
    pub fn threshold(&self) -> f64 {
        let every = self.false_alarm_every.unwrap_or_default();
        self.threshold
            .unwrap_or(f64::from(self.clock) / (2.0 * every))
    }

    pub(super) fn false_alarms(&self) -> Interval {
        Interval::AtLeast(f64::from(self.clock) / (2.0 * self.threshold()))
    }

    pub(super) fn start(&self) -> State {
        State {
            config: self.clone(),
            seen: 0,
            rows: Vec::new(),
        }
    }
}

/// What a bucket, or several, keep of their observations.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    count: f64,
    sum: f64,
    /// Σ(x − mean)².
    squares: f64,
}

impl Part {
    fn mean(self) -> f64 {
        self.sum / self.count
    }

    /// Both together: the squares of Chan, Golub and LeVeque (1983).
    fn with(self, other: Part) -> Part {
        if self.count == 0.0 || other.count == 0.0 {
            return if self.count == 0.0 { other } else { self };
        }
        let (count, apart) = (self.count + other.count, self.mean() - other.mean());
        Part {
            count,
            sum: self.sum + other.sum,
            squares: self.squares
                + other.squares
                + apart * apart * self.count * other.count / count,
        }
    }
}

/// The window.
#[derive(Clone, Debug)]
pub struct State {
    config: Config,
    seen: u64,
    /// Buckets of 2ⁱ observations in row i, the oldest first.
    rows: Vec<Vec<Part>>,
}

impl State {
    pub(super) fn observe(&mut self, seen: Observation<'_>) -> bool {
        let x = match seen {
            Observation::Failed(failed) => f64::from(u8::from(failed)),
            _ => match seen.score() {
                Some(x) => x.clamp(0.0, 1.0),
                None => return false,
            },
        };
        self.insert(x);
        self.seen += 1;
        let alarm = self.seen.is_multiple_of(u64::from(self.config.clock)) && self.shrink();
        if alarm && self.config.after_alarm == AfterAlarm::StartAnew {
            self.seen = 0;
            self.rows.clear();
        }
        alarm
    }

    /// The observations in the window.
    pub fn width(&self) -> u64 {
        self.oldest_first().map(|part| part.count as u64).sum()
    }

    fn oldest_first(&self) -> impl Iterator<Item = Part> {
        self.rows.iter().rev().flatten().copied()
    }

    fn insert(&mut self, x: f64) {
        let mut part = Part {
            count: 1.0,
            sum: x,
            squares: 0.0,
        };
        let most = self.config.max_buckets as usize;
        for i in 0.. {
            if i == self.rows.len() {
                self.rows.push(Vec::new());
            }
            let row = &mut self.rows[i];
            row.push(part);
            if row.len() <= most {
                return;
            }
            // The two oldest make one of the next size.
            part = row[0].with(row[1]);
            row.drain(..2);
        }
    }

    /// Drops old buckets until no two parts differ; whether any went.
    fn shrink(&mut self) -> bool {
        let mut alarm = false;
        while self.differs() {
            let oldest = self.rows.iter_mut().rev().find(|row| !row.is_empty());
            oldest.map(|row| row.remove(0));
            alarm = true;
        }
        alarm
    }

    /// Whether some cut parts what differs.
    fn differs(&self) -> bool {
        let all = self.oldest_first().fold(Part::default(), Part::with);
        if all.count <= f64::from(self.config.grace) {
            return false;
        }
        let (mut n0, mut sum0) = (0.0, 0.0);
        self.oldest_first().any(|part| {
            (n0, sum0) = (n0 + part.count, sum0 + part.sum);
            let (n1, sum1) = (all.count - n0, all.sum - sum0);
            let least = f64::from(self.config.min_window);
            n0 >= least && n1 >= least && (sum0 / n0 - sum1 / n1).abs() > self.apart(all, n0, n1)
        })
    }

    /// ε.
    fn apart(&self, all: Part, n0: f64, n1: f64) -> f64 {
        let least = f64::from(self.config.min_window);
        let m = 1.0 / (n0 - least + 1.0) + 1.0 / (n1 - least + 1.0);
        let log = libm::log(2.0 * libm::log(all.count) / self.config.threshold());
        let variance = all.squares / all.count;
        libm::sqrt(2.0 * m * variance * log) + 2.0 / 3.0 * m * log
    }
}
