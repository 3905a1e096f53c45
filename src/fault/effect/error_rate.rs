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
    /// What the first spell is, which begins with the fault.
    #[serde(default)]
    pub first: First,
    /// The status of an error.
    #[serde(default = "broken")]
    pub status: u16,
}

/// What the first spell is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// A bad one: the fault begins when something breaks.
    #[default]
    Bad,
    /// Drawn, as it is in the long run: a fault that was there before. A bad one with the share of time that
    /// bad spells fill.
    ByChance,
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
        if self.bad_for.is_none() && self.first == First::ByChance {
            check.warning("first", "this draws nothing", "there are no spells");
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
            spell: 0,
            ends: from,
            is_bad: false,
        }
    }
}

impl Effect for Config {}

/// Spells as far as somebody asked, of which the newest is kept: the 0-th is good and ends where the fault
/// begins, then they alternate.
#[derive(Clone, Debug)]
pub struct Spells {
    config: Config,
    fault: u64,
    /// Which spell it is.
    spell: u64,
    /// When it ends.
    ends: Instant,
    is_bad: bool,
}

impl Spells {
    /// The share of requests that fail at `now`, which never goes back.
    pub fn rate(&mut self, draws: &Draws, now: Instant) -> f64 {
        let Some(bad_for) = self.config.bad_for else {
            return self.config.bad.0;
        };
        let good_for = self.config.good_for.unwrap_or(bad_for);
        while self.ends <= now {
            self.is_bad = match self.spell {
                0 => self.begins_bad(draws, bad_for, good_for),
                _ => !self.is_bad,
            };
            self.spell += 1;
            let mean = if self.is_bad { bad_for } else { good_for };
            let u = draws.unit(Purpose::Regime, self.fault, self.spell);
            // What is left of an exponential spell is as long as a whole one.
            self.ends = self.ends + mean.scale(quantile::exponential(u)) + Duration(1);
        }
        match self.is_bad {
            true => self.config.bad.0,
            false => self.config.good.0,
        }
    }

    fn begins_bad(&self, draws: &Draws, bad_for: Duration, good_for: Duration) -> bool {
        let (bad_s, good_s) = (bad_for.as_s_f64(), good_for.as_s_f64());
        match self.config.first {
            First::Bad => true,
            First::ByChance => {
                draws.unit(Purpose::Regime, self.fault, 0) < bad_s / (bad_s + good_s)
            }
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
            first: First::Bad,
            status: 500,
        }
    }

    #[test]
    fn spells_do_not_depend_on_when_they_are_asked_for() {
        let draws = || Draws::new(Root::new(3, Stage::Run, 0));
        let (a, b) = (draws(), draws());
        let mut forward = config().spells(0, Instant::ZERO);
        let mut seldom = config().spells(0, Instant::ZERO);
        let times: Vec<Instant> = (0..5000).map(|i| Instant(i * 30_000_000)).collect();
        let one: Vec<f64> = times.iter().map(|&t| forward.rate(&a, t)).collect();
        let few = (0..5000).step_by(97);
        for i in few {
            assert_eq!(seldom.rate(&b, times[i]), one[i], "{:?}", times[i]);
        }
    }

    #[test]
    fn the_first_spell_is_bad_or_as_in_the_long_run() {
        let n = 4000u32;
        let bad = |first: First, at_s: u64| {
            let begins_bad = |run: &u32| {
                let draws = Draws::new(Root::new(5, Stage::Run, *run));
                let config = Config { first, ..config() };
                let mut spells = config.spells(0, Instant::ZERO);
                spells.rate(&draws, Instant(at_s * 1_000_000_000)) > 0.5
            };
            (0..n).filter(begins_bad).count() as f64 / f64::from(n)
        };
        assert_eq!(bad(First::Bad, 0), 1.0);
        // A quarter of the time is bad: of 4000 runs with a standard error of 0.0068, at any time.
        for at_s in [0, 1, 3, 20] {
            let share = bad(First::ByChance, at_s);
            assert!((share - 0.25).abs() < 0.028, "seed 5, {at_s} s: {share}");
        }
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
