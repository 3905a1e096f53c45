//! Where things broke: every fault against every policy, worst answers first.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::record::results::{Estimate, FaultRecord};
use crate::report::measure::{Measure, went_well};
use crate::report::number::{clock, fixed};
use crate::report::reading::{halves, in_order};

/// A list names so many policies, with names no longer than this.
const MOST: usize = 5;
const LONGEST_NAME: usize = 24;
/// Of many faults the worst are told.
const MOST_FAULTS: usize = 6;
/// Attempts per call beyond this are worth a word.
const LOUD: f64 = 1.5;

/// Prints one entry for each fault, and one for lock-up after the last; nothing without faults.
pub(super) fn print(page: &mut Page, results: &Results) {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let (faults, left_out) = worst(results);
    for fault in faults {
        let text = during(page, results, &fault.name);
        if !text.is_empty() {
            let when = format!("{}–{}", clock(fault.from_ns), clock(fault.to_ns));
            rows.push([
                when,
                format!("{} ({})", fault.name, fault.on.join(", ")),
                text,
            ]);
        }
    }
    if left_out > 0 {
        let faults = if left_out == 1 { "fault" } else { "faults" };
        let text = format!("{left_out} more {faults} did no more harm");
        rows.push([String::new(), String::new(), text]);
    }
    if let (Some(end), Some(text)) = (
        results.faults.iter().map(|f| f.to_ns).max(),
        locked(page, results),
    ) {
        rows.push([
            format!("from {}", clock(end)),
            "after the last fault".into(),
            text,
        ]);
    }
    if rows.is_empty() {
        return;
    }
    page.blank();
    let well = Measure::of(results, went_well(results)).label;
    page.line(&[
        Span::plain("Where things broke"),
        Span::new(
            format!("   {well} of the calls that arrived then, × attempts"),
            Paint::Dim,
        ),
    ]);
    let first = rows
        .iter()
        .map(|row| page.width(&row[0]))
        .max()
        .unwrap_or(0);
    let second = rows
        .iter()
        .map(|row| page.width(&row[1]))
        .max()
        .unwrap_or(0)
        .min(22);
    let indent = " ".repeat(first + second + 6);
    for [when, what, text] in rows {
        let lead = format!(
            "  {}  {}  ",
            page.left(&when, first),
            page.left(&what, second)
        );
        page.wrapped(&lead, &indent, &text, Paint::Plain);
    }
}

/// The faults in which some policy succeeded least, in order of time, and how many are left out.
fn worst(results: &Results) -> (Vec<&FaultRecord>, usize) {
    let least = |fault: &FaultRecord| {
        let during = results
            .policies
            .iter()
            .filter_map(|p| p.during.get(&fault.name));
        let successes = during.filter_map(|metrics| metrics.get(went_well(results)));
        successes.map(|e| e.value).fold(f64::INFINITY, f64::min)
    };
    let mut faults: Vec<&FaultRecord> = results.faults.iter().collect();
    faults.sort_by(|a, b| least(a).total_cmp(&least(b)));
    let told = faults
        .iter()
        .filter(|fault| least(fault).is_finite())
        .count();
    faults.truncate(told.min(MOST_FAULTS));
    faults.sort_by_key(|fault| (fault.from_ns, fault.to_ns));
    (faults, told.saturating_sub(MOST_FAULTS))
}

/// The policies during one fault, the lowest success first.
fn during(page: &Page, results: &Results, fault: &str) -> String {
    let success = Measure::of(results, went_well(results));
    let mut found: Vec<(f64, String, String)> = Vec::new();
    for policy in in_order(results) {
        let Some(metrics) = policy.during.get(fault) else {
            continue;
        };
        let Some(estimate) = metrics.get(went_well(results)) else {
            continue;
        };
        let loud = metrics
            .get("amplification")
            .filter(|e| e.value > LOUD)
            .map(|e| format!(" ×\u{a0}{}", fixed(e.value, 1)))
            .unwrap_or_default();
        // The spaces inside an entry do not break, so name and figures stay on one line.
        let value = success.value(estimate).replace(' ', "\u{a0}");
        let name = page.short_name(&policy.name, LONGEST_NAME);
        let degraded = metrics.get("degraded_ratio").filter(|e| e.value > 0.0);
        let degraded = degraded.map_or(String::new(), |e| {
            let share = Measure::of(results, "degraded_ratio").value(e);
            format!(" (degraded {share})")
        });
        let entry = format!("{name} {value}{loud}{degraded}").replace(' ', "\u{a0}");
        found.push((estimate.value, entry, at_least(&success, estimate)));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The worst are the news; the rest of a long list is one entry.
    let rest = (found.len() > MOST + 1).then(|| found.split_off(MOST));
    let mut entries: Vec<String> = found.into_iter().map(|(_, entry, _)| entry).collect();
    if let Some((rest, first)) = rest.as_ref().and_then(|r| r.first().map(|f| (r.len(), f))) {
        // Nothing is more than all of them.
        let more = if first.0 >= 1.0 { "" } else { " or more" };
        entries.push(format!("{rest} others {}{more}", first.2).replace(' ', "\u{a0}"));
    }
    entries.join(", ")
}

/// A share that is not above the value, however few its digits.
fn at_least(measure: &Measure, estimate: &Estimate) -> String {
    if estimate.value >= 1.0 {
        return measure.value(estimate);
    }
    let decimals = measure.decimals(estimate);
    let grain = (0..decimals).fold(1.0, |grain, _| grain * 10.0);
    // What only the change to percent has taken off is none of the value.
    let down = (measure.scaled(estimate.value) * grain + 1e-9).floor() / grain;
    format!("{}{}", fixed(down, decimals), measure.suffix)
}

/// The policies with runs that never recovered.
fn locked(page: &Page, results: &Results) -> Option<String> {
    let entries: Vec<String> = in_order(results)
        .iter()
        .rev()
        .filter_map(|policy| policy.stability.as_ref().map(|s| (policy, s)))
        .filter(|(_, s)| s.locked > 0)
        .map(|(policy, s)| {
            let name = page.short_name(&policy.name, LONGEST_NAME);
            let halves = halves(results, s)
                .map(|text| format!(" ({text})"))
                .unwrap_or_default();
            format!("{name} locked up in {} of {} runs{halves}", s.locked, s.of)
        })
        .collect();
    (!entries.is_empty()).then(|| entries.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_so_much_or_more_is_rounded_down() {
        let measure = Measure::of(&Results::default(), "success_ratio");
        let said = |value, half: f64| {
            let estimate = Estimate {
                value,
                ci95: [Some(value - half), Some(value + half)],
                ..Estimate::default()
            };
            at_least(&measure, &estimate).replace('\u{202f}', " ")
        };
        assert_eq!(said(0.9287, 0.01), "92.8 %");
        assert_eq!(said(0.929, 0.01), "92.9 %");
        // The nearest would be 99.997 %.
        assert_eq!(said(0.999_967_8, 0.01), "99.996 %");
        assert_eq!(said(1.0, 0.0), "100 %");
    }
}
