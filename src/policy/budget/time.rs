//! A budget in time: no more than so many seconds of trying again.
//!
//! Per call it bounds what a user waits for a hopeless call: an extra attempt may start only while
//! less than `limit` has passed since the first attempt failed. Per process or fleet it bounds what all
//! extra attempts together keep busy: `limit` of attempt time, refilled evenly over `per`. An attempt
//! is charged when it ends, for only then is it known what it took: attempts in flight are not counted
//! yet, so many that start together may leave a debt, which later ones wait out.

use serde::{Deserialize, Serialize};

use super::{Ask, Fact, Facts, Rules, Scope};
use crate::base::bucket::Bucket;
use crate::base::registry::Kind;
use crate::base::{Check, Duration, Instant, Refusal};

/// This kind.
pub const INFO: Kind = Kind {
    name: "time",
    summary: "seconds of trying again",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The time that may be spent.
    pub limit: Duration,
    /// Whether calls share it.
    #[serde(default = "call")]
    pub scope: Scope,
    /// For scope process or fleet: the time over which `limit` comes back.
    #[serde(default = "minute")]
    pub per: Duration,
    /// For scope call: since when time is spent.
    #[serde(default)]
    pub from: From,
    /// For scope call: when it is asked whether time is left.
    #[serde(default)]
    pub asked: Asked,
}

/// Since when the time of a call is spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// Since its first attempt failed.
    #[default]
    FirstFailure,
    /// Since its first attempt was sent.
    FirstAttempt,
}

/// When it is asked whether a call has time left. Libraries differ, and so in how far they overrun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// When an attempt is to start: none starts later.
    #[default]
    AtStart,
    /// Before a wait, with the wait: one that would end later is not begun (api-core, tenacity's
    /// `stop_before_delay`).
    BeforeWait,
    /// When an attempt has failed, without the wait: the next may start up to a wait later
    /// (tenacity's `stop_after_delay`, Speakeasy).
    AtFailure,
    /// When an attempt has failed; the wait is cut to what is left (backoff, failsafe-go).
    Clip,
}

fn call() -> Scope {
    Scope::Call
}

fn minute() -> Duration {
    Duration::from_s(60)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.limit.is_zero() {
            check
                .mistake("limit", "a budget of no time", "is zero")
                .expected("such as \"8s\"");
        }
        if self.per.is_zero() {
            check.mistake("per", "time cannot come back at once", "is zero");
        }
        for (key, time) in [("limit", self.limit), ("per", self.per)] {
            if time > Duration::from_s(24 * 3600) {
                check
                    .mistake(key, "an absurd time for a budget", "more than 24h")
                    .expected("such as \"8s\" or \"1m\"");
            }
        }
    }
}

impl Config {
    fn spent(&self, ask: &Ask) -> Duration {
        match self.from {
            From::FirstFailure => ask.retrying_for,
            From::FirstAttempt => ask.calling_for,
        }
    }
}

/// The time left, for scope process or fleet: a bucket of nanoseconds.
#[derive(Clone, Debug)]
pub struct State {
    left: Bucket,
}

impl Rules for Config {
    type State = State;
    const REFUSAL: Refusal = Refusal::BudgetTime;

    fn begin(&self) -> State {
        State {
            left: Bucket::new(self.limit.0, self.limit.0, self.per),
        }
    }

    fn heeds(&self) -> Facts {
        Facts::END
    }

    /// A long attempt leaves a debt.
    fn tell(&self, state: &mut State, fact: Fact, now: Instant) {
        if let Fact::End {
            extra: true, took, ..
        } = fact
        {
            state.left.charge(took.0, now);
        }
    }

    fn ask(&self, state: &mut State, ask: &Ask, now: Instant) -> bool {
        match self.scope {
            Scope::Call if ask.starts && self.asked != Asked::AtStart => true,
            Scope::Call => self.spent(ask) < self.limit,
            Scope::Process | Scope::Fleet => state.left.has(1, now),
        }
    }

    fn fit(&self, ask: &Ask, wait: Duration) -> Option<Duration> {
        let left = self.limit - self.spent(ask);
        match (self.scope, self.asked) {
            (Scope::Call, Asked::BeforeWait) => (wait <= left).then_some(wait),
            (Scope::Call, Asked::Clip) => Some(wait.min(left)),
            (Scope::Call, Asked::AtStart | Asked::AtFailure)
            | (Scope::Process | Scope::Fleet, _) => Some(wait),
        }
    }

    fn is_fleet(&self) -> bool {
        self.scope == Scope::Fleet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Class;

    fn config(scope: Scope) -> Config {
        Config {
            limit: Duration::from_s(8),
            scope,
            per: Duration::from_s(80),
            from: From::default(),
            asked: Asked::default(),
        }
    }

    fn took(took: Duration) -> Fact {
        Fact::End {
            extra: true,
            class: Class::ServerFault,
            retryable: true,
            took,
        }
    }

    #[test]
    fn a_call_may_retry_for_eight_seconds_and_no_longer() {
        let config = config(Scope::Call);
        let mut state = config.begin();
        let ask = |ms| Ask {
            extra_attempts: 1,
            retrying_for: Duration::from_ms(ms),
            ..Ask::default()
        };
        assert!(config.ask(&mut state, &ask(7999), Instant::ZERO));
        assert!(!config.ask(&mut state, &ask(8000), Instant::ZERO));
    }

    #[test]
    fn a_process_gets_its_time_back_evenly() {
        let config = config(Scope::Process);
        let mut state = config.begin();
        let ask = Ask {
            extra_attempts: 1,
            ..Ask::default()
        };
        config.tell(&mut state, took(Duration::from_s(9)), Instant::ZERO);
        let at = |s| Instant::ZERO + Duration::from_s(s);
        assert!(
            !config.ask(&mut state, &ask, at(10)),
            "one second in debt, one second earned"
        );
        assert!(config.ask(&mut state, &ask, at(11)));
    }
    #[test]
    fn asking_often_costs_no_time() {
        let config = Config {
            per: Duration::from_s(56),
            ..config(Scope::Process)
        };
        let mut state = config.begin();
        let ask = Ask {
            extra_attempts: 1,
            ..Ask::default()
        };
        config.tell(&mut state, took(Duration::from_s(8)), Instant::ZERO);
        config.tell(&mut state, took(Duration(1000)), Instant::ZERO);
        // One nanosecond in seven comes back; asked every eleven, none of the rest is lost.
        let first = (1..)
            .map(|i| Instant(i * 11))
            .find(|&at| config.ask(&mut state, &ask, at));
        assert_eq!(first, Some(Instant(7007)));
    }

    #[test]
    fn a_wait_that_does_not_fit_is_not_begun_or_cut() {
        let with = |asked| Config {
            asked,
            from: From::FirstAttempt,
            ..config(Scope::Call)
        };
        let ask = Ask {
            calling_for: Duration::from_s(6),
            ..Ask::default()
        };
        let fit = |asked, s| with(asked).fit(&ask, Duration::from_s(s));
        assert_eq!(fit(Asked::BeforeWait, 2), Some(Duration::from_s(2)));
        assert_eq!(fit(Asked::BeforeWait, 3), None);
        assert_eq!(fit(Asked::Clip, 3), Some(Duration::from_s(2)));
        assert_eq!(fit(Asked::AtFailure, 3), Some(Duration::from_s(3)));
        assert_eq!(fit(Asked::AtStart, 3), Some(Duration::from_s(3)));
    }
}
