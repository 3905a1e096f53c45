//! A retry quota: a store of tokens that every retry draws on and only successes fill.
//!
//! As in the AWS SDKs' standard mode: 500 tokens per client; until 2026 a retry costs 5 and one after a
//! timeout 10, since then 14, and 5 after throttling. A call that succeeded without a retry returns 1, one
//! that succeeded after retries returns what its *last* retry cost, so that the earlier ones stay lost;
//! a failed call returns nothing. It never refills with time: after an outage calls earn it back one by
//! one. It is taken before the wait. Read in botocore 1.40.0 and 1.44.5 (`retries/quota.py`,
//! `retries/standard.py`).

use serde::{Deserialize, Serialize};

use super::{Ask, Cause, Fact, Facts, Rules};
use crate::base::registry::Kind;
use crate::base::{Check, Class, Instant, Refusal};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "retry-quota",
    summary: "a store of tokens that retries draw on and successes fill, as in the AWS SDKs",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Tokens at the start and the most that are kept.
    pub capacity: u32,
    /// What an extra attempt costs.
    pub cost: u32,
    /// What one costs after a timeout.
    pub timeout_cost: u32,
    /// What one costs after a class of 429.
    pub throttled_cost: u32,
    /// What a call returns that succeeded at its first attempt.
    pub income: u32,
    /// Whether all processes have it together.
    pub scope: Scope,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            capacity: 500,
            cost: 5,
            timeout_cost: 10,
            throttled_cost: 5,
            income: 1,
            scope: Scope::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let costs = [
            ("cost", self.cost),
            ("timeout-cost", self.timeout_cost),
            ("throttled-cost", self.throttled_cost),
        ];
        for (key, cost) in costs {
            if cost > self.capacity {
                let capacity = check.path("capacity");
                check
                    .mistake(key, "no such retry is ever allowed", "more than `capacity`")
                    .also(capacity, format!("holds {}", self.capacity));
            }
        }
        if costs.iter().all(|(_, cost)| *cost == 0) {
            check
                .warning("cost", "this quota never refuses", "nothing costs anything")
                .help("the AWS SDKs charge 5 of 500");
        }
    }

    fn cost(&self, cause: Cause) -> u32 {
        match cause {
            Some(Class::TimedOut) => self.timeout_cost,
            Some(Class::RateLimited | Class::QuotaExhausted) => self.throttled_cost,
            _ => self.cost,
        }
    }
}

impl Rules for Config {
    /// Tokens that are left.
    type State = u32;
    const REFUSAL: Refusal = Refusal::BudgetQuota;

    fn begin(&self) -> u32 {
        self.capacity
    }

    fn heeds(&self) -> Facts {
        Facts::WAIT.and(Facts::TAKEN).and(Facts::OVER)
    }

    fn tell(&self, left: &mut u32, fact: Fact, _: Instant) {
        match fact {
            Fact::WaitStarts { cause }
            | Fact::Taken {
                cause,
                waited: false,
            } => *left = left.saturating_sub(self.cost(cause)),
            Fact::Over {
                success: true,
                taken,
            } => {
                let back = taken.map_or(self.income, |cause| self.cost(cause));
                *left = left.saturating_add(back).min(self.capacity);
            }
            _ => {}
        }
    }

    fn ask(&self, left: &mut u32, ask: &Ask, _: Instant) -> bool {
        ask.waited || *left >= self.cost(ask.cause)
    }

    fn is_fleet(&self) -> bool {
        self.scope.is_fleet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(config: &Config, left: &mut u32, cause: Class) -> bool {
        let cause = Some(cause);
        let ask = Ask {
            cause,
            ..Ask::default()
        };
        let allowed = config.ask(left, &ask, Instant::ZERO);
        if allowed {
            let waited = false;
            config.tell(left, Fact::Taken { cause, waited }, Instant::ZERO);
        }
        allowed
    }

    fn success(config: &Config, left: &mut u32, taken: Option<Cause>) {
        let success = true;
        config.tell(left, Fact::Over { success, taken }, Instant::ZERO);
    }

    /// 500 tokens are a hundred retries at 5, fifty after timeouts at 10; since 2026 thirty-five at 14.
    #[test]
    fn in_a_total_outage_it_lasts_for_what_was_published() {
        let aws_2020 = Config::default();
        let aws_2026 = Config {
            cost: 14,
            timeout_cost: 14,
            ..Config::default()
        };
        let lasts = |config: &Config, cause| {
            let mut left = config.begin();
            (0..1000).filter(|_| take(config, &mut left, cause)).count()
        };
        assert_eq!(lasts(&aws_2020, Class::ServerFault), 100);
        assert_eq!(lasts(&aws_2020, Class::TimedOut), 50);
        assert_eq!(lasts(&aws_2026, Class::ServerFault), 35);
        assert_eq!(lasts(&aws_2026, Class::TimedOut), 35);
        assert_eq!(lasts(&aws_2026, Class::RateLimited), 100);
    }

    /// Trap 18: a success on the second retry still loses the first one's cost.
    #[test]
    fn trap_18_only_the_last_cost_comes_back() {
        let config = Config::default();
        let mut left = config.begin();
        assert!(take(&config, &mut left, Class::TimedOut));
        assert!(take(&config, &mut left, Class::ServerFault));
        success(&config, &mut left, Some(Some(Class::ServerFault)));
        assert_eq!(left, 490);
        success(&config, &mut left, None);
        assert_eq!(left, 491, "a first success brings one");
        for _ in 0..100 {
            success(&config, &mut left, None);
        }
        assert_eq!(left, 500, "and never more than it holds");
    }
}
