//! `others`: tenants that nobody sees take a share of the limits.
//!
//! The share is a path in virtual time: drawn anew for each step, by the place and the number of
//! the step alone. It is the same for every policy, and never looks at what is asked. With a
//! share of 100 % everybody is refused though his own quota is hardly used, as Azure's users report.

use serde::Deserialize;

use crate::base::dist::{Dist, Sampler};
use crate::base::units::Ratio;
use crate::base::{Check, Draws, Duration, Instant, Purpose};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share they take in each step; more than all is all.
    pub share: Dist<Ratio>,
    /// The length of a step.
    #[serde(default = "minute")]
    pub every: Duration,
}

fn minute() -> Duration {
    Duration::from_s(60)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check.at("share", |c| self.share.check(c));
        if self.every < Duration::from_s(1) {
            check.mistake("every", "a step of time", "shorter than 1s");
        }
    }
}

/// The path, as far as it has been gone.
#[derive(Clone, Debug)]
pub(super) struct Others {
    share: Sampler,
    every: Duration,
    /// How many steps have begun.
    begun: u64,
}

impl Others {
    pub(super) fn new(config: &Config) -> Others {
        Others {
            share: config.share.sampler(),
            every: config.every,
            begun: 0,
        }
    }

    /// The next step that has begun by now: when it did, and the share that is left of the limits.
    pub(super) fn next(
        &mut self,
        now: Instant,
        draws: &Draws,
        place: u64,
    ) -> Option<(Instant, f64)> {
        let begins = Instant(self.begun.saturating_mul(self.every.0));
        if begins > now {
            return None;
        }
        let share = match &self.share {
            Sampler::Constant(share) => *share,
            drawn => drawn.at(draws.unit(Purpose::OtherTenants, place, self.begun)),
        };
        self.begun += 1;
        Some((begins, 1.0 - share.clamp(0.0, 1.0)))
    }
}
