//! A drawing: marks in CSS pixels, coloured by role.

use super::font;
use super::palette::{Ink, Look};
use super::shape::Shape;

/// A point in px, y downwards.
pub(in crate::report) type Point = (f64, f64);

/// Where a text stands relative to its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Anchor {
    Start,
    Middle,
    End,
}

/// Which kind of text: the style sheet sets size and weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Role {
    /// Ticks, axis names, notes: 12.
    Note,
    /// Small words: 11.5.
    Small,
    /// Names of policies and panels: 13 bold.
    Name,
    /// Plain text: 12.5.
    Text,
    /// The finding above a PNG: 19 bold. The page has its own headings.
    Title,
    /// How to read it, above a PNG: 13.5.
    How,
}

impl Role {
    /// Size in px.
    pub(in crate::report) fn size(self) -> f64 {
        match self {
            Role::Note => 12.0,
            Role::Small => 11.5,
            Role::Name => 13.0,
            Role::Text => 12.5,
            Role::Title => 19.0,
            Role::How => 13.5,
        }
    }

    /// Whether it is bold.
    pub(in crate::report) fn bold(self) -> bool {
        matches!(self, Role::Name | Role::Title)
    }
}

/// A stretch of text in one colour and role.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Run {
    pub(in crate::report) text: String,
    pub(in crate::report) role: Role,
    pub(in crate::report) ink: Ink,
}

impl Run {
    pub(in crate::report) fn new(text: impl Into<String>, role: Role, ink: Ink) -> Run {
        Run {
            text: text.into(),
            role,
            ink,
        }
    }

    pub(in crate::report) fn width(&self) -> f64 {
        font::width(&self.text, self.role.size(), self.role.bold())
    }
}

/// One mark.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) enum Mark {
    /// A line through points.
    Line {
        points: Vec<Point>,
        ink: Ink,
        width: f64,
        dash: &'static [f64],
        opacity: f64,
    },
    /// A filled polygon.
    Area {
        points: Vec<Point>,
        ink: Ink,
        opacity: f64,
    },
    /// A filled rectangle.
    Rect {
        x: f64,
        y: f64,
        w: f64,
        h: f64,
        ink: Ink,
        opacity: f64,
    },
    /// A filled dot, or a ring: beaten, or locked up.
    Dot {
        at: Point,
        r: f64,
        shape: Shape,
        ink: Ink,
        ring: bool,
        opacity: f64,
    },
    /// Text on a baseline, in one or more runs.
    Text {
        at: Point,
        anchor: Anchor,
        runs: Vec<Run>,
    },
}

/// Marks on a sheet of a size, later ones above earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Drawing {
    pub(in crate::report) width: f64,
    pub(in crate::report) height: f64,
    /// Whether it takes the full width of the page and scrolls there on narrow screens.
    pub(in crate::report) wide: bool,
    pub(in crate::report) marks: Vec<Mark>,
    /// One sentence for those who cannot see it.
    pub(in crate::report) description: String,
}

const SOLID: &[f64] = &[];

impl Drawing {
    pub(in crate::report) fn new(width: f64, height: f64, wide: bool) -> Drawing {
        Drawing {
            width,
            height,
            wide,
            marks: Vec::new(),
            description: String::new(),
        }
    }

    pub(super) fn line(&mut self, points: Vec<Point>, ink: Ink, width: f64, dash: &'static [f64]) {
        self.marks.push(Mark::Line {
            points,
            ink,
            width,
            dash,
            opacity: 1.0,
        });
    }

    /// A straight, solid line.
    pub(super) fn rule(&mut self, from: Point, to: Point, ink: Ink, width: f64) {
        self.line(vec![from, to], ink, width, SOLID);
    }

    pub(super) fn area(&mut self, points: Vec<Point>, ink: Ink, opacity: f64) {
        self.marks.push(Mark::Area {
            points,
            ink,
            opacity,
        });
    }

    pub(super) fn rect(&mut self, from: Point, to: Point, ink: Ink, opacity: f64) {
        if to.0 > from.0 && to.1 > from.1 {
            self.marks.push(Mark::Rect {
                x: from.0,
                y: from.1,
                w: to.0 - from.0,
                h: to.1 - from.1,
                ink,
                opacity,
            });
        }
    }

    /// A policy's dot, in its colour and shape.
    pub(super) fn dot(&mut self, at: Point, r: f64, look: &Look<'_>) {
        self.dot_as(at, r, look, false, 1.0);
    }

    /// The same as a ring, or paler.
    pub(super) fn dot_as(&mut self, at: Point, r: f64, look: &Look<'_>, ring: bool, opacity: f64) {
        self.marks.push(Mark::Dot {
            at,
            r,
            shape: look.shape,
            ink: look.ink,
            ring,
            opacity,
        });
    }

    pub(super) fn text(&mut self, at: Point, anchor: Anchor, role: Role, ink: Ink, text: &str) {
        self.runs(at, anchor, vec![Run::new(text, role, ink)]);
    }

    pub(super) fn runs(&mut self, at: Point, anchor: Anchor, runs: Vec<Run>) {
        self.marks.push(Mark::Text { at, anchor, runs });
    }

    /// A tick's words.
    pub(super) fn note(&mut self, at: Point, anchor: Anchor, text: &str) {
        self.text(at, anchor, Role::Note, Ink::Muted, text);
    }
}

/// The box a text fills: left, top, right, bottom.
pub(in crate::report) fn text_box(at: Point, anchor: Anchor, runs: &[Run]) -> [f64; 4] {
    let width: f64 = runs.iter().map(Run::width).sum();
    let size = runs.iter().map(|run| run.role.size()).fold(0.0, f64::max);
    let left = match anchor {
        Anchor::Start => at.0,
        Anchor::Middle => at.0 - width / 2.0,
        Anchor::End => at.0 - width,
    };
    [left, at.1 - size * 0.76, left + width, at.1 + size * 0.22]
}

/// A text cut to a width in px, marked with "…"; names lose their middle, as they differ at their
/// ends.
pub(super) fn fitted(text: &str, role: Role, most: f64) -> String {
    let width = |text: &str| font::width(text, role.size(), role.bold());
    if width(text) <= most {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    for kept in (1..letters.len()).rev() {
        let (head, tail) = (kept - kept * 2 / 5, kept * 2 / 5);
        let end = &letters[letters.len() - tail..];
        let cut: String = letters[..head].iter().chain(&['…']).chain(end).collect();
        if width(&cut) <= most {
            return cut;
        }
    }
    "…".to_owned()
}
