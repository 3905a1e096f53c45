//! Extra attempts as a share of calls: a token bucket that calls (or successes) fill.
//!
//! Every deposit adds `ratio` of a token and every extra attempt takes one, so extra attempts stay
//! at `ratio` of the calls however many fail. What is deposited for decides how a total outage
//! looks: per call the load grows to 1 + ratio, per success it falls back to 1, because a provider
//! that answers nothing earns no retries. Linkerd, Finagle and tower deposit per call; gRPC's
//! throttle is of the other kind. `reserve` tokens are there from the start and come back at
//! `refill` per second, so that a quiet process may retry at all. It is also the most that is saved up: with a
//! small reserve what comes in while the bucket is full is lost, and extra attempts stay below `ratio`.

use serde::{Deserialize, Serialize};

use super::{Ask, Fact, Facts, Rules, Scope};
use crate::base::bucket::Bucket;
use crate::base::registry::Kind;
use crate::base::units::{Rate, Ratio};
use crate::base::{Check, Duration, Instant, Refusal};

/// This kind.
pub const INFO: Kind = Kind {
    name: "share",
    summary: "extra attempts as a share of calls or of successes",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Extra attempts per deposit.
    pub ratio: Ratio,
    /// Tokens at the start and the most that are kept.
    #[serde(default = "ten")]
    pub reserve: u32,
    /// Tokens that come by themselves; absent: none.
    pub refill: Option<Rate>,
    /// What fills it.
    #[serde(default)]
    pub deposit: Deposit,
    /// Whether calls share it.
    #[serde(default)]
    pub scope: Scope,
}

/// What fills a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deposit {
    /// Every call that arrives.
    #[default]
    PerCall,
    /// Every call that succeeds.
    PerSuccess,
}

impl Deposit {
    /// The facts among which it is looked for.
    pub(super) fn facts(self) -> Facts {
        match self {
            Deposit::PerCall => Facts::CALL,
            Deposit::PerSuccess => Facts::OVER,
        }
    }

    /// Whether this is what it is deposited for.
    pub(super) fn is_for(self, fact: Fact) -> bool {
        match self {
            Deposit::PerCall => matches!(fact, Fact::Call),
            Deposit::PerSuccess => matches!(fact, Fact::Over { success: true, .. }),
        }
    }
}

fn ten() -> u32 {
    10
}

impl Config {
    pub(in crate::policy) fn check(&self, check: &mut Check) {
        if self.ratio.0 > 0.0 && self.ratio.0 * (MICRO as f64) < 1.0 {
            check
                .mistake("ratio", "an absurd share", "less than a millionth")
                .help("0.1 allows one extra attempt for ten calls");
        }
        if self.reserve == 0 && self.scope == Scope::Call && self.ratio.0 < 1.0 {
            let ratio = check.path("ratio");
            check
                .warning(
                    "reserve",
                    "this budget never allows a retry",
                    "no token for one call",
                )
                .also(ratio, "less than one token")
                .help("a call deposits less than one token for itself; set `reserve`");
        }
    }
}

/// Millionths of a token: deposits are fractions.
const MICRO: u64 = 1_000_000;

/// The bucket.
#[derive(Clone, Debug)]
pub struct State {
    bucket: Bucket,
}

impl Rules for Config {
    type State = State;
    const REFUSAL: Refusal = Refusal::BudgetShare;

    fn begin(&self) -> State {
        let capacity = u64::from(self.reserve.max(1)) * MICRO;
        let (refill, per) = match self.refill {
            Some(rate) => (rate.micro, rate.per),
            None => (0, Duration::from_s(1)),
        };
        let mut bucket = Bucket::new(capacity, refill, per);
        if self.reserve == 0 {
            bucket.charge(capacity, Instant::ZERO);
        }
        State { bucket }
    }

    fn heeds(&self) -> Facts {
        self.deposit.facts().and(Facts::TAKEN)
    }

    fn tell(&self, state: &mut State, fact: Fact, now: Instant) {
        match fact {
            fact if self.deposit.is_for(fact) => {
                let deposit = (self.ratio.0 * MICRO as f64 + 0.5) as u64;
                state.bucket.put(deposit, now);
            }
            Fact::Taken { .. } if self.scope != Scope::Call => state.bucket.charge(MICRO, now),
            _ => {}
        }
    }

    fn ask(&self, state: &mut State, ask: &Ask, now: Instant) -> bool {
        match self.scope {
            Scope::Process | Scope::Fleet => state.bucket.has(MICRO, now),
            Scope::Call => {
                let own = f64::from(self.reserve) + self.ratio.0;
                f64::from(ask.extra_attempts) + 1.0 <= own
            }
        }
    }

    fn is_fleet(&self) -> bool {
        self.scope == Scope::Fleet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask() -> Ask {
        Ask {
            starts: true,
            ..Ask::default()
        }
    }

    const TAKEN: Fact = Fact::Taken {
        cause: None,
        waited: false,
    };

    const SUCCESS: Fact = Fact::Over {
        success: true,
        taken: None,
    };

    fn config(deposit: Deposit) -> Config {
        Config {
            ratio: Ratio(0.1),
            reserve: 5,
            refill: None,
            deposit,
            scope: Scope::Process,
        }
    }

    fn allowed(config: &Config, calls: u32, succeed: bool) -> u32 {
        let mut state = config.begin();
        let mut allowed = 0;
        for _ in 0..calls {
            config.tell(&mut state, Fact::Call, Instant::ZERO);
            if succeed {
                config.tell(&mut state, SUCCESS, Instant::ZERO);
            }
            if config.ask(&mut state, &ask(), Instant::ZERO) {
                config.tell(&mut state, TAKEN, Instant::ZERO);
                allowed += 1;
            }
        }
        allowed
    }

    #[test]
    fn in_a_total_outage_deposits_per_call_go_on_and_deposits_per_success_stop() {
        // 5 in reserve and a tenth of 1000 calls; while the bucket is full deposits are lost.
        let per_call = allowed(&config(Deposit::PerCall), 1000, false);
        assert!((104..=105).contains(&per_call), "{per_call}");
        assert_eq!(allowed(&config(Deposit::PerSuccess), 1000, false), 5);
    }

    /// Deposits were rounded to thousandths of a token: a share of 0.0004 earned nothing.
    #[test]
    fn a_small_share_earns_what_it_says() {
        let config = Config {
            ratio: Ratio(0.0004),
            ..config(Deposit::PerCall)
        };
        // 5 in reserve, 40 for 100 000 calls; of the first calls' deposits some meet a full bucket.
        assert_eq!(allowed(&config, 100_000, false), 44);
    }

    #[test]
    fn a_refill_brings_tokens_back_with_time() {
        let refill = Some(crate::base::units::parse_rate("2/s").unwrap());
        let config = Config {
            reserve: 1,
            refill,
            ..config(Deposit::PerSuccess)
        };
        let mut state = config.begin();
        config.tell(&mut state, TAKEN, Instant::ZERO);
        let later = |ms| Instant::ZERO + Duration::from_ms(ms);
        assert!(!config.ask(&mut state, &ask(), later(499)));
        assert!(config.ask(&mut state, &ask(), later(500)));
    }

    #[test]
    fn a_budget_of_one_call_counts_only_its_own_attempts() {
        let config = Config {
            reserve: 2,
            scope: Scope::Call,
            ..config(Deposit::PerCall)
        };
        let mut state = config.begin();
        let ask = |n| Ask {
            extra_attempts: n,
            ..ask()
        };
        assert!(config.ask(&mut state, &ask(1), Instant::ZERO));
        assert!(!config.ask(&mut state, &ask(2), Instant::ZERO));
    }
}
