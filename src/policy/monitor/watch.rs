//! `monitor.NAME`: what of an endpoint's answers is watched, by which test, and what an
//! alarm does.
//!
//! Each process watches each endpoint by itself, so P processes with one endpoint each raise P times as
//! many false alarms. An interval of false alarms is in observations: with `sample = "10%"` it is ten
//! times as long in answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Config as Test, Interval, Observation};
use crate::base::units::Ratio;
use crate::base::{Check, Class, Duration, Usage};
use crate::policy::breaker::Counting;

/// The most monitors of one policy: a record names each by its place.
pub const MAX_MONITORS: usize = 64;

/// One monitor of a policy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Watch {
    /// What is watched.
    pub watch: Subject,
    /// The test it is put to.
    pub test: Test,
    /// In what a number is taken; nothing else has one.
    #[serde(default)]
    pub scale: Scale,
    /// The share of observations that the test is given, each drawn by itself.
    #[serde(default = "all")]
    pub sample: Ratio,
    /// What an alarm does.
    #[serde(default)]
    pub then: Then,
    /// How long that lasts, and how long the monitor looks away after an alarm, so that one cause is not told
    /// again and again. Required unless an alarm is an alert and nothing else.
    #[serde(rename = "for")]
    pub lasts: Option<Duration>,
}

fn all() -> Ratio {
    Ratio(1.0)
}

/// What of an endpoint's answers is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Whether attempts fail, as their class counts for a breaker; classes it ignores are passed over.
    Failures,
    /// How long answers take, from the sending of the attempt to the end of a complete answer, in seconds.
    Latency,
    /// The tokens of answers, by the bills of attempts that were billed for any.
    OutputTokens,
    /// What an attempt is billed, in US dollars; bills of nothing are passed over.
    Cost,
    /// Whether answers fail the check of their schema.
    Schema,
    /// Whether a judge refuses answers.
    Judge,
    /// The embeddings of complete answers.
    Embedding,
}

impl Subject {
    /// What it gives, in words.
    fn gives(self) -> Gives {
        match self {
            Subject::Failures | Subject::Schema | Subject::Judge => Gives::Failures,
            Subject::Latency | Subject::OutputTokens | Subject::Cost => Gives::Numbers,
            Subject::Embedding => Gives::Vectors,
        }
    }

    /// Its place in a set of them.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What observations are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    Failures,
    Numbers,
    Vectors,
}

/// In what a number is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// As it is.
    #[default]
    Linear,
    /// Its natural logarithm: latencies and lengths are far from normal, their logarithms are not far.
    /// `mean` and `deviation` of the test are those of the logarithm.
    Log,
}

/// What an alarm does. It is always an alert in the results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Nothing else.
    #[default]
    Alert,
    /// Opens the endpoint's breaker, also where the policy has no other reason to.
    Trip,
    /// The endpoint is asked last.
    FailOver,
}

/// Something seen of one attempt or of its answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen<'a> {
    /// It ended.
    Ended {
        /// How.
        class: Class,
        /// What that is to a breaker.
        counting: Counting,
        /// How long it took.
        took: Duration,
    },
    /// Its bill came.
    Billed(Usage),
    /// Its answer was held against its schema, and fits or does not.
    Schema {
        /// Whether it does.
        fits: bool,
    },
    /// A judge looked at its answer, and passed or refused it.
    Judged {
        /// Whether it passed.
        passed: bool,
    },
    /// The embedding of its answer.
    Embedded(&'a [f64]),
}

impl Seen<'_> {
    /// What it says something of, one bit each.
    pub fn subjects(&self) -> u8 {
        match self {
            Seen::Ended { .. } => Subject::Failures.bit() | Subject::Latency.bit(),
            Seen::Billed(_) => Subject::OutputTokens.bit() | Subject::Cost.bit(),
            Seen::Schema { .. } => Subject::Schema.bit(),
            Seen::Judged { .. } => Subject::Judge.bit(),
            Seen::Embedded(_) => Subject::Embedding.bit(),
        }
    }
}

impl Watch {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        check.at("test", |check| self.test.check(check));
        self.check_fit(check);
        if self.scale == Scale::Log && self.watch.gives() != Gives::Numbers {
            check
                .mistake("scale", "this has no logarithm", "no number is watched")
                .help("`scale` is for latency, output-tokens and cost");
        }
        if !(self.sample.0 > 0.0 && self.sample.0 <= 1.0) {
            check
                .mistake("sample", "it sees nothing", "not above 0 and up to 1")
                .expected("a share such as \"10%\"");
        }
        match (self.then, self.lasts) {
            (Then::Trip | Then::FailOver, None) => {
                check
                    .mistake("then", "for how long?", "needs `for`")
                    .help("set `for`, such as \"10m\"");
            }
            (_, Some(lasts)) if lasts.is_zero() => {
                check.mistake("for", "it does nothing", "no time");
            }
            _ => {}
        }
    }

    /// Notes a test that cannot be given what is watched, or whose law does not hold for it.
    fn check_fit(&self, check: &mut Check) {
        let kind = self.test.kind();
        let key = format!("test.{kind}");
        let watched = check.path("watch");
        let wrong = match (self.watch.gives(), &self.test) {
            (Gives::Failures, Test::BernoulliCusum(_) | Test::Adwin(_))
            | (Gives::Numbers, Test::Cusum(_) | Test::Ewma(_) | Test::PageHinkley(_))
            | (Gives::Vectors, Test::Embedding(_)) => return,
            (Gives::Failures, Test::PageHinkley(test)) if test.false_alarm_every.is_none() => {
                return;
            }
            (Gives::Failures, _) => "bernoulli-cusum, adwin, or page-hinkley with a threshold",
            (Gives::Numbers, _) => "cusum, ewma or page-hinkley",
            (Gives::Vectors, _) => "embedding",
        };
        check
            .mistake(
                &key,
                format!("`{kind}` is no test for this"),
                "does not fit",
            )
            .also(watched, "what is watched")
            .expected(wrong);
    }

    /// The mean number of observations between false alarms.
    pub fn false_alarms(&self) -> Interval {
        match (self.watch.gives(), &self.test) {
            // Its law is of normal scores.
            (Gives::Failures, Test::PageHinkley(_)) => Interval::Unknown,
            _ => self.test.false_alarms(),
        }
    }

    /// Whether [`Watch::false_alarms`] is of normal numbers and what is watched is given as it is: times,
    /// lengths and costs are above zero and have a long tail, and of such numbers a test raises another share
    /// of false alarms.
    pub fn assumes_normal(&self) -> bool {
        self.watch.gives() == Gives::Numbers && self.scale == Scale::Linear
    }

    /// What a test is given of something seen; None: this says nothing of it.
    pub fn observation<'a>(&self, seen: Seen<'a>) -> Option<Observation<'a>> {
        let failed = |failed: bool| {
            Some(match &self.test {
                Test::PageHinkley(_) => Observation::Score(f64::from(u8::from(failed))),
                _ => Observation::Failed(failed),
            })
        };
        match (self.watch, seen) {
            (
                Subject::Failures,
                Seen::Ended {
                    class, counting, ..
                },
            ) => match (class, counting) {
                (Class::Ok, _) | (_, Counting::Success) => failed(false),
                (_, Counting::Ignored) => None,
                (_, Counting::Failure | Counting::Trips) => failed(true),
            },
            (
                Subject::Latency,
                Seen::Ended {
                    class: Class::Ok,
                    took,
                    ..
                },
            ) => self.number(took.as_s_f64()),
            (Subject::OutputTokens, Seen::Billed(usage)) => self.number(usage.output_tokens as f64),
            (Subject::Cost, Seen::Billed(usage)) => self.number(usage.pico_usd as f64 * 1e-12),
            (Subject::Schema, Seen::Schema { fits }) => failed(!fits),
            (Subject::Judge, Seen::Judged { passed }) => failed(!passed),
            (Subject::Embedding, Seen::Embedded(vector)) => Some(Observation::Vector(vector)),
            _ => None,
        }
    }

    fn number(&self, x: f64) -> Option<Observation<'static>> {
        (x > 0.0).then(|| {
            Observation::Score(match self.scale {
                Scale::Linear => x,
                Scale::Log => libm::log(x),
            })
        })
    }
}

/// Checks all monitors of a policy.
pub fn check_all(monitors: &BTreeMap<String, Watch>, check: &mut Check) {
    if monitors.len() > MAX_MONITORS {
        let label = format!("more than {MAX_MONITORS}");
        check.mistake("", "too many monitors", label);
    }
    let mut of_embeddings: Option<Vec<String>> = None;
    for (name, watch) in monitors {
        // Alerts are told apart by their names.
        if name == "costly-fallback" || name.starts_with("guard.") || name.starts_with("limit.") {
            check
                .mistake(name, "a name that others have", "alerts of something else")
                .help("call the monitor otherwise");
        }
        check.at(name, |check| watch.check(check));
        if watch.watch != Subject::Embedding {
            continue;
        }
        let path = check.path(&format!("{name}.watch"));
        if let Some(first) = of_embeddings.replace(path) {
            check
                .mistake(
                    &format!("{name}.watch"),
                    "two monitors of embeddings",
                    "one too many",
                )
                .also(first, "the other")
                .help("an answer is embedded once: keep one of them");
        }
    }
}

#[cfg(test)]
mod tests;
