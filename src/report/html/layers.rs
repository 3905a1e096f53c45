//! Chains of services: attempts per call, layer by layer, over all calls and during each fault.

use std::fmt::Write as _;

use super::escape;
use super::figures::mark;
use crate::record::Results;
use crate::report::chart::Scene;
use crate::report::layers::{amplification, chains, found, times};

/// Writes the table; nothing where there are no chains. Returns the number of the next section.
pub(super) fn write(out: &mut String, scene: &Scene<'_>, number: usize) -> usize {
    let results = scene.results;
    if chains(results).is_empty() {
        return number;
    }
    let _ = write!(
        out,
        "<section id=\"layers\"><p class=\"q\"><span>{number}</span>Which layer multiplies?</p><h2>{}</h2>\
         <p class=\"how\">Attempts that each layer sent per call it was sent, the outermost first; their product is \
         what providers see of one call.</p><div class=\"scroll\"><table class=\"main prio\"><thead><tr><th \
         scope=\"col\">policy</th><th class=\"k\" scope=\"col\">layer</th><th scope=\"col\">all calls</th>",
        escape(&title(results))
    );
    let faults = || results.scopes.iter().skip(1);
    for scope in faults() {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(&scope.name));
    }
    out.push_str("</tr></thead><tbody>\n");
    for look in scene
        .looks
        .iter()
        .filter(|look| !look.policy.layers.is_empty())
    {
        let policy = look.policy;
        let rows = policy.layers.len() + 1;
        for (place, layer) in policy.layers.iter().enumerate() {
            out.push_str("<tr>");
            if place == 0 {
                let name = format!("{}{}", mark(look), escape(&policy.name));
                let _ = write!(out, "<th scope=\"rowgroup\" rowspan=\"{rows}\">{name}</th>");
            }
            let all = amplification(layer, None);
            let _ = write!(
                out,
                "<td class=\"k\">{}</td><td>{all}</td>",
                escape(&layer.name)
            );
            for scope in faults() {
                let value = amplification(layer, Some(&scope.name));
                let _ = write!(out, "<td>{value}</td>");
            }
            out.push_str("</tr>\n");
        }
        let whole = |metrics: Option<&std::collections::BTreeMap<_, _>>| {
            let found = metrics.and_then(|metrics| metrics.get("amplification"));
            found.map_or("none".to_owned(), |e: &crate::record::results::Estimate| {
                times(e.value)
            })
        };
        let _ = write!(
            out,
            "<tr><td class=\"k\">product</td><td>{}</td>",
            whole(Some(&policy.metrics))
        );
        for scope in faults() {
            let _ = write!(out, "<td>{}</td>", whole(policy.during.get(&scope.name)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></section>\n");
    number + 1
}

/// What the audits found, or which layer multiplies most.
fn title(results: &Results) -> String {
    if !results.audits.is_empty() {
        let all: Vec<String> = results
            .audits
            .iter()
            .map(|audit| found(results, audit))
            .collect();
        return all.join(" ");
    }
    let chains = chains(results);
    let layers = chains.iter().flat_map(|policy| {
        let each = policy.layers.iter();
        each.filter_map(move |layer| Some((policy, layer, layer.amplification.as_ref()?.value)))
    });
    let most = layers.max_by(|a, b| a.2.total_cmp(&b.2));
    match most {
        Some((policy, layer, value)) => format!(
            "{} of {} multiplies most: {} attempts per call.",
            layer.name,
            policy.name,
            times(value)
        ),
        None => "No layer was asked.".to_owned(),
    }
}
