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

/// Names beside the ends of lines, moved apart, with a thin leader where one was moved.
pub(super) fn at_ends(
    drawing: &mut Drawing,
    labels: &[EndLabel<'_>],
    x: f64,
    low: f64,
    high: f64,
    room: f64,
) {
    let wanted: Vec<f64> = labels.iter().map(|label| label.at.1).collect();
    let placed = apart(&wanted, 15.0, low, high);
    for (label, y) in labels.iter().zip(placed) {
        let from = (label.at.0 + 3.0, label.at.1);
        if (y - label.at.1).abs() > 3.0 || x - label.at.0 > 16.0 {
            drawing.rule(from, (x - 4.0, y), Ink::Rule, 1.0);
        }
        let name = fitted(&label.look.policy.name, Role::Name, room);
        drawing.text(
            (x, y + 4.5),
            Anchor::Start,
            Role::Name,
            label.look.ink,
            &name,
        );
    }
}

/// Boxes already taken.
#[derive(Default)]
pub(super) struct Taken(Vec<[f64; 4]>);

impl Taken {
    /// Keeps a box free of labels.
    pub(super) fn reserve(&mut self, left: f64, top: f64, right: f64, bottom: f64) {
        self.0.push([left, top, right, bottom]);
    }

    /// Puts a label around a point where it touches nothing and stays within `bounds`; the order of
    /// candidates is the order of preference. Where everything is taken it goes to the first place
    /// up or down that is free, with a leader.
    pub(super) fn put(
        &mut self,
        drawing: &mut Drawing,
        at: Point,
        bounds: [f64; 4],
        runs: Vec<Run>,
    ) {
        const OFF: f64 = 9.0;
        let sides = [
            ((at.0 + OFF, at.1 + 4.5), Anchor::Start),
            ((at.0 + OFF, at.1 - 7.0), Anchor::Start),
            ((at.0 + OFF, at.1 + 15.0), Anchor::Start),
            ((at.0 - OFF, at.1 + 4.5), Anchor::End),
            ((at.0 - OFF, at.1 - 7.0), Anchor::End),
            ((at.0 - OFF, at.1 + 15.0), Anchor::End),
            ((at.0, at.1 - 11.0), Anchor::Middle),
            ((at.0, at.1 + 20.0), Anchor::Middle),
        ];
        let steps = (1..30).flat_map(|k| {
            let dy = 14.0 * f64::from((k + 1) / 2) * if k % 2 == 0 { 1.0 } else { -1.0 };
            [
                ((at.0 + 14.0, at.1 + 4.5 + dy), Anchor::Start),
                ((at.0 - 14.0, at.1 + 4.5 + dy), Anchor::End),
            ]
        });
        let near = sides.len();
        let place = sides
            .into_iter()
            .chain(steps)
            .enumerate()
            .find(|(_, (p, anchor))| {
                let area = text_box(*p, *anchor, &runs);
                inside(area, bounds) && !self.0.iter().any(|other| overlap(area, *other))
            });
        if let Some((i, (p, anchor))) = place {
            if i >= near {
                drawing.rule(at, (p.0, p.1 - 4.5), Ink::Rule, 1.0);
            }
            self.0.push(text_box(p, anchor, &runs));
            drawing.runs(p, anchor, runs);
        }
    }
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
