//! What drift monitors, guards and limits raised alerts about, one entry for each policy that has any.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::report::alerts::told;
use crate::report::reading::in_order;

/// Names no longer than this.
const LONGEST_NAME: usize = 24;

/// Prints the alerts of each policy; nothing where no policy raises any.
pub(super) fn print(page: &mut Page, results: &Results) {
    let all: Vec<(String, String)> = in_order(results)
        .into_iter()
        .filter_map(|policy| {
            let name = page.short_name(&policy.name, LONGEST_NAME);
            Some((name, told(results, policy)?))
        })
        .collect();
    if all.is_empty() {
        return;
    }
    page.blank();
    page.line(&[
        Span::plain("Alerts"),
        Span::new(
            "   of drift monitors, guards and limits, over all processes and endpoints",
            Paint::Dim,
        ),
    ]);
    let widest = all.iter().map(|(name, _)| page.width(name)).max();
    let columns = widest.unwrap_or(0);
    let indent = " ".repeat(columns + 4);
    for (name, text) in all {
        let lead = format!("  {}  ", page.left(&name, columns));
        page.wrapped(&lead, &indent, &text, Paint::Plain);
    }
}
