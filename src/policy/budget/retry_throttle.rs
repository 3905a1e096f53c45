//! A retry throttle: no retries while more than half of a small store of tokens is gone.
//!
//! As gRPC's `retryThrottling` (proposal A6): it holds `max-tokens`; every attempt that ends in a class that is
//! retried, or with the server's word not to, takes one, also when no retry follows; every success brings
//! `ratio`. Retries and hedges go out only while *more* than half is left. With 10 and 0.1 five
//! failures stop all retries, and each needs ten successes to be made good.
//!
//! gRPC's is one per server name and channel; this is one per process, or per fleet. Read in grpc-go 4793ad0.

use serde::{Deserialize, Serialize};

use super::{Ask, Fact, Facts, Rules};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Class, Instant, Refusal};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "retry-throttle",
    summary: "no retries while failures have taken half of its tokens, as in gRPC",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Tokens at the start and the most that are kept, 1 to 1000.
    pub max_tokens: u32,
    /// What a success brings.
    pub ratio: Ratio,
    /// Whether all processes have it together.
    pub scope: Scope,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            max_tokens: 10,
            ratio: Ratio(0.1),
            scope: Scope::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(1..=1000).contains(&self.max_tokens) {
            check
                .mistake("max-tokens", "an absurd store", "not 1 to 1000")
                .help("gRPC allows no more than 1000");
        }
        if self.ratio.0 < 0.001 {
            check
                .mistake("ratio", "retries never come back", "less than 0.001")
                .help("gRPC reads three decimals");
        }
    }
}

/// Millionths of a token.
const MICRO: u64 = 1_000_000;

impl Rules for Config {
    /// What is left, in millionths of a token.
    type State = u64;
    const REFUSAL: Refusal = Refusal::BudgetThrottle;

    fn begin(&self) -> u64 {
        u64::from(self.max_tokens) * MICRO
    }

    fn heeds(&self) -> Facts {
        Facts::END
    }

    fn tell(&self, left: &mut u64, fact: Fact, _: Instant) {
        let Fact::End {
            class, retryable, ..
        } = fact
        else {
            return;
        };
        if class == Class::Ok {
            let earned = (self.ratio.0 * MICRO as f64 + 0.5) as u64;
            *left = (*left + earned).min(self.begin());
        } else if retryable && class != Class::Cancelled {
            *left = left.saturating_sub(MICRO);
        }
    }

    fn ask(&self, left: &mut u64, ask: &Ask, _: Instant) -> bool {
        // It is asked when an attempt has failed; a wait that was allowed is not asked again.
        ask.waited || *left * 2 > self.begin()
    }

    fn is_fleet(&self) -> bool {
        self.scope.is_fleet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Duration;
    use crate::base::draw::Stage;
    use crate::base::{Draws, Purpose, Root};

    fn end(class: Class, retryable: bool) -> Fact {
        Fact::End {
            extra: false,
            class,
            retryable,
            took: Duration::ZERO,
        }
    }

    fn allows(config: &Config, left: &mut u64) -> bool {
        config.ask(left, &Ask::default(), Instant::ZERO)
    }

    /// Trap 19: every failure takes a token, whether a retry follows or not, and exactly half is too
    /// little.
    #[test]
    fn trap_19_half_of_the_tokens_is_not_enough() {
        let config = Config::default();
        let mut left = config.begin();
        for failures in 1..=5 {
            config.tell(&mut left, end(Class::ServerFault, true), Instant::ZERO);
            assert_eq!(allows(&config, &mut left), failures < 5, "{failures}");
        }
        config.tell(&mut left, end(Class::Ok, false), Instant::ZERO);
        assert!(allows(&config, &mut left), "5.1 is more than half of 10");
        config.tell(&mut left, end(Class::Rejected, false), Instant::ZERO);
        assert!(allows(&config, &mut left), "what is not retried is free");
    }

    /// In steady state at a share f of failures the store drifts down where f > ratio·(1 − f), and
    /// retries stop; it stays full elsewhere. Seeds 92 and 93.
    #[test]
    fn retries_stop_where_failures_outweigh_what_successes_bring() {
        let config = Config::default();
        for (seed, failing, bounds) in [(92, 0.05, 9_000..=10_000), (93, 0.15, 0..=700)] {
            let draws = Draws::new(Root::new(seed, Stage::Run, 0));
            let mut left = config.begin();
            let fails = |i| draws.unit(Purpose::Probe, 0, i) < failing;
            let mut step = |i| {
                let class = if fails(i) {
                    Class::ServerFault
                } else {
                    Class::Ok
                };
                config.tell(&mut left, end(class, true), Instant::ZERO);
                allows(&config, &mut left)
            };
            let allowed = (0..10_000).filter(|&i| step(i)).count();
            assert!(
                bounds.contains(&allowed),
                "{allowed} at {failing}, seed {seed}"
            );
        }
    }
}
