//! This run against an earlier one.

use super::text::{Page, Paint};
use crate::record::Results;
use crate::record::results::Judgement;
use crate::report::before::{heading, lines, notes};

/// Prints one line for each policy and headline metric; nothing where nothing was compared.
pub(super) fn print(page: &mut Page, results: &Results) {
    let Some(against) = &results.against else {
        return;
    };
    page.wrapped("", "  ", &heading(against), Paint::Plain);
    for note in notes(against) {
        page.wrapped("  ", "    ", &note, Paint::Dim);
    }
    for line in lines(results, against) {
        let paint = match line.judgement {
            Some(Judgement::Better) => Paint::Good,
            Some(Judgement::Worse) => Paint::Bad,
            _ => Paint::Plain,
        };
        let parts = [line.label, line.values, line.difference, line.verdict];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let lead = format!("  {}: ", line.policy);
        page.wrapped(&lead, "    ", &parts.join(", "), paint);
    }
    page.blank();
}
