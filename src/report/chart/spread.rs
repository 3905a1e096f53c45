//! Every replication visible: its success, whether it locked up, and the bound on lock-up.

use super::axis::{Scale, even};
use super::drawing::{Anchor, Drawing, Role, fitted};
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table};
use crate::record::Results;
use crate::record::results::PolicyResults;
use crate::report::measure::Measure;
use crate::report::number::{fixed, odds, some};

pub(super) const CHART: Chart = Chart {
    name: "replications",
    question: "Can I trust this?",
    applies,
    title,
    how,
    draw,
    table,
};

const WIDTH: f64 = 620.0;
const NAMES: f64 = 158.0;
const TOP: f64 = 18.0;
const PITCH: f64 = 32.0;

fn applies(results: &Results) -> bool {
    results
        .policies
        .iter()
        .any(|policy| !policy.series.success_by_replication.is_empty())
}

fn title(scene: &Scene<'_>) -> String {
    let stable = || {
        scene
            .looks
            .iter()
            .filter_map(|look| Some((look, look.policy.stability.as_ref()?)))
    };
    let mixed: Vec<&str> = stable()
        .filter(|(_, s)| s.mixture)
        .map(|(look, _)| look.policy.name.as_str())
        .collect();
    let locked: Vec<&str> = stable()
        .filter(|(_, s)| s.locked > 0 && !s.mixture)
        .map(|(look, _)| look.policy.name.as_str())
        .collect();
    match (mixed.as_slice(), locked.as_slice()) {
        ([], []) => {
            let widest = stable().map(|(_, s)| s.share_upper95).fold(0.0, f64::max);
            match (stable().any(|(_, s)| s.of > 0), odds(widest)) {
                (true, Some(odds)) => format!("No run locked up; it could still be {odds}"),
                (true, None) => "No run locked up, but there are too few to say much".to_owned(),
                (false, _) => "The success of every replication".to_owned(),
            }
        }
        ([], locked) => format!("Every run of {} locked up", some(locked)),
        ([one], _) => format!("{one} is a mixture: read its means with care"),
        (many, _) => format!("{} are mixtures: read their means with care", some(many)),
    }
}

fn how(scene: &Scene<'_>) -> String {
    let locked = scene
        .results
        .policies
        .iter()
        .any(|p| p.stability.as_ref().is_some_and(|s| s.locked > 0));
    let bound = scene.results.policies.iter().any(|p| p.stability.is_some());
    let mut text = "One dot a replication, by its success.".to_owned();
    if locked {
        text.push_str(
            " Rings locked up: in a minute or more after the last fault never three windows in a row with \
             95\u{202f}% of the good answers from before the first fault, or, where limits hold all the \
             time, with what nine in ten windows had then.",
        );
    }
    if bound {
        text.push_str(" The bound is the largest lock-up share not excluded at 95 %.");
    }
    text
}

/// The success of the replications, and which of them locked up.
fn runs(policy: &PolicyResults) -> impl Iterator<Item = (f64, bool)> + '_ {
    let locked = |i: usize| policy.replications.get(i).and_then(|r| r.lock_up) == Some(true);
    let successes = policy.series.success_by_replication.iter();
    successes
        .enumerate()
        .map(move |(i, &success)| (success * 100.0, locked(i)))
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let stability = scene.results.policies.iter().any(|p| p.stability.is_some());
    let right = if stability {
        WIDTH - 130.0
    } else {
        WIDTH - 20.0
    };
    let bottom = TOP + PITCH * scene.looks.len() as f64;
    let lowest = scene
        .looks
        .iter()
        .flat_map(|look| runs(look.policy))
        .map(|(success, _)| success)
        .fold(100.0, f64::min);
    // A little below the lowest, so that no dot stands on the axis.
    let low = (lowest - (100.0 - lowest).max(0.1) * 0.1).max(0.0);
    let x = Scale::new(low, 100.0, NAMES + 6.0, right);
    let panel = Panel {
        left: NAMES,
        right,
        top: TOP,
        bottom,
    };
    let mut drawing = Drawing::new(WIDTH, bottom + 26.0, false);
    for (value, words) in even(low, 100.0, 4.0) {
        let at = x.at(value);
        drawing.rule((at, TOP - 4.0), (at, bottom), Ink::Grid, 1.0);
        drawing.note(
            (at, bottom + 18.0),
            Anchor::Middle,
            &format!("{words}\u{202f}%"),
        );
    }
    panel.axis_x(&mut drawing);
    if stability {
        drawing.note((right + 22.0, 10.0), Anchor::Start, "lock-up");
    }
    for (row, look) in scene.looks.iter().enumerate() {
        let y = TOP + PITCH * (row as f64 + 0.5);
        drawing.dot((5.0, y), 4.5, look);
        let name = fitted(&look.policy.name, Role::Name, NAMES - 26.0);
        drawing.text((16.0, y + 4.5), Anchor::Start, Role::Name, look.ink, &name);
        strip(&mut drawing, look, &x, y);
        bound(&mut drawing, look, right, y);
    }
    drawing.description = "The success of every replication of each policy.".into();
    drawing
}

/// Dots one after another in a pattern that keeps neighbours apart.
fn strip(drawing: &mut Drawing, look: &Look<'_>, x: &Scale, y: f64) {
    const GOLDEN: f64 = 0.618_033_988_75;
    for (i, (success, locked)) in runs(look.policy).enumerate() {
        let share = (i as f64 * GOLDEN).fract();
        let at = (x.at(success), y + (share - 0.5) * 18.0);
        let opacity = if locked { 1.0 } else { 0.7 };
        drawing.dot_as(at, 2.8, look, locked, opacity);
    }
}

/// k of R, and what could still be.
fn bound(drawing: &mut Drawing, look: &Look<'_>, right: f64, y: f64) {
    let Some(s) = look.policy.stability.as_ref().filter(|s| s.of > 0) else {
        return;
    };
    let ink = if s.locked > 0 { Ink::Bad } else { Ink::Text };
    let count = format!("{} of {}", s.locked, s.of);
    drawing.text(
        (right + 22.0, y + 4.5),
        Anchor::Start,
        Role::Name,
        ink,
        &count,
    );
    let bound = format!(
        "≤\u{a0}{}\u{202f}%",
        fixed((s.share_upper95 * 100.0).ceil(), 0)
    );
    drawing.note((WIDTH, y + 4.5), Anchor::End, &bound);
}

fn table(scene: &Scene<'_>) -> Table {
    let success = Measure::of(scene.results, "success_ratio");
    let mut head = vec!["replication".to_owned()];
    head.extend(scene.looks.iter().map(|look| look.policy.name.clone()));
    let most = scene
        .looks
        .iter()
        .map(|look| look.policy.series.success_by_replication.len())
        .max();
    let rows = (0..most.unwrap_or(0)).map(|i| {
        let mut row = vec![i.to_string()];
        row.extend(
            scene
                .looks
                .iter()
                .map(|look| match runs(look.policy).nth(i) {
                    Some((value, locked)) => {
                        let mark = if locked { ", locked up" } else { "" };
                        format!("{}{}{mark}", fixed(value, 2), success.suffix)
                    }
                    None => String::new(),
                }),
        );
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}
