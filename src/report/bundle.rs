//! Every file of a report with its bytes, made before anything on the disk is touched.

use std::io;
use std::path::{Path, PathBuf};

use super::chart::{CHARTS, Scene, png};
use super::reading::read;
use super::{csv, json, junit, markdown, page, tuning};
use crate::base::Stop;
use crate::record::Results;
use crate::record::tuning::Tuned;

/// The files of a run beside the charts.
pub(super) const FILES: [&str; 3] = ["index.html", "results.json", "results.csv"];
/// The files that other reports may not have: of alerts, where any policy has them, to paste into a pull
/// request, and for CI.
const MORE: [&str; 3] = ["alerts.csv", "summary.md", "junit.xml"];
/// The folder of the charts.
pub(super) const CHART_DIR: &str = "charts";

/// A report that is ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The scenario's name.
    pub(super) scenario: String,
    /// Paths within the report's folder, and contents.
    pub(super) all: Vec<(PathBuf, Vec<u8>)>,
}

impl Bundle {
    /// What a tuning leaves: `index.html`, `tuning.json`, `summary.md`, and the policy that was found as
    /// `policy.toml`, in a folder of its own beside the reports of runs.
    ///
    /// # Errors
    /// If the record cannot be written as JSON.
    pub fn of_tuning(tuned: &Tuned) -> io::Result<Bundle> {
        let mut json = serde_json::to_vec_pretty(tuned).map_err(io::Error::other)?;
        json.push(b'\n');
        let policy = tuning::policy_file(tuned);
        let all = [
            ("index.html", tuning::page(tuned).into_bytes()),
            ("tuning.json", json),
            ("summary.md", tuning::markdown(tuned).into_bytes()),
            ("policy.toml", policy.into_bytes()),
        ];
        Ok(Bundle {
            scenario: format!("{}@tuned", tuned.name),
            all: all
                .map(|(name, bytes)| (PathBuf::from(name), bytes))
                .to_vec(),
        })
    }

    /// Draws `index.html`, `results.json`, `results.csv`, `summary.md`, `junit.xml` and `charts/*.png`; None
    /// if it was told to stop before all were drawn.
    ///
    /// # Errors
    /// If a chart cannot be drawn or a table not be written.
    pub fn draw(results: &Results, stop: &Stop) -> io::Result<Option<Bundle>> {
        let reading = read(results);
        let scene = Scene::new(results, &reading);
        let texts: [&dyn Fn() -> io::Result<Vec<u8>>; 3] = [
            &|| Ok(page(results).into_bytes()),
            &|| json(results),
            &|| csv(results),
        ];
        let mut all = Vec::new();
        for (file, text) in FILES.into_iter().zip(texts) {
            if stop.is_said() {
                return Ok(None);
            }
            all.push((PathBuf::from(file), text()?));
        }
        let more = [
            csv::alerts(results)?,
            Some(markdown(results).into_bytes()),
            Some(junit(results).into_bytes()),
        ];
        for (file, bytes) in MORE.into_iter().zip(more) {
            all.extend(bytes.map(|bytes| (PathBuf::from(file), bytes)));
        }
        for chart in CHARTS.iter().filter(|chart| (chart.applies)(results)) {
            if stop.is_said() {
                return Ok(None);
            }
            let path = Path::new(CHART_DIR).join(format!("{}.png", chart.name));
            all.push((path, png(chart, &scene)?));
        }
        let scenario = results.scenario.clone();
        Ok(Some(Bundle { scenario, all }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn told_to_stop_it_draws_nothing() {
        let stop = Stop::default();
        let results = fixture::burst();
        assert!(Bundle::draw(&results, &stop).unwrap().is_some());
        stop.say();
        assert_eq!(Bundle::draw(&results, &stop).unwrap(), None);
    }
}
