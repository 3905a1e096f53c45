//! A sweep on the terminal: a table for each metric, a row for each point.

use crate::record::sweep::{Cell, Sweep};
use crate::report::halves::with_half;
use crate::report::terminal::plain::Plain;

/// What the terminal shows. Without `unicode` only ASCII.
pub fn terminal(sweep: &Sweep, unicode: bool) -> String {
    let plain = Plain::new(unicode);
    let mut out = plain.line(&format!("{}  {}", sweep.name, sweep.title));
    for metric in &sweep.metrics {
        out.push_str(&format!("\n{metric}\n"));
        out.push_str(&plain.table(table(sweep, metric).iter()));
    }
    let open = sweep
        .cells
        .iter()
        .flat_map(|cell| cell.metrics.values())
        .filter(|reading| !reading.settled)
        .count();
    if open > 0 {
        out.push_str(&format!(
            "\n? {open} cells are not settled: their interval is wide against what the metric ranges over; \
             raise --replications\n"
        ));
    }
    out
}

/// The heading, and a row for each point.
fn table(sweep: &Sweep, metric: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut head: Vec<String> = sweep.axes.iter().map(|axis| axis.key.clone()).collect();
    head.extend(sweep.policies.iter().cloned());
    rows.push(head);
    let mut points: Vec<&Vec<usize>> = Vec::new();
    for cell in &sweep.cells {
        if points.last() != Some(&&cell.at) {
            points.push(&cell.at);
        }
    }
    for at in points {
        let values = sweep
            .axes
            .iter()
            .zip(at)
            .map(|(axis, &place)| axis.values[place].clone());
        let mut row: Vec<String> = values.collect();
        for policy in &sweep.policies {
            let here = |cell: &&Cell| cell.policy == *policy && cell.at == *at;
            let found = sweep
                .cells
                .iter()
                .find(here)
                .and_then(|cell| cell.metrics.get(metric));
            row.push(found.map_or("-".to_owned(), |reading| {
                let mark = if reading.settled { "" } else { " ?" };
                format!("{}{mark}", with_half(&reading.estimate, metric))
            }));
        }
        rows.push(row);
    }
    rows
}
