//! The line in front of a client's quotas and limiter: who is first, how many may wait, and who goes
//! when it is full.
//!
//! How long one waits is said by each quota and by the limiter (`max-wait`); "0s" sheds at once.

use serde::{Deserialize, Serialize};

use crate::base::Check;

/// Settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Who is first.
    pub order: Order,
    /// The most that wait at once, in each process; absent: any number.
    pub max: Option<u32>,
    /// Who goes when one more comes.
    pub when_full: WhenFull,
}

/// Who is first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The most critical; of those, who came first.
    #[default]
    Priority,
    /// Who came first.
    Arrival,
}

/// Who goes when the line is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenFull {
    /// Whoever comes.
    #[default]
    RefuseNewest,
    /// The last of the lowest priority, if whoever comes is above it.
    ShedLowest,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.max == Some(0) {
            check
                .mistake("max", "a line in which nobody may stand", "is zero")
                .help("`max-wait = \"0s\"` of the quota or limiter sheds at once");
        }
        if self.when_full == WhenFull::ShedLowest && self.order == Order::Arrival {
            let order = check.path("order");
            check
                .mistake(
                    "when-full",
                    "no priority is the lowest here",
                    "looks at priorities",
                )
                .also(order, "looks at arrivals alone");
        } else if self.when_full == WhenFull::ShedLowest && self.max.is_none() {
            check
                .warning(
                    "when-full",
                    "this line is never full",
                    "any number may wait",
                )
                .help("set `line.max`");
        }
    }

    /// Whether a line of so many is full.
    pub fn is_full(&self, waiting: u64) -> bool {
        self.max.is_some_and(|max| waiting >= u64::from(max))
    }
}
