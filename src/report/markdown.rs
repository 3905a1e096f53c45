//! `summary.md`: what a reviewer needs, to paste into a pull request.

use std::fmt::Write as _;

use super::junit::found;
use super::measure::Measure;
use super::number::fixed;
use super::placing::{finals, others};
use super::reading::{Reading, difference, in_order, read};
use super::sentence::headline;
use super::terminal::command;
use super::{before, resilience, sure, told};
use crate::record::Results;
use crate::record::results::{Estimate, Expectation, Judgement, Outcome, PolicyResults};

/// The summary in GitHub's Markdown.
pub fn markdown(results: &Results) -> String {
    let reading = read(results);
    let mut out = format!("## {}\n\n", text(&title(results)));
    gate(&mut out, results);
    let _ = writeln!(out, "{}\n", text(&headline(results, &reading).text()));
    for sentence in others(results, &reading)
        .into_iter()
        .chain(finals(results, &reading))
    {
        let _ = writeln!(out, "{}\n", text(&sentence.text()));
    }
    table(&mut out, results, &reading);
    against(&mut out, results);
    stability(&mut out, results);
    for expectation in &results.expectations {
        line(&mut out, expectation);
    }
    if !results.expectations.is_empty() {
        out.push('\n');
    }
    for sentence in sure::sentences(results) {
        let _ = writeln!(out, "{}\n", text(&sentence));
    }
    for warning in &results.warnings {
        let _ = writeln!(out, "> {}\n>", text(warning));
    }
    if !results.warnings.is_empty() {
        out.push('\n');
    }
    again(&mut out, results);
    out
}

fn title(results: &Results) -> String {
    match results.meta.title.as_str() {
        title if results.scenario.starts_with(title) => format!("Squall: {}", results.scenario),
        title => format!("{}: {title}", results.scenario),
    }
}

/// Whether the gate passed, first of all.
fn gate(out: &mut String, results: &Results) {
    let all = results.expectations.len();
    let failed = results.expectations.iter().filter(|e| e.fails()).count();
    let warned = results.expectations.iter().filter(|e| e.warns()).count();
    let expectations = if all == 1 {
        "expectation"
    } else {
        "expectations"
    };
    let warned = match warned {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        n => format!(", {n} warnings"),
    };
    let worse = results
        .against
        .iter()
        .flat_map(|against| against.failures())
        .count();
    if worse > 0 {
        let verdicts = if worse == 1 {
            "verdict is"
        } else {
            "verdicts are"
        };
        let _ = write!(
            out,
            "**✗ Failed**: {worse} {verdicts} worse than before.\n\n"
        );
    }
    let _ = match (all, failed) {
        (0, _) => Ok(()),
        (_, 0) => write!(out, "**✓ Passed**: {all} {expectations}{warned}.\n\n"),
        _ => write!(
            out,
            "**✗ Failed**: {failed} of {all} {expectations} not met{warned}.\n\n"
        ),
    };
}

/// The policies by headline metrics, each value with its 95 % interval and the verdict on it.
fn table(out: &mut String, results: &Results, reading: &Reading<'_>) {
    let policies = in_order(results);
    let watched = |p: &&PolicyResults| p.stability.as_ref().is_some_and(|s| s.of > 0);
    let stable = policies.iter().any(watched);
    let mut heads = vec!["policy".to_owned()];
    let unit = |m: &Measure| format!("{}, {}", m.label, m.unit_words);
    heads.extend(reading.headline.iter().map(unit));
    heads.extend(stable.then(|| "locked up".to_owned()));
    let heads: Vec<String> = heads.iter().map(|head| text(head)).collect();
    let _ = writeln!(out, "| {} |", heads.join(" | "));
    let _ = writeln!(out, "|---|{}", "--:|".repeat(heads.len() - 1));
    for policy in policies {
        row(out, results, reading, policy, stable);
    }
    out.push('\n');
}

fn row(
    out: &mut String,
    results: &Results,
    reading: &Reading<'_>,
    policy: &PolicyResults,
    stable: bool,
) {
    let base = policy.name == results.compare.baseline && results.policies.len() > 1;
    let mark = if base { " (baseline)" } else { "" };
    let mut cells = vec![format!("{}{mark}", text(&policy.name))];
    for measure in &reading.headline {
        let Some(estimate) = policy.metrics.get(&measure.name) else {
            cells.push("none".to_owned());
            continue;
        };
        let verdict = difference(results, &policy.name, &measure.name);
        let verdict = verdict.filter(|d| d.verdict.is_some());
        let verdict = verdict.map(|d| format!("<br>{}", text(&told::verdict(results, measure, d))));
        let value = text(&with_interval(measure, estimate));
        cells.push(value + &verdict.unwrap_or_default());
    }
    if stable {
        let counted = policy.stability.as_ref().filter(|s| s.of > 0);
        let counted = counted.map(|s| format!("{} of {}", s.locked, s.of));
        cells.push(counted.unwrap_or_else(|| "none".to_owned()));
    }
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// "99.99 % [99.98, 99.99]".
pub(super) fn with_interval(measure: &Measure, estimate: &Estimate) -> String {
    let value = measure.value(estimate);
    let decimals = measure.decimals(estimate);
    let bound = |bound: Option<f64>| {
        bound.map_or("none".to_owned(), |x| fixed(measure.scaled(x), decimals))
    };
    match estimate.ci95 {
        [None, None] => value,
        [low, high] => format!("{value} [{}, {}]", bound(low), bound(high)),
    }
}

/// Whether an overload would outlive its trigger, where that was asked for.
fn stability(out: &mut String, results: &Results) {
    let rows = resilience::rows(results);
    if rows.is_empty() {
        return;
    }
    let heads = resilience::HEADS.join(" | ");
    let _ = writeln!(out, "{}\n", text(&resilience::heading(results)));
    let _ = writeln!(out, "| policy | {heads} |\n|---|---|---|---|---|");
    for row in rows {
        let cells = [
            &row.policy,
            row.colour.name(),
            &row.load,
            &row.smallest,
            &row.recovery,
        ];
        let cells: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out.push('\n');
}

/// This run against an earlier one, where that was asked for.
fn against(out: &mut String, results: &Results) {
    let Some(against) = &results.against else {
        return;
    };
    let notes = before::notes(against).join(" ");
    let _ = write!(
        out,
        "{} {}\n\n",
        text(&before::heading(against)),
        text(&notes)
    );
    out.push_str(
        "| policy | metric | before → now | difference | verdict |\n|---|---|--:|--:|---|\n",
    );
    for line in before::lines(results, against) {
        let bold = match line.judgement {
            Some(Judgement::Better | Judgement::Worse) => "**",
            _ => "",
        };
        let cells = [line.policy, line.label, line.values, line.difference];
        let cells: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
        let _ = writeln!(
            out,
            "| {} | {bold}{}{bold} |",
            cells.join(" | "),
            text(&line.verdict)
        );
    }
    out.push('\n');
}

fn line(out: &mut String, expectation: &Expectation) {
    let sign = match expectation.outcome {
        Outcome::Passed => "✓",
        _ if expectation.warns() => "⚠",
        Outcome::Failed => "✗",
        Outcome::NotShown => "✗ not shown:",
    };
    let found = found(expectation);
    let found = match found.as_str() {
        "" => String::new(),
        found => format!(" ({})", text(found)),
    };
    let _ = writeln!(out, "- {sign} {}{found}", text(&expectation.text));
}

fn again(out: &mut String, results: &Results) {
    let command = command(results).replace(['\n', '\r'], " ");
    // A fence must be longer than any run of its own sign inside.
    let fence = "`".repeat(3.max(1 + longest(&command, '`')));
    let _ = write!(
        out,
        "{fence}sh\n{command}\n{fence}\n\nIntervals are 95\u{202f}%; {} replications, scenario {}, \
         model {}, squall {}.\n",
        results.meta.replications,
        text(&results.scenario_hash),
        results.model_version,
        text(&results.squall_version)
    );
}

/// The longest run of a sign.
pub(super) fn longest(text: &str, sign: char) -> usize {
    let runs = text.split(|c| c != sign);
    runs.map(str::len).max().unwrap_or(0)
}

/// Plain text: nothing in it is markup, and it is one line.
pub(super) fn text(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A name must not call anybody.
            '@' => out.push_str("&#64;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::Severity;
    use crate::report::fixture;

    /// Cells of a row, split at bars that are not escaped.
    fn cells(line: &str) -> Vec<String> {
        let line = line.replace("\\|", "\u{0}");
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(|c| c.trim().to_owned()).collect()
    }

    #[test]
    fn every_policy_has_a_row_as_wide_as_the_heading() {
        for (name, results) in fixture::all() {
            let page = markdown(&results);
            let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
            assert_eq!(rows.len(), results.policies.len() + 2, "{name}");
            let wide = cells(rows[0]).len();
            for row in &rows {
                assert_eq!(cells(row).len(), wide, "{name}: {row}");
            }
            assert!(page.contains(&command(&results)), "{name}");
        }
    }

    #[test]
    fn the_gate_is_told_first_and_nothing_in_a_name_is_markup() {
        let mut results = fixture::outage();
        results.expectations[2].severity = Severity::Warn;
        results.policies[0].name = "a|b\n<img src=x> @all `x` **".into();
        let page = markdown(&results);
        let told = "**✗ Failed**: 1 of 3 expectations not met, 1 warning.";
        assert_eq!(page.lines().nth(2), Some(told));
        assert!(page.contains("\n- ⚠ hedged"), "{page}");
        assert!(
            page.contains("\n- ✓ breaker-failover during outage"),
            "{page}"
        );
        let name = "| a\\|b &lt;img src=x&gt; &#64;all \\`x\\` \\*\\* |";
        assert!(page.contains(name), "{page}");
        assert!(!page.contains("<img"));
        results.expectations.truncate(1);
        let page = markdown(&results);
        assert!(page.contains("**✓ Passed**: 1 expectation."), "{page}");
    }
}
