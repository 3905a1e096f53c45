//! Which names in a report's folder are ours: of runs, sweeps and tunings alike, so that a second report replaces the
//! first as a whole, and what somebody else put there is never touched.

use std::path::{Path, PathBuf};

use super::bundle::CHART_DIR;
use super::chart::CHARTS;
use crate::record::METRICS;

/// The record of a run, a sweep or a tuning: a folder with one of them is a report, and whole.
pub(super) const RECORDS: [&str; 3] = ["results.json", "sweep.json", "tuning.json"];

/// What else stands beside the charts.
const OTHERS: [&str; 7] = [
    "index.html",
    "results.csv",
    "sweep.csv",
    "alerts.csv",
    "summary.md",
    "junit.xml",
    "policy.toml",
];

/// The names that are ours: those of any report, and those that the report at hand has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owned<'a>(pub(super) &'a [(PathBuf, Vec<u8>)]);

impl Owned<'_> {
    /// Whether a file of this name beside the charts is ours.
    pub(super) fn is_file(self, name: &str) -> bool {
        RECORDS.contains(&name) || OTHERS.contains(&name) || self.has(Path::new(name))
    }

    /// Whether a file of this name in the folder of charts is ours.
    pub(super) fn is_chart(self, name: &str) -> bool {
        // Charts of sweeps are named by their metric.
        let known = |stem: &str| {
            CHARTS.iter().any(|chart| chart.name == stem)
                || METRICS.iter().any(|metric| metric.name == stem)
        };
        name.strip_suffix(".png").is_some_and(known) || self.has(&Path::new(CHART_DIR).join(name))
    }

    /// Whether the report at hand has this file.
    pub(super) fn has(self, file: &Path) -> bool {
        self.0.iter().any(|(own, _)| own == file)
    }
}
