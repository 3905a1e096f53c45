//! One metric's panel: band, zero, ticks, whiskers and the words beside them.

use super::{HEAD, PITCH, WORDS};
use crate::record::results::{Difference, Judgement};
use crate::report::chart::axis::{Scale, even};
use crate::report::chart::drawing::{Anchor, Drawing, Role, fitted};
use crate::report::chart::palette::{Ink, Look};
use crate::report::chart::{Scene, font};
use crate::report::measure::Measure;
use crate::report::number::signed;
use crate::report::reading::word;
use crate::report::told;

/// Where a panel stands and what it maps.
pub(super) struct Panel<'a> {
    measure: &'a Measure,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Scale,
}

/// A scale that holds zero, the band and every bound.
pub(super) fn panel<'a>(
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
pub(super) fn frame(scene: &Scene<'_>, drawing: &mut Drawing, panel: &Panel<'_>) {
    let m = panel.measure;
    let unit = match (m.prefix, m.delta_suffix.trim()) {
        ("", "") => String::new(),
        ("", unit) => format!(", {unit}"),
        (prefix, _) => format!(", {prefix}"),
    };
    let room = panel.right - panel.left + WORDS;
    let heading = fitted(&format!("{}{unit}", m.label), Role::Name, room);
    let at = (panel.left, panel.top - 14.0);
    drawing.text(at, Anchor::Start, Role::Name, Ink::Text, &heading);
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
    drawing.rule((zero, panel.top), (zero, panel.bottom), Ink::Text, 1.0);
    let (low, high) = panel.x.range();
    let ticks = [4.0, 6.0, 9.0]
        .map(|count| even(low, high, count))
        .into_iter()
        .find(|ticks| ticks.len() > 2)
        .unwrap_or_default();
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
pub(super) fn whisker(
    drawing: &mut Drawing,
    panel: &Panel<'_>,
    look: &Look<'_>,
    d: &Difference,
    y: f64,
) {
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
    drawing.dot((at(d.value), y), 4.0, look);
}

/// The value and, below it, its verdict.
pub(super) fn words(
    scene: &Scene<'_>,
    drawing: &mut Drawing,
    measure: &Measure,
    d: &Difference,
    right: f64,
    y: f64,
) {
    let value = told::delta(scene.results, measure, d);
    let value = value.trim_end_matches(measure.delta_suffix);
    let (ink, verdict) = match d.verdict {
        _ if told::both_at_horizon(scene.results, measure, d) => (Ink::Muted, "at the deadline"),
        Some(Judgement::Better) => (Ink::Good, word(Judgement::Better)),
        Some(Judgement::Worse) => (Ink::Bad, word(Judgement::Worse)),
        Some(other) => (Ink::Muted, word(other)),
        None => (Ink::Muted, "no verdict"),
    };
    drawing.text((right, y), Anchor::End, Role::Name, Ink::Text, value);
    drawing.text((right, y + 12.5), Anchor::End, Role::Small, ink, verdict);
}
