//! `cold-start`: what a request waits for when nothing is warm to serve it.
//!
//! Serverless and scaled-to-zero hosts load the model first: after a time without work, and now and then when a
//! request lands on a machine that is new. While a provider warms up after idling every request waits for the
//! same instant; a start by chance is that request's own.

use serde::Deserialize;

use crate::base::dist::Dist;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// It is cold after so long without work, and at first; absent: it never cools down.
    pub after_idle: Option<Duration>,
    /// The share of requests that meet a cold start by chance.
    #[serde(default)]
    pub chance: Ratio,
    /// How long a start takes, which comes before the first token.
    pub takes: Dist<Duration>,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.after_idle.is_none() && self.chance.0 == 0.0 {
            check
                .mistake("takes", "a start that never happens", "nothing says when")
                .help("give `after-idle` or `chance`");
        }
        check.at("takes", |c| self.takes.check(c));
    }
}
