//! A metric over two varied keys: a map for each policy, the first key downwards, the second across.

use super::super::drawing::{Anchor, Drawing, Mark, Role, fitted};
use super::super::palette::{Ink, POLICIES};
use super::super::shape::Shape;
use super::{Unit, range, reading, short};
use crate::record::sweep::{Reading, Sweep};

/// A cell, as long as a map stays within [`ROOM`].
const CELL: (f64, f64) = (74.0, 30.0);
/// The most that all cells of a map take up; with more of them each is smaller.
const ROOM: (f64, f64) = (1480.0, 900.0);
/// Cells smaller than this have no number in them.
const READABLE: (f64, f64) = (46.0, 16.0);
/// Values beside smaller cells are told now and then, so far apart.
const APART: (f64, f64) = (60.0, 16.0);
const LEFT: f64 = 84.0;
const TOP: f64 = 46.0;
/// Under each map: the values across and the key.
const BELOW: f64 = 52.0;
/// Colours end here, so that ink stays readable on the darkest.
const DARKEST: f64 = 0.42;

/// Draws it.
pub(super) fn draw(sweep: &Sweep, metric: &str) -> Drawing {
    let (rows, columns) = (sweep.axes[0].values.len(), sweep.axes[1].values.len());
    let cell = (
        CELL.0.min(ROOM.0 / columns as f64),
        CELL.1.min(ROOM.1 / rows as f64),
    );
    let height = TOP + rows as f64 * cell.1 + BELOW;
    let width = LEFT + columns as f64 * cell.0 + 16.0;
    let policies = sweep.policies.len();
    let mut drawing = Drawing::new(width.max(420.0), height * policies as f64, true);
    let Some((low, high)) = range(sweep, metric, false) else {
        return drawing;
    };
    let unit = Unit::of(metric, low, high);
    for (place, policy) in sweep.policies.iter().enumerate() {
        let top = place as f64 * height + TOP;
        let name = fitted(policy, Role::Name, width - LEFT);
        let ink = POLICIES[place % POLICIES.len()];
        drawing.text((LEFT, top - 24.0), Anchor::Start, Role::Name, ink, &name);
        drawing.note(
            (LEFT - 8.0, top - 6.0),
            Anchor::End,
            short(&sweep.axes[0].key),
        );
        let (below, every) = (top + rows as f64 * cell.1, every(APART.1, cell.1));
        for row in 0..rows {
            let y = top + row as f64 * cell.1;
            if row % every == 0 {
                let words = fitted(&sweep.axes[0].values[row], Role::Note, LEFT - 12.0);
                drawing.note((LEFT - 8.0, y + cell.1 * 0.5 + 3.6), Anchor::End, &words);
            }
            for column in 0..columns {
                let x = LEFT + column as f64 * cell.0;
                if let Some(found) = reading(sweep, policy, &[row, column], metric) {
                    one(&mut drawing, ((x, y), cell), found, (&unit, low, high));
                }
            }
        }
        let every = self::every(APART.0, cell.0);
        for (column, value) in sweep.axes[1].values.iter().enumerate().step_by(every) {
            let x = LEFT + (column as f64 + 0.5) * cell.0;
            let words = fitted(value, Role::Note, cell.0 * every as f64 - 4.0);
            drawing.note((x, below + 15.0), Anchor::Middle, &words);
        }
        let middle = LEFT + columns as f64 * cell.0 / 2.0;
        drawing.note(
            (middle, below + 32.0),
            Anchor::Middle,
            short(&sweep.axes[1].key),
        );
    }
    drawing.description = format!(
        "{metric} over {} and {}, one map for each policy.",
        sweep.axes[0].key, sweep.axes[1].key
    );
    drawing
}

/// Of values so far apart every how many is told.
fn every(apart: f64, cell: f64) -> usize {
    ((apart / cell).ceil() as usize).max(1)
}

/// One cell: its colour, and its number where there is room; else a dot where it is not settled.
fn one(
    drawing: &mut Drawing,
    ((x, y), cell): ((f64, f64), (f64, f64)),
    found: &Reading,
    (unit, low, high): (&Unit, f64, f64),
) {
    let value = found.estimate.value;
    let share = match high > low {
        true => (value - low) / (high - low),
        false => 0.0,
    };
    let gap = (cell.0.min(cell.1) * 0.05).min(1.0);
    let (from, to) = ((x + gap, y + gap), (x + cell.0 - gap, y + cell.1 - gap));
    drawing.rect(from, to, Ink::Lane, 1.0);
    drawing.rect(from, to, Ink::Policy4, 0.03 + share * DARKEST);
    let middle = (x + cell.0 / 2.0, y + cell.1 / 2.0);
    if cell.0 >= READABLE.0 && cell.1 >= READABLE.1 {
        let mark = if found.settled { "" } else { " ?" };
        let words = format!("{}{mark}", unit.text(value));
        let words = fitted(&words, Role::Small, cell.0 - 2.0);
        let at = (middle.0, middle.1 + 3.6);
        drawing.text(at, Anchor::Middle, Role::Small, Ink::Text, &words);
    } else if !found.settled {
        drawing.marks.push(Mark::Dot {
            at: middle,
            r: (cell.0.min(cell.1) * 0.2).min(2.5),
            shape: Shape::Circle,
            ink: Ink::Muted,
            ring: false,
            opacity: 1.0,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::Estimate;
    use crate::record::sweep::{Axis, Cell};
    use crate::report::chart::png_of;
    use std::collections::BTreeMap;

    fn sweep(rows: usize, columns: usize, policies: usize) -> Sweep {
        let axis = |key: &str, n: usize| Axis {
            key: key.to_owned(),
            values: (0..n).map(|i| format!("{i}ms")).collect(),
        };
        let names: Vec<String> = (0..policies).map(|i| format!("policy {i}")).collect();
        let reading = |value: usize| Reading {
            estimate: Estimate {
                value: 1.0 + value as f64,
                ..Estimate::default()
            },
            ..Reading::default()
        };
        let mut cells = Vec::new();
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |c| (row, c))) {
            cells.extend(names.iter().map(|policy| Cell {
                at: vec![row, column],
                policy: policy.clone(),
                metrics: BTreeMap::from([("amplification".to_owned(), reading(row + column))]),
                ..Cell::default()
            }));
        }
        Sweep {
            axes: vec![
                axis("workload.arrivals.poisson.rate", rows),
                axis("policy.a.retry.attempts", columns),
            ],
            policies: names,
            metrics: vec!["amplification".to_owned()],
            cells,
            ..Sweep::default()
        }
    }

    #[test]
    fn a_map_of_any_size_is_a_picture_of_bounded_size() {
        for (rows, columns, policies) in [(3, 4, 2), (1, 1000, 1), (1000, 1, 1), (31, 32, 12)] {
            let drawing = draw(&sweep(rows, columns, policies), "amplification");
            assert!(
                drawing.width <= 1600.0,
                "{rows} × {columns}: {}",
                drawing.width
            );
            let each = drawing.height / policies as f64;
            assert!(each <= 1000.0, "{rows} × {columns}: {each}");
        }
        let many = draw(&sweep(30, 30, 40), "amplification");
        let bytes = png_of("amplification", "a title", "how", &many).unwrap();
        // The width and height of a PNG are its bytes 16 to 23.
        let side = |at: usize| u64::from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()));
        assert!(
            side(16) * side(20) <= 25_000_000,
            "{} × {}",
            side(16),
            side(20)
        );
    }
}
