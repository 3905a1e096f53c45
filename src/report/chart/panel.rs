//! The frame of a chart: where its plot lies, and the lines and words of its axes.

use super::axis::{Scale, clocks};
use super::drawing::{Anchor, Drawing};
use super::palette::Ink;

/// The plot's rectangle, px.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Panel {
    /// A horizontal grid line with its words on the left.
    pub(super) fn tick_y(&self, drawing: &mut Drawing, y: f64, words: &str) {
        drawing.rule((self.left, y), (self.right, y), Ink::Grid, 1.0);
        drawing.note((self.left - 8.0, y + 4.0), Anchor::End, words);
    }

    /// A mark below the axis with its words.
    pub(super) fn tick_x(&self, drawing: &mut Drawing, x: f64, words: &str) {
        drawing.rule((x, self.bottom), (x, self.bottom + 4.0), Ink::Muted, 0.8);
        drawing.note((x, self.bottom + 18.0), Anchor::Middle, words);
    }

    /// The line below the plot.
    pub(super) fn axis_x(&self, drawing: &mut Drawing) {
        let (from, to) = ((self.left, self.bottom), (self.right, self.bottom));
        drawing.rule(from, to, Ink::Muted, 0.8);
    }

    /// A time axis with ticks of a clock, at most one for each 60 px.
    pub(super) fn time_axis(&self, drawing: &mut Drawing, x: &Scale, from_ns: u64, to_ns: u64) {
        self.axis_x(drawing);
        let most = ((self.right - self.left) / 60.0).max(2.0) as u64;
        for (ns, words) in clocks(from_ns, to_ns, most) {
            self.tick_x(drawing, x.at(ns as f64), &words);
        }
    }
}
