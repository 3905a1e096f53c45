//! The first lines: what was found, and the differences it stands on.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::results::{Difference, Judgement};
use crate::report::measure::Measure;
use crate::report::placing::{finals, others};
use crate::report::reading::{Finding, Reading, difference};
use crate::report::sentence::headline;
use crate::report::told;

/// Prints the sentence and the rows below it.
pub(super) fn print(page: &mut Page, results: &Results, reading: &Reading<'_>) {
    page.wrapped("", "  ", &headline(results, reading).text(), Paint::Plain);
    rows(page, results, reading);
    for sentence in others(results, reading)
        .into_iter()
        .chain(finals(results, reading))
    {
        page.wrapped("", "  ", &sentence.text(), Paint::Plain);
    }
    page.blank();
}

/// The differences the sentence stands on: all headline metrics of the policy it names, or the
/// first metric of every policy where it names none.
fn rows(page: &mut Page, results: &Results, reading: &Reading<'_>) {
    let one = match &reading.finding {
        Finding::Alone => return,
        Finding::Better { best } => Some(*best),
        Finding::TradeOff(name) => Some(*name),
        _ => {
            let mut others = results
                .policies
                .iter()
                .filter(|policy| policy.name != results.compare.baseline);
            match (others.next(), others.next()) {
                (Some(only), None) => Some(only.name.as_str()),
                _ => None,
            }
        }
    };
    let mut rows: Vec<(String, &Measure, &Difference)> = Vec::new();
    if let Some(name) = one {
        if reading.named(results) != Some(name) {
            let base = &results.compare.baseline;
            page.wrapped("  ", "  ", &format!("{name} against {base}:"), Paint::Plain);
        }
        for measure in &reading.headline {
            if let Some(d) = difference(results, name, &measure.name) {
                rows.push((measure.label.clone(), measure, d));
            }
        }
    } else if let Some(first) = reading.headline.first() {
        page.line(&[Span::plain(format!("  {}:", first.label))]);
        for d in &results.differences {
            if d.metric == first.name {
                rows.push((d.policy.clone(), first, d));
            }
        }
    }
    print_rows(page, results, &rows);
}

/// A row in its parts.
struct Row {
    label: String,
    short: String,
    delta: String,
    interval: String,
    against: String,
    verdict: Span,
    more: String,
}

impl Row {
    fn new(results: &Results, label: &str, measure: &Measure, d: &Difference) -> Row {
        let paint = match d.verdict {
            Some(Judgement::Better) => Paint::Good,
            Some(Judgement::Worse) => Paint::Bad,
            _ => Paint::Dim,
        };
        // A metric without room for its words goes by the heading of its column; a name is cut.
        let short = if label == measure.label {
            &measure.short
        } else {
            label
        };
        Row {
            label: label.to_owned(),
            short: short.to_owned(),
            delta: told::delta(results, measure, d),
            interval: told::interval(results, measure, d),
            against: told::against(results, measure, d),
            verdict: Span::new(told::brief(results, measure, d), paint),
            more: told::more(results, measure, d).unwrap_or_default(),
        }
    }
}

fn print_rows(page: &mut Page, results: &Results, rows: &[(String, &Measure, &Difference)]) {
    let rows = rows
        .iter()
        .map(|(label, measure, d)| Row::new(results, label, measure, d));
    let rows: Vec<Row> = rows.collect();
    let widest = |of: fn(&Row) -> &str, most: usize| {
        let widths = rows.iter().map(|row| page.width(of(row)));
        widths.max().unwrap_or(0).min(most)
    };
    let second = widest(|row| &row.delta, 16);
    let third = widest(|row| &row.interval, 26);
    // What comes after goes to a line of its own where it has no room beside.
    let room = page.columns().saturating_sub(5 + second + third);
    let first = widest(|row| &row.label, room.max(16));
    for row in rows {
        print_row(page, row, [first, second, third]);
    }
}

/// One row; what of it does not fit goes to a line of its own, and nothing is left out.
fn print_row(page: &mut Page, row: Row, [first, second, third]: [usize; 3]) {
    let label = if page.width(&row.label) > first {
        &row.short
    } else {
        &row.label
    };
    let mut spans = vec![
        Span::plain(format!("  {}  ", page.name(label, first))),
        Span::new(page.left(&row.delta, second), Paint::Bold),
        Span::new(format!(" {}", page.left(&row.interval, third)), Paint::Dim),
    ];
    let rest = [Span::plain(row.against), row.verdict];
    let mut used: usize = spans.iter().map(|s| page.width(&s.text)).sum();
    for part in rest.into_iter().filter(|part| !part.text.is_empty()) {
        let wide = page.width(&part.text) + 2;
        if used + wide > page.columns() {
            page.line(&spans);
            spans = vec![Span::plain(" ".repeat(first + 2))];
            used = first + 2;
        }
        used += wide;
        spans.extend([Span::plain("  "), part]);
    }
    page.line(&spans);
    if !row.more.is_empty() {
        let indent = " ".repeat(first + 4);
        page.wrapped(&indent, &indent, &row.more, Paint::Dim);
    }
}
