//! Attempts per call over time: does the load outlive the fault?

use super::axis::Scale;
use super::drawing::{Drawing, Point};
use super::labels::{EndLabel, at_ends};
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table, truth};
use crate::record::Results;
use crate::record::metric::peak_window_ns;
use crate::record::results::PolicyResults;
use crate::report::course::window_range;
use crate::report::measure::Measure;
use crate::report::number::{clock, fixed, plain, span};

pub(super) const CHART: Chart = Chart {
    name: "amplification",
    question: "Do retries hurt?",
    applies,
    title,
    how,
    draw,
    table,
};

const PANEL: Panel = Panel {
    left: 44.0,
    right: 388.0,
    top: 26.0,
    bottom: 340.0,
};
const WIDTH: f64 = 540.0;
/// log₂ beyond which the chart does not go.
const MOST: f64 = 7.0;
/// Attempts per call that are hardly more than one.
const QUIET: f64 = 1.1;

fn applies(results: &Results) -> bool {
    // Every window has the value of the longer one that it lies in: three of those make a course.
    let windows = |p: &PolicyResults| {
        let counted = p.series.amplification.iter().flatten().count() as u64;
        counted * results.window_ns / peak_window_ns(results.window_ns.max(1))
    };
    results.policies.iter().map(windows).max().unwrap_or(0) >= 3
}

fn title(scene: &Scene<'_>) -> String {
    let peak = "amplification_peak";
    let highest = scene
        .looks
        .iter()
        .filter_map(|look| Some((look.policy.metrics.get(peak)?.value, &look.policy.name)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let window = span(peak_window_ns(scene.results.window_ns));
    match highest {
        Some((value, _)) if value <= QUIET => {
            format!(
                "No policy sends more than {} attempts per call in any {window}",
                fixed(value, 2)
            )
        }
        Some((value, name)) => {
            format!(
                "{name} sends up to {} attempts per call within {window}",
                fixed(value, 1)
            )
        }
        None => "Attempts per call over time".to_owned(),
    }
}

fn how(scene: &Scene<'_>) -> String {
    let below = scene
        .looks
        .iter()
        .flat_map(|look| look.policy.series.amplification.iter().flatten())
        .any(|value| *value < 0.9);
    let below = if below {
        " Below 1: calls were refused before anything was sent."
    } else {
        ""
    };
    format!(
        "Attempts started per call that arrived, in windows of {}, log₂. The dark line is 1: one \
         attempt per call.{below}",
        span(peak_window_ns(scene.results.window_ns))
    )
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let results = scene.results;
    let range = window_range(results);
    let width = results.window_ns;
    let (from, to) = (range.start as u64 * width, range.end as u64 * width);
    let x = Scale::new(from as f64, to as f64, PANEL.left, PANEL.right);
    let logs = || {
        let looks = scene.looks.iter();
        looks
            .flat_map(|look| {
                look.policy
                    .series
                    .amplification
                    .get(range.clone())
                    .unwrap_or_default()
            })
            .flatten()
            .map(|value| libm::log2(value.max(1e-3)).clamp(-MOST, MOST))
    };
    let low = logs().fold(-1.0, f64::min).floor();
    let high = logs().fold(1.0, f64::max).ceil();
    let y = Scale::new(low, high, PANEL.bottom, PANEL.top);
    let mut drawing = Drawing::new(WIDTH, 384.0, false);
    truth::behind(&mut drawing, results, &x, PANEL.top, PANEL.bottom);
    truth::names(
        &mut drawing,
        results,
        &x,
        PANEL.left,
        PANEL.right,
        PANEL.top - 8.0,
    );
    let every = if high - low > 8.0 { 2 } else { 1 };
    for power in (low as i32..=high as i32).filter(|power| power % every == 0) {
        PANEL.tick_y(&mut drawing, y.at(f64::from(power)), &power_of_two(power));
    }
    let one = y.at(0.0);
    drawing.rule((PANEL.left, one), (PANEL.right, one), Ink::Text, 1.0);
    PANEL.time_axis(&mut drawing, &x, from, to);
    let mut ends = Vec::new();
    for look in scene.looks.iter() {
        let lines = pieces(look, &range, width, &x, &y);
        if let Some(&at) = lines.last().and_then(|line| line.last()) {
            ends.push(EndLabel { look: *look, at });
        }
        for line in lines {
            drawing.line(line, look.ink, look.width, look.dash);
        }
    }
    let room = WIDTH - PANEL.right - 22.0;
    at_ends(
        &mut drawing,
        &ends,
        scene.looks.repeat(),
        PANEL.right + 18.0,
        (PANEL.top, PANEL.bottom),
        room,
    );
    drawing.description = "Attempts per call over time, one line for each policy.".into();
    drawing
}

/// The line of a policy, broken where too few calls arrived to say anything.
fn pieces(
    look: &Look<'_>,
    range: &std::ops::Range<usize>,
    width: u64,
    x: &Scale,
    y: &Scale,
) -> Vec<Vec<Point>> {
    let mut lines: Vec<Vec<Point>> = vec![Vec::new()];
    for w in range.clone() {
        match look.policy.series.amplification.get(w).copied().flatten() {
            Some(value) => {
                let middle = (w as f64 + 0.5) * width as f64;
                let point = (x.at(middle), y.at(libm::log2(value.max(1e-3))));
                if let Some(line) = lines.last_mut() {
                    line.push(point);
                }
            }
            None => lines.push(Vec::new()),
        }
    }
    lines.retain(|line| line.len() > 1);
    lines
}

/// 2 to a whole power as a person writes it: 4, 1, ½, 1/16.
fn power_of_two(power: i32) -> String {
    match power {
        0.. => (1u64 << power).to_string(),
        -1 => "½".to_owned(),
        -2 => "¼".to_owned(),
        _ => format!("1/{}", 1u64 << -power),
    }
}

/// Every sixteenth of the time shown, or less.
fn table(scene: &Scene<'_>) -> Table {
    let range = window_range(scene.results);
    let step = range.len().div_ceil(16).max(1);
    let measure = Measure::of(scene.results, "amplification");
    let mut head = vec![measure.label];
    head.extend(scene.looks.iter().map(|look| look.policy.name.clone()));
    let rows = range.step_by(step).map(|w| {
        let mut row = vec![clock(w as u64 * scene.results.window_ns)];
        row.extend(scene.looks.iter().map(|look| {
            let value = look.policy.series.amplification.get(w).copied().flatten();
            value.map_or(String::new(), |value| plain(value, 2))
        }));
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}
