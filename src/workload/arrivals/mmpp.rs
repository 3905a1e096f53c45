//! A rate that jumps between states: the Markov-modulated Poisson process.
//!
//! Each state has a rate of its own and lasts exponentially long; then any other follows, at even chances.
//! By default the two states fitted to the arrivals of a code assistant (Azure 2023, code): next to nothing
//! for 22 s, then 3.85 times the mean for 8 s. Its 10-second counts vary 70 times as much as Poisson's, which
//! is what limits and queues suffer from and what a mean rate hides. Of its chat, × 0.84 for 122 s and × 1.27
//! for 76 s is the fit.

use serde::Deserialize;

use super::modulated::{self, Path, mean_rate};
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "mmpp",
    summary: "a rate that jumps between states (Markov-modulated Poisson)",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Calls per time, over all processes and states.
    pub rate: Rate,
    /// Two to eight states.
    #[serde(default = "code")]
    pub states: Vec<State>,
}

/// One state.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct State {
    /// Its rate, in terms of the other states': all are scaled so that the mean is `rate`.
    pub times: f64,
    /// How long it lasts, on average.
    #[serde(rename = "for")]
    pub lasts: Duration,
}

/// The fit to the code service of the Azure trace of 2023.
fn code() -> Vec<State> {
    let state = |times, ms| State {
        times,
        lasts: Duration::from_ms(ms),
    };
    vec![state(0.004, 21_800), state(3.85, 7_600)]
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::poisson::fast(check, "rate", self.rate);
        if !(2..=8).contains(&self.states.len()) {
            check
                .mistake("states", "too few states or too many", "not 2 to 8")
                .help("one state is `poisson`");
        }
        for (i, state) in self.states.iter().enumerate() {
            if !(0.0..=1e6).contains(&state.times) {
                check.mistake(
                    &format!("states.{i}.times"),
                    "an absurd rate",
                    "not between 0 and a million",
                );
            }
            if state.lasts < Duration::from_ms(1) {
                check.mistake(
                    &format!("states.{i}.for"),
                    "a state of no time",
                    "under a millisecond",
                );
            }
        }
        if self.states.iter().all(|state| state.times == 0.0) {
            check.mistake("states", "nobody ever calls", "none has a rate");
        }
    }

    fn scaled(&self) -> Vec<modulated::State> {
        let states = self.states.iter().map(|state| modulated::State {
            rate_per_s: state.times,
            mean_s: state.lasts.as_s_f64(),
        });
        let mut states: Vec<modulated::State> = states.collect();
        let scale = self.rate.per_s() / mean_rate(&states);
        for state in &mut states {
            state.rate_per_s *= scale;
        }
        states
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        self.rate.per_s() * duration.as_s_f64()
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        let rates = self.scaled().into_iter().map(|state| state.rate_per_s);
        Some(rates.fold(0.0, f64::max))
    }

    pub(super) fn path(&self) -> Path {
        Path::new(&self.scaled())
    }
}
