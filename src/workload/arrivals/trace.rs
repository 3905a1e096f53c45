//! Arrivals from a recorded trace.

use serde::Deserialize;

use crate::base::registry::Kind;
use crate::base::{Check, Duration};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "trace",
    summary: "arrivals from a recorded trace",
};

/// Settings. A plain string stands for `file`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// A CSV file with the columns `t_ms,in_tokens,out_tokens`, sorted by time; relative to the
    /// scenario file.
    pub file: String,
}

impl Config {
    pub(super) fn check(&self, _: &mut Check) {}

    pub(super) fn top_rate(&self) -> Option<f64> {
        None
    }

    pub(super) fn expected(&self, duration: Duration, trace: Option<&Trace>) -> f64 {
        let rows = trace.map_or(&[][..], |t| &t.rows);
        rows.iter().filter(|row| row.at.0 < duration.0).count() as f64
    }
}
