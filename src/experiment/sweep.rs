//! A sweep: the same comparison at every point of one or two varied keys.

use std::collections::BTreeMap;

use crate::record::metric::Metric;
use crate::record::results::{Estimate, Results};
use crate::record::sweep::{Axis, Cell, Difference, Reading, Sweep};
use crate::record::{MODEL_VERSION, SCHEMA_VERSION};
use crate::scenario::Scenario;

/// Half an interval wider than this share of all that a metric ranges over leaves a cell unsettled.
const SETTLED: f64 = 0.1;

/// The cells of one point: every policy's metrics there.
pub fn cells(results: &Results, at: &[usize], metrics: &[&Metric]) -> Vec<Cell> {
    let cell = |policy: &crate::record::results::PolicyResults| {
        let reading = |metric: &&Metric| {
            let estimate: Estimate = policy.metrics.get(metric.name)?.clone();
            let of = |d: &&crate::record::results::Difference| {
                d.policy == policy.name && d.metric == metric.name
            };
            let difference = results.differences.iter().find(of).map(|d| Difference {
                value: d.value,
                interval: d.interval,
            });
            let reading = Reading {
                estimate,
                difference,
                settled: true,
            };
            Some((metric.name.to_owned(), reading))
        };
        Cell {
            at: at.to_vec(),
            policy: policy.name.clone(),
            metrics: metrics.iter().filter_map(reading).collect(),
            locked: policy
                .stability
                .as_ref()
                .filter(|stability| stability.of > 0)
                .map(|stability| [stability.locked, stability.of]),
        }
    };
    results.policies.iter().map(cell).collect()
}

/// A sweep from the scenarios of its points and their cells.
///
/// # Panics
/// If there is no point.
pub fn sweep(name: &str, points: &[Scenario], metrics: &[&Metric], cells: Vec<Cell>) -> Sweep {
    let first = &points[0];
    let mut sweep = Sweep {
        schema_version: SCHEMA_VERSION,
        model_version: MODEL_VERSION,
        squall_version: env!("CARGO_PKG_VERSION").to_owned(),
        name: name.to_owned(),
        file: first.file.clone(),
        title: first.title.clone(),
        seed: first.run.seed,
        replications: first.run.replications,
        axes: axes(points),
        policies: first
            .policies
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        baseline: first.compare.baseline.clone(),
        metrics: metrics
            .iter()
            .map(|metric| metric.name.to_owned())
            .collect(),
        cells,
    };
    settle(&mut sweep);
    sweep
}

/// What varies, and through which values, in order.
pub fn axes(points: &[Scenario]) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::new();
    for (place, (key, value)) in points
        .iter()
        .flat_map(|point| point.point.iter().enumerate())
    {
        if axes.len() == place {
            axes.push(Axis {
                key: key.clone(),
                values: Vec::new(),
            });
        }
        if !axes[place].values.contains(value) {
            axes[place].values.push(value.clone());
        }
    }
    axes
}

/// The places of a point's values on the axes.
pub fn place(axes: &[Axis], point: &Scenario) -> Vec<usize> {
    let place = |(axis, (_, value)): (&Axis, &(String, String))| {
        axis.values
            .iter()
            .position(|other| other == value)
            .unwrap_or_default()
    };
    axes.iter().zip(&point.point).map(place).collect()
}

/// Marks the cells whose interval is too wide for the map.
fn settle(sweep: &mut Sweep) {
    let mut ranges: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for metric in &sweep.metrics {
        let values = sweep
            .cells
            .iter()
            .filter_map(|cell| cell.metrics.get(metric));
        let values = values.map(|reading| reading.estimate.value);
        let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        ranges.insert(metric, ends);
    }
    for cell in &mut sweep.cells {
        for (metric, reading) in &mut cell.metrics {
            let (low, high) = ranges.get(metric.as_str()).copied().unwrap_or_default();
            reading.settled = match reading.estimate.ci95 {
                [Some(a), Some(b)] => high <= low || (b - a) <= SETTLED * (high - low) * 2.0,
                // A maximum has no interval, and one replication neither.
                _ => false,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: f64, half: Option<f64>) -> Cell {
        let reading = Reading {
            estimate: Estimate {
                value,
                ci95: [half.map(|h| value - h), half.map(|h| value + h)],
                ..Estimate::default()
            },
            ..Reading::default()
        };
        Cell {
            metrics: BTreeMap::from([("amplification".to_owned(), reading)]),
            ..Cell::default()
        }
    }

    #[test]
    fn a_cell_is_settled_if_its_half_width_is_a_tenth_of_the_range_or_less() {
        let mut sweep = Sweep {
            metrics: vec!["amplification".to_owned()],
            cells: vec![
                cell(1.0, Some(0.05)),
                cell(3.0, Some(0.19)),
                cell(2.0, Some(0.21)),
                cell(2.0, None),
            ],
            ..Sweep::default()
        };
        settle(&mut sweep);
        let settled = sweep
            .cells
            .iter()
            .map(|cell| cell.metrics["amplification"].settled);
        assert_eq!(settled.collect::<Vec<_>>(), [true, true, false, false]);
    }
}
