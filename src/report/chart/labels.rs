//! Placing labels so that none overlaps another.

use super::drawing::{Anchor, Drawing, Point, Role, Run, fitted, text_box};
use super::palette::{Ink, Look};

/// Moves wanted positions apart by at least `gap`, staying between `low` and `high` where that is
/// possible, each as near to its wish as the others allow.
pub(super) fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]).then(a.cmp(&b)));
    // Groups of touching labels: (sum of wishes less offsets, how many).
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for &i in &order {
        groups.push((wanted[i], 1));
        while let [.., (above, n), (below, m)] = groups.as_slice() {
            let (above, n, below, m) = (*above, *n, *below, *m);
            let top = |sum: f64, count: usize| start(sum, count, gap, low, high);
            if top(above, n) + gap * n as f64 <= top(below, m) {
                break;
            }
            groups.truncate(groups.len() - 2);
            groups.push((above + below - gap * (n * m) as f64, n + m));
        }
    }
    let mut placed = vec![0.0; wanted.len()];
    let mut next = order.into_iter();
    for (sum, count) in groups {
        let top = start(sum, count, gap, low, high);
        for (k, i) in next.by_ref().take(count).enumerate() {
            placed[i] = top + gap * k as f64;
        }
    }
    placed
}

/// Where the first label of a group stands: the mean of its wishes, kept inside.
fn start(sum: f64, count: usize, gap: f64, low: f64, high: f64) -> f64 {
    let last = gap * (count - 1) as f64;
    (sum / count as f64).min(high - last).max(low)
}

/// A label to be put at the end of a line.
pub(super) struct EndLabel<'a> {
    pub(super) look: Look<'a>,
    /// Where its line ends.
    pub(super) at: Point,
}

/// Width of the sample of a line before its name.
const SAMPLE: f64 = 24.0;

/// Names beside the ends of lines, moved apart, with a thin leader where one was moved. Where
/// colours `repeat`, a line ends in its policy's dot and its name stands beside a sample of both.
pub(super) fn at_ends(
    drawing: &mut Drawing,
    labels: &[EndLabel<'_>],
    repeat: bool,
    x: f64,
    (low, high): (f64, f64),
    room: f64,
) {
    let wanted: Vec<f64> = labels.iter().map(|label| label.at.1).collect();
    let placed = apart(&wanted, 15.0, low, high);
    for (label, y) in labels.iter().zip(placed) {
        let from = (label.at.0 + 3.0, label.at.1);
        if (y - label.at.1).abs() > 3.0 || x - label.at.0 > 16.0 {
            drawing.rule(from, (x - 4.0, y), Ink::Rule, 1.0);
        }
        let look = &label.look;
        let mut left = x;
        if repeat {
            drawing.dot(label.at, 3.2, look);
            let ends = vec![(x, y), (x + SAMPLE, y)];
            drawing.line(ends, look.ink, look.width, look.dash);
            drawing.dot((x + SAMPLE / 2.0, y), 3.2, look);
            left += SAMPLE + 6.0;
        }
        let name = fitted(&look.policy.name, Role::Name, room - (left - x));
        let at = (left, y + 4.5);
        drawing.text(at, Anchor::Start, Role::Name, look.ink, &name);
    }
}

/// Boxes that are no place for a label.
#[derive(Default)]
pub(super) struct Taken {
    /// Dots and labels: never.
    full: Vec<[f64; 4]>,
    /// Lines: only where there is no other place.
    crossed: Vec<[f64; 4]>,
}

/// A place for a label: where it stands and on which side of that.
type Place = (Point, Anchor);

impl Taken {
    /// Keeps the box of a dot free.
    pub(super) fn dot(&mut self, at: Point, r: f64) {
        self.full.push([at.0 - r, at.1 - r, at.0 + r, at.1 + r]);
    }

    /// Keeps a horizontal or vertical line free, if that is possible.
    pub(super) fn line(&mut self, a: Point, b: Point) {
        let (left, right) = (a.0.min(b.0), a.0.max(b.0));
        let (top, bottom) = (a.1.min(b.1), a.1.max(b.1));
        self.crossed
            .push([left - 2.0, top - 2.0, right + 2.0, bottom + 2.0]);
    }

    /// Puts a label as near to a point as it can stand within `bounds`, with a leader where that is
    /// not beside it.
    pub(super) fn put(
        &mut self,
        drawing: &mut Drawing,
        at: Point,
        bounds: [f64; 4],
        runs: Vec<Run>,
    ) {
        let near = beside(at);
        let far = around(at);
        let free = |place: &&Place, lines: bool| {
            let area = text_box(place.0, place.1, &runs);
            let touches = |boxes: &[[f64; 4]]| boxes.iter().any(|other| overlap(area, *other));
            inside(area, bounds) && !touches(&self.full) && !(lines && touches(&self.crossed))
        };
        let found = [(&near, true), (&far, true), (&near, false), (&far, false)]
            .into_iter()
            .find_map(|(places, lines)| places.iter().find(|place| free(place, lines)));
        let Some(&(place, anchor)) = found else {
            return;
        };
        if !near.contains(&(place, anchor)) {
            let side = if anchor == Anchor::Start { -3.0 } else { 3.0 };
            drawing.rule(at, (place.0 + side, place.1 - 4.5), Ink::Rule, 1.0);
        }
        self.full.push(text_box(place, anchor, &runs));
        drawing.runs(place, anchor, runs);
    }
}

/// Places that touch a point, in order of preference.
fn beside(at: Point) -> Vec<Place> {
    const OFF: f64 = 9.0;
    let start = [4.5, -7.0, 15.0].map(|dy| ((at.0 + OFF, at.1 + dy), Anchor::Start));
    let middle = [-13.0, 21.0].map(|dy| ((at.0, at.1 + dy), Anchor::Middle));
    let end = [4.5, -7.0, 15.0].map(|dy| ((at.0 - OFF, at.1 + dy), Anchor::End));
    start.into_iter().chain(middle).chain(end).collect()
}

/// Places further off, the nearest first.
fn around(at: Point) -> Vec<Place> {
    let mut places: Vec<(f64, Place)> = Vec::new();
    for row in -16..=16 {
        for column in 1..=10 {
            let (dx, dy) = (14.0 * f64::from(column), 12.0 * f64::from(row));
            // A long leader across reads worse than one up or down.
            let far = dx * dx * 1.5 + dy * dy;
            places.push((far, ((at.0 + dx, at.1 + 4.5 + dy), Anchor::Start)));
            places.push((far, ((at.0 - dx, at.1 + 4.5 + dy), Anchor::End)));
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.into_iter().map(|(_, place)| place).collect()
}

fn inside(area: [f64; 4], bounds: [f64; 4]) -> bool {
    area[0] >= bounds[0] && area[1] >= bounds[1] && area[2] <= bounds[2] && area[3] <= bounds[3]
}

/// Whether two boxes share any px.
pub(super) fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_stay_as_near_as_they_can() {
        assert_eq!(apart(&[10.0, 50.0], 14.0, 0.0, 100.0), [10.0, 50.0]);
        assert_eq!(apart(&[50.0, 50.0], 14.0, 0.0, 100.0), [43.0, 57.0]);
        assert_eq!(apart(&[98.0, 99.0], 14.0, 0.0, 100.0), [86.0, 100.0]);
        assert!(apart(&[], 14.0, 0.0, 100.0).is_empty());
        let many = apart(&[5.0, 5.0, 20.0, 21.0, 90.0], 14.0, 0.0, 100.0);
        for pair in many.windows(2) {
            assert!(pair[1] - pair[0] >= 14.0 - 1e-9, "{many:?}");
        }
    }
}
