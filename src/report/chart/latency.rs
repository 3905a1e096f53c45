//! Time to a good answer by percentile, in nines: every line meets the deadline at its success
//! ratio, so no tail looks good by failing.

use super::axis::{Scale, decades, nine_ticks, nines};
use super::drawing::{Anchor, Drawing, Role, Run, fitted};
use super::labels::apart;
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::record::results::Judgement;
use crate::report::measure::Measure;
use crate::report::number::{list, plain, span};
use crate::report::reading::judgement;

pub(super) const CHART: Chart = Chart {
    name: "latency",
    question: "How slow is slow?",
    applies,
    title,
    how,
    draw,
    table,
};

const P99: &str = "latency_good_ms_p99";
const WIDTH: f64 = 540.0;
/// Height of a row of names above the plot.
const ROW: f64 = 16.0;

fn applies(results: &Results) -> bool {
    results
        .policies
        .iter()
        .any(|policy| policy.latency_curve.len() > 1)
}

fn title(scene: &Scene<'_>) -> String {
    let results = scene.results;
    let names = |wanted: Judgement| -> Vec<&str> {
        let names = scene.looks.iter().map(|look| look.policy.name.as_str());
        names
            .filter(|name| judgement(results, name, P99) == Some(wanted))
            .collect()
    };
    let judged = scene
        .looks
        .iter()
        .any(|look| judgement(results, &look.policy.name, P99).is_some());
    let (better, worse) = (names(Judgement::Better), names(Judgement::Worse));
    let base = &results.compare.baseline;
    let verb = |names: &[&str], one: &str, many: &str| {
        format!(
            "{} {}",
            list(names),
            if names.len() == 1 { one } else { many }
        )
    };
    match (better.as_slice(), worse.as_slice()) {
        ([], []) if judged => format!("No p99 is shown to differ from that of {base}"),
        ([], []) => figures(scene),
        (better, []) => verb(better, "has", "have") + &format!(" a shorter p99 than {base}"),
        ([], worse) => verb(worse, "has", "have") + &format!(" a longer p99 than {base}"),
        (better, worse) => {
            let shorter = verb(better, "has", "have");
            format!(
                "{shorter} a shorter p99 than {base}, {} a longer one",
                list(worse)
            )
        }
    }
}

/// The p99s as they are, where no verdict is to be had.
fn figures(scene: &Scene<'_>) -> String {
    let measure = Measure::of(scene.results, P99);
    let values: Vec<String> = scene
        .looks
        .iter()
        .filter_map(|look| {
            let estimate = look.policy.metrics.get(P99)?;
            Some(format!(
                "{} ({})",
                measure.value(estimate),
                look.policy.name
            ))
        })
        .collect();
    match values.as_slice() {
        [] => "Time to a good answer".to_owned(),
        few @ ([_] | [_, _] | [_, _, _]) => format!("p99 to a good answer: {}", list(few)),
        _ => "Time to a good answer, policy by policy".to_owned(),
    }
}

fn how(scene: &Scene<'_>) -> String {
    format!(
        "Time to a good answer by percentile, in nines; a failure counts as the deadline ({}). \
         The further right a line meets it, the better.",
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
}

fn plot(scene: &Scene<'_>, rows: usize) -> Plot {
    let horizon = scene.results.meta.horizon_ns as f64 / 1e6;
    let times = || {
        let curves = scene.looks.iter().map(|look| &look.policy.latency_curve);
        curves
            .flatten()
            .map(|point| point.ms)
            .filter(|ms| *ms > 0.0)
    };
    let (low, high) = times().fold((f64::MAX, 0.0), |(lo, hi): (f64, f64), v| {
        (lo.min(v), hi.max(v))
    });
    let reached = high >= horizon * 0.999;
    let top = if reached || high > horizon * 0.3 {
        horizon
    } else {
        high * 1.3
    };
    let low = low.min(top / 2.0);
    let head = 14.0 + ROW * rows as f64;
    let panel = Panel {
        left: 52.0,
        right: WIDTH - 14.0,
        top: head + 12.0,
        bottom: head + 262.0,
    };
    Plot {
        x: Scale::new(0.0, nines(last_share(scene), 9.0), panel.left, panel.right),
        y: Scale::new(
            libm::log10(low * 0.9),
            libm::log10(top),
            panel.bottom,
            panel.top,
        ),
        panel,
        horizon,
        reached,
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
        if point.ms >= plot.horizon * 0.999 {
            // The success ratio says where exactly, between two points of the curve.
            let exact = look
                .policy
                .metrics
                .get("success_ratio")
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
    // Names above the plot take a row each, so how many there are decides where the plot begins.
    let probe = plot(scene, 0);
    let rows = scene
        .looks
        .iter()
        .filter(|look| !look.policy.latency_curve.is_empty())
        .count();
    let plot = Plot {
        ..plot(scene, if probe.reached { rows } else { rows.min(2) })
    };
    let panel = plot.panel;
    let mut drawing = Drawing::new(WIDTH, panel.bottom + 44.0, false);
    axes(scene, &plot, &mut drawing);
    let tracks: Vec<Track<'_>> = scene
        .looks
        .iter()
        .filter(|look| !look.policy.latency_curve.is_empty())
        .map(|look| track(look, &plot))
        .collect();
    for track in tracks.iter().rev() {
        let look = track.look;
        drawing.line(track.points.clone(), look.ink, look.width, look.dash);
    }
    names(scene, &plot, &mut drawing, &tracks);
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
    let low = libm::pow(10.0, -30.0);
    for ms in decades(low.max(0.001), plot.horizon)
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

/// Names in rows above the plot, each with a leader down to where its line meets the deadline, or
/// to its end.
fn names(scene: &Scene<'_>, plot: &Plot, drawing: &mut Drawing, tracks: &[Track<'_>]) {
    let success = Measure::of(scene.results, "success_ratio");
    let mut met: Vec<(f64, &Track<'_>)> = tracks.iter().filter_map(|t| Some((t.met?, t))).collect();
    met.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = met.len();
    for (row, (x, track)) in met.into_iter().enumerate() {
        // The first from the left stands highest, so leaders do not cross names to their right.
        let y = plot.panel.top - 12.0 - ROW * (count - 1 - row) as f64;
        let share = track.look.policy.metrics.get("success_ratio");
        let figures = share.map_or(String::new(), |e| format!(" {} in time", success.value(e)));
        let name = fitted(&track.look.policy.name, Role::Name, 230.0);
        let runs = vec![
            Run::new(name, Role::Name, track.look.ink),
            Run::new(figures, Role::Note, Ink::Muted),
        ];
        let width: f64 = runs.iter().map(Run::width).sum();
        let (at, anchor) = if x + width + 6.0 <= WIDTH {
            (x + 5.0, Anchor::Start)
        } else {
            (x - 5.0, Anchor::End)
        };
        drawing.rule((x, y - 9.0), (x, plot.panel.top), track.look.ink, 0.8);
        drawing.dot((x, plot.panel.top), 3.2, track.look.ink, false, 1.0);
        drawing.runs((at, y), anchor, runs);
    }
    open_ends(plot, drawing, tracks);
}

/// Names of lines that never meet the deadline, at their right end, below the line.
fn open_ends(plot: &Plot, drawing: &mut Drawing, tracks: &[Track<'_>]) {
    let open: Vec<&Track<'_>> = tracks.iter().filter(|track| track.met.is_none()).collect();
    let ends: Vec<f64> = open
        .iter()
        .map(|track| track.points.last().map_or(plot.panel.top, |p| p.1) + 22.0)
        .collect();
    let placed = apart(&ends, 16.0, plot.panel.top + 16.0, plot.panel.bottom - 6.0);
    for (track, y) in open.iter().zip(placed) {
        let name = fitted(&track.look.policy.name, Role::Name, 230.0);
        let at = (plot.panel.right - 2.0, y);
        drawing.text(at, Anchor::End, Role::Name, track.look.ink, &name);
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
