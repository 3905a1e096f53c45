//! The verdict card: which one, by how much, how sure; and whether the gate passed.

use std::fmt::Write as _;

use super::escape;
use crate::record::Results;
use crate::record::results::{Expectation, Outcome, PolicyResults};
use crate::report::chart::Scene;
use crate::report::measure::Measure;
use crate::report::number::odds;
use crate::report::reading::{Finding, difference, word};
use crate::report::sentence::{Piece, Sentence, headline, too, worse};

/// Writes the card.
pub(super) fn write(out: &mut String, scene: &Scene<'_>) {
    let results = scene.results;
    let _ = write!(
        out,
        "<section class=\"card\"><p class=\"q\"><span>0</span>Which one?</p><p \
         class=\"verdict\">{}</p>",
        coloured(scene, &headline(results, scene.reading))
    );
    figures(out, scene);
    also(out, scene);
    if !results.expectations.is_empty() {
        let items: String = results.expectations.iter().map(expectation).collect();
        let _ = write!(out, "<ul class=\"exp\">{items}</ul>");
        if results.expectations.iter().any(|e| e.bound.is_some()) {
            out.push_str(
                "<p class=\"also\"><span class=\"u\">“At least” and “at most” are one-sided \
                 95\u{202f}% bounds.</span></p>",
            );
        }
    }
    out.push_str("</section>\n");
}

/// A sentence with the names of policies in their colours.
fn coloured(scene: &Scene<'_>, sentence: &Sentence) -> String {
    let pieces = sentence.pieces().iter().map(|piece| match piece {
        Piece::Words(words) => escape(words),
        Piece::Name(name) => {
            // A short name stays on one line; a long one must be allowed to break.
            let whole = if name.chars().count() <= 28 {
                " nb"
            } else {
                ""
            };
            format!(
                "<b class=\"c-{}{whole}\">{}</b>",
                scene.looks.ink(name).name(),
                escape(name)
            )
        }
    });
    pieces.collect()
}

/// The headline figures of the policy the verdict names: differences, or values where it stands
/// alone.
fn figures(out: &mut String, scene: &Scene<'_>) {
    let results = scene.results;
    let named = scene
        .reading
        .named(results)
        .and_then(|name| results.policies.iter().find(|policy| policy.name == name));
    let Some(policy) = named else {
        return;
    };
    let mut cells: Vec<String> = scene
        .reading
        .headline
        .iter()
        .filter_map(|measure| figure(results, policy, measure))
        .collect();
    if let Some(s) = policy.stability.as_ref().filter(|s| s.of > 0) {
        let bound = odds(s.share_upper95).filter(|_| s.locked == 0);
        let note = bound.map_or(String::new(), |odds| format!("could still be {odds}"));
        cells.push(cell(
            "lock-up",
            &s.locked.to_string(),
            &format!(" of {}", s.of),
            &note,
        ));
    }
    if !cells.is_empty() {
        let _ = write!(out, "<dl class=\"hl\">{}</dl>", cells.concat());
    }
}

fn figure(results: &Results, policy: &PolicyResults, measure: &Measure) -> Option<String> {
    let estimate = policy.metrics.get(&measure.name)?;
    let Some(d) = difference(results, &policy.name, &measure.name) else {
        let number = measure.number(estimate, measure.decimals(estimate));
        return Some(cell(&measure.label, &number, measure.suffix, ""));
    };
    let decimals = measure.delta_decimals(d.value, d.interval);
    let base = results
        .policies
        .iter()
        .find(|other| other.name == d.baseline)
        .and_then(|other| other.metrics.get(&measure.name));
    let mut note = measure.interval(d.interval, decimals);
    if let Some(base) = base {
        let _ = write!(
            note,
            ", {} against {}",
            measure.value(estimate),
            measure.value(base)
        );
    }
    let verdict = d.verdict.map(word).filter(|word| *word != "better");
    if let Some(verdict) = verdict {
        let _ = write!(note, ", {verdict}");
    }
    let delta = measure.delta(d.value, decimals);
    Some(cell(&measure.label, &delta, measure.delta_suffix, &note))
}

fn cell(label: &str, number: &str, unit: &str, note: &str) -> String {
    format!(
        "<div><dt>{}</dt><dd>{}<small>{}</small></dd><dd class=\"i\">{}</dd></div>",
        escape(label),
        escape(number),
        escape(unit),
        escape(note)
    )
}

/// The others, and what the intervals mean together.
fn also(out: &mut String, scene: &Scene<'_>) {
    let results = scene.results;
    let sentences = [too(results, scene.reading), worse(results, scene.reading)];
    let mut text: Vec<String> = sentences
        .iter()
        .flatten()
        .map(|sentence| coloured(scene, sentence))
        .collect();
    let judged = !matches!(scene.reading.finding, Finding::Alone | Finding::TooFew);
    if judged && results.compare.family > 1 {
        text.push(format!(
            "<span class=\"u\">The intervals hold jointly at 95\u{202f}% ({} comparisons).</span>",
            results.compare.family
        ));
    }
    if !text.is_empty() {
        let _ = write!(out, "<p class=\"also\">{}</p>", text.join(" "));
    }
}

fn expectation(expectation: &Expectation) -> String {
    let (class, sign, word) = match expectation.outcome {
        Outcome::Passed => ("good", "✓", "passed"),
        Outcome::Failed => ("bad", "✗", "failed"),
        Outcome::NotShown => ("", "?", "not shown"),
    };
    let mut found = expectation.found.clone();
    if let Some(needed) = expectation.replications_needed {
        let _ = write!(
            found,
            "; not shown, about {needed} replications would decide it"
        );
    }
    let found = if found.is_empty() {
        String::new()
    } else {
        format!(" ({found})")
    };
    format!(
        "<li><i class=\"{class}\" title=\"{word}\">{sign}</i> {}<span class=\"u\">{}</span></li>",
        escape(&expectation.text),
        escape(&found)
    )
}
