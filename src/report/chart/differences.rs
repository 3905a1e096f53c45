//! Differences to the baseline: the drawn interval is the verdict, the band the least effect that
//! matters.

mod panel;

use super::drawing::{Anchor, Drawing, Role, fitted};
use super::palette::Look;
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::record::results::Judgement;
use crate::report::measure::{Measure, headline};
use crate::report::number::{fixed, some};
use crate::report::reading::{difference, judgement};
use crate::report::told;
use panel::{frame, panel, whisker, words};

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
const NAMES: f64 = 164.0;
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
    let names: Vec<&str> = others
        .iter()
        .map(|look| look.policy.name.as_str())
        .collect();
    let who = format!("{} against {base}", some(&names));
    let judged = scene
        .results
        .differences
        .iter()
        .any(|d| d.verdict.is_some());
    if !judged {
        return format!("{who}, without verdicts");
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
    let (better, worse) = (better.join(", "), worse.join(", "));
    match (better.is_empty(), worse.is_empty()) {
        (true, true) => format!("{who}: no difference is shown in any headline metric"),
        (false, true) => format!("{who}: better on {better}"),
        (true, false) => format!("{who}: worse on {worse}"),
        (false, false) => format!("{who}: better on {better}; worse on {worse}"),
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
        drawing.dot((5.0, y), 4.5, look);
        let name = fitted(&look.policy.name, Role::Name, NAMES - 30.0);
        drawing.text((16.0, y + 4.5), Anchor::Start, Role::Name, look.ink, &name);
    }
}

fn table(scene: &Scene<'_>) -> Table {
    let mut rows = Vec::new();
    for look in others(scene) {
        for measure in &scene.reading.headline {
            if let Some(d) = difference(scene.results, &look.policy.name, &measure.name) {
                rows.push(vec![
                    look.policy.name.clone(),
                    measure.label.clone(),
                    told::delta(scene.results, measure, d),
                    told::interval(scene.results, measure, d),
                    told::verdict(scene.results, measure, d),
                    d.pairing_gain
                        .map_or(String::new(), |gain| format!("{}\u{a0}×", fixed(gain, 1))),
                ]);
            }
        }
    }
    Table {
        head: [
            "policy",
            "metric",
            "difference",
            "interval",
            "verdict",
            "gained by pairing",
        ]
        .map(String::from)
        .to_vec(),
        rows,
    }
}
