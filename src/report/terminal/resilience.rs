//! Whether an overload would outlive its trigger.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::results::Colour;
use crate::report::resilience::{heading, rows};

/// Prints what is found of each policy; nothing where it was not asked for.
pub(super) fn print(page: &mut Page, results: &Results) {
    let rows = rows(results);
    if rows.is_empty() {
        return;
    }
    page.blank();
    page.line(&[
        Span::plain("Stability"),
        Span::new(
            "   green: nothing stays down; red: it does; amber: neither is shown",
            Paint::Dim,
        ),
    ]);
    page.wrapped("  ", "  ", &heading(results), Paint::Dim);
    for row in rows {
        let paint = match row.colour {
            Colour::Green => Paint::Good,
            Colour::Amber => Paint::Plain,
            Colour::Red => Paint::Bad,
        };
        let lead = format!("  {:5}  ", row.colour.name());
        let told = format!(
            "{}: {} Smallest that locks up half: {}; recovers in: {}; worst load {}.",
            row.policy, row.reason, row.smallest, row.recovery, row.load
        );
        page.wrapped(&lead, "         ", &told, paint);
    }
}
