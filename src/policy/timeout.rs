//! `timeout`: how long a client waits for one attempt.
//!
//! Timeouts are durations per attempt; the deadline is an instant of the whole call and comes with
//! the call. A timeout longer than what is left of the deadline never fires.

use serde::Deserialize;

use crate::base::{Check, Duration};

/// Settings of `timeout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// From sending to the end of the answer; absent: never.
    pub total: Option<Duration>,
    /// From sending to the first token of a streamed answer; absent: never.
    pub first_token: Option<Duration>,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        for (key, value) in [("total", self.total), ("first-token", self.first_token)] {
            if value.is_some_and(Duration::is_zero) {
                check.mistake(
                    key,
                    "a timeout of no time",
                    "nothing can be answered at once",
                );
            }
        }
        if let (Some(total), Some(first)) = (self.total, self.first_token)
            && first > total
        {
            let path = check.path("total");
            check
                .mistake(
                    "first-token",
                    "this timeout never fires",
                    "longer than `total`",
                )
                .also(path, format!("the attempt ends after {total}"));
        }
    }
}
