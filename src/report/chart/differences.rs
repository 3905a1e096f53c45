//! Differences to the baseline: the drawn interval is the verdict, the band the least effect that
//! matters.

use super::axis::{Scale, even};
use super::drawing::{Anchor, Drawing, Role, fitted};
use super::font;
use super::palette::{Ink, Look};
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::record::results::{Difference, Judgement};
use crate::report::measure::{Measure, headline};
use crate::report::number::signed;
use crate::report::reading::{difference, judgement, word};

pub(super) const CHART: Chart = Chart {
    name: "differences",
    question: "Is the difference real?",
    applies,
    title,
    how,
    draw,
    table,
};

const WIDTH: f64 = 1080.0;
/// Names stand left of this.
const NAMES: f64 = 150.0;
/// Columns of panels.
const ACROSS: usize = 3;
/// Words beside a panel: the value, and the verdict below it.
const WORDS: f64 = 130.0;
const PITCH: f64 = 30.0;
const HEAD: f64 = 28.0;
const FOOT: f64 = 40.0;

fn applies(results: &Results) -> bool {
    headline(results)
        .iter()
        .any(|m| results.differences.iter().any(|d| d.metric == m.name))
}

/// The policies that are compared with the baseline.
fn others<'a>(scene: &'a Scene<'a>) -> Vec<Look<'a>> {
    let base = &scene.results.compare.baseline;
    scene
        .looks
        .iter()
        .filter(|look| look.policy.name != *base)
        .copied()
        .collect()
}

fn title(scene: &Scene<'_>) -> String {
    let others = others(scene);
    let base = &scene.results.compare.baseline;
    let count = |m: &Measure, wanted: Judgement| {
        let has =
            |look: &&Look<'_>| judgement(scene.results, &look.policy.name, &m.name) == Some(wanted);
        others.iter().filter(has).count()
    };
    let judged = scene
        .results
        .differences
        .iter()
        .any(|d| d.verdict.is_some());
    if !judged {
        return format!("Differences to {base}, without verdicts");
    }
    let part = |m: &Measure, n: usize| {
        if others.len() == 1 {
            m.label.clone()
        } else {
            format!("{} ({n} of {})", m.label, others.len())
        }
    };
    let parts = |wanted: Judgement| -> Vec<String> {
        let all = scene.reading.headline.iter().map(|m| (m, count(m, wanted)));
        all.filter(|(_, n)| *n > 0)
            .map(|(m, n)| part(m, n))
            .collect()
    };
    let (better, worse) = (parts(Judgement::Better), parts(Judgement::Worse));
    match (better.is_empty(), worse.is_empty()) {
        (true, true) => format!("No difference to {base} is shown in any headline metric"),
        (false, true) => format!("Better than {base} on {}", better.join(", ")),
        (true, false) => format!("Worse than {base} on {}", worse.join(", ")),
        (false, false) => {
            format!(
                "Better than {base} on {}; worse on {}",
                better.join(", "),
                worse.join(", ")
            )
        }
    }
}

fn how(scene: &Scene<'_>) -> String {
    let compare = &scene.results.compare;
    let level = if compare.family > 1 {
        format!(
            " The intervals hold jointly at 95 % ({} comparisons).",
            compare.family
        )
    } else {
        String::new()
    };
    format!(
        "Difference to {} in the same weather; left of zero is less. The grey band is the least \
         effect that matters: an interval that excludes zero and reaches beyond the band is a \
         verdict.{level}",
        compare.baseline
    )
}

/// Where a panel stands and what it maps.
struct Panel<'a> {
    measure: &'a Measure,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Scale,
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let others = others(scene);
    let measures: Vec<&Measure> = scene
        .reading
        .headline
        .iter()
        .filter(|m| scene.results.differences.iter().any(|d| d.metric == m.name))
        .collect();
    let block = HEAD + others.len() as f64 * PITCH + FOOT;
    let rows = measures.len().div_ceil(ACROSS);
    let mut drawing = Drawing::new(WIDTH, block * rows as f64, true);
    let pitch = (WIDTH - NAMES) / ACROSS as f64;
    for (i, measure) in measures.iter().enumerate() {
        let top = block * (i / ACROSS) as f64;
        if i % ACROSS == 0 {
            names(&mut drawing, &others, top);
        }
        let left = NAMES + pitch * (i % ACROSS) as f64;
        let panel = panel(
            scene,
            measure,
            left,
            left + pitch - WORDS - 14.0,
            top,
            others.len(),
        );
        frame(scene, &mut drawing, &panel);
        for (row, look) in others.iter().enumerate() {
            let y = top + HEAD + PITCH * (row as f64 + 0.5);
            if let Some(d) = difference(scene.results, &look.policy.name, &measure.name) {
                whisker(&mut drawing, &panel, look, d, y);
                let right = left + pitch - 14.0;
                words(scene, &mut drawing, measure, d, right, y);
            }
        }
    }
    drawing.description =
        "Differences to the baseline with their intervals; the band is the least \
                           effect that matters."
            .into();
    drawing
}

fn names(drawing: &mut Drawing, others: &[Look<'_>], top: f64) {
    for (row, look) in others.iter().enumerate() {
        let y = top + HEAD + PITCH * (row as f64 + 0.5);
        drawing.dot((5.0, y), 4.5, look.ink, false, 1.0);
        let name = fitted(&look.policy.name, Role::Name, NAMES - 30.0);
        drawing.text((16.0, y + 4.5), Anchor::Start, Role::Name, look.ink, &name);
    }
}

/// A scale that holds zero, the band and every bound.
fn panel<'a>(
    scene: &Scene<'_>,
    measure: &'a Measure,
    left: f64,
    right: f64,
    top: f64,
    rows: usize,
) -> Panel<'a> {
    let all = || {
        scene
            .results
            .differences
            .iter()
            .filter(|d| d.metric == measure.name)
    };
    let values = all()
        .flat_map(|d| [Some(d.value), d.interval[0], d.interval[1]])
        .flatten();
    let band = all()
        .filter_map(|d| d.min_effect)
        .flat_map(|least| [least, -least]);
    let (low, high) = values
        .chain(band)
        .chain([0.0])
        .map(|value| measure.scaled(value))
        .fold((0.0, 0.0), |(lo, hi): (f64, f64), v| (lo.min(v), hi.max(v)));
    let pad = ((high - low) * 0.08).max(1e-9);
    Panel {
        measure,
        left,
        right,
        top: top + HEAD,
        bottom: top + HEAD + PITCH * rows as f64,
        x: Scale::new(low - pad, high + pad, left, right),
    }
}

/// Heading, band, zero and ticks.
fn frame(scene: &Scene<'_>, drawing: &mut Drawing, panel: &Panel<'_>) {
    let m = panel.measure;
    let unit = match (m.prefix, m.delta_suffix.trim()) {
        ("", "") => String::new(),
        ("", unit) => format!(", {unit}"),
        (prefix, _) => format!(", {prefix}"),
    };
    let room = panel.right - panel.left + WORDS;
    let heading = fitted(&format!("{}{unit}", m.label), Role::Name, room);
    let at = (panel.left, panel.top - 14.0);
    drawing.text(at, Anchor::Start, Role::Name, Ink::Ink, &heading);
    let all = scene
        .results
        .differences
        .iter()
        .filter(|d| d.metric == m.name);
    let least = all.filter_map(|d| d.min_effect).fold(0.0, f64::max);
    if least > 0.0 {
        let at = |value: f64| panel.x.at(m.scaled(value));
        let (from, to) = (
            (at(-least), panel.top),
            (at(least).max(at(-least) + 2.0), panel.bottom),
        );
        drawing.rect(from, to, Ink::Least, 1.0);
    }
    let zero = panel.x.at(0.0);
    drawing.rule((zero, panel.top), (zero, panel.bottom), Ink::Ink, 1.0);
    let (low, high) = panel.x.range();
    let ticks = even(low, high, 4.0);
    let decimals = ticks
        .iter()
        .map(|(_, words)| decimals(words))
        .max()
        .unwrap_or(0);
    let mut free = f64::MIN;
    for (value, _) in ticks {
        let words = signed(value, decimals);
        let half = font::width(&words, Role::Note.size(), false) / 2.0;
        let x = panel.x.at(value);
        if x - half >= free {
            drawing.note((x, panel.bottom + 18.0), Anchor::Middle, &words);
            free = x + half + 8.0;
        }
    }
}

fn decimals(words: &str) -> usize {
    words
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len())
}

/// The interval and the value; an open side runs to the edge with an arrow.
fn whisker(drawing: &mut Drawing, panel: &Panel<'_>, look: &Look<'_>, d: &Difference, y: f64) {
    let at = |value: f64| panel.x.at(panel.measure.scaled(value));
    let from = d.interval[0].map_or(panel.left, at);
    let to = d.interval[1].map_or(panel.right, at);
    if d.interval != [None, None] {
        drawing.rule((from, y), (to, y), look.ink, 2.0);
        for (open, x, back) in [
            (d.interval[0].is_none(), from, 4.0),
            (d.interval[1].is_none(), to, -4.0),
        ] {
            if open {
                let arrow = vec![(x + back, y - 4.0), (x, y), (x + back, y + 4.0)];
                drawing.line(arrow, look.ink, 1.4, &[]);
            }
        }
    }
    drawing.dot((at(d.value), y), 4.0, look.ink, false, 1.0);
}

/// The value and, below it, its verdict.
fn words(
    scene: &Scene<'_>,
    drawing: &mut Drawing,
    measure: &Measure,
    d: &Difference,
    right: f64,
    y: f64,
) {
    let value = value_words(scene.results, measure, d);
    let (ink, verdict) = match d.verdict {
        Some(Judgement::Better) => (Ink::Good, word(Judgement::Better)),
        Some(Judgement::Worse) => (Ink::Bad, word(Judgement::Worse)),
        Some(other) => (Ink::Muted, word(other)),
        None => (Ink::Muted, "no verdict"),
    };
    drawing.text((right, y), Anchor::End, Role::Name, Ink::Ink, &value);
    drawing.text((right, y + 12.5), Anchor::End, Role::Small, ink, verdict);
}

/// The difference, or "both ≥ 60 s" where neither is known.
fn value_words(results: &Results, measure: &Measure, d: &Difference) -> String {
    let estimate = |name: &str| {
        let policy = results.policies.iter().find(|policy| policy.name == name)?;
        policy.metrics.get(&measure.name)
    };
    match (estimate(&d.policy), estimate(&d.baseline)) {
        (Some(a), Some(b)) if a.at_horizon && b.at_horizon => {
            format!("both {}", measure.value(a))
        }
        _ => measure.delta(d.value, measure.delta_decimals(d.value, d.interval)),
    }
}

fn table(scene: &Scene<'_>) -> Table {
    let mut rows = Vec::new();
    for look in others(scene) {
        for measure in &scene.reading.headline {
            if let Some(d) = difference(scene.results, &look.policy.name, &measure.name) {
                let decimals = measure.delta_decimals(d.value, d.interval);
                rows.push(vec![
                    look.policy.name.clone(),
                    measure.label.clone(),
                    value_words(scene.results, measure, d),
                    measure.interval(d.interval, decimals),
                    d.verdict.map_or("no verdict", word).to_owned(),
                ]);
            }
        }
    }
    Table {
        head: ["policy", "metric", "difference", "interval", "verdict"]
            .map(String::from)
            .to_vec(),
        rows,
    }
}
