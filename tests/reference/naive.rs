//! Naive doubles of the policies: lists and floats.

use squall::base::Duration;
use squall::policy::backoff::{self, CapStage, jitter::Jitter};
use squall::policy::breaker::{self, Counts};
use squall::policy::budget::{self, Scope, share::Deposit};

/// A breaker as its settings describe it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    pub(crate) trips: usize,
    open_until: f64,
    half_open: bool,
    probing: u32,
    good_probes: u32,
    run: u32,
}

/// So many probes, calls or attempts counted, and after how many in a row.
pub(crate) fn settings(config: &breaker::Config) -> Option<(u32, Counts, Option<u32>)> {
    match config {
        breaker::Config::None(_) => None,
        breaker::Config::Consecutive(c) => Some((c.probes, c.counts, Some(c.failures))),
        breaker::Config::TimeWindow(c) => Some((c.probes, c.counts, None)),
        breaker::Config::CountWindow(c) => Some((c.probes, c.counts, None)),
        breaker::Config::Ema(c) => Some((c.probes, c.counts, None)),
        breaker::Config::MaxFails(c) => Some((c.probes, c.counts, None)),
        breaker::Config::Outlier(c) => Some((c.probes, c.counts, None)),
    }
}

impl Breaker {
    /// None: it refuses; otherwise whether what is sent is a probe.
    pub(crate) fn lets_through(&self, now: f64, probes: u32) -> Option<bool> {
        if self.trips == 0 || self.closed() {
            return Some(false);
        }
        if !self.half_open {
            return (now >= self.open_until).then_some(true);
        }
        (self.probing + self.good_probes < probes).then_some(true)
    }

    fn closed(&self) -> bool {
        !self.half_open && self.open_until == f64::NEG_INFINITY
    }

    pub(crate) fn on_probe(&mut self) {
        if !self.half_open {
            (self.half_open, self.probing, self.good_probes) = (true, 0, 0);
        }
        self.probing += 1;
    }

    pub(crate) fn trip(&mut self, until: f64) {
        self.trips += 1;
        (self.open_until, self.half_open, self.run) = (until, false, 0);
    }

    pub(crate) fn close(&mut self) {
        (self.open_until, self.half_open, self.run) = (f64::NEG_INFINITY, false, 0);
    }

    /// What an ending should do: Some(true) trips it, Some(false) closes it. `limit` is None for a
    /// kind whose trips are not modelled.
    pub(crate) fn on_end(
        &mut self,
        sent_after: usize,
        probe: bool,
        failed: Option<bool>,
        probes: u32,
        limit: Option<u32>,
    ) -> Option<bool> {
        if sent_after != self.trips {
            return None;
        }
        if probe {
            self.probing -= 1;
            match failed {
                Some(true) => return Some(true),
                Some(false) => self.good_probes += 1,
                None => {}
            }
            return (self.good_probes >= probes).then_some(false);
        }
        if self.trips > 0 && !self.closed() {
            return None;
        }
        self.run = if failed? { self.run + 1 } else { 0 };
        (self.run >= limit?).then_some(true)
    }
}

/// All budgets of a policy: shares and times. The other kinds have their own slow models beside them.
#[derive(Clone, Debug)]
pub(crate) struct Budgets {
    set: Vec<budget::Config>,
    /// Tokens or seconds left, by budget.
    left: Vec<f64>,
    at: f64,
}

impl Budgets {
    pub(crate) fn new(set: &[budget::Config]) -> Budgets {
        let full = |config: &budget::Config| match config {
            budget::Config::Share(c) => f64::from(c.reserve),
            budget::Config::Time(c) => c.limit.as_s_f64(),
            other => panic!("no books are kept of {}", other.kind()),
        };
        Budgets {
            set: set.to_vec(),
            left: set.iter().map(full).collect(),
            at: 0.0,
        }
    }

    fn each(&mut self, now: f64, mut f: impl FnMut(&budget::Config, &mut f64)) {
        let passed = now - self.at;
        self.at = now;
        for (config, left) in self.set.iter().zip(&mut self.left) {
            let (rate, cap) = match config {
                budget::Config::Share(c) => (
                    c.refill.map_or(0.0, |r| r.per_s()),
                    f64::from(c.reserve.max(1)),
                ),
                budget::Config::Time(c) => {
                    (c.limit.as_s_f64() / c.per.as_s_f64(), c.limit.as_s_f64())
                }
                other => panic!("no books are kept of {}", other.kind()),
            };
            *left = (*left + rate * passed).min(cap);
            f(config, left);
            *left = left.min(cap);
        }
    }

    pub(crate) fn on_deposit(&mut self, now: f64, what: Deposit) {
        self.each(now, |config, left| {
            if let budget::Config::Share(c) = config
                && c.deposit == what
            {
                *left += c.ratio.0;
            }
        });
    }

    pub(crate) fn on_extra_end(&mut self, now: f64, took: f64) {
        self.each(now, |config, left| {
            if matches!(config, budget::Config::Time(_)) {
                *left -= took;
            }
        });
    }

    /// Whether one more attempt is granted to a call that made `extra` beyond its first, and whose
    /// first failed `since` seconds ago; takes it.
    pub(crate) fn grants(&mut self, now: f64, extra: u32, since: f64) -> bool {
        let mut granted = true;
        self.each(now, |config, left| match config {
            budget::Config::Share(c) if c.scope == Scope::Call => {
                granted &= f64::from(extra + 1) <= f64::from(c.reserve) + c.ratio.0;
            }
            budget::Config::Share(_) => {
                granted &= *left > 1.0 - 1e-6;
                *left -= 1.0;
            }
            budget::Config::Time(c) if c.scope == Scope::Call => {
                granted &= since < c.limit.as_s_f64() - 1e-9;
            }
            budget::Config::Time(_) => granted &= *left > -1e-6,
            other => panic!("no books are kept of {}", other.kind()),
        });
        granted
    }
}

/// The shortest and the longest wait before retry `k` after a wait of `previous`, in seconds.
pub(crate) fn wait_range(config: &backoff::Config, k: u32, previous: f64) -> (f64, f64) {
    let s = Duration::as_s_f64;
    let (plain, cap, stage, jitter, base) = match config {
        backoff::Config::None(_) => return (0.0, 0.0),
        // Their waits depend on all before: only the cap is looked at here.
        backoff::Config::DecorrelatedV2(c) => return (0.0, c.cap.map_or(f64::INFINITY, s)),
        backoff::Config::RandomWalk(c) => return (0.0, c.cap.map_or(f64::INFINITY, s)),
        backoff::Config::Finagle(c) => return (0.0, s(c.cap)),
        backoff::Config::Schedule(c) => {
            let last = c.waits.len() - 1;
            let plain = s(c.waits[last.min(k as usize - 1)]);
            (plain, None, CapStage::BeforeJitter, &c.jitter, plain)
        }
        backoff::Config::Constant(c) => (
            s(c.wait),
            None,
            CapStage::BeforeJitter,
            &c.jitter,
            s(c.wait),
        ),
        backoff::Config::Linear(c) => {
            let plain = s(c.base) + s(c.step) * f64::from(k - 1);
            (plain, c.cap, c.cap_stage, &c.jitter, s(c.base))
        }
        backoff::Config::Exponential(c) => {
            let mut plain = s(c.base);
            (0..k - 1 + c.origin).for_each(|_| plain *= c.factor);
            (plain, c.cap, c.cap_stage, &c.jitter, s(c.base))
        }
    };
    let cap = cap.map_or(f64::INFINITY, s);
    if matches!(jitter, Jitter::Decorrelated(_)) {
        let previous = if previous == 0.0 { base } else { previous };
        return (base.min(cap), (3.0 * previous).max(base).min(cap));
    }
    let before = if stage == CapStage::AfterJitter {
        plain
    } else {
        plain.min(cap)
    };
    let (low, high) = match jitter {
        Jitter::None(_) => (before, before),
        Jitter::Full(_) | Jitter::Decorrelated(_) => (0.0, before),
        Jitter::Equal(_) => (before / 2.0, before),
        Jitter::Additive(a) => (before, before + s(a.max)),
        Jitter::Proportional(p) => (before * p.low, before * p.high),
    };
    if stage == CapStage::BeforeJitter {
        (low, high)
    } else {
        (low.min(cap), high.min(cap))
    }
}
