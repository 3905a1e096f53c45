//! Silent quality drift: HTTP 200, on time, and wrong.
//!
//! Nothing on the wire tells; a breaker on errors never trips on it. Who embeds the answers may see
//! them move, if `shift` says that they do.

use serde::Deserialize;

use super::Factors;
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
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(0.0..=1.0).contains(&self.factor) {
            check
                .mistake("factor", "drift makes answers worse", "not between 0 and 1")
                .help("0.84 makes 16 % of answers bad that were good");
        }
        if !(self.shift >= 0.0 && self.shift.is_finite()) {
            check
                .mistake("shift", "a shift is a distance", "below 0")
                .expected("in standard deviations of one coordinate, such as 1.5");
        }
    }

    pub(super) fn factors(&self) -> Factors {
        Factors {
            quality: self.factor,
            readable: 1.0 - self.broken.0,
            unfenced: 1.0 - self.fenced.0,
            shift: self.shift,
            ..Factors::default()
        }
    }

    pub(super) fn is_total(&self) -> bool {
        false
    }
}
