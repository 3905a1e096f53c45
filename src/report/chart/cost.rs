//! Cost against success: which policies no other beats on both counts, and what the next nine costs.

use super::axis::{Scale, even, nine_ticks, nines};
use super::drawing::{Anchor, Drawing, Point, Role, Run, fitted};
use super::labels::Taken;
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::record::results::Estimate;
use crate::report::measure::{Measure, cost_of_well, went_well};
use crate::report::number::some;

pub(super) const CHART: Chart = Chart {
    name: "cost",
    question: "What does success cost?",
    applies,
    title,
    how,
    draw,
    table,
};

const PANEL: Panel = Panel {
    left: 62.0,
    right: 606.0,
    top: 16.0,
    bottom: 356.0,
};

fn applies(results: &Results) -> bool {
    let (success, cost) = (went_well(results), cost_of_well(results));
    let paid = |e: Option<&Estimate>| e.is_some_and(|e| e.value > 0.0);
    results
        .policies
        .iter()
        .any(|p| p.metrics.contains_key(success) && paid(p.metrics.get(cost)))
}

/// A policy as a point of the chart.
struct Dot<'a> {
    look: Look<'a>,
    cost: &'a Estimate,
    success: &'a Estimate,
    beaten: bool,
}

fn dots<'a>(scene: &'a Scene<'a>) -> Vec<Dot<'a>> {
    let (success, cost) = (went_well(scene.results), cost_of_well(scene.results));
    let mut dots: Vec<Dot<'a>> = scene
        .looks
        .iter()
        .filter_map(|look| {
            Some(Dot {
                look: *look,
                cost: look.policy.metrics.get(cost)?,
                success: look.policy.metrics.get(success)?,
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
    let well = if went_well(scene.results) == "good_ratio" {
        "gives most good answers at the least cost of one"
    } else {
        "succeeds most at the least cost per success"
    };
    let same = |a: &Dot<'_>, b: &Dot<'_>| {
        (a.cost.value, a.success.value) == (b.cost.value, b.success.value)
    };
    match free.as_slice() {
        [only] if dots.len() > 1 => format!("{only} {well}, by the estimates"),
        [_] => "Success and its cost".to_owned(),
        all if all.len() == dots.len() && dots.windows(2).all(|two| same(&two[0], &two[1])) => {
            format!(
                "{} cost the same and do as well, by the estimates",
                some(all)
            )
        }
        many => format!(
            "Not beaten on both counts, by the estimates: {}",
            some(many)
        ),
    }
}

fn how(scene: &Scene<'_>) -> String {
    let up = Measure::of(scene.results, went_well(scene.results)).label;
    format!(
        "Up is more {up}, in nines; left is cheaper. Filled points are not beaten on both axes; \
         the stepped line joins them. Crosses are 95 % intervals."
    )
}

/// Where values stand.
struct Map {
    x: Scale,
    y: Scale,
    /// A share without end stands here.
    top: f64,
    cost: Measure,
}

impl Map {
    /// The px of a cost in dollars.
    fn cost(&self, value: f64) -> f64 {
        self.x.at(self.cost.scaled(value))
    }

    /// The px of a share.
    fn share(&self, share: f64) -> f64 {
        self.y.at(nines(share, self.top - 0.15))
    }

    fn dot(&self, dot: &Dot<'_>) -> Point {
        (self.cost(dot.cost.value), self.share(dot.success.value))
    }
}

fn bounds(e: &Estimate) -> [f64; 2] {
    [e.ci95[0].unwrap_or(e.value), e.ci95[1].unwrap_or(e.value)]
}

/// Cost with room for the intervals, success in nines.
fn map(scene: &Scene<'_>, dots: &[Dot<'_>]) -> Map {
    let cost = Measure::of(scene.results, cost_of_well(scene.results));
    let costs = dots
        .iter()
        .flat_map(|d| bounds(d.cost))
        .map(|value| cost.scaled(value));
    let (low, high) = costs.fold((f64::MAX, f64::MIN), |(lo, hi), v| (lo.min(v), hi.max(v)));
    let pad = ((high - low) * 0.1).max(high * 0.05);
    let x = Scale::new(
        (low - pad).max(0.0),
        high + pad * 1.6,
        PANEL.left,
        PANEL.right,
    );
    // An interval that touches 100 % must not stretch the axis without end.
    let highest = |d: &Dot<'_>| {
        let finite = |share: f64| if share < 1.0 { nines(share, 6.0) } else { 0.0 };
        let value = finite(d.success.value);
        value.max(finite(bounds(d.success)[1]).min(value + 0.6))
    };
    let most = dots.iter().map(highest).fold(1.0, f64::max);
    let all = dots.iter().any(|d| d.success.value >= 1.0);
    let top = most + if all { 1.0 } else { 0.3 };
    let lowest = dots
        .iter()
        .map(|d| nines(bounds(d.success)[0].max(0.0), top));
    let low = (lowest.fold(f64::MAX, f64::min) - 0.12).clamp(0.0, top - 1.0);
    Map {
        x,
        y: Scale::new(low, top, PANEL.bottom, PANEL.top),
        top,
        cost,
    }
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let success = Measure::of(scene.results, went_well(scene.results));
    let dots = dots(scene);
    let map = map(scene, &dots);
    let mut drawing = Drawing::new(620.0, 404.0, false);
    axes(&mut drawing, &map);
    let mut taken = Taken::default();
    frontier(&mut drawing, &mut taken, &dots, &map);
    for dot in &dots {
        taken.dot(map.dot(dot), 6.0);
        cross(&mut drawing, &mut taken, dot, &map);
    }
    for dot in &dots {
        let at = map.dot(dot);
        let r = if dot.beaten { 5.0 } else { 5.5 };
        drawing.dot_as(at, r, &dot.look, dot.beaten, 1.0);
        let figures = format!(
            " {}, {}",
            success.value(dot.success),
            map.cost.value(dot.cost)
        );
        let name = fitted(&dot.look.policy.name, Role::Name, 190.0);
        let runs = vec![
            Run::new(name, Role::Name, dot.look.ink),
            Run::new(figures, Role::Note, Ink::Muted),
        ];
        let bounds = [
            PANEL.left + 2.0,
            0.0,
            PANEL.right + 12.0,
            PANEL.bottom - 2.0,
        ];
        taken.put(&mut drawing, at, bounds, runs);
    }
    drawing.description = format!(
        "Each policy by its {} and its {}.",
        map.cost.label, success.label
    );
    drawing
}

fn axes(drawing: &mut Drawing, map: &Map) {
    let (low, high) = map.y.range();
    for (value, words) in nine_ticks(low, high - 0.02) {
        PANEL.tick_y(drawing, map.y.at(value), &words);
    }
    let (low, high) = map.x.range();
    for (value, words) in even(low, high, 5.0) {
        PANEL.tick_x(drawing, map.x.at(value), &format!("${words}"));
    }
    PANEL.axis_x(drawing);
    let words = format!("{}, USD → dearer", map.cost.label);
    drawing.note((PANEL.right, PANEL.bottom + 38.0), Anchor::End, &words);
}

/// The intervals in both directions.
fn cross(drawing: &mut Drawing, taken: &mut Taken, dot: &Dot<'_>, map: &Map) {
    let at = map.dot(dot);
    let mut arm = |a: Point, b: Point| {
        drawing.rule(a, b, dot.look.ink, 1.2);
        taken.line(a, b);
    };
    if let [Some(lo), Some(hi)] = dot.cost.ci95 {
        arm((map.cost(lo), at.1), (map.cost(hi), at.1));
    }
    if let [Some(lo), Some(hi)] = dot.success.ci95 {
        arm((at.0, map.share(lo)), (at.0, map.y.at(nines(hi, map.top))));
    }
}

/// The stepped line through the points nothing beats.
fn frontier(drawing: &mut Drawing, taken: &mut Taken, dots: &[Dot<'_>], map: &Map) {
    let mut free: Vec<Point> = dots
        .iter()
        .filter(|d| !d.beaten)
        .map(|d| map.dot(d))
        .collect();
    free.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(&(first, _)) = free.first().filter(|_| dots.len() > 1) else {
        return;
    };
    let mut points = vec![(first, PANEL.bottom)];
    let mut level = PANEL.bottom;
    for &(x, y) in &free {
        if points.len() > 1 {
            points.push((x, level));
        }
        points.push((x, y));
        level = y;
    }
    points.push((PANEL.right, level));
    for step in points.windows(2) {
        taken.line(step[0], step[1]);
    }
    drawing.line(points, Ink::Muted, 1.0, &[]);
}

fn table(scene: &Scene<'_>) -> Table {
    let (cost, success) = (
        Measure::of(scene.results, cost_of_well(scene.results)),
        Measure::of(scene.results, went_well(scene.results)),
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
