//! Drift monitors: when the quality of answers has changed.
//!
//! Each is a pure machine that is fed one observation after the other (a score, whether a judge
//! passed an answer, or an embedding) and says whether it raises an alarm; then it starts anew. Each
//! has a *stated interval of false alarms*: the mean number of observations between two alarms while
//! nothing changes (ARL₀ in the literature). Whoever writes `false-alarm-every` gets the threshold
//! that has it; whoever writes `threshold` is told the interval. Where only every n-th answer is
//! judged, an interval in answers is n times as long. Notation and tables: Montgomery,
//! *Introduction to Statistical Quality Control*, ch. 9.

pub mod adwin;
pub mod bernoulli_cusum;
pub mod cusum;
pub mod embedding;
pub mod ewma;
pub mod page_hinkley;
mod run_length;
#[cfg(test)]
mod tests;
pub mod watch;

pub use watch::Watch;

use crate::base::Check;
use crate::base::registry::{each, registry};

/// Lists the kinds: the registry and what each keeps.
macro_rules! kinds {
    ($($variant:ident = $module:ident),+ $(,)?) => {
        registry! {
            /// What is watched for, and how.
            #[derive(serde::Serialize)]
            "monitor": $($variant = $module),+
        }

        /// What a monitor remembers; bounded, whatever it is fed.
        #[derive(Clone, Debug)]
        pub enum State { $(#[doc = concat!("See [`", stringify!($module), "`].")] $variant($module::State)),+ }

        impl Config {
            /// A monitor that has seen nothing. The settings must have passed `check`.
            pub fn start(&self) -> State {
                match self { $(Config::$variant(config) => State::$variant(config.start()),)+ }
            }

            /// What is known of the mean number of observations between false alarms.
            pub fn false_alarms(&self) -> Interval {
                match self { $(Config::$variant(config) => config.false_alarms(),)+ }
            }
        }

        impl State {
            /// Takes one observation; whether it raises an alarm. Observations of another sort than
            /// the kind takes (see [`Observation`]) are passed over.
            pub fn observe(&mut self, seen: Observation<'_>) -> bool {
                each!(self, State: $($variant),+ => |state| state.observe(seen))
            }
        }
    };
}

kinds!(
    Cusum = cusum,
    BernoulliCusum = bernoulli_cusum,
    PageHinkley = page_hinkley,
    Ewma = ewma,
    Adwin = adwin,
    Embedding = embedding,
);

impl Config {
    /// A change that the settings are about, in words, and the mean number of observations in which it is
    /// found if it was there before the first of them. None where no law is known.
    pub fn finds(&self) -> Option<(String, f64)> {
        match self {
            Config::BernoulliCusum(c) => {
                let share = format!("a share of {}%", libm::round(c.risen.0 * 1e4) / 1e2);
                Some((share, c.delay(c.risen.0)))
            }
            Config::Cusum(c) => {
                let shift = if c.side == Side::Down {
                    -c.shift
                } else {
                    c.shift
                };
                Some((format!("a shift of {} deviations", c.shift), c.delay(shift)))
            }
            Config::Ewma(c) => Some(("a shift of 1 deviation".into(), c.delay(1.0))),
            Config::PageHinkley(_) | Config::Adwin(_) | Config::Embedding(_) => None,
        }
    }
}

/// One thing seen of one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation<'a> {
    /// A number: a judge's score, a length, a distance. For all kinds but `bernoulli-cusum` and
    /// `embedding`. What is no finite number is passed over.
    Score(f64),
    /// Whether the answer failed a check. For `bernoulli-cusum`; `adwin` takes it as 1 or 0.
    Failed(bool),
    /// An embedding. For `embedding`; of another size than it says, it is passed over.
    Vector(&'a [f64]),
}

impl Observation<'_> {
    fn score(self) -> Option<f64> {
        match self {
            Observation::Score(x) if x.is_finite() => Some(x),
            _ => None,
        }
    }
}

/// The mean number of observations between false alarms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interval {
    /// This, if observations are as the settings say.
    Mean(f64),
    /// This or more.
    AtLeast(f64),
    /// No law is known for these settings.
    Unknown,
}

/// In which direction a change matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Lower scores.
    #[default]
    Down,
    /// Higher scores.
    Up,
    /// Either.
    Both,
}

/// The shortest and the longest interval that may be asked for.
const INTERVALS: std::ops::RangeInclusive<f64> = 10.0..=1e8;

/// Notes unless exactly one of the two says how soon it alarms, and both make sense.
fn check_threshold(check: &mut Check, every: Option<f64>, threshold: Option<f64>) {
    match (every, threshold) {
        (None, None) => {
            check
                .mistake(
                    "",
                    "`false-alarm-every` or `threshold` is missing",
                    "when does it alarm?",
                )
                .help("`false-alarm-every`, in observations, computes the threshold");
        }
        (Some(_), Some(_)) => {
            check
                .mistake("threshold", "two thresholds", "beside `false-alarm-every`")
                .help("`false-alarm-every` computes the threshold: drop one of them");
        }
        _ => {}
    }
    if every.is_some_and(|every| !INTERVALS.contains(&every)) {
        check
            .mistake(
                "false-alarm-every",
                "no such interval of false alarms",
                "not between 10 and 100 million observations",
            )
            .expected("such as 10000");
    }
}

/// Notes a deviation that spreads nothing.
fn check_normal(check: &mut Check, mean: f64, deviation: f64) {
    if !mean.is_finite() {
        check.mistake("mean", "the mean is a number", "is none");
    }
    if !(deviation > 0.0 && deviation.is_finite()) {
        check
            .mistake("deviation", "scores that never differ", "not above 0")
            .help("the standard deviation of scores while nothing is wrong");
    }
}
