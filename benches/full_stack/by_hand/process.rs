//! What the calls of one process share: a budget of retries, and a breaker for each provider.

use squall::base::bucket::Bucket;
use squall::base::window::Rolling;
use squall::base::{Duration, Instant};

use super::super::model::{
    BREAKER_FAILURES, BREAKER_OPEN, BREAKER_PROBES, BREAKER_SPAN, BREAKER_VOLUME, BUDGET_RESERVE,
};

/// One process.
pub(super) struct Process {
    /// Thousandths of a retry.
    pub(super) budget: Bucket,
    pub(super) breakers: [Breaker; 2],
}

pub(super) struct Breaker {
    window: Rolling,
    state: State,
    /// How often it has opened.
    opened: u32,
}

/// What an attempt is let through with: after the breaker has opened again, its ending is stale.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    opened: u32,
    pub(super) probe: bool,
}

#[derive(Clone, Copy)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { out: u32, good: u32 },
}

/// One retry in the units of the budget.
pub(super) const RETRY: u64 = 1000;

impl Process {
    pub(super) fn new() -> Process {
        let breaker = || Breaker {
            window: Rolling::new(BREAKER_SPAN),
            state: State::Closed,
            opened: 0,
        };
        let most = u64::from(BUDGET_RESERVE) * RETRY;
        Process {
            budget: Bucket::new(most, 0, Duration::from_s(1)),
            breakers: [breaker(), breaker()],
        }
    }
}

impl Breaker {
    /// Whether an attempt may go, and whether as a probe.
    pub(super) fn ask(&self, now: Instant) -> Option<bool> {
        match self.state {
            State::Closed => Some(false),
            State::Open { until } => (now >= until).then_some(true),
            State::HalfOpen { out, good } => (out + good < BREAKER_PROBES).then_some(true),
        }
    }

    /// Lets an attempt through.
    pub(super) fn pass(&mut self, probe: bool) -> Pass {
        if probe {
            self.state = match self.state {
                State::HalfOpen { out, good } => State::HalfOpen { out: out + 1, good },
                State::Open { .. } | State::Closed => State::HalfOpen { out: 1, good: 0 },
            };
        }
        Pass {
            opened: self.opened,
            probe,
        }
    }

    /// Hears of an ending; true if that opens it.
    pub(super) fn on_end(&mut self, now: Instant, pass: Pass, failed: Option<bool>) -> bool {
        if pass.opened != self.opened {
            return false;
        }
        let opens = match (self.state, failed) {
            (State::Closed, Some(failed)) => {
                self.window.record(failed, now);
                let (good, bad) = self.window.counts(now);
                let enough = good + bad >= BREAKER_VOLUME;
                failed && enough && f64::from(bad) >= BREAKER_FAILURES * f64::from(good + bad)
            }
            (State::HalfOpen { out, good }, failed) if pass.probe => {
                let good = good + u32::from(failed == Some(false));
                self.state = State::HalfOpen { out: out - 1, good };
                if good == BREAKER_PROBES {
                    self.state = State::Closed;
                    self.window.clear();
                }
                failed == Some(true)
            }
            _ => false,
        };
        if opens {
            self.opened += 1;
            self.state = State::Open {
                until: now + BREAKER_OPEN,
            };
        }
        opens
    }
}
