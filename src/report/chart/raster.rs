//! A drawing through plotters: generic over the backend, at any scale.

use std::io;

use plotters::prelude::*;

use super::drawing::{Anchor, Drawing, Mark, Point, Run};
use super::font;
use super::palette::{Ink, Rgba};
use super::shape::Shape;

/// Draws all marks on light ground, `scale` device pixels to the px, everything moved down by `top`.
pub(super) fn render<DB: DrawingBackend>(
    backend: &mut DB,
    drawing: &Drawing,
    left: f64,
    top: f64,
    scale: f64,
) -> io::Result<()> {
    let mut canvas = Canvas {
        backend,
        left,
        top,
        scale,
    };
    for mark in &drawing.marks {
        canvas.mark(mark)?;
    }
    Ok(())
}

struct Canvas<'a, DB> {
    backend: &'a mut DB,
    left: f64,
    top: f64,
    scale: f64,
}

impl<DB: DrawingBackend> Canvas<'_, DB> {
    fn mark(&mut self, mark: &Mark) -> io::Result<()> {
        match mark {
            Mark::Line {
                points,
                ink,
                width,
                dash,
                opacity,
            } => self.line(points, colour(*ink, *opacity), *width, dash),
            Mark::Area {
                points,
                ink,
                opacity,
            } => {
                let points: Vec<_> = points.iter().map(|&p| self.pixel(p)).collect();
                let pen = colour(*ink, *opacity);
                done(self.backend.fill_polygon(points, &pen))
            }
            Mark::Rect {
                x,
                y,
                w,
                h,
                ink,
                opacity,
            } => {
                let (from, to) = (self.pixel((*x, *y)), self.pixel((x + w, y + h)));
                let pen = colour(*ink, *opacity);
                // The backend's rectangle includes its last row and column.
                let to = ((to.0 - 1).max(from.0), (to.1 - 1).max(from.1));
                done(self.backend.draw_rect(from, to, &pen, true))
            }
            Mark::Dot {
                at,
                r,
                shape,
                ink,
                ring,
                opacity,
            } => self.dot((*at, *r, *shape), colour(*ink, *opacity), *ring),
            Mark::Text { at, anchor, runs } => self.text(*at, *anchor, runs),
        }
    }

    fn dot(
        &mut self,
        (at, r, shape): (Point, f64, Shape),
        pen: ShapeStyle,
        ring: bool,
    ) -> io::Result<()> {
        if !ring {
            return self.filled(at, r, shape, &pen);
        }
        self.filled(at, r + 0.9, shape, &pen)?;
        self.filled(at, r - 0.9, shape, &colour(Ink::Ground, 1.0))
    }

    fn filled(&mut self, at: Point, r: f64, shape: Shape, pen: &ShapeStyle) -> io::Result<()> {
        let corners = shape.corners(at, r);
        if corners.is_empty() {
            let radius = (r * self.scale).round().max(1.0) as u32;
            let at = self.pixel(at);
            return done(self.backend.draw_circle(at, radius, pen, true));
        }
        let corners: Vec<_> = corners.into_iter().map(|p| self.pixel(p)).collect();
        done(self.backend.fill_polygon(corners, pen))
    }

    /// A line as one quadrilateral for each dash of each segment, with round joints: the backend's
    /// own thick paths have neither dashes nor joints that hold at sharp angles.
    fn line(
        &mut self,
        points: &[Point],
        pen: ShapeStyle,
        width: f64,
        dash: &[f64],
    ) -> io::Result<()> {
        for piece in dashed(points, dash) {
            for pair in piece.windows(2) {
                let quad = self.quad(pair[0], pair[1], width / 2.0);
                done(self.backend.fill_polygon(quad, &pen))?;
            }
            let joints = piece.len().saturating_sub(1);
            let radius = (width * self.scale / 2.0) as u32;
            for &joint in piece.get(1..joints).unwrap_or_default() {
                let at = self.pixel(joint);
                done(self.backend.draw_circle(at, radius, &pen, true))?;
            }
        }
        Ok(())
    }

    fn quad(&self, a: Point, b: Point, half: f64) -> Vec<(i32, i32)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = (dx * dx + dy * dy).sqrt().max(1e-9);
        let (nx, ny) = (-dy / length * half, dx / length * half);
        [
            (a.0 + nx, a.1 + ny),
            (b.0 + nx, b.1 + ny),
            (b.0 - nx, b.1 - ny),
            (a.0 - nx, a.1 - ny),
        ]
        .map(|p| self.pixel(p))
        .to_vec()
    }

    fn text(&mut self, at: Point, anchor: Anchor, runs: &[Run]) -> io::Result<()> {
        let total: f64 = runs.iter().map(Run::width).sum();
        let mut x = match anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - total / 2.0,
            Anchor::End => at.0 - total,
        };
        for run in runs {
            let Rgba(r, g, b, _) = run.ink.colour().light;
            let size = run.role.size() * self.scale;
            let start = ((x + self.left) * self.scale, (at.1 + self.top) * self.scale);
            let mut result = Ok(());
            font::pixels(
                &run.text,
                size,
                run.role.bold(),
                start,
                |px, py, covered| {
                    let colour = RGBAColor(r, g, b, covered).to_backend_color();
                    if result.is_ok() {
                        result = done(self.backend.draw_pixel((px, py), colour));
                    }
                },
            );
            result?;
            x += run.width();
        }
        Ok(())
    }

    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        let at = |v: f64| (v * self.scale).round() as i32;
        (at(x + self.left), at(y + self.top))
    }
}

fn colour(ink: Ink, opacity: f64) -> ShapeStyle {
    let Rgba(r, g, b, alpha) = ink.colour().light;
    RGBAColor(r, g, b, alpha * opacity).filled()
}

/// A backend's refusal as an error of ours; its own type cannot be named without its crate.
fn done<E: std::fmt::Display>(result: Result<(), E>) -> io::Result<()> {
    result.map_err(|e| io::Error::other(e.to_string()))
}

/// The pieces of a line that its dash leaves visible.
fn dashed(points: &[Point], dash: &[f64]) -> Vec<Vec<Point>> {
    if dash.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = Vec::new();
    let (mut slot, mut left) = (0, dash[0]);
    let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = (dx * dx + dy * dy).sqrt();
            if length <= left {
                left -= length;
                if slot % 2 == 0 {
                    piece.push(to);
                }
                break;
            }
            let share = left / length;
            from = (from.0 + dx * share, from.1 + dy * share);
            if slot % 2 == 0 {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            slot = (slot + 1) % (dash.len() + dash.len() % 2);
            left = dash[slot % dash.len()];
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share_and_go_around_corners() {
        let pieces = dashed(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], &[6.0, 4.0]);
        assert_eq!(
            pieces,
            vec![vec![(0.0, 0.0), (6.0, 0.0)], vec![(10.0, 0.0), (10.0, 6.0)],]
        );
    }
}
