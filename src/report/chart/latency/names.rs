//! The names of the lines: above the plot where they meet the deadline, beside it where they do not.

use super::{MARGIN, Plot, ROW, Track, WIDTH};
use crate::report::chart::Scene;
use crate::report::chart::drawing::{Anchor, Drawing, Role, Run, fitted};
use crate::report::chart::labels::{EndLabel, at_ends};
use crate::report::chart::palette::Ink;
use crate::report::measure::{Measure, went_well};

/// Names in rows above the plot, each with a leader down to where its line meets the deadline, or
/// to its end.
pub(super) fn write(scene: &Scene<'_>, plot: &Plot, drawing: &mut Drawing, tracks: &[Track<'_>]) {
    let success = Measure::of(scene.results, went_well(scene.results));
    let mut met: Vec<(f64, &Track<'_>)> = tracks.iter().filter_map(|t| Some((t.met?, t))).collect();
    met.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = met.len();
    let repeat = scene.looks.repeat();
    // A dot before each name, where its colour alone would not say which line is meant.
    let mark = if repeat { 13.0 } else { 0.0 };
    for (row, (x, track)) in met.into_iter().enumerate() {
        // The first from the left stands highest, so leaders do not cross names to their right.
        let y = plot.panel.top - 12.0 - ROW * (count - 1 - row) as f64;
        let share = track.look.policy.metrics.get(&success.name);
        let words = if success.name == "success_ratio" {
            "in time"
        } else {
            "good in time"
        };
        let figures = share.map_or(String::new(), |e| format!(" {} {words}", success.value(e)));
        let figures = Run::new(figures, Role::Note, Ink::Muted);
        let room = WIDTH - plot.panel.left - figures.width() - mark;
        let name = fitted(&track.look.policy.name, Role::Name, room.min(230.0));
        let runs = vec![Run::new(name, Role::Name, track.look.ink), figures];
        let width: f64 = runs.iter().map(Run::width).sum::<f64>() + mark;
        // Where there is no room to its right, the name moves left over its own leader.
        let left = (x + 5.0).min(WIDTH - width);
        let top = if left > x { y - 9.0 } else { y + 4.0 };
        drawing.rule((x, top), (x, plot.panel.top), track.look.ink, 0.8);
        if repeat {
            drawing.dot((left + 4.5, y - 4.5), 3.6, &track.look);
        }
        drawing.dot((x, plot.panel.top), 3.2, &track.look);
        drawing.runs((left + mark, y), Anchor::Start, runs);
    }
    open_ends(plot, repeat, drawing, tracks);
}

/// Names of lines that never meet the deadline, where they end.
fn open_ends(plot: &Plot, repeat: bool, drawing: &mut Drawing, tracks: &[Track<'_>]) {
    let open = tracks.iter().filter(|track| track.met.is_none());
    let ends: Vec<EndLabel<'_>> = open
        .filter_map(|track| {
            let at = *track.points.last()?;
            Some(EndLabel {
                look: track.look,
                at,
            })
        })
        .collect();
    let panel = plot.panel;
    let room = MARGIN - 20.0;
    at_ends(
        drawing,
        &ends,
        repeat,
        panel.right + 18.0,
        (panel.top + 6.0, panel.bottom),
        room,
    );
}
