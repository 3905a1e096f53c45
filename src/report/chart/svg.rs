//! A drawing as inline SVG: classes for colours and text, so the page's style sheet rules them.

use std::fmt::Write as _;

use super::drawing::{Anchor, Drawing, Mark, Point, Run};
use super::palette::{Ink, Look};
use super::shape::Shape;
use crate::report::html::escape;

/// The SVG element, with title and description for those who cannot see it.
pub(in crate::report) fn svg(drawing: &Drawing, id: &str, title: &str) -> String {
    let mut out = String::new();
    let class = if drawing.wide { "wide" } else { "mid" };
    let (w, h) = (number(drawing.width), number(drawing.height));
    let _ = write!(
        out,
        "<svg class=\"{class}\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-labelledby=\"{id}-t \
         {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        escape(title),
        escape(&drawing.description)
    );
    for mark in &drawing.marks {
        write_mark(&mut out, mark);
    }
    out.push_str("</svg>");
    out
}

fn write_mark(out: &mut String, mark: &Mark) {
    let _ = match mark {
        Mark::Line {
            points,
            ink,
            width,
            dash,
            opacity,
        } => write!(
            out,
            "<path class=\"l {}\" stroke-width=\"{}\"{}{} d=\"{}\"/>",
            stroke(*ink),
            number(*width),
            dashes(dash),
            faded(*opacity),
            path(points)
        ),
        Mark::Area {
            points,
            ink,
            opacity,
        } => write!(
            out,
            "<path class=\"{}\"{} d=\"{}Z\"/>",
            fill(*ink),
            faded(*opacity),
            path(points)
        ),
        Mark::Rect {
            x,
            y,
            w,
            h,
            ink,
            opacity,
        } => write!(
            out,
            "<rect class=\"{}\"{} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            fill(*ink),
            faded(*opacity),
            number(*x),
            number(*y),
            number(*w),
            number(*h)
        ),
        Mark::Dot {
            at,
            r,
            shape,
            ink,
            ring,
            opacity,
        } => {
            let class = if *ring {
                format!("ring {}", stroke(*ink))
            } else {
                fill(*ink)
            };
            let style = format!("class=\"{class}\"{}", faded(*opacity));
            out.push_str(&shaped(*at, *r, *shape, &style));
            Ok(())
        }
        Mark::Text { at, anchor, runs } => {
            write_text(out, *at, *anchor, runs);
            Ok(())
        }
    };
}

/// A policy's dot as an element, as every chart has it.
pub(in crate::report) fn dot(at: Point, r: f64, look: &Look<'_>) -> String {
    shaped(at, r, look.shape, &format!("class=\"{}\"", fill(look.ink)))
}

fn shaped(at: Point, r: f64, shape: Shape, style: &str) -> String {
    let corners = shape.corners(at, r);
    if corners.is_empty() {
        let (x, y, r) = (number(at.0), number(at.1), number(r));
        return format!("<circle {style} cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
    }
    format!("<path {style} d=\"{}Z\"/>", path(&corners))
}

fn write_text(out: &mut String, at: Point, anchor: Anchor, runs: &[Run]) {
    let anchor = match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let (x, y) = (number(at.0), number(at.1));
    let _ = match runs {
        [run] => write!(
            out,
            "<text x=\"{x}\" y=\"{y}\"{anchor} class=\"{}\">{}</text>",
            text_class(run),
            escape(&run.text)
        ),
        runs => {
            let spans: String = runs
                .iter()
                .map(|run| {
                    format!(
                        "<tspan class=\"{}\">{}</tspan>",
                        text_class(run),
                        escape(&run.text)
                    )
                })
                .collect();
            write!(out, "<text x=\"{x}\" y=\"{y}\"{anchor}>{spans}</text>")
        }
    };
}

fn text_class(run: &Run) -> String {
    use super::drawing::Role;
    let role = match run.role {
        Role::Note => "t",
        Role::Small => "s",
        Role::Name => "nm",
        Role::Text | Role::Title | Role::How => "x",
    };
    format!("{role} {}", fill(run.ink))
}

fn fill(ink: Ink) -> String {
    format!("f-{}", ink.name())
}

fn stroke(ink: Ink) -> String {
    format!("s-{}", ink.name())
}

fn faded(opacity: f64) -> String {
    if opacity >= 1.0 {
        String::new()
    } else {
        format!(" opacity=\"{}\"", number(opacity))
    }
}

fn dashes(dash: &[f64]) -> String {
    if dash.is_empty() {
        return String::new();
    }
    let list: Vec<String> = dash.iter().map(|&length| number(length)).collect();
    format!(" stroke-dasharray=\"{}\"", list.join(" "))
}

/// Points as path data, a tenth of a px exact.
fn path(points: &[Point]) -> String {
    let mut out = String::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        let _ = write!(
            out,
            "{}{} {}",
            if i == 0 { 'M' } else { 'L' },
            tenth(x),
            tenth(y)
        );
    }
    out
}

fn tenth(value: f64) -> String {
    shortened(format!("{value:.1}"))
}

/// A number with at most two decimals.
pub(in crate::report) fn number(value: f64) -> String {
    shortened(format!("{value:.2}"))
}

fn shortened(text: String) -> String {
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}
