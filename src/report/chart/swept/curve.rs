//! A metric over one varied key, a line for each policy. Values stand at equal distances, as written.

use super::super::axis::{Scale, even};
use super::super::drawing::{Anchor, Drawing, Mark, Role, fitted};
use super::super::labels::apart;
use super::super::palette::{Ink, POLICIES};
use super::super::panel::Panel;
use super::super::shape::Shape;
use super::{Unit, range, reading, short};
use crate::record::sweep::Sweep;

const PANEL: Panel = Panel {
    left: 64.0,
    right: 560.0,
    top: 18.0,
    bottom: 300.0,
};
const WIDTH: f64 = 760.0;

/// Draws it.
pub(super) fn draw(sweep: &Sweep, metric: &str) -> Drawing {
    let mut drawing = Drawing::new(WIDTH, 350.0, true);
    let Some((low, high)) = range(sweep, metric, true) else {
        return drawing;
    };
    let unit = Unit::of(metric, low, high);
    let values = &sweep.axes[0].values;
    let last = values.len().saturating_sub(1).max(1) as f64;
    let margin = (high - low).max(high.abs() * 1e-3).max(1e-12) * 0.06;
    let y = Scale::new(low - margin, high + margin, PANEL.bottom, PANEL.top);
    let x = Scale::new(0.0, last, PANEL.left + 20.0, PANEL.right - 20.0);
    let scaled = |x: f64| x * unit.factor;
    for (tick, words) in even(scaled(low - margin), scaled(high + margin), 5.0) {
        let words = format!("{}{words}{}", unit.before, unit.after);
        PANEL.tick_y(&mut drawing, y.at(tick / unit.factor), &words);
    }
    PANEL.axis_x(&mut drawing);
    let every = values.len().div_ceil(8);
    for (i, value) in values.iter().enumerate().filter(|(i, _)| i % every == 0) {
        PANEL.tick_x(&mut drawing, x.at(i as f64), value);
    }
    let middle = ((PANEL.left + PANEL.right) / 2.0, PANEL.bottom + 38.0);
    drawing.text(
        middle,
        Anchor::Middle,
        Role::Note,
        Ink::Muted,
        short(&sweep.axes[0].key),
    );
    let ends = lines(&mut drawing, sweep, metric, (&x, &y));
    let wanted: Vec<f64> = ends.iter().map(|(_, at)| *at).collect();
    let placed = apart(&wanted, 15.0, PANEL.top, PANEL.bottom);
    for ((policy, _), y) in ends.iter().zip(placed) {
        let name = fitted(
            &sweep.policies[*policy],
            Role::Name,
            WIDTH - PANEL.right - 16.0,
        );
        let ink = POLICIES[policy % POLICIES.len()];
        drawing.text(
            (PANEL.right + 10.0, y + 4.5),
            Anchor::Start,
            Role::Name,
            ink,
            &name,
        );
    }
    drawing.description = format!(
        "{metric} over {}, one line for each policy.",
        sweep.axes[0].key
    );
    drawing
}

/// The policies' lines with their intervals; where each ends.
fn lines(
    drawing: &mut Drawing,
    sweep: &Sweep,
    metric: &str,
    (x, y): (&Scale, &Scale),
) -> Vec<(usize, f64)> {
    let mut ends = Vec::new();
    for (place, policy) in sweep.policies.iter().enumerate() {
        let ink = POLICIES[place % POLICIES.len()];
        let mut points = Vec::new();
        let mut rings = Vec::new();
        for i in 0..sweep.axes[0].values.len() {
            let Some(found) = reading(sweep, policy, &[i], metric) else {
                continue;
            };
            let at = (x.at(i as f64), y.at(found.estimate.value));
            if let [Some(a), Some(b)] = found.estimate.ci95 {
                drawing.rule((at.0, y.at(a)), (at.0, y.at(b)), ink, 2.0);
            }
            points.push(at);
            rings.push(!found.settled);
        }
        if let Some(last) = points.last() {
            ends.push((place, last.1));
        }
        drawing.line(points.clone(), ink, 1.7, &[]);
        for (at, ring) in points.into_iter().zip(rings) {
            drawing.marks.push(Mark::Dot {
                at,
                r: 3.6,
                shape: Shape::Circle,
                ink,
                ring,
                opacity: 1.0,
            });
        }
    }
    ends
}
