//! Attempts per interval, with a line in front.
//!
//! Attempts that may not pass yet wait in order of arrival. With a bucket, what passes in any
//! window T is at most burst + rate·T.

use serde::{Deserialize, Serialize};

use super::meter::{Meter, Method};
use super::per::Per;
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration};
use crate::policy::fleet::Scope;

/// This kind.
pub const INFO: Kind = Kind {
    name: "requests",
    summary: "attempts per interval",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Attempts per interval, over all endpoints of the process, or of the fleet.
    pub rate: Rate,
    /// Attempts that may go out at once after a pause: for a bucket or GCRA.
    pub burst: Option<u32>,
    /// The longest wait in line; an attempt that would wait longer is not made.
    #[serde(default = "super::minute")]
    pub max_wait: Duration,
    /// How it is counted.
    #[serde(default)]
    pub method: Method,
    /// Whose rate it is.
    #[serde(default)]
    pub scope: Scope,
    /// Whether each user has the rate for himself; then nobody waits for it.
    #[serde(default)]
    pub per: Per,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.burst == Some(0) {
            check
                .mistake("burst", "nothing could ever be sent", "is zero")
                .expected("1 or more");
        }
        super::burst_of_a_window(check, self.method, self.burst.is_some());
        super::wait_of_a_user(check, self.per, self.max_wait);
    }

    pub(super) fn meter(&self) -> Meter {
        Meter::new(self.method, self.rate, u64::from(self.burst.unwrap_or(1)))
    }
}
