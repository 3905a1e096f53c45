//! What happened, and when: for each policy traffic, attempts by origin and breakers, over what the
//! providers really did. All rows share one time and one scale.

mod row;

pub(super) use row::shares;

use super::axis::Scale;
use super::drawing::{Anchor, Drawing, Role, fitted};
use super::palette::{Ink, Look};
use super::panel::Panel;
use super::{Chart, Scene, Table, font, truth};
use crate::record::Results;
use crate::record::results::PolicyResults;
use crate::report::course::window_range;
use crate::report::measure::went_well;
use crate::report::number::{clock, fixed, span};

pub(super) const CHART: Chart = Chart {
    name: "timeline",
    question: "What happened, and when?",
    applies,
    title,
    how,
    draw,
    table,
};

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 186.0;
const RIGHT: f64 = 965.0;
const LEGEND: f64 = 22.0;

/// What all rows share.
struct Frame {
    x: Scale,
    /// Windows drawn as one point.
    step: usize,
    range: std::ops::Range<usize>,
    window_ns: u64,
    /// Whether windows are few enough to draw each as the step it is.
    stepped: bool,
    /// Highest rate of calls and of attempts.
    calls: f64,
    attempts: f64,
    /// The most retries in 100 ms, where the scenario measures those: then they stand in the row of
    /// attempts, which would show first attempts instead.
    retries: Option<f64>,
    /// Whether any policy has breakers that opened.
    breakers: bool,
}

fn applies(results: &Results) -> bool {
    results.window_ns > 0 && window_range(results).len() >= 2
}

/// Whether any breaker of this policy was ever open.
pub(super) fn opened(policy: &PolicyResults) -> bool {
    policy
        .series
        .breaker_open
        .iter()
        .flatten()
        .any(|&share| share > 0.0)
}

fn frame(results: &Results) -> Frame {
    let range = window_range(results);
    // More points than px show nothing more.
    let step = range.len().div_ceil(600).max(1);
    let highest = |lists: &dyn Fn(&PolicyResults) -> Vec<f64>| {
        let policies = results.policies.iter();
        policies.flat_map(lists).fold(0.0, f64::max)
    };
    let answers = highest(&|p| {
        let lists = [
            &p.series.good[1],
            &p.series.degraded[1],
            &p.series.failed[1],
        ];
        let mut all: Vec<f64> = lists.into_iter().flatten().copied().collect();
        // A band may reach beyond the scale; one lucky run must not flatten all rows.
        all.extend(p.series.good[2].iter().map(|v| v * 0.75));
        all
    });
    // Nor may a burst of calls: it is cut, and its height written.
    let offered = highest(&|p| p.series.offered.clone());
    let calls = if answers > 0.0 {
        offered.min(answers * 4.0)
    } else {
        offered
    };
    let calls = calls.max(answers);
    let attempts = highest(&|p| (0..p.series.offered.len()).map(|w| total(p, w)).collect());
    let retries = highest(&|p| {
        p.series
            .retries_peak
            .get(range.clone())
            .unwrap_or_default()
            .to_vec()
    });
    let from = (range.start as u64 * results.window_ns) as f64;
    let to = (range.end as u64 * results.window_ns) as f64;
    Frame {
        x: Scale::new(from, to, LEFT, RIGHT),
        step,
        stepped: range.len() <= 60,
        range,
        window_ns: results.window_ns,
        calls,
        attempts,
        retries: Some(retries).filter(|_| by_retries(results)),
        breakers: results.policies.iter().any(opened),
    }
}

/// The metric that retries are drawn for.
const RETRIES: &str = "retries_peak_per_100ms";

/// Whether retries per 100 ms are what the scenario measures.
fn by_retries(results: &Results) -> bool {
    let measured = results.compare.metrics.iter().any(|name| name == RETRIES);
    let known = |p: &PolicyResults| p.series.retries_peak.iter().any(|&n| n > 0.0);
    measured && results.policies.iter().any(known)
}

/// Attempts of all origins in one window.
fn total(policy: &PolicyResults, w: usize) -> f64 {
    policy
        .series
        .attempts
        .iter()
        .filter_map(|list| list.get(w))
        .sum()
}

fn title(scene: &Scene<'_>) -> String {
    let results = scene.results;
    let Some(last) = results.faults.iter().max_by_key(|fault| fault.to_ns) else {
        return "Calls, good answers and attempts over time".to_owned();
    };
    let end = format!("{} ends at {}", quoted(&last.name), clock(last.to_ns));
    let stable = || {
        scene
            .looks
            .iter()
            .filter_map(|look| Some((look, look.policy.stability.as_ref()?)))
    };
    let worst = stable()
        .filter(|(_, s)| s.locked > 0)
        .max_by_key(|(_, s)| s.locked);
    if let Some((look, s)) = worst {
        return format!(
            "{end}; in {} of {} runs {} stays down",
            s.locked, s.of, look.policy.name
        );
    }
    let slow = stable().filter(|(_, s)| s.recovered < s.of).count();
    match (stable().count(), slow) {
        (0, _) => end,
        (_, 0) => format!("{end}; every run of every policy recovered"),
        _ => format!("{end}; no run locked up, not all were seen to recover"),
    }
}

/// A fault's name as the subject of a sentence.
fn quoted(name: &str) -> String {
    format!("“{name}”")
}

fn how(scene: &Scene<'_>) -> String {
    let (weather, scales) = if scene.looks.len() > 1 {
        (
            "All policies met the same weather. ",
            ", on the same scales in every row",
        )
    } else {
        ("", "")
    };
    let any = |look: &Look<'_>| look.policy.series.degraded[1].iter().any(|&v| v > 0.0);
    let degraded = if scene.looks.iter().any(any) {
        " Degraded: the policy's fallback answer."
    } else {
        ""
    };
    let bad = if went_well(scene.results) == "good_ratio" {
        " What lies between offered and good answers is bad answers under success, or failures."
    } else {
        ""
    };
    let rates = if by_retries(scene.results) {
        format!(
            "Calls per second, and below them the most retries in any 100\u{a0}ms of each {}, mean \
             of the runs",
            span(scene.results.window_ns)
        )
    } else {
        "Calls and attempts per second".to_owned()
    };
    format!(
        "{weather}Line: median of {} replications; band: 10–90\u{202f}%. {rates}{scales}.\
         {degraded}{bad}",
        scene.results.meta.replications
    )
}

fn draw(scene: &Scene<'_>) -> Drawing {
    let results = scene.results;
    let frame = frame(results);
    let mut drawing = Drawing::new(WIDTH, 0.0, true);
    let lanes = if results.faults.is_empty() {
        0.0
    } else {
        truth::lanes(&mut drawing, results, &frame.x, LEFT, RIGHT)
    };
    let top = legend(&mut drawing, results, lanes + 2.0);
    let pitch = row::height(&frame);
    let bottom = top + pitch * scene.looks.len() as f64;
    truth::behind(&mut drawing, results, &frame.x, top, bottom);
    for (i, look) in scene.looks.iter().enumerate() {
        let y = top + pitch * i as f64;
        drawing.rule((0.0, y), (WIDTH, y), Ink::Rule, 1.0);
        name(&mut drawing, look, y);
        row::draw(&mut drawing, &frame, look, y);
    }
    let panel = Panel {
        left: LEFT,
        right: RIGHT,
        top,
        bottom,
    };
    let ns = |w: usize| w as u64 * frame.window_ns;
    panel.time_axis(
        &mut drawing,
        &frame.x,
        ns(frame.range.start),
        ns(frame.range.end),
    );
    drawing.height = bottom + 24.0;
    drawing.description = "For each policy: calls offered and answered well, attempts by origin, \
                           and how many breakers were open, over time."
        .into();
    drawing
}

/// The colours of the origins that occur; no label could stand at their areas.
fn legend(drawing: &mut Drawing, results: &Results, top: f64) -> f64 {
    if by_retries(results) {
        return top;
    }
    let origins = [
        ("first", Ink::First),
        ("retry", Ink::Retry),
        ("failover", Ink::Failover),
        ("hedge", Ink::Hedge),
    ];
    let y = top + 11.5;
    let words = "attempts:";
    drawing.note((LEFT, y), Anchor::Start, words);
    let mut x = LEFT + font::width(words, Role::Note.size(), false) + 10.0;
    for (k, (name, ink)) in origins.into_iter().enumerate() {
        let some = |p: &PolicyResults| p.series.attempts[k].iter().any(|&v| v > 0.0);
        if results.policies.iter().any(some) {
            drawing.rect((x, y - 9.0), (x + 9.0, y), ink, 1.0);
            drawing.note((x + 13.0, y), Anchor::Start, name);
            x += 13.0 + font::width(name, Role::Note.size(), false) + 14.0;
        }
    }
    top + LEGEND
}

/// The policy's name and how it came back.
fn name(drawing: &mut Drawing, look: &Look<'_>, y: f64) {
    drawing.dot((5.0, y + 18.0), 4.5, look);
    let text = fitted(&look.policy.name, Role::Name, LEFT - 50.0);
    drawing.text((16.0, y + 22.5), Anchor::Start, Role::Name, look.ink, &text);
    let Some(s) = look.policy.stability.as_ref().filter(|s| s.of > 0) else {
        return;
    };
    let (ink, lines) = if s.locked > 0 {
        let runs = format!("{} of {} runs", s.locked, s.of);
        (Ink::Bad, [runs, "never recover".to_owned()])
    } else {
        let lines = match s.recovery_median_s {
            Some(median) if median < 1.0 => ["recovers".to_owned(), "at once".to_owned()],
            Some(median) => {
                let seconds = fixed(median, 0);
                [
                    "recovers".to_owned(),
                    format!("in {seconds}\u{a0}s (median)"),
                ]
            }
            None => {
                let runs = format!("{} of {} runs", s.recovered, s.of);
                [runs, "seen to recover".to_owned()]
            }
        };
        (Ink::Muted, lines)
    };
    for (k, line) in lines.iter().enumerate() {
        let at = (16.0, y + 39.0 + 15.0 * k as f64);
        drawing.text(at, Anchor::Start, Role::Note, ink, line);
    }
}

/// Good answers and attempts per second (or the most retries) at sixteen moments or fewer.
fn table(scene: &Scene<'_>) -> Table {
    let range = window_range(scene.results);
    let step = range.len().div_ceil(16).max(1);
    let degraded = |look: &Look<'_>, w: usize| {
        let list = &look.policy.series.degraded[1];
        list.get(w).copied().filter(|&rate| rate > 0.0)
    };
    let any = |look: &Look<'_>| range.clone().any(|w| degraded(look, w).is_some());
    let by_retries = by_retries(scene.results);
    let loud = if by_retries {
        "most retries in 100\u{a0}ms"
    } else {
        "attempts/s"
    };
    let title = if scene.looks.iter().any(any) {
        "good answers/s, degraded/s"
    } else {
        "good answers/s"
    };
    let mut head = vec![format!("{title} ({loud})")];
    head.extend(scene.looks.iter().map(|look| look.policy.name.clone()));
    let rows = range.clone().step_by(step).map(|w| {
        let mut row = vec![clock(w as u64 * scene.results.window_ns)];
        row.extend(scene.looks.iter().map(|look| {
            let good = look.policy.series.good[1].get(w).copied().unwrap_or(0.0);
            let less =
                degraded(look, w).map_or(String::new(), |rate| format!(", {}", fixed(rate, 1)));
            let loud = if by_retries {
                let list = &look.policy.series.retries_peak;
                list.get(w).copied().unwrap_or(0.0)
            } else {
                total(look.policy, w)
            };
            format!("{}{less} ({})", fixed(good, 1), fixed(loud, 1))
        }));
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}
