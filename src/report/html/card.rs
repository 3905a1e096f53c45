//! The verdict card: which one, by how much, how sure; and whether the gate passed.

use std::fmt::Write as _;

use super::escape;
use crate::record::Results;
use crate::record::results::{Expectation, Judgement, Outcome, PolicyResults};
use crate::report::chart::Scene;
use crate::report::measure::Measure;
use crate::report::number::odds;
use crate::report::placing::{finals, others};
use crate::report::reading::{Finding, difference};
use crate::report::sentence::{Piece, Sentence, headline};
use crate::report::{sure, told};

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

/// The headline figures: differences of the policy the verdict names or of the only other one, or
/// the values of one that stands alone or for all.
fn figures(out: &mut String, scene: &Scene<'_>) {
    let results = scene.results;
    let Some(policy) = shown(scene) else {
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
        let count = (s.locked.to_string(), format!(" of {}", s.of));
        cells.push(cell("lock-up", &count, "", &note));
    }
    if !cells.is_empty() {
        let whose = Sentence::default().name(&policy.name);
        let base = &results.compare.baseline;
        let compared = results.differences.iter().any(|d| d.policy == policy.name);
        let whose = if compared {
            whose.say(" against ").name(base)
        } else if results.policies.len() > 1 && policy.name == *base {
            whose.say(", the baseline")
        } else {
            whose
        };
        let _ = write!(
            out,
            "<p class=\"whose\">{}</p><dl class=\"hl\">{}</dl>",
            coloured(scene, &whose),
            cells.concat()
        );
    }
}

/// The policy whose figures stand on the card.
fn shown<'a>(scene: &Scene<'a>) -> Option<&'a PolicyResults> {
    let results = scene.results;
    let base = results.compare.baseline.as_str();
    let mut others = results.policies.iter().filter(|policy| policy.name != base);
    let only = others.next().filter(|_| others.next().is_none());
    let only = only.map(|policy| policy.name.as_str());
    let name = scene.reading.named(results).or(only).unwrap_or(base);
    results.policies.iter().find(|policy| policy.name == name)
}

fn figure(results: &Results, policy: &PolicyResults, measure: &Measure) -> Option<String> {
    let estimate = policy.metrics.get(&measure.name)?;
    let during = during(results, policy, measure);
    let Some(d) = difference(results, &policy.name, &measure.name) else {
        let number = measure.number(estimate, measure.decimals(estimate));
        let number = (number, measure.suffix.to_owned());
        return Some(cell(&measure.label, &number, "", &during));
    };
    let verdict = match d.verdict {
        Some(Judgement::Better) => "<b class=\"good\">better</b>".to_owned(),
        Some(Judgement::Worse) => "<b class=\"bad\">worse</b>".to_owned(),
        _ => escape(&told::verdict(results, measure, d)),
    };
    let parts = [
        told::interval(results, measure, d),
        told::against(results, measure, d),
        during,
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let number = if told::both_at_horizon(results, measure, d) {
        (told::delta(results, measure, d), String::new())
    } else {
        let decimals = measure.delta_decimals(d.value, d.interval);
        let delta = measure.delta(d.value, decimals);
        (delta, measure.delta_suffix.to_owned())
    };
    Some(cell(&measure.label, &number, &verdict, &parts.join(", ")))
}

/// Bad answers come with a fault and their mean hides it: "16.8 % during drift".
fn during(results: &Results, policy: &PolicyResults, measure: &Measure) -> String {
    if measure.name != "bad_answer_ratio" {
        return String::new();
    }
    let parts = results.faults.iter().filter_map(|fault| {
        let estimate = policy.during.get(&fault.name)?.get(&measure.name)?;
        Some(format!("{} during {}", measure.value(estimate), fault.name))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// A figure with the verdict's word (markup) under it, and what it stands on.
fn cell(label: &str, (number, unit): &(String, String), word: &str, note: &str) -> String {
    format!(
        "<div><dt>{}</dt><dd>{}<small>{}</small></dd><dd class=\"vw\">{word}</dd><dd \
         class=\"i\">{}</dd></div>",
        escape(label),
        escape(number),
        escape(unit),
        escape(note)
    )
}

/// The others, and what the intervals mean together.
fn also(out: &mut String, scene: &Scene<'_>) {
    let results = scene.results;
    let mut text: Vec<String> = others(results, scene.reading)
        .into_iter()
        .chain(finals(results, scene.reading))
        .map(|sentence| coloured(scene, &sentence))
        .collect();
    let judged = !matches!(scene.reading.finding, Finding::Alone | Finding::TooFew);
    if judged && results.compare.family > 1 {
        text.push(format!(
            "<span class=\"u\">The intervals hold jointly at 95\u{202f}% ({} comparisons).</span>",
            results.compare.family
        ));
    }
    let sure = sure::sentences(results).into_iter();
    text.extend(sure.map(|sentence| format!("<span class=\"u\">{}</span>", escape(&sentence))));
    if !text.is_empty() {
        let _ = write!(out, "<p class=\"also\">{}</p>", text.join(" "));
    }
}

fn expectation(expectation: &Expectation) -> String {
    let (class, sign, word) = match expectation.outcome {
        _ if expectation.warns() => ("", "!", "a warning"),
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
    if expectation.warns() {
        found.push_str("; it only warns");
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
