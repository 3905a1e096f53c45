//! What the providers really did: faults as bands behind charts over time, and as lanes.

use super::axis::Scale;
use super::drawing::{Anchor, Drawing, Role, fitted};
use super::font;
use super::palette::Ink;
use crate::record::Results;
use crate::record::results::FaultRecord;

/// Height of a lane, and from one to the next.
const LANE: f64 = 15.0;
pub(super) const PITCH: f64 = 20.0;

/// Bands of all faults behind a chart.
pub(super) fn behind(drawing: &mut Drawing, results: &Results, x: &Scale, top: f64, bottom: f64) {
    for fault in visible(results, x) {
        let ink = if fault.total {
            Ink::BehindOutage
        } else {
            Ink::BehindDegraded
        };
        drawing.rect(
            (at(x, fault.from_ns), top),
            (at(x, fault.to_ns), bottom),
            ink,
            1.0,
        );
    }
}

/// The names of the faults above a chart, as far as they have room.
pub(super) fn names(
    drawing: &mut Drawing,
    results: &Results,
    x: &Scale,
    left: f64,
    right: f64,
    y: f64,
) {
    let mut free = left;
    for fault in visible(results, x) {
        let middle = (at(x, fault.from_ns) + at(x, fault.to_ns)) / 2.0;
        let width = font::width(&fault.name, Role::Note.size(), false);
        let middle = middle.max(left + width / 2.0).min(right - width / 2.0);
        if middle - width / 2.0 >= free {
            drawing.note((middle, y), Anchor::Middle, &fault.name);
            free = middle + width / 2.0 + 8.0;
        }
    }
}

/// One lane for each endpoint, faults on it named; returns where the lanes end.
pub(super) fn lanes(drawing: &mut Drawing, results: &Results, x: &Scale, x0: f64, x1: f64) -> f64 {
    let mut top = 0.0;
    for endpoint in &results.endpoints {
        let name = fitted(endpoint, Role::Text, x0 - 20.0);
        let base = top + 11.5;
        drawing.text((x0 - 10.0, base), Anchor::End, Role::Text, Ink::Text, &name);
        drawing.rect((x0, top), (x1, top + LANE), Ink::Lane, 1.0);
        let faults: Vec<&FaultRecord> = visible(results, x)
            .into_iter()
            .filter(|fault| fault.on.contains(endpoint))
            .collect();
        for fault in &faults {
            let ink = if fault.total {
                Ink::TruthOutage
            } else {
                Ink::TruthDegraded
            };
            let (from, to) = (at(x, fault.from_ns), at(x, fault.to_ns));
            drawing.rect((from, top), (to.max(from + 1.0), top + LANE), ink, 1.0);
        }
        fault_names(drawing, &faults, x, x1, base);
        top += PITCH;
    }
    if !results.endpoints.is_empty() {
        let base = top - PITCH + 11.5;
        drawing.note((x1 + 10.0, base), Anchor::Start, "provider, true state");
    }
    top
}

/// Names inside their faults, or to the right where there is room before the next.
fn fault_names(drawing: &mut Drawing, faults: &[&FaultRecord], x: &Scale, x1: f64, y: f64) {
    let mut free = f64::MIN;
    for (i, fault) in faults.iter().enumerate() {
        let (from, to) = (at(x, fault.from_ns), at(x, fault.to_ns));
        let width = font::width(&fault.name, Role::Small.size(), false);
        let next = faults.get(i + 1).map_or(x1, |next| at(x, next.from_ns));
        if width + 6.0 <= to - from && (from + to - width) / 2.0 >= free {
            let middle = (from + to) / 2.0;
            drawing.text(
                (middle, y),
                Anchor::Middle,
                Role::Small,
                Ink::TruthText,
                &fault.name,
            );
            free = middle + width / 2.0 + 4.0;
        } else if to + 5.0 >= free && to + 9.0 + width <= next {
            drawing.text(
                (to + 5.0, y),
                Anchor::Start,
                Role::Small,
                Ink::Muted,
                &fault.name,
            );
            free = to + 9.0 + width;
        }
    }
}

/// The faults that touch the time shown, by start.
fn visible<'a>(results: &'a Results, x: &Scale) -> Vec<&'a FaultRecord> {
    let mut faults: Vec<&FaultRecord> = results
        .faults
        .iter()
        .filter(|fault| at(x, fault.to_ns) > at(x, fault.from_ns))
        .collect();
    faults.sort_by_key(|fault| (fault.from_ns, fault.to_ns));
    faults
}

fn at(x: &Scale, ns: u64) -> f64 {
    x.at(ns as f64)
}
