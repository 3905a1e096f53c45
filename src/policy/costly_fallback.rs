//! `costly-fallback`: who notices that calls have been answered by a dear endpoint for a long time.
//!
//! An endpoint is dear if its price (of a prompt token and an answer token together) is more than
//! `more-than` times that of the first endpoint of the route. Time is cut into tenths of `after`, from the
//! start of the process on; a tenth is dear if dear endpoints gave more than half of the answers that calls
//! got in it, and one without answers is not. After ten dear tenths in a row, with the first answer after
//! them, it alerts: so between `after` and 1.1 times `after`, and the wait for that answer, from the moment on at
//! which most answers became dear. Then it starts anew.

use serde::{Deserialize, Serialize};

use crate::base::{Check, Duration, Instant};

/// Settings of `costly-fallback`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// For how long most answers must have been dear.
    #[serde(default = "ten_minutes")]
    pub after: Duration,
    /// Which price is dear: more than so many times that of the first endpoint, 1 or more.
    #[serde(default = "one")]
    pub more_than: f64,
    /// What is done, beside an alert.
    #[serde(default)]
    pub then: Then,
    /// How long dear endpoints are refused.
    #[serde(rename = "for", default = "ten_minutes")]
    pub lasts: Duration,
}

fn ten_minutes() -> Duration {
    Duration::from_s(600)
}

fn one() -> f64 {
    1.0
}

/// What is done, beside an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Nothing.
    #[default]
    Alert,
    /// The first endpoint is asked first again: its breaker closes, and that it failed is forgotten.
    Return,
    /// Nothing more is sent to dear endpoints for `for`: calls fail or degrade instead.
    Refuse,
}

/// Tenths that must be dear.
const TENTHS: u32 = 10;

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.after < Duration::from_ms(1000) || self.after > Duration::from_s(31 * 24 * 3600) {
            check
                .mistake("after", "an absurd time", "not 1s to 31d")
                .expected("such as \"10m\"");
        }
        if !(self.more_than >= 1.0 && self.more_than.is_finite()) {
            check
                .mistake("more-than", "this is not dearer", "below 1")
                .expected("how many times the price of the first endpoint, such as 2");
        }
        if self.then == Then::Refuse && self.lasts.is_zero() {
            check.mistake("for", "it does nothing", "no time");
        }
    }

    /// Whether a price is dear beside that of the first endpoint, both in pico-dollars of a prompt token
    /// and an answer token together.
    pub fn is_dear(&self, price: u64, first: u64) -> bool {
        price as f64 > self.more_than * first as f64
    }
}

/// What a process has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// Which tenth it is, from zero.
    tenth: u64,
    dear: u64,
    answers: u64,
    in_a_row: u32,
}

impl State {
    /// A call was answered; whether most answers have been dear for long enough.
    pub fn on_answer(&mut self, config: &Config, dear: bool, now: Instant) -> bool {
        let tenth = now.0 / (config.after.0 / u64::from(TENTHS)).max(1);
        let mut alarm = false;
        if tenth > self.tenth {
            let was_dear = 2 * self.dear > self.answers;
            self.in_a_row = if was_dear { self.in_a_row + 1 } else { 0 };
            alarm = self.in_a_row >= TENTHS;
            // Tenths without an answer in between are not dear.
            if alarm || tenth > self.tenth + 1 {
                self.in_a_row = 0;
            }
            (self.tenth, self.dear, self.answers) = (tenth, 0, 0);
        }
        self.dear += u64::from(dear);
        self.answers += 1;
        alarm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow way: every answer is kept, and each tenth is looked at from its answers.
    fn alarms(config: &Config, answers: &[(u64, bool)]) -> Vec<u64> {
        let width = config.after.0 / 10;
        let mut from = 0;
        let mut all = Vec::new();
        for &(at, _) in answers {
            let now = at / width;
            let dear = |tenth: u64| {
                let here = answers.iter().filter(|(at, _)| at / width == tenth);
                2 * here.clone().filter(|(_, dear)| *dear).count() > here.count()
            };
            let before = answers.iter().filter(|(other, _)| *other < at);
            let newest = before.map(|(at, _)| at / width).max();
            let is_first_of_tenth = newest.is_some_and(|newest| newest < now);
            // The ten tenths that end with the newest one that had answers.
            let Some(last) = newest.filter(|_| is_first_of_tenth) else {
                continue;
            };
            if last + 1 >= from + 10 && (last - 9..=last).all(dear) {
                all.push(at);
                from = now;
            }
        }
        all
    }

    #[test]
    fn it_alarms_where_ten_tenths_in_a_row_were_dear_as_a_slow_look_at_all_answers_says() {
        use rand::rngs::Xoshiro256PlusPlus;
        use rand::{RngExt, SeedableRng};
        let config = Config {
            after: Duration(1000),
            more_than: 2.0,
            then: Then::Alert,
            lasts: Duration(1),
        };
        let mut all = 0;
        for seed in 0..200 {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            let share = rng.random_range(0.4..1.0);
            let mut at = 0;
            let answers: Vec<(u64, bool)> = (0..400)
                .map(|_| {
                    at += rng.random_range(1..60);
                    (at, rng.random_bool(share))
                })
                .collect();
            let mut state = State::default();
            let told = answers.iter().filter(|(at, dear)| {
                let now = Instant(*at);
                state.on_answer(&config, *dear, now)
            });
            let told: Vec<u64> = told.map(|(at, _)| *at).collect();
            assert_eq!(told, alarms(&config, &answers), "seed {seed}");
            all += told.len();
        }
        assert!(all > 100, "{all} alarms");
    }

    #[test]
    fn a_price_is_dear_only_above_its_bound() {
        let config = Config {
            after: ten_minutes(),
            more_than: 2.0,
            then: Then::Alert,
            lasts: ten_minutes(),
        };
        assert!(!config.is_dear(20, 10) && config.is_dear(21, 10) && !config.is_dear(10, 10));
    }
}
