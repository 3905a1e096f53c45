//! `trip`: what goes with a trip, whatever its reason. How long the breaker stays open beyond its
//! first open time, when it is decided, what guards against tripping everywhere, and what becomes of
//! endings that come too late.

use serde::{Deserialize, Serialize};

use crate::base::units::Ratio;
use crate::base::{Check, Duration};
use crate::policy::backoff::jitter::Jitter;
use crate::policy::fleet::Scope;

use super::each::Each;

/// Settings of `trip`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// What there is a breaker for.
    pub each: Each,
    /// Whether every process has its own breakers, or all have them together.
    pub scope: Scope,
    /// How the open time grows from trip to trip; absent: not.
    pub growth: Option<Growth>,
    /// How the open time is spread.
    pub jitter: Jitter,
    /// The first open time after an ending of a class that counts as `"trips"`; absent: the
    /// breaker's own.
    pub open_at_once: Option<Duration>,
    /// Whether it stays open as long as the endpoint asked to wait, if the ending that trips it says
    /// so; a wait of nothing is no trip. Absent: not.
    pub server_wait: Option<ServerWait>,
    /// Trips only at multiples of this from time 0, where all that is counted is looked at; absent:
    /// at an ending. A class that counts as `"trips"` does not wait for it.
    pub decided_every: Option<Duration>,
    /// The open time is over only at a multiple of this from time 0; absent: at any time.
    pub ended_every: Option<Duration>,
    /// The share of the route's breakers that may be open at once; absent: all.
    pub max_open: Option<Ratio>,
    /// When that share is looked at.
    pub max_open_tested: Tested,
    /// With a smaller share of the route's endpoints that are not open than this, all are asked, open
    /// or not. 0: never. A share just above 0 asks all when all are open.
    pub panic: Ratio,
    /// What an ending is worth that was sent before the breaker tripped.
    pub late: Late,
    /// Whether what was counted outlives the trip: whoever lets traffic back with the failures of
    /// before still counted trips again the sooner.
    pub keep_counts: bool,
}

/// How the open time grows: min(cap, open·factor^n + step·n) at the n-th trip in a row, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Growth {
    /// What it is multiplied with for every trip in a row; 1 or more.
    #[serde(default = "one")]
    pub factor: f64,
    /// What is added for every trip in a row.
    #[serde(default)]
    pub step: Duration,
    /// The longest.
    pub cap: Duration,
    /// After so much time closed, trips are forgotten; 0: at once when it closes.
    #[serde(default)]
    pub forget_after: Duration,
    /// How many.
    #[serde(default)]
    pub forget: Forget,
}

fn one() -> f64 {
    1.0
}

/// How many trips healthy time makes forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forget {
    /// All.
    #[default]
    All,
    /// One for each `forget-after`: Envoy's multiplier, one less per healthy interval.
    One,
}

/// How a wait that the endpoint asked for becomes the open time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ServerWait {
    /// What is added to it.
    pub extra: Duration,
}

/// When the share of open endpoints is held against `max-open`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tested {
    /// With this trip counted: it may not go above.
    #[default]
    After,
    /// Without it: it must be below, so the first trip always is.
    Before,
}

/// What a late ending is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Late {
    /// Nothing: gobreaker's generations.
    #[default]
    Dropped,
    /// What any other is worth in the state it finds: it decides about a half-open breaker, and
    /// counts for a closed one. Polly, resilience4j.
    Counted,
    /// The same, and it gives back a place among the probes that it never took, as every probe that
    /// ends gives back its own: as many probes as there are places are in flight, and one more for
    /// each late ending, until they have decided. failsafe-go.
    CountedAsProbe,
    /// As `counted`, and it may open an open breaker anew, from then on. LiteLLM.
    Prolongs,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if let Some(growth) = &self.growth {
            check.at("growth", |check| growth.check(check));
        }
        self.jitter.check(check, false);
        for (key, value) in [
            ("decided-every", self.decided_every),
            ("ended-every", self.ended_every),
        ] {
            if value.is_some_and(|every| every < Duration::from_ms(1)) {
                check.mistake(key, "an absurd interval", "under 1ms");
            }
        }
        if self.open_at_once.is_some_and(Duration::is_zero) {
            check.mistake("open-at-once", "a breaker that is never open", "is zero");
        }
        if self.max_open.is_some_and(|share| share.0 <= 0.0) {
            check
                .mistake("max-open", "a breaker that never trips", "is zero")
                .help("without a breaker write `breaker = \"none\"`");
        }
    }
}

impl Growth {
    fn check(&self, check: &mut Check) {
        if !(1.0..=100.0).contains(&self.factor) {
            check
                .mistake(
                    "factor",
                    "open times must not shrink or explode",
                    "not between 1 and 100",
                )
                .help("2 doubles every open time");
        }
        if self.cap.is_zero() {
            check.mistake("cap", "a breaker that is never open", "is zero");
        }
        if self.forget == Forget::One && self.forget_after.is_zero() {
            check
                .mistake(
                    "forget",
                    "one trip for no time is all of them",
                    "needs `forget-after`",
                )
                .help("set `forget-after`, or use forget = \"all\"");
        }
    }
}
