//! Extra attempts as a share of the calls of the last seconds: deposits and withdrawals both expire.
//!
//! As in Finagle's `RetryBudget`, tower's `TpsBudget` and Linkerd's: the balance is `reserve` extra attempts
//! and, over the last `ttl`, a deposit for every call (Finagle) or every success (tower) less
//! 1/`ratio` deposits for every extra attempt. Theirs is 20 %, 10 s, and 10 extra attempts a second that
//! need no deposit, which is a reserve of 100. A `share` without expiry lets a quiet hour pay for a
//! storm; here only the last `ttl` pays. It is taken before the wait, as they do.
//!
//! tower cuts 1/`ratio` to a whole number (`truncated`): its 30 % behaves as 33 %. The window moves in
//! tenths of `ttl` on the clock, so it covers between nine tenths and all of it; theirs move with events.
//! Read in twitter/finagle 4feb34c and tower.

use serde::{Deserialize, Serialize};

use super::share::Deposit;
use super::{Ask, Fact, Facts, Rules};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration, Instant, Refusal};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "expiring-share",
    summary: "extra attempts as a share of the calls of the last seconds",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Extra attempts per deposit.
    pub ratio: Ratio,
    /// Extra attempts within `ttl` that need no deposit, 0 to 1 000 000.
    pub reserve: u32,
    /// How long a deposit and a withdrawal count; up to 24 h.
    pub ttl: Duration,
    /// What fills it.
    pub deposit: Deposit,
    /// Whether an extra attempt costs 1/`ratio` cut to a whole number of deposits.
    pub truncated: bool,
    /// Whether all processes have it together.
    pub scope: Scope,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            ratio: Ratio(0.2),
            reserve: 100,
            ttl: Duration::from_s(10),
            deposit: Deposit::default(),
            truncated: false,
            scope: Scope::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.ratio.0 > 0.0 && self.ratio.0 < 1e-6 {
            check
                .mistake("ratio", "an absurd share", "less than a millionth")
                .help("0.2 allows one extra attempt for five calls");
        }
        if self.reserve > 1_000_000 {
            check.mistake("reserve", "an absurd reserve", "more than 1 000 000");
        }
        if self.ttl < Duration::from_ms(1) || self.ttl > Duration::from_s(24 * 3600) {
            check
                .mistake("ttl", "an absurd time to keep deposits", "not 1ms to 24h")
                .expected("such as \"10s\"");
        }
        if self.reserve == 0 && self.ratio.0 == 0.0 {
            let ratio = check.path("ratio");
            check
                .warning("reserve", "this budget never allows a retry", "nothing")
                .also(ratio, "nothing");
        }
    }

    /// Millionths of a deposit that an extra attempt costs.
    fn cost(&self) -> i64 {
        let deposits = match 1.0 / self.ratio.0 {
            // Nothing is deposited: any cost will do.
            all if !all.is_finite() => 1.0,
            all if self.truncated => all.trunc(),
            all => all,
        };
        (deposits * MICRO as f64 + 0.5) as i64
    }
}

/// Millionths of a deposit.
const MICRO: i64 = 1_000_000;

const SLOTS: usize = 10;

/// Deposits less withdrawals of the last `ttl`, by tenths of it.
#[derive(Clone, Debug)]
pub struct State {
    width: u64,
    /// The number of the newest slot: instant / width.
    newest: u64,
    slots: [i64; SLOTS],
    sum: i64,
}

impl State {
    fn add(&mut self, micro: i64, now: Instant) {
        self.advance(now);
        self.slots[self.newest as usize % SLOTS] += micro;
        self.sum += micro;
    }

    fn advance(&mut self, now: Instant) {
        let slot = now.0 / self.width;
        for expired in (self.newest + 1..=slot).take(SLOTS) {
            self.sum -= std::mem::take(&mut self.slots[expired as usize % SLOTS]);
        }
        self.newest = self.newest.max(slot);
    }
}

impl Rules for Config {
    type State = State;
    const REFUSAL: Refusal = Refusal::BudgetShare;

    fn begin(&self) -> State {
        State {
            width: (self.ttl.0 / SLOTS as u64).max(1),
            newest: 0,
            slots: [0; SLOTS],
            sum: 0,
        }
    }

    fn heeds(&self) -> Facts {
        self.deposit.facts().and(Facts::WAIT).and(Facts::TAKEN)
    }

    fn tell(&self, state: &mut State, fact: Fact, now: Instant) {
        match fact {
            fact if self.deposit.is_for(fact) && self.ratio.0 > 0.0 => state.add(MICRO, now),
            Fact::WaitStarts { .. } | Fact::Taken { waited: false, .. } => {
                state.add(-self.cost(), now);
            }
            _ => {}
        }
    }

    fn ask(&self, state: &mut State, ask: &Ask, now: Instant) -> bool {
        state.advance(now);
        ask.waited || state.sum + i64::from(self.reserve) * self.cost() >= self.cost()
    }

    fn is_fleet(&self) -> bool {
        self.scope.is_fleet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::Stage;
    use crate::base::{Draws, Purpose, Root};

    const TAKEN: Fact = Fact::Taken {
        cause: None,
        waited: false,
    };

    /// The slow model: a list of every deposit and withdrawal, of which those of the last ten tenths
    /// on the clock count. Seed 91.
    #[test]
    fn it_agrees_with_a_list_of_all_deposits_and_withdrawals() {
        let draws = Draws::new(Root::new(91, Stage::Run, 0));
        for (case, (ratio, reserve)) in [(0.2, 2), (0.5, 0), (0.07, 5), (0.0, 3)].iter().enumerate()
        {
            let config = Config {
                ratio: Ratio(*ratio),
                reserve: *reserve,
                ttl: Duration(1000),
                ..Config::default()
            };
            let mut state = config.begin();
            let mut list: Vec<(u64, f64)> = Vec::new();
            let (mut t, mut allowed) = (0u64, 0);
            for i in 0..4000u64 {
                let u = draws.unit(Purpose::Probe, case as u64, i);
                // Now and then a pause longer than all that is kept.
                t += if u < 0.01 { 2500 } else { (u * 60.0) as u64 };
                let now = Instant(t);
                let unit = if *ratio > 0.0 { *ratio } else { 1.0 };
                if i % 3 == 0 {
                    config.tell(&mut state, Fact::Call, now);
                    list.push((t / 100, *ratio));
                }
                let live = list.iter().filter(|(slot, _)| slot + 10 > t / 100);
                let balance: f64 = live.map(|(_, amount)| amount).sum();
                let expected = balance / unit * unit + f64::from(*reserve) >= 1.0 - 1e-4;
                assert_eq!(
                    config.ask(&mut state, &Ask::default(), now),
                    expected,
                    "{i}"
                );
                if expected {
                    config.tell(&mut state, TAKEN, now);
                    list.push((t / 100, -1.0));
                    allowed += 1;
                }
            }
            assert!((20..3000).contains(&allowed), "{allowed} at {ratio}");
        }
    }

    fn allowed(config: &Config, calls: u32) -> u32 {
        let mut state = config.begin();
        let mut allowed = 0;
        for _ in 0..calls {
            config.tell(&mut state, Fact::Call, Instant::ZERO);
            while config.ask(&mut state, &Ask::default(), Instant::ZERO) {
                config.tell(&mut state, TAKEN, Instant::ZERO);
                allowed += 1;
            }
        }
        allowed
    }

    /// The truncation of tower: 1/0.3 is 3 deposits, and so a third of the calls is retried.
    #[test]
    fn tower_truncates_the_cost_of_a_retry() {
        let config = |truncated| Config {
            ratio: Ratio(0.3),
            reserve: 0,
            truncated,
            ..Config::default()
        };
        assert_eq!(allowed(&config(false), 3000), 900);
        assert_eq!(allowed(&config(true), 3000), 1000);
    }

    #[test]
    fn without_calls_the_reserve_comes_back_once_in_every_ttl() {
        let config = Config::default();
        let mut state = config.begin();
        let mut granted = 0;
        for second in 0..60 {
            let now = Instant::ZERO + Duration::from_s(second);
            while config.ask(&mut state, &Ask::default(), now) {
                config.tell(&mut state, TAKEN, now);
                granted += 1;
            }
        }
        assert_eq!(granted, 600, "10 a second, for six times 10 s");
    }
}
