//! Cost against success: which policies no other beats on both counts, and what the next nine costs.

use super::axis::{Scale, even, nine_ticks, nines};
use super::drawing::{Anchor, Drawing, Role, Run, fitted};
use super::labels::Taken;
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::record::results::Estimate;
use crate::report::measure::Measure;
use crate::report::number::list;

pub(super) const CHART: Chart = Chart {
    name: "cost",
    question: "What does success cost?",
    applies,
    title,
    how,
    draw,
    table,
};

const COST: &str = "cost_usd_per_success";
const SUCCESS: &str = "success_ratio";
const PANEL: Panel = Panel {
    left: 62.0,
    right: 606.0,
    top: 16.0,
    bottom: 356.0,
};

fn applies(results: &Results) -> bool {
    let paid = |e: Option<&Estimate>| e.is_some_and(|e| e.value > 0.0);
    results
        .policies
        .iter()
        .any(|p| p.metrics.contains_key(SUCCESS) && paid(p.metrics.get(COST)))
}

/// A policy as a point of the chart.
struct Dot<'a> {
    look: Look<'a>,
    cost: &'a Estimate,
    success: &'a Estimate,
    beaten: bool,
}

fn dots<'a>(scene: &'a Scene<'a>) -> Vec<Dot<'a>> {
    let mut dots: Vec<Dot<'a>> = scene
        .looks
        .iter()
        .filter_map(|look| {
            Some(Dot {
                look: *look,
                cost: look.policy.metrics.get(COST)?,
                success: look.policy.metrics.get(SUCCESS)?,
                beaten: false,
            })
        })
        .collect();
    let points: Vec<(f64, f64)> = dots
        .iter()
        .map(|d| (d.cost.value, d.success.value))
        .collect();
    for dot in &mut dots {
        let (cost, success) = (dot.cost.value, dot.success.value);
        dot.beaten = points
            .iter()
            .any(|&(c, s)| c <= cost && s >= success && (c < cost || s > success));
    }
    dots
}

fn title(scene: &Scene<'_>) -> String {
    let dots = dots(scene);
    let free: Vec<&str> = dots
        .iter()
        .filter(|dot| !dot.beaten)
        .map(|dot| dot.look.policy.name.as_str())
        .collect();
    match free.as_slice() {
        [only] if dots.len() > 1 => {
            format!("{only} both succeeds most and costs least per success, by the estimates")
        }
        [_] => "Success and its cost".to_owned(),
        many => format!(
            "Not beaten on both counts, by the estimates: {}",
            list(many)
        ),
    }
}

fn how(_: &Scene<'_>) -> String {
    "Up is better, in nines; left is cheaper. Filled points are not beaten on both axes; the \
     stepped line joins them. Crosses are 95 % intervals."
        .to_owned()
}

/// The scales: cost with room for the intervals, success in nines.
fn scales(dots: &[Dot<'_>], measure: &Measure) -> (Scale, Scale, [f64; 4]) {
    let bounds = |e: &Estimate| [e.ci95[0].unwrap_or(e.value), e.ci95[1].unwrap_or(e.value)];
    let costs = dots
        .iter()
        .flat_map(|d| bounds(d.cost))
        .map(|v| measure.scaled(v));
    let (low, high) = costs.fold((f64::MAX, f64::MIN), |(lo, hi), v| (lo.min(v), hi.max(v)));
    let pad = ((high - low) * 0.1).max(high * 0.05);
    let (x_low, x_high) = ((low - pad).max(0.0), high + pad * 1.6);
    let finite = |share: f64| if share < 1.0 { nines(share, 6.0) } else { 0.0 };
    let most = dots
        .iter()
        .map(|d| {
            finite(d.success.value)
                .max(finite(bounds(d.success)[1]).min(finite(d.success.value) + 0.6))
        })
        .fold(1.0, f64::max);
    // All of them 100 %: they stand one nine above the highest tick shown.
    let all = dots.iter().any(|d| d.success.value >= 1.0);
    let y_high = most + if all { 1.0 } else { 0.3 };
    let least = dots
        .iter()
        .map(|d| nines(bounds(d.success)[0].max(0.0), y_high))
        .fold(f64::MAX, f64::min);
    let y_low = (least - 0.12).clamp(0.0, y_high - 1.0);
    let x = Scale::new(x_low, x_high, PANEL.left, PANEL.right);
    let y = Scale::new(y_low, y_high, PANEL.bottom, PANEL.top);
    (x, y, [x_low, x_high, y_low, y_high])
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let measure = Measure::of(scene.results, COST);
    let success = Measure::of(scene.results, SUCCESS);
    let dots = dots(scene);
    let mut drawing = Drawing::new(620.0, 404.0, false);
    let (x, y, [x_low, x_high, y_low, y_high]) = scales(&dots, &measure);
    for (value, words) in nine_ticks(y_low, y_high - 0.02) {
        PANEL.tick_y(&mut drawing, y.at(value), &words);
    }
    for (value, words) in even(x_low, x_high, 5.0) {
        PANEL.tick_x(&mut drawing, x.at(value), &format!("${words}"));
    }
    PANEL.axis_x(&mut drawing);
    let axis = "cost per 1\u{202f}000 successful calls → dearer";
    drawing.note((PANEL.right, PANEL.bottom + 38.0), Anchor::End, axis);
    frontier(&mut drawing, &dots, &measure, &x, &y, y_high);
    let mut taken = Taken::default();
    let at = |dot: &Dot<'_>| {
        let nines = nines(dot.success.value, y_high - 0.15);
        (x.at(measure.scaled(dot.cost.value)), y.at(nines))
    };
    for dot in &dots {
        let p = at(dot);
        taken.reserve(p.0 - 6.0, p.1 - 6.0, p.0 + 6.0, p.1 + 6.0);
        cross(&mut drawing, &mut taken, dot, p, &measure, &x, &y, y_high);
    }
    for dot in &dots {
        let p = at(dot);
        drawing.dot(
            p,
            if dot.beaten { 5.0 } else { 5.5 },
            dot.look.ink,
            dot.beaten,
            1.0,
        );
        let figures = format!(
            " {}, {}",
            success.value(dot.success),
            measure.value(dot.cost)
        );
        let name = fitted(&dot.look.policy.name, Role::Name, 190.0);
        let runs = vec![
            Run::new(name, Role::Name, dot.look.ink),
            Run::new(figures, Role::Note, Ink::Muted),
        ];
        let bounds = [PANEL.left + 2.0, 0.0, PANEL.right + 8.0, PANEL.bottom - 2.0];
        taken.put(&mut drawing, p, bounds, runs);
    }
    drawing.description = "Each policy by its cost per 1000 successes and its success.".into();
    drawing
}

/// The interval in both directions.
#[expect(
    clippy::too_many_arguments,
    reason = "a cross needs both scales and both estimates"
)]
fn cross(
    drawing: &mut Drawing,
    taken: &mut Taken,
    dot: &Dot<'_>,
    p: (f64, f64),
    measure: &Measure,
    x: &Scale,
    y: &Scale,
    y_high: f64,
) {
    if let [Some(lo), Some(hi)] = dot.cost.ci95 {
        let (from, to) = (x.at(measure.scaled(lo)), x.at(measure.scaled(hi)));
        drawing.rule((from, p.1), (to, p.1), dot.look.ink, 1.2);
        taken.reserve(from, p.1 - 2.0, to, p.1 + 2.0);
    }
    if let [Some(lo), Some(hi)] = dot.success.ci95 {
        let (from, to) = (y.at(nines(lo, y_high)), y.at(nines(hi, y_high)));
        drawing.rule((p.0, from), (p.0, to), dot.look.ink, 1.2);
        taken.reserve(p.0 - 2.0, to, p.0 + 2.0, from);
    }
}

/// The stepped line through the points nothing beats.
fn frontier(
    drawing: &mut Drawing,
    dots: &[Dot<'_>],
    measure: &Measure,
    x: &Scale,
    y: &Scale,
    y_high: f64,
) {
    let mut free: Vec<(f64, f64)> = dots
        .iter()
        .filter(|dot| !dot.beaten)
        .map(|dot| {
            let nines = nines(dot.success.value, y_high - 0.15);
            (x.at(measure.scaled(dot.cost.value)), y.at(nines))
        })
        .collect();
    free.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(&(first, _)) = free.first().filter(|_| dots.len() > 1) else {
        return;
    };
    let mut points = vec![(first, PANEL.bottom)];
    for &(px, py) in &free {
        if let Some(&(_, last)) = points.last().filter(|_| points.len() > 1) {
            points.push((px, last));
        }
        points.push((px, py));
    }
    if let Some(&(_, last)) = points.last() {
        points.push((PANEL.right, last));
    }
    drawing.line(points, Ink::Muted, 1.0, &[]);
}

fn table(scene: &Scene<'_>) -> Table {
    let (cost, success) = (
        Measure::of(scene.results, COST),
        Measure::of(scene.results, SUCCESS),
    );
    Table {
        head: vec!["policy".into(), success.label.clone(), cost.label.clone()],
        rows: dots(scene)
            .iter()
            .map(|dot| {
                vec![
                    dot.look.policy.name.clone(),
                    success.value(dot.success),
                    cost.value(dot.cost),
                ]
            })
            .collect(),
    }
}
