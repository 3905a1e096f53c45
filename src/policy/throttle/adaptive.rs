//! Adaptive throttling: refuses with probability max(0, (n − s/`success`) / (n + 1))^(1/`aggression`).
//!
//! n attempts, of which s were accepted, are those of the last `span`. Google's SRE book (chapter 21)
//! writes K for 1/`success`: K = 2 over two minutes, and n includes what was refused here
//! (`counts-refused`). failsafe-go has K = 1/0.9, 60 s in 20 buckets, a ceiling of 0.9, and does not count
//! what it refused; Envoy's admission control likewise, with 95 %, 30 s and 0.8. An `aggression` above
//! 1 refuses more at the same share.
//!
//! What is counted decides what is sent to a provider that accepts c of λ per second (K·c < λ): counting
//! what was refused the probability settles at 1 − K·c/λ and K·c are sent; not counting it, at
//! 1 − √(K·c/λ), and √(K·c·λ) are sent, which grows with the demand.
//!
//! An attempt counts when it ends. The book counts it when it is asked for; answers of a language model
//! take so long that everything in flight would then look refused.

use serde::{Deserialize, Serialize};

use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::window::Rolling;
use crate::base::{Check, Class, Duration, Instant};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "adaptive",
    summary: "refuses a share of everything, the more the less is accepted",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The share of accepted attempts from which on nothing is refused: 1/K, above 0.
    pub success: Ratio,
    /// What is looked back at, up to 24 h.
    pub span: Duration,
    /// The parts of the span, in which it moves; 1 to 1000.
    pub buckets: u32,
    /// The highest probability.
    pub ceiling: Ratio,
    /// The root that is taken, 0.1 to 100; 1: none.
    pub aggression: f64,
    /// Whether what was refused here counts as an attempt that was not accepted.
    pub counts_refused: bool,
    /// The classes of endings that were not accepted; all others were, but for what was cancelled.
    pub on: Vec<Class>,
    /// Whether all processes look back at what all of them sent.
    pub scope: Scope,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            success: Ratio(0.5),
            span: Duration::from_s(120),
            buckets: 12,
            ceiling: Ratio(1.0),
            aggression: 1.0,
            counts_refused: true,
            on: vec![
                Class::RateLimited,
                Class::QuotaExhausted,
                Class::Overloaded,
                Class::ServerFault,
                Class::Transport,
                Class::TimedOut,
            ],
            scope: Scope::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.success.0 < 0.001 {
            check
                .mistake("success", "nothing is ever refused", "less than 0.1 %")
                .help("\"50%\" is K = 2 of the SRE book");
        }
        if self.span < Duration::from_ms(1) || self.span > Duration::from_s(24 * 3600) {
            check
                .mistake("span", "an absurd time to look back", "not 1ms to 24h")
                .expected("such as \"120s\"");
        }
        if !(1..=1000).contains(&self.buckets) {
            check.mistake("buckets", "an absurd number of parts", "not 1 to 1000");
        }
        if !(0.1..=100.0).contains(&self.aggression) {
            check
                .mistake("aggression", "an absurd root", "not 0.1 to 100")
                .help("1 takes the share as it is; 2 takes its square root");
        }
        for (i, class) in self.on.iter().enumerate() {
            if matches!(class, Class::Ok | Class::Cancelled) {
                check.mistake(
                    &format!("on.{i}"),
                    format!("`{class}` does not say that it was not accepted"),
                    "no refusal",
                );
            }
        }
    }
}

/// What was accepted of late at one endpoint.
#[derive(Clone, Debug)]
pub struct State(Rolling);

impl State {
    /// Nothing has been seen.
    pub fn new(config: &Config) -> State {
        State(Rolling::with_buckets(config.span, config.buckets))
    }

    /// The probability with which an attempt is refused.
    pub fn refusing(&mut self, config: &Config, now: Instant) -> f64 {
        let (accepted, not) = self.0.counts(now);
        let n = f64::from(accepted) + f64::from(not);
        let share = (n - f64::from(accepted) / config.success.0) / (n + 1.0);
        let p = match config.aggression {
            _ if share <= 0.0 => 0.0,
            1.0 => share,
            aggression => libm::pow(share, 1.0 / aggression),
        };
        p.min(config.ceiling.0)
    }

    /// One was refused here.
    pub fn on_refused(&mut self, config: &Config, now: Instant) {
        if config.counts_refused {
            self.0.record(true, now);
        }
    }

    /// One ended.
    pub fn on_end(&mut self, config: &Config, class: Class, now: Instant) {
        if class != Class::Cancelled {
            self.0.record(config.on.contains(&class), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::bucket::Bucket;
    use crate::base::draw::Stage;
    use crate::base::{Draws, Purpose, Root};

    fn at(state: &mut State, config: &Config, accepted: u32, not: u32) -> f64 {
        let end = |state: &mut State, class| state.on_end(config, class, Instant::ZERO);
        (0..accepted).for_each(|_| end(state, Class::Ok));
        (0..not).for_each(|_| end(state, Class::Overloaded));
        state.refusing(config, Instant::ZERO)
    }

    /// Worked by hand from the formulas of the three sources.
    #[test]
    fn the_formulas_of_the_sre_book_failsafe_and_envoy() {
        let sre = Config::default();
        let with = |success, ceiling, aggression| Config {
            success: Ratio(success),
            ceiling: Ratio(ceiling),
            aggression,
            ..Config::default()
        };
        let cases = [
            (&sre, 0, 0, 0.0),
            (&sre, 50, 50, 0.0),
            (&sre, 20, 80, 60.0 / 101.0),
            (&sre, 0, 99, 0.99),
            (&with(0.9, 0.9, 1.0), 81, 19, 10.0 / 101.0),
            (&with(0.9, 0.9, 1.0), 0, 99, 0.9),
            (&with(0.95, 0.8, 1.0), 76, 23, 19.0 / 100.0),
            (&with(0.95, 0.8, 2.0), 76, 23, 0.435_889_894_354_067_4),
        ];
        for (config, accepted, not, expected) in cases {
            let p = at(&mut State::new(config), config, accepted, not);
            assert!((p - expected).abs() < 1e-12, "{p} for {expected}");
        }
    }

    /// Of 100 a second, of which the provider accepts so many: what share is refused in the long run,
    /// and what share was accepted.
    fn settled(config: &Config, accepts: u64, seed: u64) -> (f64, f64) {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let mut state = State::new(config);
        let mut provider = Bucket::new(20, accepts, Duration::from_s(1));
        let (mut refused, mut accepted) = (0u32, 0u32);
        for i in 0..100_000u64 {
            let now = Instant(i * 10_000_000);
            let counted = u32::from(i >= 30_000);
            if draws.unit(Purpose::Probe, 0, i) < state.refusing(config, now) {
                state.on_refused(config, now);
                refused += counted;
            } else if provider.take(1, now) {
                state.on_end(config, Class::Ok, now);
                accepted += counted;
            } else {
                state.on_end(config, Class::RateLimited, now);
            }
        }
        (
            f64::from(refused) / 70_000.0,
            f64::from(accepted) / 70_000.0,
        )
    }

    /// Trap 21: counting what was refused or not leads to different equilibria, 1 − K·c/λ and
    /// 1 − √(K·c/λ). Seeds 95 to 98.
    #[test]
    fn trap_21_what_was_refused_counts_or_does_not() {
        for (seed, success, accepts) in [(95, 0.5, 20), (96, 0.5, 40), (97, 0.9, 30), (98, 0.9, 60)]
        {
            let config = |counts_refused| Config {
                success: Ratio(success),
                span: Duration::from_s(60),
                counts_refused,
                ..Config::default()
            };
            let (counting, accepted) = settled(&config(true), accepts, seed);
            let law = 1.0 - accepted / success;
            println!("seed {seed}: {counting} counting, by the law {law}");
            assert!((counting - law).abs() < 0.01, "{counting}, {law}");
            let (not_counting, accepted) = settled(&config(false), accepts, seed);
            let law = 1.0 - libm::sqrt(accepted / success);
            println!("seed {seed}: {not_counting} not counting, by the law {law}");
            assert!((not_counting - law).abs() < 0.01, "{not_counting}, {law}");
            assert!(counting > not_counting + 0.05, "{counting}, {not_counting}");
        }
    }

    #[test]
    fn it_forgets_after_its_span() {
        let config = Config::default();
        let mut state = State::new(&config);
        assert!(at(&mut state, &config, 0, 100) > 0.9);
        let later = Instant::ZERO + config.span;
        assert_eq!(state.refusing(&config, later).to_bits(), 0);
    }
}
