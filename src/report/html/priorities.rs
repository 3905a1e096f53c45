//! Where calls have priorities or tenants: how those of each fared, by policy.

use std::fmt::Write as _;

use super::escape;
use super::figures::mark;
use crate::record::Results;
use crate::record::results::{PolicyResults, Scope};
use crate::report::chart::Scene;
use crate::report::measure::Measure;
use crate::report::priorities::{self, By, measures, scopes};

/// Writes a table of priorities and one of tenants; nothing where all calls are of one. Returns the number of the
/// next section.
pub(super) fn write(out: &mut String, scene: &Scene<'_>, number: usize) -> usize {
    By::ALL
        .into_iter()
        .fold(number, |number, by| table(out, scene, by, number))
}

fn table(out: &mut String, scene: &Scene<'_>, by: By, number: usize) -> usize {
    let results = scene.results;
    let scopes: Vec<&Scope> = scopes(results, by);
    if scopes.is_empty() {
        return number;
    }
    let (id, question, how) = match by {
        By::Priority => (
            "priorities",
            "Does it keep what matters?",
            "Calls by their priority, the most important first.",
        ),
        By::Tenant => (
            "tenants",
            "Who bears it?",
            "Calls by the tenant whose they are; those of nobody are left out.",
        ),
    };
    let measures = measures(results);
    let _ = write!(
        out,
        "<section id=\"{id}\"><p class=\"q\"><span>{number}</span>{question}</p><h2>{}</h2><p \
         class=\"how\">{how}</p><div class=\"scroll\"><table \
         class=\"main prio\"><thead><tr><th scope=\"col\">policy</th><th class=\"k\" scope=\"col\">calls</th>",
        escape(&title(results, &scopes, by))
    );
    for measure in &measures {
        let _ = write!(
            out,
            "<th scope=\"col\">{}<small>{}</small></th>",
            escape(&measure.label),
            escape(measure.unit_words)
        );
    }
    out.push_str("</tr></thead><tbody>\n");
    for look in scene.looks.iter() {
        let name = format!("{}{}", mark(look), escape(&look.policy.name));
        for (place, scope) in scopes.iter().enumerate() {
            let name = match place {
                0 => format!(
                    "<th scope=\"rowgroup\" rowspan=\"{}\">{name}</th>",
                    scopes.len()
                ),
                _ => String::new(),
            };
            row(out, (&name, by), scope, look.policy, &measures);
        }
    }
    out.push_str("</tbody></table></div></section>\n");
    number + 1
}

fn row(
    out: &mut String,
    (name, by): (&str, By),
    scope: &Scope,
    policy: &PolicyResults,
    measures: &[Measure],
) {
    let whose = escape(priorities::name(scope, by));
    let _ = write!(out, "<tr>{name}<td class=\"k\">{whose}</td>");
    for measure in measures {
        let value = priorities::value(policy, scope, measure);
        let _ = write!(out, "<td>{}</td>", escape(&value));
    }
    out.push_str("</tr>\n");
}

/// The policy that does best for what matters most, or for the first of the tenants.
fn title(results: &Results, scopes: &[&Scope], by: By) -> String {
    let measure = Measure::of(results, "success_ratio");
    let found = scopes.iter().find_map(|scope| {
        let share = |p: &PolicyResults| {
            let estimate = p.during.get(&scope.name)?.get(&measure.name)?.clone();
            Some((p.name.clone(), estimate))
        };
        let mut all: Vec<_> = results.policies.iter().filter_map(share).collect();
        // Of several equal ones the first of the file.
        all.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
        let (best, estimate) = all.first()?;
        Some(format!(
            "Of {}, {best} answers {}",
            scope.name,
            measure.value(estimate)
        ))
    });
    found.unwrap_or_else(|| format!("Calls by {}", by.name()))
}
