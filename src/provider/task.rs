//! `task.NAME`: how good a provider's answers are to the calls of one task (`[workload.task.NAME]`).
//!
//! A model that writes well may extract badly. Who fails over to another then pays in quality, and the more
//! the more of his calls are of the wrong kind.

use serde::Deserialize;

use super::config::Json;
use crate::base::Check;
use crate::base::units::Ratio;

/// Settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Task {
    /// The share of these answers that are truly good. Absent: the provider's `quality`.
    pub quality: Option<Ratio>,
    /// How these answers keep to JSON. Absent: as the provider's `json`.
    pub json: Option<Json>,
}

impl Task {
    /// Notes what makes no sense.
    pub(super) fn check(self, check: &mut Check) {
        if let Some(json) = self.json {
            check.at("json", |c| json.check(c));
        }
        if self == Task::default() {
            check
                .warning(
                    "",
                    "a task that is like all others",
                    "nothing is said of it",
                )
                .help("write its `quality` or its `json`, or leave it out");
        }
    }
}
