//! One policy's rows: traffic, attempts, breakers.

use super::{Frame, LEFT, RIGHT, opened, total};
use crate::report::chart::axis::{Scale, round_below};
use crate::report::chart::drawing::{Anchor, Drawing, Point, Role};
use crate::report::chart::labels::apart;
use crate::report::chart::palette::{Ink, Look};
use crate::report::number::{fixed, plain};

/// Heights of the traffic plot, of the attempts plot, of the breaker lane.
const TRAFFIC: f64 = 60.0;
const ATTEMPTS: f64 = 28.0;
const BREAKER: f64 = 9.0;
/// From the top of a row to its traffic plot; the axis words need the space below.
const TOP: f64 = 10.0;
const GAP: f64 = 16.0;

/// From one policy to the next.
pub(super) fn height(frame: &Frame) -> f64 {
    let breaker = if frame.breakers { BREAKER + 9.0 } else { 0.0 };
    TOP + TRAFFIC + GAP + ATTEMPTS + 8.0 + breaker
}

/// Draws them below `y`.
pub(super) fn draw(drawing: &mut Drawing, frame: &Frame, look: &Look<'_>, y: f64) {
    traffic(drawing, frame, look, y + TOP);
    let top = y + TOP + TRAFFIC + GAP;
    match frame.retries {
        Some(most) => retries(drawing, frame, look, top, most),
        None => attempts(drawing, frame, look, top),
    }
    if frame.breakers {
        breakers(drawing, frame, look, top + ATTEMPTS + 8.0);
    }
}

/// The points of a line: one for each window, or both ends of it where windows are few.
fn points(frame: &Frame, list: &[f64], y: &Scale, pick: fn(f64, f64) -> f64) -> Vec<Point> {
    outline(frame, list, pick)
        .into_iter()
        .map(|(x, value)| (x, y.at(value)))
        .collect()
}

/// The same with values in place of px upwards; the windows of a point are folded by `pick`.
fn outline(frame: &Frame, list: &[f64], pick: fn(f64, f64) -> f64) -> Vec<Point> {
    let windows: Vec<usize> = frame.range.clone().collect();
    let at = |window: f64| frame.x.at(window * frame.window_ns as f64);
    let mut points = Vec::new();
    for chunk in windows.chunks(frame.step) {
        let values = chunk.iter().map(|&w| list.get(w).copied().unwrap_or(0.0));
        let Some(value) = values.reduce(pick) else {
            continue;
        };
        let (from, to) = (chunk[0] as f64, (chunk[0] + chunk.len()) as f64);
        if frame.stepped {
            points.extend([(at(from), value), (at(to), value)]);
        } else {
            points.push((at((from + to) / 2.0), value));
        }
    }
    points
}

/// The later of two: a plain sample, where neither extreme may be favoured.
fn sample(_: f64, later: f64) -> f64 {
    later
}

fn traffic(drawing: &mut Drawing, frame: &Frame, look: &Look<'_>, top: f64) {
    let series = &look.policy.series;
    let bottom = top + TRAFFIC;
    let y = Scale::new(0.0, frame.calls.max(1e-9) * 1.08, bottom, top);
    ticks(drawing, &y, frame.calls);
    let good = points(frame, &series.good[1], &y, sample);
    if let (Some(first), Some(last)) = (good.first(), good.last()) {
        let mut under = good.clone();
        under.extend([(last.0, bottom), (first.0, bottom)]);
        drawing.area(under, look.ink, 0.10);
    }
    let mut band = points(frame, &series.good[2], &y, f64::max);
    band.extend(
        points(frame, &series.good[0], &y, f64::min)
            .into_iter()
            .rev(),
    );
    drawing.area(band, look.ink, 0.22);
    drawing.rule((LEFT, bottom), (RIGHT, bottom), Ink::Muted, 0.8);
    let offered = points(frame, &series.offered, &y, sample);
    drawing.line(offered.clone(), Ink::Text, 0.8, &[2.0, 2.0]);
    let second_best = degraded(drawing, frame, look, &y);
    let bad = some_of(frame, &series.failed[1], &y);
    for line in &bad {
        drawing.line(line.clone(), Ink::Bad, look.width, &[]);
    }
    drawing.line(good.clone(), look.ink, look.width, &[]);
    let end = |line: &[Point]| line.last().map_or(bottom, |p| p.1);
    let (failures, ink) = match bad.last() {
        None => ("failures ≈ 0", Ink::Muted),
        Some(_) => ("failures", Ink::Bad),
    };
    let highest = series.offered.iter().copied().fold(0.0, f64::max);
    let offers = if highest > frame.calls * 1.1 {
        format!("offered, up to {}", fixed(highest, 0))
    } else {
        "offered".to_owned()
    };
    // They may have ended before the chart does; then their name stands at zero.
    let low = |lines: &[Vec<Point>]| {
        let last = lines.last().and_then(|line| line.last());
        last.filter(|p| p.0 > RIGHT - 12.0).map_or(bottom, |p| p.1)
    };
    let mut labels = vec![
        (offers.as_str(), Ink::Muted, end(&offered) - 4.0),
        ("good answers", look.ink, end(&good) + 4.0),
        (failures, ink, low(&bad)),
    ];
    if !second_best.is_empty() {
        labels.push(("degraded", Ink::Degraded, low(&second_best)));
    }
    let wanted: Vec<f64> = labels.iter().map(|label| label.2).collect();
    let placed = apart(&wanted, 14.0, top + 2.0, bottom);
    for ((words, ink, _), y) in labels.iter().zip(placed) {
        drawing.text(
            (RIGHT + 10.0, y + 4.0),
            Anchor::Start,
            Role::Note,
            *ink,
            words,
        );
    }
}

/// Fallback answers, above a pale area: neither good answers nor failures.
fn degraded(drawing: &mut Drawing, frame: &Frame, look: &Look<'_>, y: &Scale) -> Vec<Vec<Point>> {
    let lines = some_of(frame, &look.policy.series.degraded[1], y);
    let bottom = y.at(0.0);
    for line in &lines {
        let ends = [line.last(), line.first()].into_iter().flatten();
        let base = ends.map(|point| (point.0, bottom));
        let under = line.iter().copied().chain(base).collect();
        drawing.area(under, Ink::Degraded, 0.25);
        drawing.line(line.clone(), Ink::Degraded, look.width, &[4.0, 2.5]);
    }
    lines
}

/// The line of something where there is any: a median of none is written, not drawn.
fn some_of(frame: &Frame, list: &[f64], y: &Scale) -> Vec<Vec<Point>> {
    let values = outline(frame, list, f64::max);
    let some = |i: usize| values.get(i).is_some_and(|(_, v)| *v > frame.calls * 0.004);
    let mut lines: Vec<Vec<Point>> = vec![Vec::new()];
    for (i, &(x, value)) in values.iter().enumerate() {
        // The neighbours of what there is belong to its slope.
        if some(i) || some(i + 1) || (i > 0 && some(i - 1)) {
            if let Some(line) = lines.last_mut() {
                line.push((x, y.at(value)));
            }
        } else {
            lines.push(Vec::new());
        }
    }
    lines.retain(|line| line.len() > 1);
    lines
}

/// Zero and one round value of a small plot.
fn ticks(drawing: &mut Drawing, y: &Scale, highest: f64) {
    let value = round_below(highest);
    let at = y.at(value);
    drawing.rule((LEFT, at), (RIGHT, at), Ink::Grid, 1.0);
    drawing.note((LEFT - 8.0, at + 4.0), Anchor::End, &plain(value, 2));
    drawing.note((LEFT - 8.0, y.at(0.0) + 4.0), Anchor::End, "0");
}

fn attempts(drawing: &mut Drawing, frame: &Frame, look: &Look<'_>, top: f64) {
    let bottom = top + ATTEMPTS;
    let y = Scale::new(0.0, frame.attempts.max(1e-9), bottom, top);
    ticks(drawing, &y, frame.attempts);
    let series = &look.policy.series;
    let windows = series.offered.len();
    let mut below = vec![0.0; windows];
    let inks = [Ink::First, Ink::Retry, Ink::Failover, Ink::Hedge];
    for (list, ink) in series.attempts.iter().zip(inks) {
        if !list.iter().any(|&value| value > 0.0) {
            continue;
        }
        let above: Vec<f64> = below.iter().zip(list).map(|(a, b)| a + b).collect();
        let mut area = points(frame, &above, &y, f64::max);
        area.extend(points(frame, &below, &y, f64::max).into_iter().rev());
        drawing.area(area, ink, 1.0);
        below = above;
    }
    drawing.rule((LEFT, bottom), (RIGHT, bottom), Ink::Muted, 0.8);
    let peak = frame
        .range
        .clone()
        .map(|w| total(look.policy, w))
        .fold(0.0, f64::max);
    let peak = format!("peak {}", fixed(peak, usize::from(peak < 10.0)));
    drawing.note((RIGHT + 10.0, bottom - 13.0), Anchor::Start, "attempts/s");
    drawing.note((RIGHT + 10.0, bottom + 1.0), Anchor::Start, &peak);
}

/// The most retries in any 100 ms of each window, each window a step of its own.
fn retries(drawing: &mut Drawing, frame: &Frame, look: &Look<'_>, top: f64, most: f64) {
    let bottom = top + ATTEMPTS;
    let y = Scale::new(0.0, most.max(1e-9), bottom, top);
    ticks(drawing, &y, most);
    let mut area = points(frame, &look.policy.series.retries_peak, &y, f64::max);
    if let (Some(&first), Some(&last)) = (area.first(), area.last()) {
        area.extend([(last.0, bottom), (first.0, bottom)]);
    }
    drawing.area(area, Ink::Retry, 1.0);
    drawing.rule((LEFT, bottom), (RIGHT, bottom), Ink::Muted, 0.8);
    drawing.note(
        (RIGHT + 10.0, bottom - 13.0),
        Anchor::Start,
        "retries/100\u{a0}ms",
    );
    // The figure of the table and not one read off the windows: those are means of their own.
    if let Some(peak) = look.policy.metrics.get(super::RETRIES) {
        let peak = format!("most {}", fixed(peak.value, usize::from(peak.value < 10.0)));
        drawing.note((RIGHT + 10.0, bottom + 1.0), Anchor::Start, &peak);
    }
}

/// How many breakers are open, the endpoint with most of them: darker is more.
fn breakers(drawing: &mut Drawing, frame: &Frame, look: &Look<'_>, top: f64) {
    let base = top + BREAKER - 0.5;
    drawing.note((LEFT - 8.0, base), Anchor::End, "breaker");
    if !opened(look.policy) {
        drawing.note((LEFT + 2.0, base), Anchor::Start, "never open");
        return;
    }
    drawing.rect((LEFT, top), (RIGHT, top + BREAKER), Ink::Lane, 1.0);
    drawing.note((RIGHT + 10.0, base), Anchor::Start, "open share");
    let lists = &look.policy.series.breaker_open;
    let widest: Vec<f64> = (0..look.policy.series.offered.len())
        .map(|w| {
            lists
                .iter()
                .filter_map(|list| list.get(w))
                .fold(0.0, |a: f64, b| a.max(*b))
        })
        .collect();
    shares(
        drawing,
        frame.range.clone(),
        frame.window_ns,
        &frame.x,
        &widest,
        top,
        BREAKER,
    );
}

/// Shares as grey of their strength, equal neighbours as one rectangle.
pub(in crate::report::chart) fn shares(
    drawing: &mut Drawing,
    range: std::ops::Range<usize>,
    window_ns: u64,
    x: &Scale,
    list: &[f64],
    top: f64,
    height: f64,
) {
    // Twenty steps of grey are as many as an eye tells apart, and keep the page small.
    let level =
        |w: usize| (list.get(w).copied().unwrap_or(0.0).clamp(0.0, 1.0) * 20.0).ceil() as u32;
    let at = |w: usize| x.at((w as u64 * window_ns) as f64);
    let mut from = range.start;
    for w in range.clone() {
        if w + 1 == range.end || level(w + 1) != level(from) {
            if level(from) > 0 {
                let opacity = f64::from(level(from)) / 20.0;
                drawing.rect(
                    (at(from), top),
                    (at(w + 1), top + height),
                    Ink::Open,
                    opacity,
                );
            }
            from = w + 1;
        }
    }
}
