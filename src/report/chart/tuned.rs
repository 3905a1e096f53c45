//! Charts of a tuning: how the search went, and what moving one parameter does.

use super::axis::{Scale, even};
use super::drawing::{Anchor, Drawing, Mark, Role, fitted};
use super::palette::Ink;
use super::panel::Panel;
use super::shape::Shape;
use super::swept::Unit;
use crate::record::tuning::{Nudge, Step, Tuned};

const PANEL: Panel = Panel {
    left: 72.0,
    right: 780.0,
    top: 18.0,
    bottom: 280.0,
};
const WIDTH: f64 = 860.0;

/// How to read the trials.
pub(in crate::report) const HOW_SEARCHED: &str = "\
    Each dot is a candidate of the search, in the order they were flown: filled within all limits as measured, \
    with a margin; a pale ring beyond one. Few runs stand behind each, so the lowest are partly the luckiest: \
    none of them is a result.";

/// The trials of the search: the objective over the order in which they were flown.
pub(in crate::report) fn searched(tuned: &Tuned) -> Drawing {
    let mut drawing = Drawing::new(WIDTH, 330.0, true);
    let known = |step: &&Step| step.objective.is_some();
    let steps: Vec<&Step> = tuned.progress.iter().filter(known).collect();
    let mut values: Vec<f64> = steps.iter().filter_map(|step| step.objective).collect();
    values.sort_by(f64::total_cmp);
    let (Some(&least), Some(&most)) = (values.first(), values.last()) else {
        return drawing;
    };
    // A few hopeless candidates would leave no room for the others: what lies beyond stands at the side.
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    let (low, high) = match tuned.objective.minimize {
        true => (least, most.min(at(0.9) + (at(0.9) - least))),
        false => (least.max(at(0.1) - (most - at(0.1))), most),
    };
    let margin = (high - low).max(high.abs() * 1e-3).max(1e-12) * 0.06;
    let unit = Unit::of(&tuned.objective.metric, low, high);
    let y = Scale::new(low - margin, high + margin, PANEL.bottom, PANEL.top);
    let last = steps.iter().map(|step| step.trial).max().unwrap_or(1);
    let x = Scale::new(0.0, last as f64, PANEL.left + 8.0, PANEL.right - 8.0);
    let scaled = |value: f64| value * unit.factor;
    for (tick, words) in even(scaled(low - margin), scaled(high + margin), 5.0) {
        let words = format!("{}{words}{}", unit.before, unit.after);
        PANEL.tick_y(&mut drawing, y.at(tick / unit.factor), &words);
    }
    PANEL.axis_x(&mut drawing);
    for (tick, words) in even(0.0, last as f64, 8.0) {
        PANEL.tick_x(&mut drawing, x.at(tick), &words);
    }
    let middle = ((PANEL.left + PANEL.right) / 2.0, PANEL.bottom + 38.0);
    drawing.text(middle, Anchor::Middle, Role::Note, Ink::Muted, "candidate");
    // Those within the limits last, above the others.
    let within = |step: &Step| step.excess == Some(0.0);
    for meets in [false, true] {
        for step in steps.iter().filter(|step| within(step) == meets) {
            drawing.marks.push(Mark::Dot {
                at: (
                    x.at(step.trial as f64),
                    y.at(step.objective.unwrap_or(high)),
                ),
                r: if meets { 3.2 } else { 2.6 },
                shape: Shape::Circle,
                ink: if meets { Ink::Good } else { Ink::Muted },
                ring: !meets,
                opacity: if meets { 0.9 } else { 0.45 },
            });
        }
    }
    drawing.description = format!(
        "{} of each candidate of the search.",
        tuned.objective.metric
    );
    drawing
}

/// How to read the moves.
pub(in crate::report) const HOW_MOVED: &str = "\
    One parameter is moved by a tenth of its range, or to another choice, with all else as found: the change of \
    the objective with its paired 95 % interval, on fresh replications. An orange ring: a limit is exceeded there. \
    What lies near zero matters little; beside it stands where it was moved to.";

const ROW: f64 = 26.0;

/// What moving each parameter does to the objective; None if nothing was moved.
pub(in crate::report) fn moved(tuned: &Tuned) -> Option<Drawing> {
    let nudges: Vec<(&str, &Nudge)> = tuned
        .parameters
        .iter()
        .flat_map(|p| p.nudges.iter().map(|nudge| (p.name.as_str(), nudge)))
        .collect();
    let ends = nudges.iter().flat_map(|(_, nudge)| {
        let [low, high] = nudge.ci95;
        [Some(nudge.change), low, high].into_iter().flatten()
    });
    let ends: Vec<f64> = ends.filter(|end| end.is_finite()).collect();
    if ends.is_empty() {
        return None;
    }
    let low = ends.iter().copied().fold(0.0, f64::min);
    let high = ends.iter().copied().fold(0.0, f64::max);
    let margin = (high - low).max(1e-12) * 0.06;
    let bottom = 14.0 + ROW * nudges.len() as f64;
    let panel = Panel {
        left: 360.0,
        right: 820.0,
        top: 6.0,
        bottom,
    };
    let mut drawing = Drawing::new(WIDTH, bottom + 44.0, true);
    let unit = Unit::of(
        &tuned.objective.metric,
        low.abs(),
        high.abs().max(low.abs()),
    );
    let x = Scale::new(low - margin, high + margin, panel.left, panel.right);
    let scaled = |value: f64| value * unit.factor;
    for (tick, words) in even(scaled(low - margin), scaled(high + margin), 5.0) {
        let at = x.at(tick / unit.factor);
        drawing.rule((at, panel.top), (at, bottom), Ink::Grid, 1.0);
        panel.tick_x(&mut drawing, at, &format!("{words}{}", unit.after));
    }
    let zero = x.at(0.0);
    drawing.rule((zero, panel.top), (zero, bottom), Ink::Text, 1.0);
    let axis = match unit.before {
        "" => format!("change of {}", tuned.objective.metric),
        before => format!("change of {}, {before}", tuned.objective.metric),
    };
    let middle = ((panel.left + panel.right) / 2.0, bottom + 38.0);
    drawing.text(middle, Anchor::Middle, Role::Note, Ink::Muted, &axis);
    rows(&mut drawing, &nudges, (&panel, &x));
    drawing.description = format!("Change of {} by each move.", tuned.objective.metric);
    Some(drawing)
}

/// A row for each move: the parameter, where to, and the change.
fn rows(drawing: &mut Drawing, nudges: &[(&str, &Nudge)], (panel, x): (&Panel, &Scale)) {
    let mut before = "";
    for (row, (name, nudge)) in nudges.iter().enumerate() {
        let y = 14.0 + ROW * (row as f64 + 0.5);
        if *name != before {
            let name = fitted(name, Role::Text, 220.0);
            drawing.text((0.0, y + 4.0), Anchor::Start, Role::Text, Ink::Text, &name);
        }
        before = name;
        let to = fitted(&nudge.to, Role::Note, 120.0);
        drawing.note((panel.left - 12.0, y + 4.0), Anchor::End, &to);
        let ink = if nudge.beyond.is_empty() {
            Ink::Text
        } else {
            Ink::Bad
        };
        if let [Some(a), Some(b)] = nudge.ci95 {
            drawing.rule((x.at(a), y), (x.at(b), y), ink, 2.0);
        }
        drawing.marks.push(Mark::Dot {
            at: (x.at(nudge.change), y),
            r: 4.0,
            shape: Shape::Circle,
            ink,
            ring: !nudge.beyond.is_empty(),
            opacity: 1.0,
        });
    }
}
