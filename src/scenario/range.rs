//! Ranges of values: `{ from = "100ms", to = "10s", scale = "log" }` in `[run] vary` and `[tune]`.
//!
//! A range knows how its values are written, so that every value of it can be put into a tree as if
//! the author had written it there: a duration stays one, a percentage too.

use super::report::{Diagnostic, Report};
use super::tree::{Node, Value};
use crate::base::units::parse_duration;

/// How the values of a range are written.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// `5`
    Integer,
    /// `0.5`
    Float,
    /// `"250ms"`, held in seconds.
    Duration,
    /// `"$3/M"`, `"40/s"`, `"2%"`: a number between two texts.
    Between(String, String),
}

/// A range of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The least, as a number; durations in seconds.
    pub from: f64,
    /// The largest.
    pub to: f64,
    /// Whether equal steps are equal factors.
    pub log: bool,
    form: Form,
}

/// Points of a range that says nothing of their number.
const STEPS: usize = 6;
/// More points of one range are a mistake.
const MOST_STEPS: i64 = 1000;

/// Whether a table is a range and not a table of deeper keys.
pub(super) fn is_range(node: &Node) -> bool {
    node.child("from").is_some() && node.child("to").is_some()
}

impl Range {
    /// Reads a range; keys it does not know are `others`' or mistakes.
    pub(super) fn read(node: &Node, others: &[&str], report: &mut Report) -> Option<Range> {
        const KEYS: [&str; 3] = ["from", "to", "scale"];
        for (key, child) in node.table()?.iter() {
            if !KEYS.contains(&key) && !others.contains(&key) {
                let title = format!("unknown key `{key}`");
                let mistake = Diagnostic::error(child.key, title, "not a part of a range");
                report.push(mistake.expected([&KEYS[..], others].concat().join(", ")));
                return None;
            }
        }
        let (from, to) = (node.child("from")?, node.child("to")?);
        let log = scale(node, report)?;
        let [Some((from_value, form)), Some((to_value, other))] = [from, to].map(|end| {
            let read = read(end);
            if read.is_none() {
                let title = "this is no end of a range";
                let mistake = Diagnostic::error(end.span, title, "not a number with a unit");
                report
                    .push(mistake.expected("numbers such as 2, 0.5, \"250ms\", \"40/s\", \"2%\""));
            }
            read
        }) else {
            return None;
        };
        let (form, other) = wider(form, other);
        let wrong = if form != other {
            Some((
                "the ends of a range have different units",
                "another unit than `from`",
            ))
        } else if from_value >= to_value {
            Some(("an empty range", "not more than `from`"))
        } else if log && from_value <= 0.0 {
            Some(("a logarithmic range cannot hold 0", "`from` is not above 0"))
        } else {
            None
        };
        if let Some((title, label)) = wrong {
            let mistake = Diagnostic::error(to.span, title, label).also(from.span, "`from`");
            report.push(mistake.help("a range goes from its least value to its largest"));
            return None;
        }
        Some(Range {
            from: from_value,
            to: to_value,
            log,
            form,
        })
    }

    /// The points of a range that says how many, as they would be written.
    pub(super) fn points(node: &Node, report: &mut Report) -> Option<Vec<Node>> {
        let range = Range::read(node, &["steps"], report)?;
        let steps = match node.child("steps").map(|steps| (&steps.value, steps.span)) {
            None => STEPS,
            Some((Value::Integer(n), _)) if (2..=MOST_STEPS).contains(n) => *n as usize,
            Some((_, span)) => {
                let title = "this is no number of points";
                let mistake = Diagnostic::error(span, title, "both ends are points");
                report.push(mistake.expected(format!("a whole number from 2 to {MOST_STEPS}")));
                return None;
            }
        };
        let mut points: Vec<Node> = Vec::new();
        for i in 0..steps {
            let point = range.node(range.at(i, steps), node);
            if points
                .last()
                .is_none_or(|last| !last.value.same(&point.value))
            {
                points.push(point);
            }
        }
        Some(points)
    }

    /// Whether only whole numbers lie in it.
    pub fn is_whole(&self) -> bool {
        self.form == Form::Integer
    }

    /// The value of one of so many points. Both ends are as they are written; those between are rounded to what
    /// tells them apart: three digits of the value or of the way to the next, or to a whole number.
    fn at(&self, i: usize, steps: usize) -> f64 {
        let last = steps - 1;
        if i == 0 || i == last {
            return if i == 0 { self.from } else { self.to };
        }
        let exact = |i: usize| {
            let u = i as f64 / last as f64;
            match self.log {
                true => self.from * libm::exp(u * libm::log(self.to / self.from)),
                false => self.from + u * (self.to - self.from),
            }
        };
        let x = exact(i);
        let x = match self.form {
            Form::Integer => x.round(),
            _ => spaced(x, (exact(i + 1) - x).min(x.abs())),
        };
        x.clamp(self.from, self.to)
    }

    /// A value as it is written.
    pub fn text(&self, value: f64) -> String {
        match &self.form {
            Form::Integer => format!("{value:.0}"),
            Form::Float => float(value),
            Form::Duration => format!("\"{}\"", duration(value)),
            Form::Between(before, after) => format!("\"{before}{}{after}\"", plain(value)),
        }
    }

    /// The number of a value as it is written; None if it is not written as the ends of the range are.
    pub fn value(&self, text: &str) -> Option<f64> {
        match &self.form {
            Form::Integer | Form::Float => text.trim().parse().ok(),
            Form::Duration => parse_duration(text)
                .ok()
                .map(|duration| duration.as_s_f64()),
            Form::Between(..) => between(text)
                .filter(|(_, form)| *form == self.form)
                .map(|(x, _)| x),
        }
    }

    /// A value as it would stand in the tree, at the place of the range.
    pub(super) fn node(&self, value: f64, place: &Node) -> Node {
        let value = match &self.form {
            Form::Integer => Value::Integer(value.round() as i64),
            Form::Float => Value::Float(value),
            Form::Duration => Value::String(duration(value)),
            Form::Between(before, after) => {
                Value::String(format!("{before}{}{after}", plain(value)))
            }
        };
        Node::new(place.key, place.span, value)
    }
}

fn scale(node: &Node, report: &mut Report) -> Option<bool> {
    let Some(scale) = node.child("scale") else {
        return Some(false);
    };
    match scale.text() {
        Some("linear") => Some(false),
        Some("log") => Some(true),
        _ => {
            let mistake = Diagnostic::error(scale.span, "this is no scale", "not known");
            report.push(mistake.expected("\"linear\" or \"log\""));
            None
        }
    }
}

/// The number of an end and how it is written.
fn read(node: &Node) -> Option<(f64, Form)> {
    match &node.value {
        Value::Integer(n) => Some((*n as f64, Form::Integer)),
        Value::Float(x) if x.is_finite() => Some((*x, Form::Float)),
        Value::String(text) => match parse_duration(text) {
            Ok(duration) => Some((duration.as_s_f64(), Form::Duration)),
            Err(_) => between(text),
        },
        _ => None,
    }
}

/// A number between two texts, such as `$3/M`.
fn between(text: &str) -> Option<(f64, Form)> {
    let text = text.trim();
    let start = text.find(|c: char| c.is_ascii_digit() || c == '-')?;
    let rest = &text[start..];
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || ".-".contains(c)))
        .unwrap_or(rest.len());
    let number: f64 = rest[..end].parse().ok().filter(|x: &f64| x.is_finite())?;
    let (before, after) = (text[..start].to_owned(), rest[end..].to_owned());
    (!(before.is_empty() && after.is_empty())).then_some((number, Form::Between(before, after)))
}

/// A whole number beside one that is not is a number.
fn wider(a: Form, b: Form) -> (Form, Form) {
    match (a, b) {
        (Form::Integer, Form::Float) | (Form::Float, Form::Integer) => (Form::Float, Form::Float),
        same => same,
    }
}

/// A value to three digits of a size, by way of text, which every machine writes alike.
fn spaced(x: f64, size: f64) -> f64 {
    if x == 0.0 || size <= 0.0 {
        return x;
    }
    let place = |x: f64| libm::floor(libm::log10(x.abs()));
    let digits = (place(x) - place(size)).clamp(0.0, 13.0) as usize + 2;
    format!("{x:.digits$e}").parse().unwrap_or(x)
}

/// A value of a range with three digits, or with as many more as it takes not to move it by more than half a
/// percent of the range; its ends as they are. By way of text, which every machine writes alike.
pub fn rounded(x: f64, from: f64, to: f64) -> f64 {
    let most = 0.005 * (to - from);
    // What is left of an end after a logarithm and back.
    let is = |end: f64| (x - end).abs() <= 1e-9 * (to - from);
    if is(from) || is(to) {
        return if is(from) { from } else { to };
    }
    let written = (2..17).filter_map(|digits| format!("{x:.digits$e}").parse::<f64>().ok());
    let near = |y: &f64| (y - x).abs() <= most;
    written.into_iter().find(near).unwrap_or(x).clamp(from, to)
}

/// A number without an exponent, to at most nine digits after the point.
fn plain(x: f64) -> String {
    let text = format!("{x:.9}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn float(x: f64) -> String {
    let text = plain(x);
    match text.contains('.') {
        true => text,
        false => format!("{text}.0"),
    }
}

/// Seconds in the unit that reads best.
fn duration(s: f64) -> String {
    let (factor, unit) = match s {
        s if s == 0.0 || s >= 1.0 => (1.0, "s"),
        s if s >= 1e-3 => (1e3, "ms"),
        _ => (1e9, "ns"),
    };
    // Not more digits than the value has: 0.07 s is 70ms, not 70.00000000000001ms.
    let number: f64 = format!("{:.8e}", s * factor).parse().unwrap_or(s * factor);
    format!("{}{unit}", plain(number))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn points(text: &str) -> Result<Vec<String>, String> {
        let mut report = Report::new("test");
        let file = report.sources.add("test", format!("x = {text}"), None);
        let tree = parse::parse(file, &mut report).unwrap();
        let node = tree.child("x").unwrap();
        let points = Range::points(node, &mut report);
        let written = |node: &Node| super::super::resolved::inline(node);
        match points {
            Some(points) => Ok(points.iter().map(written).collect()),
            None => Err(report.finish().all()[0].title.clone()),
        }
    }

    #[test]
    fn the_points_of_a_range_are_written_as_its_ends_are() {
        let case = |text: &str, expected: &[&str]| assert_eq!(points(text).unwrap(), expected);
        case(
            r#"{ from = "250ms", to = "8s", scale = "log" }"#,
            &[
                "\"250ms\"",
                "\"500ms\"",
                "\"1s\"",
                "\"2s\"",
                "\"4s\"",
                "\"8s\"",
            ],
        );
        case("{ from = 1, to = 4, steps = 10 }", &["1", "2", "3", "4"]);
        case("{ from = 0, to = 1.0, steps = 3 }", &["0.0", "0.5", "1.0"]);
        case(
            r#"{ from = "$1/M", to = "$3/M", steps = 3 }"#,
            &["\"$1/M\"", "\"$2/M\"", "\"$3/M\""],
        );
        case(
            r#"{ from = "2%", to = "10%", steps = 2 }"#,
            &["\"2%\"", "\"10%\""],
        );
    }

    #[test]
    fn ends_are_as_written_and_near_points_stay_apart() {
        let case = |text: &str, expected: &[&str]| assert_eq!(points(text).unwrap(), expected);
        case(
            "{ from = 0.12345, to = 0.98765, steps = 3 }",
            &["0.12345", "0.556", "0.98765"],
        );
        case(
            "{ from = 1000.5, to = 1001.5, steps = 5 }",
            &["1000.5", "1000.75", "1001.0", "1001.25", "1001.5"],
        );
        case(
            r#"{ from = "1234ms", to = "98765ms", scale = "log", steps = 3 }"#,
            &["\"1.234s\"", "\"11s\"", "\"98.765s\""],
        );
        case(
            "{ from = -1.0, to = 1.0, steps = 3 }",
            &["-1.0", "0.0", "1.0"],
        );
    }

    #[test]
    fn both_ends_are_values_and_a_narrow_range_has_as_many_digits_as_it_takes() {
        let case = |text: &str, expected: &[&str]| assert_eq!(points(text).unwrap(), expected);
        case(
            "{ from = 0.12345, to = 1234.5, scale = \"log\", steps = 2 }",
            &["0.12345", "1234.5"],
        );
        case(
            "{ from = 1236.0, to = 8888.0, steps = 2 }",
            &["1236.0", "8888.0"],
        );
        case(
            "{ from = 1000.0, to = 1001.0, steps = 3 }",
            &["1000.0", "1000.5", "1001.0"],
        );
        assert_eq!(rounded(8.8123, 2.0, 30.0), 8.81);
        assert_eq!(rounded(123.1567, 100.0, 150.0), 123.0);
        assert_eq!(rounded(123.4567, 120.0, 130.0), 123.5);
    }

    #[test]
    fn what_is_no_range_says_why() {
        let case = |text: &str, title: &str| assert_eq!(points(text).unwrap_err(), title);
        case("{ from = 4, to = 1 }", "an empty range");
        case(
            r#"{ from = "1s", to = 4 }"#,
            "the ends of a range have different units",
        );
        case(
            r#"{ from = 0, to = 4, scale = "log" }"#,
            "a logarithmic range cannot hold 0",
        );
        case(
            "{ from = 1, to = 4, steps = 1 }",
            "this is no number of points",
        );
        case("{ from = true, to = 4 }", "this is no end of a range");
        case("{ from = 1, to = 4, step = 3 }", "unknown key `step`");
    }
}
