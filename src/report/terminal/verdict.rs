//! The first lines: what was found, and the differences it stands on.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::results::{Difference, Judgement};
use crate::report::measure::Measure;
use crate::report::reading::{Finding, Reading, difference, word};
use crate::report::sentence::{headline, too, worse};

/// Prints the sentence and the rows below it.
pub(super) fn print(page: &mut Page, results: &Results, reading: &Reading<'_>) {
    page.wrapped("", "  ", &headline(results, reading).text(), Paint::Plain);
    rows(page, results, reading);
    for sentence in [too(results, reading), worse(results, reading)]
        .into_iter()
        .flatten()
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
        Finding::Better { best, .. } => Some(*best),
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

fn print_rows(page: &mut Page, results: &Results, rows: &[(String, &Measure, &Difference)]) {
    let columns: Vec<[String; 4]> = rows
        .iter()
        .map(|(label, measure, d)| {
            let decimals = measure.delta_decimals(d.value, d.interval);
            let delta = measure.delta(d.value, decimals);
            [
                label.clone(),
                format!("{delta}{}", measure.delta_suffix),
                measure.interval(d.interval, decimals),
                against(results, measure, d),
            ]
        })
        .collect();
    let widest = |i: usize, most: usize| {
        let widths = columns.iter().map(|row| page.width(&row[i]));
        widths.max().unwrap_or(0).min(most)
    };
    let (second, third) = (widest(1, 16), widest(2, 26));
    let words = rows.iter().map(|(_, _, d)| page.width(&verdict(d).text));
    let taken = 2 + 2 + second + 1 + third + words.max().unwrap_or(0);
    let room = super::COLUMNS.saturating_sub(taken).max(16);
    let first = widest(0, room);
    for (row, (_, measure, d)) in columns.iter().zip(rows) {
        let verdict = verdict(d);
        // A metric without room for its words goes by the heading of its column; a name is cut.
        let label = if row[0] == measure.label && page.width(&row[0]) > first {
            &measure.short
        } else {
            &row[0]
        };
        let mut spans = vec![
            Span::plain(format!("  {}  ", page.name(label, first))),
            Span::new(page.left(&row[1], second), Paint::Bold),
            Span::new(format!(" {}", page.left(&row[2], third)), Paint::Dim),
        ];
        let used: usize = spans.iter().map(|s| page.width(&s.text)).sum();
        let room = super::COLUMNS.saturating_sub(used + page.width(&verdict.text));
        if page.width(&row[3]) < room {
            spans.push(Span::plain(format!(" {}", row[3])));
        }
        spans.push(verdict);
        page.line(&spans);
    }
}

/// The word at the end of a row; what is better needs none.
fn verdict(d: &Difference) -> Span {
    match d.verdict {
        Some(Judgement::Better) | None => Span::plain(""),
        Some(Judgement::Worse) => Span::new("  worse", Paint::Bad),
        Some(other) => Span::new(format!("  {}", word(other)), Paint::Dim),
    }
}

/// "99.99 % against 47.5 %".
fn against(results: &Results, measure: &Measure, d: &Difference) -> String {
    let value = |name: &str| {
        results
            .policies
            .iter()
            .find(|policy| policy.name == name)
            .and_then(|policy| policy.metrics.get(&measure.name))
            .map(|estimate| measure.value(estimate))
    };
    match (value(&d.policy), value(&d.baseline)) {
        (Some(a), Some(b)) => format!("{a} against {b}"),
        _ => String::new(),
    }
}
