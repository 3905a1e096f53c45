//! `retry.server-wait`: what a client makes of `Retry-After`.
//!
//! A server that tells every refused client the same seconds makes them all come back at once, and
//! a wait honoured to the letter gets no jitter in any official SDK. So the wait has a floor, a
//! cap, jitter of its own, and a chosen reaction to one that is too long. Which headers are read
//! comes first: a wait in a header that a client does not know was never stated.

use serde::{Deserialize, Serialize};

use super::backoff::jitter::Jitter;
use crate::base::wire::{Advice, Form};
use crate::base::{Check, Duration, Instant, check};

/// Settings of `retry.server-wait`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Whether a stated wait replaces the backoff.
    pub honour: bool,
    /// The headers that are read; the first that is sent counts. `exact` is always read.
    pub headers: Vec<Form>,
    /// The statuses whose wait is read; none named: all.
    pub statuses: Vec<u16>,
    /// Whether a stated wait asks for a retry, whatever the class (azure-core).
    pub asks: bool,
    /// What to do about a wait of nothing, or a date that is past.
    pub zero: Zero,
    /// Shorter waits become this.
    pub floor: Duration,
    /// Longer waits are too long.
    pub cap: Duration,
    /// Whether a wait of exactly the cap is not too long.
    pub cap_included: bool,
    /// Whether a wait over the cap is accepted all the same if the backoff's own is longer still.
    pub or_below_own: bool,
    /// What to do about a wait that is too long.
    pub too_long: TooLong,
    /// At least the backoff's own wait and at most this much longer: max(own, min(w, own + stretch)).
    pub stretch: Option<Duration>,
    /// How much may be added at random: the wait becomes w·(1 + jitter·U). It only ever lengthens:
    /// coming back earlier than told is a refusal for certain.
    pub jitter: f64,
    /// How much may be added at random, in time: w + U(0, jitter-max).
    pub jitter_max: Duration,
    /// Whether the backoff's own jitter is applied to it, in whatever direction.
    pub jitter_of_backoff: bool,
    /// Whether the backoff starts again from its first wait afterwards.
    pub restarts: bool,
}

/// The reaction to a stated wait over the cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TooLong {
    /// Use the backoff's own wait.
    #[default]
    Ignore,
    /// Wait for the cap.
    Clamp,
    /// Do not retry here; another endpoint may still be asked.
    Fail,
    /// Wait as told.
    Honour,
}

/// The reaction to a stated wait of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zero {
    /// It says nothing: the backoff decides, as in the SDKs of 2025.
    #[default]
    Ignore,
    /// Try again at once.
    Immediate,
}

impl Default for Config {
    /// Honoured from nothing to 60 s, no jitter, longer ones ignored: the official SDKs of 2025.
    fn default() -> Config {
        Config {
            honour: true,
            headers: Form::ALL[1..].to_vec(),
            statuses: Vec::new(),
            asks: false,
            zero: Zero::Ignore,
            floor: Duration::ZERO,
            cap: Duration::from_s(60),
            cap_included: true,
            or_below_own: false,
            too_long: TooLong::Ignore,
            stretch: None,
            jitter: 0.0,
            jitter_max: Duration::ZERO,
            jitter_of_backoff: false,
            restarts: false,
        }
    }
}

/// What came of a stated wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerWait {
    /// Wait this long.
    Wait(Duration),
    /// Nothing was stated, or it is not honoured: the backoff decides.
    Backoff,
    /// Too long to wait for.
    TooLong,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.floor > self.cap {
            let cap = check.path("cap");
            check
                .mistake(
                    "floor",
                    "the shortest wait is longer than the longest",
                    "above `cap`",
                )
                .also(cap, format!("the longest wait is {}", self.cap));
        }
        if !(0.0..=10.0).contains(&self.jitter) {
            check
                .mistake("jitter", "an absurd jitter", "not between 0 and 10")
                .help("0.25 adds up to a quarter of the wait");
        }
        let jitters = [
            ("jitter", self.jitter > 0.0),
            ("jitter-max", !self.jitter_max.is_zero()),
            ("jitter-of-backoff", self.jitter_of_backoff),
        ];
        let mut set = jitters.into_iter().filter(|(_, set)| *set);
        if let (Some((first, _)), Some((second, _))) = (set.next(), set.next()) {
            let first = check.path(first);
            check
                .mistake(second, "two jitters on one wait", "the second")
                .also(first, "the first");
        }
        for (i, status) in self.statuses.iter().enumerate() {
            check::status(check, &format!("statuses.{i}"), *status);
        }
    }

    /// The wait that a refusal with this status states, as far as this client reads it.
    pub fn read(&self, status: u16, advice: Advice, now: Instant) -> Option<Duration> {
        let looks = self.honour && (self.statuses.is_empty() || self.statuses.contains(&status));
        looks.then(|| advice.read(&self.headers, now)).flatten()
    }

    /// Whether the decision needs the backoff's own wait.
    pub fn asks_own(&self) -> bool {
        self.or_below_own || self.stretch.is_some()
    }

    /// Decides about a stated wait. `own` is the backoff's own, of which only those need a value
    /// who ask for it; `jitter` is the backoff's; `u` is a uniform that is only asked for if jitter
    /// is added.
    pub fn decide(
        &self,
        stated: Option<Duration>,
        own: Duration,
        jitter: Option<&Jitter>,
        u: impl FnOnce() -> f64,
    ) -> ServerWait {
        let Some(stated) = stated.filter(|_| self.honour) else {
            return ServerWait::Backoff;
        };
        if stated.is_zero() {
            return match self.zero {
                Zero::Ignore => ServerWait::Backoff,
                Zero::Immediate => ServerWait::Wait(Duration::ZERO),
            };
        }
        let within = stated < self.cap || self.cap_included && stated == self.cap;
        let wait = if within || self.or_below_own && stated < own {
            stated.max(self.floor)
        } else {
            match self.too_long {
                TooLong::Ignore => return ServerWait::Backoff,
                TooLong::Fail => return ServerWait::TooLong,
                TooLong::Clamp => self.cap,
                TooLong::Honour => stated,
            }
        };
        if let Some(stretch) = self.stretch {
            return ServerWait::Wait(wait.min(own + stretch).max(own));
        }
        ServerWait::Wait(match jitter {
            Some(jitter) if self.jitter_of_backoff => jitter.apply(wait, u),
            _ if self.jitter > 0.0 => wait + wait.scale(self.jitter * u()),
            _ if !self.jitter_max.is_zero() => wait + self.jitter_max.scale(u()),
            _ => wait,
        })
    }
}

#[cfg(test)]
mod tests;
