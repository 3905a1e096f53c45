//! Answers in the wrong language: HTTP 200, on time, well formed, and foreign words in them.
//!
//! As Thai and Chinese characters in answers to English questions were in August 2025 (Anthropic, "A postmortem of
//! three recent issues", 17 September 2025). Such an answer is bad, and JSON within it can be read: no check of a
//! schema sees it. A judge does, but for those of which only some words are foreign, of which it may see fewer
//! (`judge.subtle`); and so does whoever embeds the answers, for a foreign text lies far from others. Who is hit,
//! and how the share of them grows, is said by `hits`.

use serde::Deserialize;

use super::{Effect, Factors};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "wrong-language",
    summary: "answers are in the wrong language under HTTP 200",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Of the answers that it hits, the share that anybody sees; of the rest only some words are foreign.
    #[serde(default = "all")]
    pub plain: Ratio,
    /// How far their embeddings move, in standard deviations of one coordinate; 0 or more.
    #[serde(default = "far")]
    pub shift: f64,
    /// They are so many times as long in tokens, of which other scripts may take more; above 0.
    #[serde(default = "one")]
    pub length: f64,
}

fn all() -> Ratio {
    Ratio(1.0)
}

/// A guess: beyond the noise of all coordinates together of an embedding with up to a hundred of them.
fn far() -> f64 {
    12.0
}

fn one() -> f64 {
    1.0
}

impl Default for Config {
    fn default() -> Config {
        Config {
            plain: all(),
            shift: far(),
            length: one(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::drift::check_shift(self.shift, check);
        super::drift::check_length(self.length, check);
    }
}

impl Effect for Config {
    fn is_silent(&self) -> bool {
        true
    }

    fn factors(&self) -> Factors {
        Factors {
            quality: 0.0,
            shift: self.shift,
            length: self.length,
            subtle: 1.0 - self.plain.0,
            ..Factors::default()
        }
    }
}
