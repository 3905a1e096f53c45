//! Breakers: when they were open, beside what was true; how long rightly, how long in vain.

use super::axis::Scale;
use super::drawing::{Anchor, Drawing, Role, fitted};
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::timeline::{opened, shares};
use super::{Chart, Scene, Table, truth};
use crate::record::Results;
use crate::record::results::PolicyResults;
use crate::report::course::window_range;
use crate::report::number::{fixed, leading};

pub(super) const CHART: Chart = Chart {
    name: "breakers",
    question: "Did the breakers see it?",
    applies,
    title,
    how,
    draw,
    table,
};

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 290.0;
const RIGHT: f64 = 800.0;
/// Right edges of the columns of numbers, with metric and heading.
const COLUMNS: [(f64, &str, &str); 3] = [
    (892.0, "breaker_open_bad_s", "rightly open"),
    (990.0, "breaker_open_good_s", "in vain"),
    (1072.0, "breaker_trips", "trips"),
];
const LANE: f64 = 13.0;
const PITCH: f64 = 20.0;

fn applies(results: &Results) -> bool {
    results.policies.iter().any(opened)
}

/// Seconds for one process: the recorded sum over all of them, shared out.
fn per_process(scene: &Scene<'_>, policy: &PolicyResults, metric: &str) -> Option<f64> {
    let processes = f64::from(scene.results.meta.processes.max(1));
    policy.metrics.get(metric).map(|e| e.value / processes)
}

/// A figure as it is shown: trips as they are recorded, for processes may share a breaker.
fn words(scene: &Scene<'_>, policy: &PolicyResults, metric: &str) -> Option<String> {
    if metric == "breaker_trips" {
        let trips = policy.metrics.get(metric)?.value;
        return Some(fixed(trips, usize::from(trips < 100.0)));
    }
    per_process(scene, policy, metric).map(seconds)
}

fn title(scene: &Scene<'_>) -> String {
    let vain: Vec<(f64, &str)> = with_breakers(scene)
        .iter()
        .filter_map(|look| {
            let value = per_process(scene, look.policy, "breaker_open_good_s")?;
            Some((value, look.policy.name.as_str()))
        })
        .collect();
    let least = vain.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let most = vain.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    match (least, most) {
        (Some(least), Some(most)) if vain.len() > 1 => format!(
            "Open in vain: {} per process with {}, {} with {}",
            seconds(least.0),
            least.1,
            seconds(most.0),
            most.1
        ),
        (_, Some(only)) => format!("Open in vain: {} per process", seconds(only.0)),
        _ => "When breakers were open".to_owned(),
    }
}

fn how(_: &Scene<'_>) -> String {
    "Share of the client processes whose breaker for the endpoint was open, darker for more; what \
     was true lies behind. Seconds per process; trips of all breakers, of which all processes may \
     share one. Mean over replications. In vain: open while the endpoint was good."
        .to_owned()
}

fn with_breakers<'a>(scene: &'a Scene<'a>) -> Vec<Look<'a>> {
    scene
        .looks
        .iter()
        .filter(|look| opened(look.policy))
        .copied()
        .collect()
}

/// The endpoints whose breakers opened, with their shares.
fn lanes<'a>(scene: &'a Scene<'a>, policy: &'a PolicyResults) -> Vec<(&'a str, &'a [f64])> {
    scene
        .results
        .endpoints
        .iter()
        .map(String::as_str)
        .zip(policy.series.breaker_open.iter().map(Vec::as_slice))
        .filter(|(_, shares)| shares.iter().any(|&share| share > 0.0))
        .collect()
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let results = scene.results;
    let range = window_range(results);
    let window = results.window_ns;
    let (from, to) = (range.start as u64 * window, range.end as u64 * window);
    let x = Scale::new(from as f64, to as f64, LEFT, RIGHT);
    let looks = with_breakers(scene);
    let rows: usize = looks
        .iter()
        .map(|look| lanes(scene, look.policy).len())
        .sum();
    let gaps = looks.len().saturating_sub(1) as f64 * 8.0;
    let bottom = 28.0 + rows as f64 * PITCH + gaps;
    let mut drawing = Drawing::new(WIDTH, bottom + 30.0, true);
    for (right, metric, heading) in COLUMNS {
        if looks
            .iter()
            .any(|look| look.policy.metrics.contains_key(metric))
        {
            drawing.text((right, 14.0), Anchor::End, Role::Name, Ink::Text, heading);
        }
    }
    let heading = "open share of processes";
    drawing.text((LEFT, 14.0), Anchor::Start, Role::Name, Ink::Text, heading);
    for y in tops(scene, &looks) {
        drawing.rect((LEFT, y), (RIGHT, y + LANE), Ink::Lane, 1.0);
    }
    truth::behind(&mut drawing, results, &x, 22.0, bottom);
    let mut y = 26.0;
    for look in &looks {
        figures(scene, &mut drawing, look, y);
        for (endpoint, list) in lanes(scene, look.policy) {
            let name = fitted(endpoint, Role::Note, 100.0);
            drawing.note((LEFT - 10.0, y + 11.0), Anchor::End, &name);
            shares(&mut drawing, range.clone(), window, &x, list, y, LANE);
            y += PITCH;
        }
        y += 8.0;
    }
    let panel = Panel {
        left: LEFT,
        right: RIGHT,
        top: 22.0,
        bottom,
    };
    panel.time_axis(&mut drawing, &x, from, to);
    drawing.description =
        "For each policy and endpoint the share of open breakers over time.".into();
    drawing
}

/// Where the lanes begin, from above; policies stand a little apart.
fn tops(scene: &Scene<'_>, looks: &[Look<'_>]) -> Vec<f64> {
    let mut y = 26.0;
    let mut tops = Vec::new();
    for look in looks {
        for _ in lanes(scene, look.policy) {
            tops.push(y);
            y += PITCH;
        }
        y += 8.0;
    }
    tops
}

/// Name on the left, numbers on the right.
fn figures(scene: &Scene<'_>, drawing: &mut Drawing, look: &Look<'_>, y: f64) {
    drawing.dot((5.0, y + 7.0), 4.5, look);
    let name = fitted(&look.policy.name, Role::Name, 150.0);
    drawing.text((16.0, y + 11.5), Anchor::Start, Role::Name, look.ink, &name);
    for (right, metric, _) in COLUMNS {
        if let Some(words) = words(scene, look.policy, metric) {
            drawing.text(
                (right, y + 11.5),
                Anchor::End,
                Role::Text,
                Ink::Text,
                &words,
            );
        }
    }
}

/// Seconds with two digits that count.
fn seconds(value: f64) -> String {
    let decimals = if value >= 10.0 {
        0
    } else {
        leading(value).clamp(1, 2)
    };
    format!("{}\u{a0}s", fixed(value, decimals))
}

fn table(scene: &Scene<'_>) -> Table {
    let mut head = vec!["seconds per process".to_owned()];
    head.extend(COLUMNS.iter().map(|(_, _, heading)| (*heading).to_owned()));
    let rows = with_breakers(scene).into_iter().map(|look| {
        let mut row = vec![look.policy.name.clone()];
        let words = |metric| words(scene, look.policy, metric).unwrap_or_default();
        row.extend(COLUMNS.iter().map(|(_, metric, _)| words(metric)));
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}
