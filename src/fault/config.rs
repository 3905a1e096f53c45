//! One `[[fault]]`: a time, its targets, an effect.

use serde::Deserialize;

use super::effect;
use crate::base::{Check, Duration, Instant};

/// One fault's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What it is called in expectations and reports.
    pub name: String,
    /// Names of the providers it hits, all at once.
    pub on: Vec<String>,
    /// When it begins, from the start of the run.
    pub at: Duration,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub lasts: Duration,
    /// What it does.
    pub effect: effect::Config,
}

impl Config {
    /// When it begins.
    pub fn from(&self) -> Instant {
        Instant::ZERO + self.at
    }

    /// When it is over.
    pub fn to(&self) -> Instant {
        self.from() + self.lasts
    }

    /// Notes what makes no sense by itself; names and the run's length are checked with the rest.
    pub fn check(&self, check: &mut Check) {
        if self.name.is_empty() || self.name == "all" {
            check
                .mistake("name", "a fault needs a name of its own", "not usable")
                .expected("a name other than `all`");
        }
        if self.on.is_empty() {
            check
                .mistake("on", "a fault that hits nobody", "empty")
                .expected("names of providers");
        }
        if self.lasts.is_zero() {
            let mistake = check.mistake("for", "a fault of no time", "is zero");
            mistake.value_alone();
        }
        check.at("effect", |c| self.effect.check(c));
    }
}
