//! Where calls have priorities: how those of each fared, by policy.

use std::fmt::Write as _;

use super::escape;
use super::figures::mark;
use crate::record::Results;
use crate::record::results::{PolicyResults, Scope};
use crate::report::chart::Scene;
use crate::report::measure::Measure;
use crate::report::priorities::{self, measures, scopes};

/// Writes the table; nothing where all calls are of one priority. Returns the number of the next section.
pub(super) fn write(out: &mut String, scene: &Scene<'_>, number: usize) -> usize {
    let results = scene.results;
    let scopes: Vec<&Scope> = scopes(results);
    if scopes.is_empty() {
        return number;
    }
    let measures = measures(results);
    let _ = write!(
        out,
        "<section id=\"priorities\"><p class=\"q\"><span>{number}</span>Does it keep what \
         matters?</p><h2>{}</h2><p class=\"how\">Calls by their priority, the most important \
         first.</p><div class=\"scroll\"><table \
         class=\"main prio\"><thead><tr><th scope=\"col\">policy</th><th class=\"k\" scope=\"col\">calls</th>",
        escape(&title(results, &scopes))
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
            row(out, &name, scope, look.policy, &measures);
        }
    }
    out.push_str("</tbody></table></div></section>\n");
    number + 1
}

fn row(out: &mut String, name: &str, scope: &Scope, policy: &PolicyResults, measures: &[Measure]) {
    let priority = priorities::name(scope);
    let _ = write!(out, "<tr>{name}<td class=\"k\">{priority}</td>");
    for measure in measures {
        let value = priorities::value(policy, scope, measure);
        let _ = write!(out, "<td>{}</td>", escape(&value));
    }
    out.push_str("</tr>\n");
}

/// The policy that does best for what matters most.
fn title(results: &Results, scopes: &[&Scope]) -> String {
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
    found.unwrap_or_else(|| "Calls by priority".to_owned())
}
