//! What policies refused and why, and what providers refused them for limits; and apart from it what those that
//! only observe would have done.

use std::fmt::Write as _;

use super::escape;
use super::figures::mark;
use crate::record::results::PolicyResults;
use crate::report::chart::{Look, Scene};
use crate::report::limited::limited;
use crate::report::number::list;
use crate::report::refused::{Entry, Line, rate, refused, side_by_side, why, would};

/// One of the tables.
struct Sheet {
    id: &'static str,
    question: &'static str,
    how: &'static str,
    head: &'static str,
    entries: for<'a> fn(&'a PolicyResults) -> Vec<Entry<'a>>,
    title: fn(&[(&str, Entry<'_>)]) -> String,
    words: fn(&Entry<'_>) -> String,
}

const REFUSED: Sheet = Sheet {
    id: "refused",
    question: "Refused, and why?",
    how: "How often in 1\u{202f}000 calls a section of a policy said no. A call may be refused more than \
          once: at several endpoints, and again after a wait.",
    entries: refused,
    title: most_refused,
    head: "per 1\u{202f}000 calls",
    words: |entry| why(entry.reason).to_owned(),
};

const LIMITED: Sheet = Sheet {
    id: "limited",
    question: "Which limits refused?",
    how: "How often in 1\u{202f}000 calls a provider refused an attempt for a limit. Of several that were \
          used up it is the one that is waited for longest.",
    entries: limited,
    title: most_limited,
    head: "429 per 1\u{202f}000 calls",
    words: |entry| why(entry.reason).to_owned(),
};

const WOULD: Sheet = Sheet {
    id: "observed",
    question: "What would those that only observe have done?",
    how: "How often in 1\u{202f}000 calls a policy would have acted. None of it was done: every call was \
          sent once, at once.",
    entries: would,
    title: most_observed,
    head: "would have, per 1\u{202f}000 calls",
    words: |entry| entry.done(),
};

/// Writes them, as far as there is anything to say; returns the number of the next section.
pub(super) fn write(out: &mut String, scene: &Scene<'_>, mut number: usize) -> usize {
    for sheet in [REFUSED, LIMITED, WOULD] {
        // Who refused nothing has a column of nothing; who only observes, or does not, is no part of it.
        let observes = sheet.id == WOULD.id;
        let acts = |look: &&Look<'_>| !(sheet.entries)(look.policy).is_empty();
        let shown = |look: &&Look<'_>| acts(look) || !observes && !look.policy.observes;
        let looks: Vec<&Look<'_>> = scene.looks.iter().filter(shown).collect();
        if looks.iter().any(acts) {
            section(out, &sheet, &looks, number);
            number += 1;
        }
    }
    number
}

fn section(out: &mut String, sheet: &Sheet, looks: &[&Look<'_>], number: usize) {
    let entries: Vec<Vec<Entry<'_>>> = looks.iter().map(|l| (sheet.entries)(l.policy)).collect();
    let named = looks.iter().zip(&entries);
    let all: Vec<(&str, Entry<'_>)> = named
        .flat_map(|(look, entries)| {
            entries
                .iter()
                .map(|entry| (look.policy.name.as_str(), *entry))
        })
        .collect();
    let _ = write!(
        out,
        "<section id=\"{}\"><p class=\"q\"><span>{number}</span>{}</p><h2>{}</h2><p \
         class=\"how\">{}</p><div class=\"scroll\"><table class=\"main why\"><thead><tr><th \
         scope=\"col\">{}</th><th class=\"k\" scope=\"col\">section</th>",
        sheet.id,
        escape(sheet.question),
        escape(&(sheet.title)(&all)),
        how(sheet, &all),
        sheet.head,
    );
    for look in looks {
        let name = escape(&look.policy.name);
        let _ = write!(out, "<th scope=\"col\">{}{name}</th>", mark(look));
    }
    out.push_str("</tr></thead><tbody>\n");
    for line in side_by_side(&entries) {
        row(out, sheet, &line);
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// How to read it, with a word about pale lines where there are any.
fn how(sheet: &Sheet, all: &[(&str, Entry<'_>)]) -> String {
    let pale = all.iter().any(|(_, entry)| is_pale(sheet, entry));
    let pale = match pale {
        true => {
            " The pale lines held nothing back: there the attempts of a call came to their end."
        }
        false => "",
    };
    escape(&format!("{}{pale}", sheet.how))
}

/// What holds nothing back is the background of the rest.
fn is_pale(sheet: &Sheet, entry: &Entry<'_>) -> bool {
    sheet.id == REFUSED.id && !entry.holds_back()
}

fn row(out: &mut String, sheet: &Sheet, line: &Line<'_>) {
    let pale = is_pale(sheet, &line.entry);
    let _ = write!(
        out,
        "<tr{}><th scope=\"row\">{}</th><td class=\"k\"><code>{}</code></td>",
        if pale { " class=\"u\"" } else { "" },
        escape(&(sheet.words)(&line.entry)),
        escape(line.entry.section)
    );
    for found in &line.rates {
        let _ = match found {
            Some(found) => write!(out, "<td>{}</td>", escape(&rate(*found))),
            None => write!(out, "<td class=\"u\">–</td>"),
        };
    }
    out.push_str("</tr>\n");
}

/// The one that is largest, of those that count.
fn largest<'e, 'a>(
    all: &'e [(&'e str, Entry<'a>)],
    counts: impl Fn(&Entry<'a>) -> bool,
) -> Option<&'e (&'e str, Entry<'a>)> {
    let mut most: Option<&(&str, Entry<'_>)> = None;
    for one in all.iter().filter(|(_, entry)| counts(entry)) {
        if most.is_none_or(|most| one.1.per_1000_calls > most.1.per_1000_calls) {
            most = Some(one);
        }
    }
    most
}

fn most_refused(all: &[(&str, Entry<'_>)]) -> String {
    match largest(all, Entry::holds_back) {
        Some((policy, entry)) => format!(
            "{policy} held back most: {} times in 1\u{202f}000 calls {}",
            rate(entry.per_1000_calls),
            why(entry.reason)
        ),
        None => "Nothing was held back: attempts only came to their end".to_owned(),
    }
}

fn most_limited(all: &[(&str, Entry<'_>)]) -> String {
    let most = largest(all, |_| true);
    most.map_or(String::new(), |(_, entry)| {
        let per_1000 = rate(entry.per_1000_calls);
        // Those whose numbers read the same are told together.
        let same = |one: &&(&str, Entry<'_>)| {
            one.1.reason == entry.reason && rate(one.1.per_1000_calls) == per_1000
        };
        let names: Vec<&str> = all.iter().filter(same).map(|(name, _)| *name).collect();
        let were = if names.len() == 1 { "was" } else { "were" };
        format!(
            "{} {were} refused most: {per_1000} times in 1\u{202f}000 calls for {}",
            list(&names),
            why(entry.reason)
        )
    })
}

fn most_observed(all: &[(&str, Entry<'_>)]) -> String {
    let most = largest(all, Entry::holds_back).or_else(|| largest(all, |_| true));
    most.map_or(String::new(), |(policy, entry)| {
        format!(
            "{policy} would have {}: {} times in 1\u{202f}000 calls",
            entry.done(),
            rate(entry.per_1000_calls)
        )
    })
}
