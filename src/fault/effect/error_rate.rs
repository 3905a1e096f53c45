//! An error rate that comes in spells: good times and bad times, not a coin per attempt.
//!
//! Real errors cluster: with a coin per attempt three tries all but always find a good one, with
//! spells the third try meets the same spell as the first (failures after three tries 0.40 % and
//! not 0.018 %). Spells are laid down in virtual time from keys of the weather, so every policy
//! meets the same ones; within a spell each try throws its own coin against the spell's rate.

use serde::Deserialize;

use super::Effect;
use crate::base::check;
use crate::base::quantile;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::wire::Code;
use crate::base::{Check, Draws, Duration, Instant, Purpose};

/// This kind.
pub const INFO: Kind = Kind {
    name: "error-rate",
    summary: "errors in good and bad spells",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Share of requests that fail in a bad spell.
    pub bad: Ratio,
    /// Share of requests that fail in a good spell.
    #[serde(default)]
    pub good: Ratio,
    /// Mean length of a bad spell; absent: it is bad all the time.
    pub bad_for: Option<Duration>,
    /// Mean length of a good spell; absent: as long as bad ones.
    pub good_for: Option<Duration>,
    /// The status of an error.
    #[serde(default = "broken")]
    pub status: u16,
}

fn broken() -> u16 {
    500
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check::status(check, "status", self.status);
        if self.good.0 > self.bad.0 {
            let bad = check.path("bad");
            check
                .mistake("good", "good spells are worse than bad ones", "above `bad`")
                .also(bad, "the rate of bad spells");
        }
        for (key, value) in [("bad-for", self.bad_for), ("good-for", self.good_for)] {
            if value.is_some_and(|d| d < Duration::from_ms(1)) {
                check.mistake(key, "an absurd spell", "under 1ms");
            }
        }
        if self.bad_for.is_some() && self.good_for.is_none() {
            check
                .warning(
                    "bad-for",
                    "it is bad half of the time",
                    "good spells last as long, for `good-for` is missing",
                )
                .help("write `good-for`, or leave `bad-for` out for bad all the time");
        }
        if self.bad_for.is_none() && self.good_for.is_some() {
            check
                .mistake(
                    "good-for",
                    "good spells without bad ones",
                    "`bad-for` is missing",
                )
                .help("without `bad-for` it is bad all the time");
        }
    }

    /// The provider's code beside the status.
    pub fn code(&self) -> Code {
        Code::ServerError
    }

    /// The spells of one run.
    pub fn spells(&self, fault: u64, from: Instant) -> Spells {
        Spells {
            config: *self,
            fault,
            until: vec![from],
        }
    }
}

impl Effect for Config {}

/// Spells laid down as far as somebody asked: `until[i]` is where spell i ends, the first a good
/// one of no length, then bad, good, bad …
#[derive(Clone, Debug)]
pub struct Spells {
    config: Config,
    fault: u64,
    until: Vec<Instant>,
}

impl Spells {
    /// The share of requests that fail at `now`.
    pub fn rate(&mut self, draws: &Draws, now: Instant) -> f64 {
        let Some(bad_for) = self.config.bad_for else {
            return self.config.bad.0;
        };
        let good_for = self.config.good_for.unwrap_or(bad_for);
        let mut end = self.until.last().copied().unwrap_or(Instant::ZERO);
        while end <= now {
            let index = self.until.len() as u64;
            let mean = if index % 2 == 1 { bad_for } else { good_for };
            let u = draws.unit(Purpose::Regime, self.fault, index);
            end = end + mean.scale(quantile::exponential(u)) + Duration(1);
            self.until.push(end);
        }
        let spell = self.until.partition_point(|&until| until <= now);
        if spell % 2 == 1 {
            self.config.bad.0
        } else {
            self.config.good.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};

    fn config() -> Config {
        Config {
            bad: Ratio(0.9),
            good: Ratio(0.1),
            bad_for: Some(Duration::from_s(2)),
            good_for: Some(Duration::from_s(6)),
            status: 500,
        }
    }

    #[test]
    fn spells_do_not_depend_on_when_they_are_asked_for() {
        let draws = || Draws::new(Root::new(3, Stage::Run, 0));
        let (a, b) = (draws(), draws());
        let mut forward = config().spells(0, Instant::ZERO);
        let mut backward = config().spells(0, Instant::ZERO);
        let times: Vec<Instant> = (0..500).map(|i| Instant(i * 300_000_000)).collect();
        let one: Vec<f64> = times.iter().map(|&t| forward.rate(&a, t)).collect();
        let mut two: Vec<f64> = times.iter().rev().map(|&t| backward.rate(&b, t)).collect();
        two.reverse();
        assert_eq!(one, two);
    }

    #[test]
    fn a_quarter_of_the_time_is_bad() {
        let draws = Draws::new(Root::new(4, Stage::Run, 0));
        let mut spells = config().spells(0, Instant::ZERO);
        let n = 200_000u64;
        let bad = (0..n)
            .filter(|&i| spells.rate(&draws, Instant(i * 500_000_000)) > 0.5)
            .count();
        let share = bad as f64 / n as f64;
        // 100 000 s hold 12 500 pairs of spells; the share's standard error is about 0.0024.
        assert!((share - 0.25).abs() < 0.0096, "seed 4: {share}");
    }
}
