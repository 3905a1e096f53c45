//! `workload.impatience`: callers who do not wait for ever, and ask again.
//!
//! Whoever waits longer than his patience, drawn for each call, goes away: the call is cancelled, counts as
//! failed (`cancelled`) and its attempts are aborted, though the provider may go on with them. A share of
//! those who went away or were given an error ask the same once more: that is a new call, with the same prompt,
//! and it is how an outage makes load.

use serde::Deserialize;

use crate::base::dist::Dist;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// Settings of `workload.impatience`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Impatience {
    /// How long a caller waits for the whole answer.
    pub after: Dist<Duration>,
    /// The share of those without an answer who ask again.
    #[serde(default)]
    pub reload: Ratio,
    /// How long they take to.
    #[serde(default = "a_second")]
    pub pause: Dist<Duration>,
    /// How often one asks again at most, 1 to 15.
    #[serde(default = "three")]
    pub reloads: u16,
}

fn a_second() -> Dist<Duration> {
    Dist::Constant(Duration::from_s(1))
}

fn three() -> u16 {
    3
}

/// The most reloads: their number has four bits in an id.
pub const MOST_RELOADS: u16 = 15;

impl Impatience {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        check.at("after", |c| self.after.check(c));
        check.at("pause", |c| self.pause.check(c));
        if self.after == Dist::Constant(Duration::ZERO) {
            check.mistake("after", "nobody ever waits", "is zero");
        }
        if !(1..=MOST_RELOADS).contains(&self.reloads) {
            check.mistake("reloads", "an absurd number of reloads", "not 1 to 15");
        }
    }
}
