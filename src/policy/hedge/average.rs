//! A hedge after the average of the process's last latencies and more: resilience4j's average-plus.
//!
//! The average lies above the median where a few are very slow, as answers of language models are: a
//! delay of it alone hedges about a third of the calls. Latencies that a hedge cuts short do not count.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Sample, To};
use crate::base::registry::Kind;
use crate::base::{Check, Class, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "average",
    summary: "asks again after the average of its own latencies and more",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// How many of the last latencies are averaged, 1 to 10000.
    pub samples: u32,
    /// What the average is multiplied with, 0 to 1000.
    pub factor: f64,
    /// What is added then.
    pub plus: Duration,
    /// Whether failures count as well.
    pub failures: bool,
    /// Where the hedge goes.
    pub to: To,
    /// Hedges per call, 1 to 3: at most four attempts are in flight.
    pub max: u8,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            samples: 100,
            factor: 1.0,
            plus: Duration::ZERO,
            failures: false,
            to: To::default(),
            max: 1,
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_max(self.max, check);
        if !(1..=10_000).contains(&self.samples) {
            check
                .mistake("samples", "an absurd number of latencies", "not 1 to 10000")
                .help("100 follows changes and is not thrown by one slow answer");
        }
        if !(0.0..=1000.0).contains(&self.factor) {
            check
                .mistake("factor", "an absurd factor", "not 0 to 1000")
                .help("1.5 waits half as long again as the average");
        }
    }
}

/// The last latencies and their sum.
#[derive(Clone, Debug, Default)]
pub struct State {
    last: VecDeque<u64>,
    sum: u64,
}

impl State {
    pub(super) fn delay(&self, config: &Config) -> Option<Duration> {
        let n = self.last.len() as f64;
        (n > 0.0).then(|| {
            let average = Duration((self.sum as f64 / n * config.factor) as u64);
            Duration(average.0.saturating_add(config.plus.0))
        })
    }

    pub(super) fn record(&mut self, config: &Config, sample: Sample) {
        let counts = match sample.class {
            Class::Ok => true,
            Class::Cancelled => false,
            _ => config.failures,
        };
        if !counts {
            return;
        }
        if self.last.len() >= config.samples as usize {
            self.sum -= self.last.pop_front().unwrap_or(0);
        }
        // An hour and more is all the same, and its sums fit.
        let took = sample.took.0.min(Duration::from_s(3600).0);
        self.last.push_back(took);
        self.sum += took;
    }
}
