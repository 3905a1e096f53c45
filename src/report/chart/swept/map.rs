//! A metric over two varied keys: a map for each policy, the first key downwards, the second across.

use super::super::drawing::{Anchor, Drawing, Role, fitted};
use super::super::palette::{Ink, POLICIES};
use super::{Unit, range, reading, short};
use crate::record::sweep::Sweep;

const CELL: (f64, f64) = (74.0, 30.0);
const LEFT: f64 = 84.0;
const TOP: f64 = 46.0;
/// Under each map: the values across and the key.
const BELOW: f64 = 52.0;
/// Colours end here, so that ink stays readable on the darkest.
const DARKEST: f64 = 0.42;

/// Draws it.
pub(super) fn draw(sweep: &Sweep, metric: &str) -> Drawing {
    let (rows, columns) = (sweep.axes[0].values.len(), sweep.axes[1].values.len());
    let height = TOP + rows as f64 * CELL.1 + BELOW;
    let width = LEFT + columns as f64 * CELL.0 + 16.0;
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
        for row in 0..rows {
            let y = top + row as f64 * CELL.1;
            let words = fitted(&sweep.axes[0].values[row], Role::Note, LEFT - 12.0);
            drawing.note((LEFT - 8.0, y + CELL.1 * 0.62), Anchor::End, &words);
            for column in 0..columns {
                let x = LEFT + column as f64 * CELL.0;
                let Some(found) = reading(sweep, policy, &[row, column], metric) else {
                    continue;
                };
                let value = found.estimate.value;
                let share = if high > low {
                    (value - low) / (high - low)
                } else {
                    0.0
                };
                let (from, to) = ((x + 1.0, y + 1.0), (x + CELL.0 - 1.0, y + CELL.1 - 1.0));
                drawing.rect(from, to, Ink::Lane, 1.0);
                drawing.rect(from, to, Ink::Policy4, 0.03 + share * DARKEST);
                let mark = if found.settled { "" } else { " ?" };
                let words = format!("{}{mark}", unit.text(value));
                let at = (x + CELL.0 / 2.0, y + CELL.1 * 0.62);
                drawing.text(at, Anchor::Middle, Role::Small, Ink::Text, &words);
            }
        }
        let below = top + rows as f64 * CELL.1;
        for (column, value) in sweep.axes[1].values.iter().enumerate() {
            let x = LEFT + (column as f64 + 0.5) * CELL.0;
            let words = fitted(value, Role::Note, CELL.0 - 4.0);
            drawing.note((x, below + 15.0), Anchor::Middle, &words);
        }
        let middle = LEFT + columns as f64 * CELL.0 / 2.0;
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
