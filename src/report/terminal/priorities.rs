//! Where calls have priorities or tenants: how those of each fared, by policy.

use super::layout::GAP;
use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::report::measure::Measure;
use crate::report::priorities::{By, measures, name, scopes, value};
use crate::report::reading::in_order;

/// Names no longer than this.
const LONGEST_NAME: usize = 24;
/// Of many policies the first of this many are told.
const MOST_POLICIES: usize = 8;

/// Prints a row for each policy and priority, the most important first, and for each policy and tenant; nothing
/// where all calls are of one.
pub(super) fn print(page: &mut Page, results: &Results) {
    for by in By::ALL {
        table(page, results, by);
    }
}

fn table(page: &mut Page, results: &Results, by: By) {
    let (scopes, measures) = (scopes(results, by), measures(results));
    if scopes.is_empty() || measures.is_empty() {
        return;
    }
    let mut rows = vec![heading(&measures)];
    let policies = in_order(results);
    for policy in policies.iter().take(MOST_POLICIES) {
        for (place, scope) in scopes.iter().enumerate() {
            let policy_name = match place {
                0 => page.short_name(&policy.name, LONGEST_NAME),
                _ => String::new(),
            };
            let values = measures.iter().map(|m| value(policy, scope, m));
            let names = [policy_name, name(scope, by).to_owned()];
            rows.push(names.into_iter().chain(values).collect());
        }
    }
    page.blank();
    let (title, how) = match by {
        By::Priority => (
            "By priority",
            "   calls by what they matter, the most first",
        ),
        By::Tenant => (
            "By tenant",
            "   calls by whose they are; those of nobody are left out",
        ),
    };
    page.line(&[Span::plain(title), Span::new(how, Paint::Dim)]);
    lines(page, &rows);
    let more = policies.len().saturating_sub(MOST_POLICIES);
    if more > 0 {
        let said = format!("{more} more in the report");
        page.wrapped("  ", "  ", &said, Paint::Dim);
    }
}

fn heading(measures: &[Measure]) -> Vec<String> {
    let names = ["policy".to_owned(), "calls".to_owned()];
    // The unit stands beside each number.
    let measures = measures.iter().map(|m| m.short.clone());
    names.into_iter().chain(measures).collect()
}

/// The rows in columns as wide as they need be; the last ones that do not fit are left out.
fn lines(page: &mut Page, rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |page: &Page, column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| page.width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(page, column)).collect();
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let cell = match column {
                0 | 1 => format!("{}{}", " ".repeat(GAP), page.left(cell, width)),
                _ => page.right(cell, width + GAP),
            };
            if page.width(&line) + page.width(&cell) > page.columns() {
                break;
            }
            line.push_str(&cell);
        }
        let paint = match number {
            0 => Paint::Dim,
            _ => Paint::Plain,
        };
        page.line(&[Span::new(line, paint)]);
    }
}
