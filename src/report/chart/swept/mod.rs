//! Charts of a sweep: a curve over one varied key, a map over two.

mod curve;
mod map;

use super::drawing::Drawing;
use crate::record::metric::Metric;
use crate::record::sweep::{Cell, Reading, Sweep};
use crate::report::number::{fixed, leading};

/// The chart of a metric: a curve with one axis, a map for each policy with two.
pub(in crate::report) fn draw(sweep: &Sweep, metric: &str) -> Drawing {
    match sweep.axes.len() {
        1 => curve::draw(sweep, metric),
        _ => map::draw(sweep, metric),
    }
}

/// How to read it.
pub(in crate::report) fn how(sweep: &Sweep) -> &'static str {
    match sweep.axes.len() {
        1 => {
            "One line for each policy; bars are 95 % intervals, each for itself: of twenty one misses. A \
             ring is not settled: its interval is wide against what the metric ranges over."
        }
        _ => {
            "One map for each policy, all with the same colours: the darker, the higher. A question mark, \
             or a dot where there is no room for a number, is not settled: its interval is wide against \
             what the metric ranges over."
        }
    }
}

/// A metric in units that people read: a factor, what stands before and after, and the decimals that a
/// range of values needs.
pub(super) struct Unit {
    pub(super) factor: f64,
    pub(super) before: &'static str,
    pub(super) after: &'static str,
    decimals: usize,
}

impl Unit {
    pub(super) fn of(metric: &str, low: f64, high: f64) -> Unit {
        let unit = Metric::named(metric).map_or("", |metric| metric.unit);
        let (factor, before, after) = match unit {
            "ratio" => (100.0, "", "\u{202f}%"),
            "ms" if high >= 1000.0 => (1e-3, "", "\u{202f}s"),
            "ms" => (1.0, "", "\u{202f}ms"),
            "s" => (1.0, "", "\u{202f}s"),
            "usd" => (1.0, "$", ""),
            _ => (1.0, "", ""),
        };
        let range = (high - low) * factor;
        let size = if range > 0.0 {
            range / 20.0
        } else {
            high.abs() * factor / 100.0
        };
        Unit {
            factor,
            before,
            after,
            decimals: leading(size),
        }
    }

    fn text(&self, value: f64) -> String {
        let number = fixed(value * self.factor, self.decimals);
        format!("{}{number}{}", self.before, self.after)
    }
}

/// The least and the largest value of a metric in a sweep, with the ends of intervals if they are wanted.
fn range(sweep: &Sweep, metric: &str, intervals: bool) -> Option<(f64, f64)> {
    let readings = sweep
        .cells
        .iter()
        .filter_map(|cell| cell.metrics.get(metric));
    let values = readings.flat_map(|reading| {
        let ends = reading
            .estimate
            .ci95
            .into_iter()
            .flatten()
            .filter(move |_| intervals);
        std::iter::once(reading.estimate.value).chain(ends)
    });
    let finite: Vec<f64> = values.filter(|x| x.is_finite()).collect();
    let low = finite.iter().copied().reduce(f64::min)?;
    let high = finite.iter().copied().reduce(f64::max)?;
    Some((low, high))
}

/// A policy's reading of a metric at some places of the axes.
fn reading<'s>(sweep: &'s Sweep, policy: &str, at: &[usize], metric: &str) -> Option<&'s Reading> {
    let here = |cell: &&Cell| cell.policy == policy && cell.at == at;
    sweep.cells.iter().find(here)?.metrics.get(metric)
}

/// The last keys of an axis, which tell it from others.
fn short(key: &str) -> &str {
    let mut dots = key.rmatch_indices('.').map(|(place, _)| place);
    match (dots.next(), dots.next()) {
        (Some(_), Some(second)) => &key[second + 1..],
        _ => key,
    }
}
