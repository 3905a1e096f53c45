//! Time to a good answer by percentile, in nines: every line meets the deadline at its success
//! ratio, so no tail looks good by failing.

mod names;
mod title;

use super::axis::{Scale, decades, nine_ticks, nines};
use super::drawing::{Anchor, Drawing};
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::report::measure::{Measure, went_well};
use crate::report::number::{plain, span};

pub(super) const CHART: Chart = Chart {
    name: "latency",
    question: "How slow is slow?",
    applies,
    title: title::write,
    how,
    draw,
    table,
};

const P99: &str = "latency_good_ms_p99";
const WIDTH: f64 = 540.0;
/// Height of a row of names above the plot.
const ROW: f64 = 16.0;
/// Room for names at the ends of lines that never meet the deadline.
const MARGIN: f64 = 146.0;
/// A curve's last point is the highest of its bucket, a little less exact than the deadline.
const ALMOST: f64 = 0.999;

fn applies(results: &Results) -> bool {
    results
        .policies
        .iter()
        .any(|policy| policy.latency_curve.len() > 1)
}

fn how(scene: &Scene<'_>) -> String {
    let failure = if went_well(scene.results) == "good_ratio" {
        "a failure or a bad answer counts"
    } else {
        "a failure counts"
    };
    format!(
        "Time to a good answer by percentile, in nines; {failure} as the deadline ({}). The \
         further right a line meets it, the better.",
        span(scene.results.meta.horizon_ns)
    )
}

/// The largest share below one that any curve has a point at.
fn last_share(scene: &Scene<'_>) -> f64 {
    scene
        .looks
        .iter()
        .flat_map(|look| look.policy.latency_curve.iter().map(|point| point.p))
        .filter(|p| *p < 1.0)
        .fold(0.5, f64::max)
}

struct Plot {
    panel: Panel,
    x: Scale,
    y: Scale,
    horizon: f64,
    /// Whether any line gets there; else the axis ends above the slowest.
    reached: bool,
    /// The share at which a line meets the deadline: answers that are not good count as it.
    well: &'static str,
}

/// Whether a policy's line meets the deadline.
fn meets(look: &Look<'_>, horizon: f64) -> bool {
    look.policy
        .latency_curve
        .iter()
        .any(|point| point.ms >= horizon * ALMOST)
}

/// The lines that are drawn.
fn drawn<'a>(scene: &'a Scene<'a>) -> impl Iterator<Item = &'a Look<'a>> {
    scene
        .looks
        .iter()
        .filter(|look| !look.policy.latency_curve.is_empty())
}

/// Names take a row each above the plot where lines meet the deadline, and the right margin where
/// they do not.
fn plot(scene: &Scene<'_>) -> Plot {
    let horizon = scene.results.meta.horizon_ns as f64 / 1e6;
    let times = drawn(scene)
        .flat_map(|look| look.policy.latency_curve.iter().map(|point| point.ms))
        .filter(|ms| *ms > 0.0);
    let (low, high) = times.fold((f64::MAX, 0.0), |(lo, hi): (f64, f64), v| {
        (lo.min(v), hi.max(v))
    });
    let rows = drawn(scene).filter(|look| meets(look, horizon)).count();
    let open = drawn(scene).count() > rows;
    let top = if rows > 0 || high > horizon * 0.3 {
        horizon
    } else {
        high * 1.3
    };
    let low = low.min(top / 2.0);
    let head = 4.0 + ROW * rows as f64;
    let panel = Panel {
        left: 52.0,
        right: WIDTH - if open { MARGIN } else { 14.0 },
        top: head + 12.0,
        bottom: (head + 262.0).max(340.0),
    };
    Plot {
        x: Scale::new(0.0, nines(last_share(scene), 9.0), panel.left, panel.right),
        y: Scale::new(
            libm::log10(low * 0.9),
            libm::log10(top),
            panel.bottom,
            panel.top,
        ),
        well: went_well(scene.results),
        panel,
        horizon,
        reached: rows > 0,
    }
}

/// A policy's line, up to where it meets the deadline.
struct Track<'a> {
    look: Look<'a>,
    points: Vec<(f64, f64)>,
    /// x where it meets the deadline.
    met: Option<f64>,
}

fn track<'a>(look: &Look<'a>, plot: &Plot) -> Track<'a> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut met = None;
    for point in &look.policy.latency_curve {
        let x = plot.x.at(nines(point.p, 9.0));
        if point.ms >= plot.horizon * ALMOST {
            // The success ratio says where exactly, between two points of the curve.
            let exact = look
                .policy
                .metrics
                .get(plot.well)
                .map(|e| plot.x.at(nines(e.value, 9.0)));
            let before = points.last().map_or(plot.panel.left, |p: &(f64, f64)| p.0);
            let x = exact.unwrap_or(x).clamp(before, x);
            points.push((x, plot.panel.top));
            met = Some(x);
            break;
        }
        points.push((x, plot.y.at(libm::log10(point.ms.max(1e-6)))));
    }
    Track {
        look: *look,
        points,
        met,
    }
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let plot = plot(scene);
    let panel = plot.panel;
    let mut drawing = Drawing::new(WIDTH, panel.bottom + 44.0, false);
    axes(scene, &plot, &mut drawing);
    let tracks: Vec<Track<'_>> = drawn(scene).map(|look| track(look, &plot)).collect();
    for track in tracks.iter().rev() {
        let look = track.look;
        drawing.line(track.points.clone(), look.ink, look.width, look.dash);
    }
    names::write(scene, &plot, &mut drawing, &tracks);
    drawing.description = "Time to a good answer by percentile, one line for each policy.".into();
    drawing
}

fn axes(scene: &Scene<'_>, plot: &Plot, drawing: &mut Drawing) {
    let panel = plot.panel;
    let top = if plot.reached {
        plot.horizon * 0.8
    } else {
        f64::MAX
    };
    let low = libm::pow(10.0, plot.y.range().0);
    for ms in decades(low, plot.horizon)
        .into_iter()
        .filter(|ms| *ms < top)
    {
        if plot.y.holds(libm::log10(ms)) {
            panel.tick_y(drawing, plot.y.at(libm::log10(ms)), &seconds(ms));
        }
    }
    let last = nines(last_share(scene), 9.0);
    for (value, words) in nine_ticks(0.0, last) {
        let x = plot.x.at(value);
        drawing.rule((x, panel.top), (x, panel.bottom), Ink::Grid, 1.0);
        // At few nines "0" and "50 %" would touch.
        if value > 0.0 || plot.x.at(nines(0.5, 9.0)) - plot.x.at(0.0) > 34.0 {
            panel.tick_x(drawing, x, &words);
        }
    }
    panel.axis_x(drawing);
    drawing.note(
        (panel.right, panel.bottom + 38.0),
        Anchor::End,
        "share of calls answered within",
    );
    if plot.reached {
        drawing.rule(
            (panel.left, panel.top),
            (panel.right, panel.top),
            Ink::Bad,
            1.2,
        );
        let words = seconds(plot.horizon);
        drawing.note((panel.left - 8.0, panel.top + 4.0), Anchor::End, &words);
    }
}

/// Milliseconds as a tick: "200 ms", "5 s".
fn seconds(ms: f64) -> String {
    if ms < 1000.0 {
        format!("{}\u{a0}ms", plain(ms, 2))
    } else {
        format!("{}\u{a0}s", plain(ms / 1000.0, 1))
    }
}

fn table(scene: &Scene<'_>) -> Table {
    let names =
        ["p50", "p90", "p95", "p99", "p999"].map(|which| format!("latency_good_ms_{which}"));
    let measures: Vec<Measure> = names
        .iter()
        .filter(|name| {
            scene
                .results
                .policies
                .iter()
                .any(|p| p.metrics.contains_key(*name))
        })
        .map(|name| Measure::of(scene.results, name))
        .collect();
    let mut head = vec!["policy".to_owned()];
    head.extend(measures.iter().map(|measure| measure.label.clone()));
    let rows = scene.looks.iter().map(|look| {
        let mut row = vec![look.policy.name.clone()];
        row.extend(measures.iter().map(|measure| {
            let estimate = look.policy.metrics.get(&measure.name);
            estimate.map_or(String::new(), |e| measure.value(e))
        }));
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}
