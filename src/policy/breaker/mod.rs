//! Breakers: when a client stops asking an endpoint.
//!
//! Three questions that libraries mix are three tables here. When does it trip: a kind of `breaker`,
//! one a file. How long does it stay open, and what guards that: [`trip`]. How does it let traffic
//! back: a kind of [`readmit`]. The machine for all of them is [`gate`]; [`set`] is what the
//! breakers of one client know of each other, [`fleet`] what those of several processes do.

pub mod answer;
pub mod consecutive;
pub mod count_window;
pub mod counting;
pub mod each;
pub mod ema;
pub mod fleet;
pub mod gate;
mod half;
pub mod max_fails;
pub mod none;
pub mod outlier;
pub mod plan;
pub mod readmit;
pub mod set;
pub mod time_window;
pub mod trip;
pub mod window;

use crate::base::registry::registry;
use crate::base::window::Tally;
use crate::base::{Check, Duration, Instant};

pub use counting::Counting;

/// Lists the kinds: the registry, and what each has counted.
macro_rules! kinds {
    ($($variant:ident = $module:ident),+ $(,)?) => {
        registry! {
            /// When a breaker trips.
            #[derive(serde::Serialize)]
            "breaker": $($variant = $module),+
        }

        impl Config {
            /// The settings every kind has, as far as it has them.
            fn common(&self) -> Common {
                match self { $(Config::$variant(config) => config.common(),)+ }
            }

            /// Whether so much among the probes would trip it.
            fn judges(&self, tally: Tally) -> bool {
                match self { $(Config::$variant(config) => config.judges(tally),)+ }
            }
        }

        /// What a breaker has counted.
        #[derive(Clone, Debug)]
        enum Counted {
            $($variant($module::State),)+
        }

        impl Counted {
            fn new(config: &Config) -> Counted {
                match config { $(Config::$variant(c) => Counted::$variant($module::State::new(c)),)+ }
            }

            /// Counts an ending.
            #[inline]
            fn record(&mut self, config: &Config, told: Outcome, now: Instant) {
                match (self, config) {
                    $((Counted::$variant(state), Config::$variant(c)) => state.record(c, told, now),)+
                    _ => {}
                }
            }

            /// Whether what is counted is a reason to trip.
            #[inline]
            fn is_bad(&mut self, config: &Config, now: Instant) -> bool {
                match (self, config) {
                    $((Counted::$variant(state), Config::$variant(c)) => state.is_bad(c, now),)+
                    _ => false,
                }
            }

            fn reset(&mut self) {
                match self { $(Counted::$variant(state) => state.reset(),)+ }
            }
        }
    };
}

kinds! {
    None = none,
    Consecutive = consecutive,
    CountWindow = count_window,
    TimeWindow = time_window,
    Ema = ema,
    MaxFails = max_fails,
    Outlier = outlier,
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

/// What a breaker counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// Every attempt's ending.
    #[default]
    Attempts,
    /// Only the last attempt of a call at the endpoint. A probe counts as it ends all the same: its
    /// outcome is what the breaker waits for.
    Calls,
}

/// How a breaker is told that an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it failed; None for one that says nothing about the endpoint.
    pub failed: Option<bool>,
    /// Whether it is one failure too many, whatever was counted before.
    pub trips: bool,
    /// Whether it took longer than the breaker likes.
    pub slow: bool,
}

impl Outcome {
    /// A plain success, failure, or neither.
    pub fn plain(failed: Option<bool>) -> Outcome {
        Outcome {
            failed,
            trips: false,
            slow: false,
        }
    }

    fn tally(self) -> Tally {
        Tally {
            all: 1,
            bad: u32::from(self.failed == Some(true)),
            slow: u32::from(self.slow),
        }
    }
}

/// What the machine needs to know of a kind.
#[derive(Clone, Copy, Debug)]
struct Common {
    /// The first open time.
    open: Duration,
    probes: u32,
    counts: Counts,
    /// What takes longer is slow.
    slow_after: Option<Duration>,
    /// Whether also a good ending may trip it.
    on_success: bool,
    /// Whether attempts sent and refused are counted, and endings only if they failed.
    counts_sent: bool,
    /// Endings below which nothing is decided among probes.
    min_volume: u32,
    /// How long an ending matters to it, if that ends with time alone.
    memory: Duration,
    /// How often it compares its endpoint with the others.
    compares_every: Option<Duration>,
}

impl Common {
    fn new(open: Duration, probes: u32, counts: Counts) -> Common {
        Common {
            open,
            probes,
            counts,
            slow_after: None,
            on_success: false,
            counts_sent: false,
            min_volume: u32::MAX,
            memory: Duration::ZERO,
            compares_every: None,
        }
    }
}

/// The default number of probes.
fn one() -> u32 {
    1
}

/// Notes an open time and a number of probes that make no sense.
fn check_common(check: &mut Check, open: Duration, probes: u32) {
    if open.is_zero() {
        check.mistake("open", "a breaker that is never open", "is zero");
    }
    if !(1..=1000).contains(&probes) {
        check
            .mistake(
                "probes",
                "an absurd number of probes",
                "not between 1 and 1000",
            )
            .help("without a probe a breaker never closes again");
    }
}
