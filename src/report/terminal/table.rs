//! The table of policies and metrics.

use super::layout::{GAP, Plan, Wishes, plan};
use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::metric::Better;
use crate::record::results::{Estimate, PolicyResults};
use crate::report::course::{Course, spark_range};
use crate::report::measure::{Measure, apart};
use crate::report::number::{clock, fixed, odds};
use crate::report::reading::{Reading, in_order};

/// Heading of the sparklines; what it means stands in the line below the table.
const SPARK_HEADING: &str = "good";

/// One cell: its text with its interval, without, and how it is painted.
#[derive(Clone)]
struct Cell {
    with: String,
    without: String,
    paint: Paint,
}

/// A column of cells under a heading.
struct Column {
    heading: String,
    cells: Vec<Cell>,
}

impl Column {
    fn widths(&self, page: &Page) -> (usize, usize) {
        let heading = page.width(&self.heading);
        self.cells
            .iter()
            .fold((heading, heading), |(with, without), cell| {
                (
                    with.max(page.width(&cell.with)),
                    without.max(page.width(&cell.without)),
                )
            })
    }
}

/// Prints the table and the line that explains its signs.
pub(super) fn print(page: &mut Page, results: &Results, reading: &Reading<'_>) {
    let policies = in_order(results);
    let columns = |measures: &[&Measure]| -> Vec<Column> {
        measures
            .iter()
            .map(|m| metric_column(&policies, m))
            .collect()
    };
    let headline: Vec<&Measure> = reading.headline.iter().collect();
    let metrics = columns(&headline);
    let tail = tail_columns(results, &policies);
    let courses: Option<Vec<Course>> = policies
        .iter()
        .map(|policy| Course::of(results, policy))
        .collect();
    let name = |policy: &PolicyResults| {
        let is_base = policy.name == results.compare.baseline && policies.len() > 1;
        // What only observes sent plain attempts, whatever its name says.
        let mark = match (policy.observes, is_base) {
            (true, true) => " ^*",
            (true, false) => " ^",
            (false, true) => " *",
            (false, false) => "",
        };
        (policy.name.clone(), mark)
    };
    let wishes = Wishes {
        name: policies
            .iter()
            .map(|policy| page.width(&policy.name) + name(policy).1.len())
            .chain([6])
            .max()
            .unwrap_or(6),
        metrics: metrics.iter().map(|column| column.widths(page)).collect(),
        tail: tail.iter().map(|column| column.widths(page).0).collect(),
        spark: courses.as_ref().map(|_| SPARK_HEADING.len()),
    };
    let plan = plan(&wishes, page.columns());
    heading(page, &plan, &wishes, &metrics, &tail);
    for (row, policy) in policies.iter().enumerate() {
        let (text, mark) = name(policy);
        let paint = if Some(policy.name.as_str()) == reading.named(results) {
            Paint::Bold
        } else {
            Paint::Plain
        };
        let text = format!("{}{mark}", page.short_name(&text, plan.name - mark.len()));
        let mut spans = vec![Span::new(page.left(&text, plan.name), paint)];
        cells(page, &mut spans, row, &plan, &wishes, &metrics, &tail);
        if let Some(courses) = courses.as_ref().filter(|_| plan.spark > 0) {
            let line = courses[row].spark(plan.spark, page.unicode());
            spans.push(Span::plain(format!("{}{line}", " ".repeat(GAP))));
        }
        page.line(&spans);
    }
    legend(page, results, &plan, metrics.len());
}

fn heading(page: &mut Page, plan: &Plan, wishes: &Wishes, metrics: &[Column], tail: &[Column]) {
    let mut text = page.left("policy", plan.name);
    for (column, widths) in metrics.iter().zip(&wishes.metrics).take(plan.metrics) {
        let width = if plan.halves { widths.0 } else { widths.1 };
        text.push_str(&page.right(&column.heading, width + GAP));
    }
    for (column, width) in tail.iter().zip(&wishes.tail) {
        text.push_str(&page.right(&column.heading, width + GAP));
    }
    if plan.spark > 0 {
        text.push_str(&format!("{}{SPARK_HEADING}", " ".repeat(GAP)));
    }
    page.line(&[Span::new(text, Paint::Dim)]);
}

fn cells(
    page: &Page,
    spans: &mut Vec<Span>,
    row: usize,
    plan: &Plan,
    wishes: &Wishes,
    metrics: &[Column],
    tail: &[Column],
) {
    for (column, widths) in metrics.iter().zip(&wishes.metrics).take(plan.metrics) {
        let cell = &column.cells[row];
        let (text, width) = if plan.halves {
            (&cell.with, widths.0)
        } else {
            (&cell.without, widths.1)
        };
        spans.push(Span::new(page.right(text, width + GAP), cell.paint));
    }
    for (column, width) in tail.iter().zip(&wishes.tail) {
        let cell = &column.cells[row];
        spans.push(Span::new(page.right(&cell.with, width + GAP), cell.paint));
    }
}

/// A metric of all policies, with the same decimals in every row and the best in bold.
fn metric_column(policies: &[&PolicyResults], measure: &Measure) -> Column {
    let estimate = |policy: &&PolicyResults| policy.metrics.get(&measure.name).cloned();
    let decimals = policies
        .iter()
        .filter_map(estimate)
        .filter(|e| !e.at_horizon)
        .map(|e| measure.decimals(&e))
        .max()
        .unwrap_or(0);
    let halves: Vec<String> = policies
        .iter()
        .map(|policy| estimate(policy).map_or(String::new(), |e| half(measure, &e, decimals)))
        .collect();
    let widest = halves
        .iter()
        .map(|half| half.chars().count())
        .max()
        .unwrap_or(0);
    let best = best(policies, measure);
    let cells = policies
        .iter()
        .zip(&halves)
        .map(|(policy, half)| {
            let without = match policy.metrics.get(&measure.name) {
                // The unit stands in the heading, and so does the dollar.
                Some(e) => measure.number(e, decimals).replacen(measure.prefix, "", 1),
                None => "none".to_owned(),
            };
            Cell {
                with: format!("{without}{half:<widest$}"),
                without,
                paint: if Some(policy.name.as_str()) == best {
                    Paint::Bold
                } else {
                    Paint::Plain
                },
            }
        })
        .collect();
    Column {
        heading: measure.short.clone(),
        cells,
    }
}

/// The policy with the best value, if one is alone with it.
fn best<'a>(policies: &[&'a PolicyResults], measure: &Measure) -> Option<&'a str> {
    let sign = match measure.better {
        Better::Higher => -1.0,
        Better::Lower => 1.0,
        Better::Neither => return None,
    };
    let mut values: Vec<(f64, &str)> = policies
        .iter()
        .filter_map(|p| Some((sign * p.metrics.get(&measure.name)?.value, p.name.as_str())))
        .collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    match values.as_slice() {
        [first, second, ..] if first.0 < second.0 => Some(first.1),
        _ => None,
    }
}

/// " ±0.4": the longer side of the interval; nothing where a side is open.
fn half(measure: &Measure, estimate: &Estimate, decimals: usize) -> String {
    match estimate.ci95 {
        [Some(lo), Some(hi)] if !estimate.at_horizon && hi > lo => {
            let side = (hi - estimate.value).max(estimate.value - lo);
            format!(" ±{}", fixed(measure.scaled(side), decimals))
        }
        _ => String::new(),
    }
}

/// Degraded answers, attempts per call and lock-up, where they apply and are not there already.
fn tail_columns(results: &Results, policies: &[&PolicyResults]) -> Vec<Column> {
    let mut columns = Vec::new();
    for measure in apart(results) {
        let mut column = metric_column(policies, &measure);
        for cell in &mut column.cells {
            *cell = plain_cell(cell.without.clone(), Paint::Plain);
        }
        columns.push(column);
    }
    let attempts = "amplification";
    let has = |policy: &&PolicyResults| policy.metrics.contains_key(attempts);
    if policies.iter().any(has) && !results.compare.metrics.iter().any(|m| m == attempts) {
        let cell = |policy: &&PolicyResults| {
            let text = policy
                .metrics
                .get(attempts)
                .map_or("none".into(), |e| fixed(e.value, 2));
            plain_cell(text, Paint::Plain)
        };
        columns.push(Column {
            heading: "attempts".into(),
            cells: policies.iter().map(cell).collect(),
        });
    }
    if policies
        .iter()
        .any(|p| p.stability.as_ref().is_some_and(|s| s.of > 0))
    {
        let cell = |policy: &&PolicyResults| match &policy.stability {
            Some(s) if s.locked > 0 => plain_cell(format!("{}/{}", s.locked, s.of), Paint::Bad),
            Some(s) if s.of > 0 => plain_cell(format!("0/{}", s.of), Paint::Plain),
            _ => plain_cell(String::new(), Paint::Plain),
        };
        columns.push(Column {
            heading: "lock-up".into(),
            cells: policies.iter().map(cell).collect(),
        });
    }
    columns
}

fn plain_cell(text: String, paint: Paint) -> Cell {
    Cell {
        with: text.clone(),
        without: text,
        paint,
    }
}

/// What the signs of the table mean, as far as they occur.
fn legend(page: &mut Page, results: &Results, plan: &Plan, metrics: usize) {
    let mut parts = Vec::new();
    if results.policies.len() > 1 {
        parts.push("* baseline".to_owned());
    }
    if results.policies.iter().any(|policy| policy.observes) {
        parts.push("^ only observes".to_owned());
    }
    if plan.halves {
        parts.push("± is the 95 % interval".to_owned());
    }
    if plan.spark > 0 {
        let (from, to) = spark_range(results);
        let tenths = if page.unicode() { "" } else { " in tenths" };
        parts.push(format!(
            "good ÷ offered{tenths}, {}–{}",
            clock(from),
            clock(to)
        ));
    }
    let clean = results
        .policies
        .iter()
        .filter_map(|policy| policy.stability.as_ref())
        .find(|s| s.locked == 0 && s.of > 0);
    if let Some((s, odds)) = clean.and_then(|s| odds(s.share_upper95).map(|odds| (s, odds))) {
        parts.push(format!("0/{}: could still be {odds}", s.of));
    }
    if plan.metrics < metrics {
        parts.push("more metrics in the report".to_owned());
    }
    // Inside a part nothing breaks; between parts the line may.
    let parts: Vec<String> = parts
        .iter()
        .map(|part| part.replace(' ', "\u{a0}"))
        .collect();
    page.wrapped("", "  ", &parts.join("\u{a0}\u{a0} "), Paint::Plain);
}
