//! A sweep as a reader meets it: a table on the terminal, a page with a chart for each metric, PNG, CSV,
//! JSON.

mod page;
mod table;

use std::io;
use std::path::{Path, PathBuf};

use super::bundle::{Bundle, CHART_DIR};
use super::chart::{png_of, swept};
use crate::base::Stop;
use crate::record::metric::Metric;
use crate::record::sweep::Sweep;

pub use table::terminal;

/// Every file of a sweep's report; None if it was told to stop.
///
/// # Errors
/// If a chart cannot be drawn or a table not be written.
pub fn bundle(sweep: &Sweep, stop: &Stop) -> io::Result<Option<Bundle>> {
    let mut json = serde_json::to_vec_pretty(sweep).map_err(io::Error::other)?;
    json.push(b'\n');
    let mut all = vec![
        (PathBuf::from("index.html"), page::page(sweep).into_bytes()),
        (PathBuf::from("sweep.json"), json),
        (PathBuf::from("sweep.csv"), csv(sweep)?),
    ];
    for metric in &sweep.metrics {
        if stop.is_said() {
            return Ok(None);
        }
        let drawing = swept::draw(sweep, metric);
        let path = Path::new(CHART_DIR).join(format!("{metric}.png"));
        let title = title(sweep, metric);
        all.push((path, png_of(metric, &title, swept::how(sweep), &drawing)?));
    }
    Ok(Some(Bundle {
        scenario: format!("{}@sweep", sweep.name),
        all,
    }))
}

/// What a chart shows, in words.
fn title(sweep: &Sweep, metric: &str) -> String {
    let keys: Vec<&str> = sweep.axes.iter().map(|axis| axis.key.as_str()).collect();
    format!("{metric} over {}", keys.join(" and "))
}

fn csv(sweep: &Sweep) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<String> = sweep.axes.iter().map(|axis| axis.key.clone()).collect();
    let rest = [
        "policy",
        "metric",
        "value",
        "lo",
        "hi",
        "unit",
        "settled",
        "difference",
        "difference_lo",
        "difference_hi",
    ];
    head.extend(rest.map(String::from));
    writer.write_record(&head)?;
    let cell = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
    for row in &sweep.cells {
        for (metric, reading) in &row.metrics {
            let mut record: Vec<String> = sweep
                .axes
                .iter()
                .zip(&row.at)
                .map(|(axis, &place)| axis.values[place].clone())
                .collect();
            let [low, high] = reading.estimate.ci95;
            let difference = reading.difference;
            let bounds = difference.map_or([None, None], |d| d.interval);
            record.extend([
                row.policy.clone(),
                metric.clone(),
                reading.estimate.value.to_string(),
                cell(low),
                cell(high),
                Metric::named(metric)
                    .map_or("", |metric| metric.unit)
                    .to_owned(),
                reading.settled.to_string(),
                cell(difference.map(|d| d.value)),
                cell(bounds[0]),
                cell(bounds[1]),
            ]);
            writer.write_record(&record)?;
        }
    }
    writer
        .into_inner()
        .map_err(|e| io::Error::other(e.to_string()))
}
