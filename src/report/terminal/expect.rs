//! The expectations of the file and what became of them.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::results::{Expectation, Outcome};

/// Prints one line for each expectation; nothing if the file has none.
pub(super) fn print(page: &mut Page, results: &Results) {
    if results.expectations.is_empty() {
        return;
    }
    let note = if results.expectations.iter().any(|e| e.bound.is_some()) {
        "   “at least” and “at most” are one-sided 95 % bounds"
    } else {
        ""
    };
    page.line(&[Span::plain("Expected"), Span::new(note, Paint::Dim)]);
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let first = width(&mut results.expectations.iter().map(|e| page.width(&e.text))).min(52);
    let marks = width(&mut results.expectations.iter().map(|e| page.width(mark(e).0)));
    for expectation in &results.expectations {
        row(page, expectation, marks, first);
    }
    page.blank();
}

fn row(page: &mut Page, expectation: &Expectation, marks: usize, first: usize) {
    let (sign, paint) = mark(expectation);
    let sign = page.left(sign, marks);
    let room = (page.columns() - 6 - marks).saturating_sub(first);
    let lead = Span::new(format!("  {sign} "), paint);
    let found = match expectation.warns() {
        true => &format!("{}; it only warns", expectation.found),
        false => &expectation.found,
    };
    if page.width(&expectation.text) <= first && page.width(found) <= room {
        let text = page.left(&expectation.text, first);
        page.line(&[lead, Span::plain(format!("{text}  {found}"))]);
    } else {
        let indent = " ".repeat(marks + 5);
        page.wrapped(&lead.text, &indent, &expectation.text, paint);
        page.wrapped(&indent, &indent, found, Paint::Plain);
    }
    if let Some(needed) = expectation.replications_needed {
        let text = format!("not shown: about {needed} replications would decide it");
        page.line(&[
            Span::plain(" ".repeat(marks + 3)),
            Span::new(text, Paint::Dim),
        ]);
    }
}

fn mark(expectation: &Expectation) -> (&'static str, Paint) {
    match expectation.outcome {
        _ if expectation.warns() => ("!", Paint::Bold),
        Outcome::Passed => ("✓", Paint::Good),
        Outcome::Failed => ("✗", Paint::Bad),
        Outcome::NotShown => ("?", Paint::Bold),
    }
}
