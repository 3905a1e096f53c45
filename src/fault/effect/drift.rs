//! Silent quality drift: HTTP 200, on time, and wrong.
//!
//! Nothing on the wire tells; a breaker on errors never trips on it. Who embeds the answers may see
//! them move, if `shift` says that they do: a wrong language moves them far, a wrong fact hardly. Who reads
//! them as JSON sees `broken`, who counts their tokens `length`, and a judge what is bad, the less of it the
//! more is `subtle`. With `hits` it is a bug that follows some users, or a decay that grows.

use serde::Deserialize;

use super::{Effect, Factors};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "drift",
    summary: "answers go bad under HTTP 200",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What is left of the share of good answers, 0 to 1.
    pub factor: f64,
    /// Of a provider's answers in JSON that could be read, the share that cannot be any more.
    #[serde(default)]
    pub broken: Ratio,
    /// Of those that stood alone, the share that stands within a code fence now.
    #[serde(default)]
    pub fenced: Ratio,
    /// How far the embeddings of all its answers move, in standard deviations of one coordinate; 0 or
    /// more.
    #[serde(default)]
    pub shift: f64,
    /// Answers are so many times as long; above 0.
    #[serde(default = "one")]
    pub length: f64,
    /// Of the answers that it makes bad, the share whose faults are subtle: a judge may see fewer of them
    /// (`judge.subtle`).
    #[serde(default)]
    pub subtle: Ratio,
}

fn one() -> f64 {
    1.0
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(0.0..=1.0).contains(&self.factor) {
            check
                .mistake("factor", "drift makes answers worse", "not between 0 and 1")
                .help("0.84 makes 16 % of answers bad that were good");
        }
        check_shift(self.shift, check);
        check_length(self.length, check);
    }
}

/// Notes a move of embeddings that is no distance.
pub(super) fn check_shift(shift: f64, check: &mut Check) {
    if !(shift >= 0.0 && shift.is_finite()) {
        check
            .mistake("shift", "a shift is a distance", "below 0")
            .expected("in standard deviations of one coordinate, such as 1.5");
    }
}

/// Notes a length that no answer has.
pub(super) fn check_length(length: f64, check: &mut Check) {
    if !(length > 0.0 && length <= 100.0) {
        check
            .mistake("length", "an absurd length", "not above 0 and up to 100")
            .help("0.5 makes answers half as long, 2 twice as long");
    }
}

impl Effect for Config {
    fn is_silent(&self) -> bool {
        true
    }

    fn factors(&self) -> Factors {
        Factors {
            quality: self.factor,
            readable: 1.0 - self.broken.0,
            unfenced: 1.0 - self.fenced.0,
            shift: self.shift,
            length: self.length,
            subtle: self.subtle.0,
            ..Factors::default()
        }
    }
}
