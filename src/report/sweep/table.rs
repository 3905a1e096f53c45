//! A sweep on the terminal: a table for each metric, a row for each point.

use std::fmt::Write as _;

use crate::record::metric::Metric;
use crate::record::results::Estimate;
use crate::record::sweep::{Cell, Sweep};
use crate::report::number::{fixed, leading};

/// What the terminal shows. Without `unicode` only ASCII.
pub fn terminal(sweep: &Sweep, unicode: bool) -> String {
    let mut out = format!("{}  {}\n", sweep.name, sweep.title);
    for metric in &sweep.metrics {
        let _ = write!(out, "\n{metric}\n{}", table(sweep, metric));
    }
    let open = sweep
        .cells
        .iter()
        .flat_map(|cell| cell.metrics.values())
        .filter(|reading| !reading.settled)
        .count();
    if open > 0 {
        let _ = write!(
            out,
            "\n? {open} cells are not settled: their interval is wide against what the metric ranges over; \
             raise --replications\n"
        );
    }
    match unicode {
        true => out,
        false => out
            .replace('±', "+-")
            .replace('\u{202f}', " ")
            .replace('−', "-")
            .replace('≥', ">="),
    }
}

fn table(sweep: &Sweep, metric: &str) -> String {
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
                format!("{}{mark}", words(&reading.estimate, metric))
            }));
        }
        rows.push(row);
    }
    let columns = rows[0].len();
    let width = |c: usize| {
        rows.iter()
            .map(|row| row[c].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "  {cell:<width$}");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A value and half of its interval, in a unit people use.
pub(super) fn words(estimate: &Estimate, metric: &str) -> String {
    let unit = Metric::named(metric).map_or("", |metric| metric.unit);
    let (factor, before, after) = match unit {
        "ratio" => (100.0, "", "\u{202f}%"),
        "ms" if estimate.value >= 1000.0 => (1e-3, "", "\u{202f}s"),
        "ms" => (1.0, "", "\u{202f}ms"),
        "s" => (1.0, "", "\u{202f}s"),
        "usd" => (1.0, "$", ""),
        _ => (1.0, "", ""),
    };
    let half = match estimate.ci95 {
        [Some(low), Some(high)] => Some((high - low) / 2.0 * factor),
        _ => None,
    };
    let value = estimate.value * factor;
    let digits = leading(
        half.filter(|half| *half > 0.0)
            .unwrap_or(value.abs() * 1e-2),
    );
    let digits = digits.min(leading(value.abs() * 1e-4));
    let least = if estimate.at_horizon { "≥ " } else { "" };
    let number = fixed(value, digits);
    match half {
        Some(half) => format!("{least}{before}{number}{after} ± {}", fixed(half, digits)),
        None => format!("{least}{before}{number}{after}"),
    }
}
