//! A budget of concurrency: how many extra attempts may be under way at once.
//!
//! Envoy's retry budget allows max(`share` of what is in flight or in line, `min`) at a time, 20 % and
//! 3, and a retry holds its slot from the failure on, through the backoff. Its older `max_retries` is
//! `share = 0`. failsafe-go's counts retries in flight without their waits, asks after the wait, measures
//! them against calls, and refuses only above the share.
//!
//! `min` keeps a quiet client able to retry, and is why small clients are never throttled: a thousand
//! processes may retry three times a thousand at once, whatever their share. Read in Envoy
//! (`resource_manager_impl.h` 01c2c1f) and failsafe-go 5759a5e.

use serde::{Deserialize, Serialize};

use super::{Ask, Fact, Facts, Rules};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Instant, Refusal};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "concurrent",
    summary: "so many extra attempts at once, or a share of what is in flight",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Of what is in flight; 0: `min` alone counts.
    pub share: Ratio,
    /// Extra attempts that may be under way however little is in flight.
    pub min: u32,
    /// What the share is of.
    pub of: Of,
    /// How long an extra attempt counts.
    pub slot: Slot,
    /// Whether the share itself is refused.
    pub threshold: Threshold,
    /// Whether all processes have it together.
    pub scope: Scope,
}

/// What the share is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// Attempts in flight and calls in line (Envoy: active and pending).
    #[default]
    Attempts,
    /// Calls that are not over (failsafe-go: executions).
    Calls,
}

/// How long an extra attempt counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// From the failure before it: also while it waits. It is asked before the wait.
    #[default]
    WaitAndAttempt,
    /// While it is in flight. It is asked after the wait.
    Attempt,
}

/// When there are too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Threshold {
    /// As many as the share, cut to a whole number (Envoy).
    #[default]
    AtLeast,
    /// More than the share (failsafe-go).
    Above,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            share: Ratio(0.2),
            min: 3,
            of: Of::default(),
            slot: Slot::default(),
            threshold: Threshold::default(),
            scope: Scope::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.min == 0 && self.share.0 == 0.0 {
            let share = check.path("share");
            check
                .warning("min", "this budget never allows a retry", "none")
                .also(share, "nothing");
        }
    }
}

impl Config {
    /// What other processes have in flight or in line, as far as it is theirs too.
    fn elsewhere(&self, ask: &Ask) -> u64 {
        match self.scope {
            Scope::Process => 0,
            Scope::Fleet => ask.elsewhere,
        }
    }
}

/// What is under way.
#[derive(Clone, Debug, Default)]
pub struct State {
    extra: u64,
    calls: u64,
}

impl Rules for Config {
    type State = State;
    const REFUSAL: Refusal = Refusal::BudgetConcurrent;

    fn begin(&self) -> State {
        State::default()
    }

    fn heeds(&self) -> Facts {
        Facts::CALL
            .and(Facts::OVER)
            .and(Facts::WAIT)
            .and(Facts::SENT)
            .and(Facts::END)
    }

    fn tell(&self, state: &mut State, fact: Fact, _: Instant) {
        let waits = self.slot == Slot::WaitAndAttempt;
        match fact {
            Fact::Call => state.calls += 1,
            Fact::Over { .. } => state.calls -= 1,
            Fact::WaitStarts { .. } if waits => state.extra += 1,
            Fact::WaitEnds if waits => state.extra -= 1,
            Fact::Sent { .. } => state.extra += 1,
            Fact::End { extra: true, .. } => state.extra -= 1,
            _ => {}
        }
    }

    fn ask(&self, state: &mut State, ask: &Ask, _: Instant) -> bool {
        let asked = match self.slot {
            Slot::WaitAndAttempt => !ask.waited,
            Slot::Attempt => ask.starts,
        };
        if !asked || state.extra < u64::from(self.min) {
            return true;
        }
        let all = match self.of {
            Of::Attempts => ask.in_flight + ask.in_line + self.elsewhere(ask),
            Of::Calls => state.calls,
        };
        let share = self.share.0 * all as f64;
        match self.threshold {
            Threshold::AtLeast => (state.extra as f64) < share.trunc(),
            Threshold::Above => state.extra as f64 <= share,
        }
    }

    fn is_fleet(&self) -> bool {
        self.scope.is_fleet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::wire::Priority;
    use crate::base::{CallId, EndpointId, Receipt};

    fn sent() -> Fact {
        let receipt = Receipt {
            call: CallId::new(0, 0),
            endpoint: EndpointId(0),
            attempt: 1,
            nth_at_endpoint: 1,
            priority: Priority::Normal,
        };
        Fact::Sent { receipt, tokens: 0 }
    }

    /// How many start in one instant while so many are in flight and in line.
    fn at_once(config: &Config, calls: u64, in_flight: u64, in_line: u64) -> u64 {
        let mut state = config.begin();
        (0..calls).for_each(|_| config.tell(&mut state, Fact::Call, Instant::ZERO));
        let ask = Ask {
            starts: true,
            in_flight,
            in_line,
            ..Ask::default()
        };
        let mut started = 0;
        while config.ask(&mut state, &ask, Instant::ZERO) {
            config.tell(&mut state, sent(), Instant::ZERO);
            started += 1;
        }
        started
    }

    /// Envoy's closed form max(⌊share·(active + pending)⌋, min); failsafe-go's max(⌊share·calls⌋ + 1, min).
    #[test]
    fn the_closed_forms_of_envoy_and_failsafe() {
        let envoy = Config::default();
        let failsafe = Config {
            of: Of::Calls,
            slot: Slot::Attempt,
            threshold: Threshold::Above,
            ..Config::default()
        };
        for n in 0..200 {
            let (active, pending) = (n - n / 3, n / 3);
            assert_eq!(at_once(&envoy, 0, active, pending), (n / 5).max(3), "{n}");
            assert_eq!(at_once(&failsafe, n, 0, 0), (n / 5 + 1).max(3), "{n}");
        }
        let max_retries = Config {
            share: Ratio(0.0),
            ..Config::default()
        };
        assert_eq!(at_once(&max_retries, 0, 1000, 0), 3);
    }

    /// Trap 20: small clients are never throttled.
    #[test]
    fn trap_20_a_thousand_small_clients_may_retry_three_times_a_thousand() {
        let config = Config::default();
        let one = at_once(&config, 0, 1, 0);
        assert_eq!(1000 * one, 3000);
    }
}
