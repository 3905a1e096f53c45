//! `results.csv`: one row for each policy, scope and metric, for spreadsheets and notebooks.

use std::collections::BTreeMap;
use std::io;

use crate::record::results::{Estimate, PolicyResults};
use crate::record::{Replication, Results};

/// The estimates as a table. A bound that does not exist is an empty cell.
///
/// # Errors
/// If a row cannot be written.
pub fn csv(results: &Results) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "policy", "scope", "metric", "value", "lo", "hi", "unit", "n",
    ])?;
    for policy in &results.policies {
        rows(&mut writer, &policy.name, "all", &policy.metrics)?;
        for scope in results.scopes.iter().filter(|scope| scope.name != "all") {
            if let Some(metrics) = policy.during.get(&scope.name) {
                rows(&mut writer, &policy.name, &scope.name, metrics)?;
            }
        }
    }
    writer
        .into_inner()
        .map_err(|e| io::Error::other(e.to_string()))
}

/// `alerts.csv`: one row for each alert that was kept, in order of policies, replications and time; None
/// if there are none.
///
/// # Errors
/// If a row cannot be written.
pub(super) fn alerts(results: &Results) -> io::Result<Option<Vec<u8>>> {
    let of_policy = |policy: &PolicyResults| !policy.replications.iter().all(is_quiet);
    if !results.policies.iter().any(of_policy) {
        return Ok(None);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "policy",
        "replication",
        "at_ns",
        "monitor",
        "endpoint",
        "process",
    ])?;
    for policy in &results.policies {
        for run in &policy.replications {
            for alert in &run.alerts.list {
                writer.write_record([
                    &policy.name,
                    &run.index.to_string(),
                    &alert.at_ns.to_string(),
                    &alert.monitor,
                    &alert.endpoint,
                    &alert.process.to_string(),
                ])?;
            }
        }
    }
    let bytes = writer.into_inner();
    bytes.map(Some).map_err(|e| io::Error::other(e.to_string()))
}

fn is_quiet(run: &Replication) -> bool {
    run.alerts.list.is_empty()
}

fn rows(
    writer: &mut csv::Writer<Vec<u8>>,
    policy: &str,
    scope: &str,
    metrics: &BTreeMap<String, Estimate>,
) -> io::Result<()> {
    let bound = |b: Option<f64>| b.map(|b| b.to_string()).unwrap_or_default();
    for (metric, estimate) in metrics {
        writer.write_record([
            policy,
            scope,
            metric,
            &estimate.value.to_string(),
            &bound(estimate.ci95[0]),
            &bound(estimate.ci95[1]),
            &estimate.unit,
            &estimate.n.to_string(),
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_alert_is_one_row_and_without_any_there_is_no_file() {
        let mut results = fixture::outage();
        assert_eq!(alerts(&results).unwrap(), None);
        let alert = crate::record::alert::Alert {
            at_ns: 7,
            monitor: "m".into(),
            endpoint: "a, b".into(),
            process: 3,
        };
        results.policies[1].replications[2].alerts.list = vec![alert.clone(), alert];
        let bytes = alerts(&results).unwrap().unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        let policy = &results.policies[1];
        let run = policy.replications[2].index.to_string();
        assert_eq!(
            rows[0],
            vec![policy.name.as_str(), &run, "7", "m", "a, b", "3"]
        );
    }

    #[test]
    fn every_estimate_is_one_row_and_reads_back() {
        let results = fixture::outage();
        let bytes = csv(&results).unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let expected: usize = results
            .policies
            .iter()
            .map(|p| p.metrics.len() + p.during.values().map(BTreeMap::len).sum::<usize>())
            .sum();
        assert_eq!(rows.len(), expected);
        let row = rows
            .iter()
            .find(|r| &r[0] == "hedged </script><b>" && &r[1] == "all" && &r[2] == "success_ratio")
            .unwrap();
        assert_eq!(row[3].parse::<f64>().unwrap(), 0.9989);
        let open = rows
            .iter()
            .find(|r| &r[0] == "naive" && &r[2] == "latency_good_ms_p99")
            .unwrap();
        assert_eq!(&open[5], "");
    }
}
