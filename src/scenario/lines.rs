//! Mistakes in the lines of a file that is no scenario, shown as those of scenarios are.

use std::ops::Range;

use super::report::{Diagnostic, Diagnostics, Report};
use super::source::Span;

/// What is wrong with one line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// The line, from 1; 0: the file as a whole.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// Where in it, in bytes.
    pub at: Range<usize>,
    /// What is wrong, in one line without the place.
    pub title: String,
    /// What is said there.
    pub label: String,
    /// How to mend it.
    pub help: String,
}

/// Of a line this much is shown.
const MAX_SHOWN: usize = 160;

/// These mistakes, and how many more lines are not shown.
pub fn wrong_lines(file: &str, wrong: &[WrongLine], more: usize) -> Diagnostics {
    let mut report = Report::new(file);
    for (i, wrong_line) in wrong.iter().enumerate() {
        let WrongLine { line, text, at, .. } = wrong_line;
        let title = wrong_line.title.clone();
        let mut mistake = match line {
            0 => Diagnostic::whole(title),
            line => {
                let (text, at) = shown(text, at);
                let file = report.sources.add_part(file, text, *line, None);
                let (start, end) = (at.start, at.end);
                let place = Span { file, start, end };
                Diagnostic::error(place, title, wrong_line.label.clone())
            }
        };
        if i + 1 == wrong.len() && more > 0 {
            mistake = mistake.note(format!("and {more} more mistakes in this file"));
        }
        report.push(match wrong_line.help.as_str() {
            "" => mistake,
            help => mistake.help(help),
        });
    }
    report.finish()
}

/// The part of a long line around a place, and the place in it.
fn shown(text: &str, at: &Range<usize>) -> (String, Range<usize>) {
    let text = text.trim_end();
    let from = match at.start > MAX_SHOWN / 2 && text.len() > MAX_SHOWN {
        true => text.floor_char_boundary(at.start - MAX_SHOWN / 2),
        false => 0,
    };
    let to = text.floor_char_boundary((from + MAX_SHOWN).min(text.len()));
    let inside = |byte: usize| text.floor_char_boundary(byte.clamp(from, to)) - from;
    (text[from..to].to_string(), inside(at.start)..inside(at.end))
}
