//! What was refused and why, and what policies that only observe would have done: where it matters.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::refusals::Act;
use crate::record::results::PolicyResults;
use crate::report::limited::limited;
use crate::report::reading::in_order;
use crate::report::refused::{Entry, rate, refused, would};

/// Names no longer than this.
const LONGEST_NAME: usize = 24;
/// A policy is worth a line if it refused as often as this in 1 000 calls.
const LEAST: f64 = 1.0;
/// Of many reasons and policies the first of this many are told.
const MOST_REASONS: usize = 3;
const MOST_POLICIES: usize = 8;

/// Prints all of it; nothing where little was refused and nobody observes.
pub(super) fn print(page: &mut Page, results: &Results) {
    let refusals = |policy: &PolicyResults| {
        let all = refused(policy);
        let held: Vec<Entry<'_>> = all.into_iter().filter(Entry::holds_back).collect();
        let total: f64 = held.iter().map(|entry| entry.per_1000_calls).sum();
        (total >= LEAST).then(|| told(held, |entry| entry.reason.to_owned()))
    };
    let heading = ("Refused", "per 1000 calls, and why");
    block(page, results, heading, refusals);
    let by_limits = |policy: &PolicyResults| {
        let all = limited(policy);
        let total: f64 = all.iter().map(|entry| entry.per_1000_calls).sum();
        (total >= LEAST).then(|| told(all, |entry| entry.reason.to_owned()))
    };
    let heading = ("Limited", "refused per 1000 calls, by limit");
    block(page, results, heading, by_limits);
    let observed = |policy: &PolicyResults| {
        let all = would(policy).into_iter();
        // The end of attempts is no refusal anybody decided on, here as there.
        let all: Vec<Entry<'_>> = all
            .filter(|entry| entry.act != Act::Refused || entry.holds_back())
            .collect();
        (!all.is_empty()).then(|| told(all, deed))
    };
    let heading = ("Would have", "per 1000 calls, what only observes");
    block(page, results, heading, observed);
}

/// What one that observes would have done, shortly: "refused breaker-open".
fn deed(entry: &Entry<'_>) -> String {
    match entry.act {
        Act::Refused => format!("refused {}", entry.reason),
        Act::Waited => "waited".to_owned(),
        Act::Sent => format!("sent {}", entry.reason),
        Act::TimedOut => format!("timed out {}", entry.reason),
        Act::Steered => format!("passed over by {}", entry.section),
        Act::Tripped => "tripped".to_owned(),
        Act::Degraded => format!("fallen back to {}", entry.reason),
    }
}

/// The most frequent ones.
fn told(mut entries: Vec<Entry<'_>>, words: impl Fn(&Entry<'_>) -> String) -> String {
    entries.sort_by(|a, b| b.per_1000_calls.total_cmp(&a.per_1000_calls));
    let more = entries.len().saturating_sub(MOST_REASONS);
    let said = entries.iter().take(MOST_REASONS).map(|entry| {
        // A reason and its figure stay on one line.
        let said = format!("{} {}", words(entry), rate(entry.per_1000_calls));
        said.replace(' ', "\u{a0}")
    });
    let mut said: Vec<String> = said.collect();
    if more > 0 {
        said.push(format!("{more}\u{a0}more"));
    }
    said.join(", ")
}

pub(super) fn block(
    page: &mut Page,
    results: &Results,
    (title, what): (&str, &str),
    said: impl Fn(&PolicyResults) -> Option<String>,
) {
    let all: Vec<(String, String)> = in_order(results)
        .into_iter()
        .filter_map(|policy| {
            let name = page.short_name(&policy.name, LONGEST_NAME);
            Some((name, said(policy)?))
        })
        .collect();
    let Some(widest) = all.iter().map(|(name, _)| page.width(name)).max() else {
        return;
    };
    page.blank();
    let what = Span::new(format!("   {what}"), Paint::Dim);
    page.line(&[Span::plain(title), what]);
    let indent = " ".repeat(widest + 4);
    for (name, text) in all.iter().take(MOST_POLICIES) {
        let lead = format!("  {}  ", page.left(name, widest));
        page.wrapped(&lead, &indent, text, Paint::Plain);
    }
    if let Some(more) = all
        .len()
        .checked_sub(MOST_POLICIES)
        .filter(|more| *more > 0)
    {
        page.wrapped(
            "  ",
            "  ",
            &format!("{more} more in the report"),
            Paint::Dim,
        );
    }
}
