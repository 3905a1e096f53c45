//! Small figures beside charts and inside cells.

use std::fmt::Write as _;

use super::escape;
use crate::record::results::Estimate;
use crate::report::alerts::told;
use crate::report::chart::{Look, Scene, svg_dot, svg_number};
use crate::report::measure::Measure;
use crate::report::spent;

/// A whisker of 96 × 14 px: the value as a dot, its interval as a bar, an arrow at the horizon.
pub(super) fn whisker(
    measure: &Measure,
    estimate: &Estimate,
    range: (f64, f64),
    look: &Look<'_>,
) -> String {
    let (from, to) = (4.0, 88.0);
    let at = |value: f64| {
        let share = (measure.scaled(value) - range.0) / (range.1 - range.0).max(1e-12);
        from + share.clamp(0.0, 1.0) * (to - from)
    };
    let name = look.ink.name();
    let x = at(estimate.value);
    let mut out = String::from(
        "<svg class=\"wh\" viewBox=\"0 0 96 14\" aria-hidden=\"true\"><path class=\"l s-mut\" \
         stroke-width=\".8\" d=\"M4 7L88 7\"/>",
    );
    if let [Some(lo), Some(hi)] = estimate.ci95 {
        let (lo, hi) = (at(lo), at(hi));
        let _ = write!(
            out,
            "<rect class=\"f-{name}\" opacity=\".45\" x=\"{}\" y=\"5.5\" width=\"{}\" \
             height=\"3\"/>",
            svg_number(lo),
            svg_number((hi - lo).max(1.5))
        );
    }
    out.push_str(&svg_dot((x, 7.0), 3.2, look));
    if estimate.at_horizon {
        let _ = write!(
            out,
            "<path class=\"l s-{name}\" stroke-width=\"1.4\" d=\"M{} 4l3 3l-3 3\"/>",
            svg_number(x + 5.0)
        );
    }
    out.push_str("</svg>");
    out
}

/// A policy's dot before its name, in the shape that all charts give it.
pub(super) fn mark(look: &Look<'_>) -> String {
    let dot = svg_dot((6.0, 6.0), 4.5, look);
    format!("<svg class=\"dot\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">{dot}</svg>")
}

/// What the money went for, as far as it was recorded: beside the chart of cost.
pub(super) fn spending(scene: &Scene<'_>) -> String {
    let (total, wasted) = ("cost_usd_total", "cost_usd_wasted");
    let total_of = Measure::of(scene.results, total);
    let wasted_of = Measure::of(scene.results, wasted);
    let judge_of = Measure::of(scene.results, "cost_usd_judge");
    let rows: Vec<String> = scene
        .looks
        .iter()
        .filter_map(|look| {
            let metrics = &look.policy.metrics;
            let (all, lost) = (metrics.get(total)?, metrics.get(wasted)?);
            let judge = metrics.get("cost_usd_judge");
            let judge = judge.filter(|estimate| estimate.value > 0.0);
            let judge =
                judge.map(|spent| format!(" and {} for judges", escape(&judge_of.value(spent))));
            let causes = spent::causes(look.policy);
            let causes = match causes.is_empty() {
                true => String::new(),
                false => format!(" ({})", escape(&causes)),
            };
            let tokens = spent::tokens(look.policy);
            let tokens = tokens.map_or(String::new(), |told| format!("; {}", escape(&told)));
            Some(format!(
                "<li><b class=\"c-{}\">{}</b> {}, of which {} for attempts that answered no \
                 call{causes}{}{tokens}</li>",
                look.ink.name(),
                escape(&look.policy.name),
                escape(&total_of.value(all)),
                escape(&wasted_of.value(lost)),
                judge.unwrap_or_default()
            ))
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<section class=\"side\"><p class=\"q\">Money spent in one run</p><ul>{}</ul></section>",
        rows.concat()
    )
}

/// What drift monitors, guards and limits raised alerts about, one entry for each policy that has any.
pub(super) fn alerts(scene: &Scene<'_>) -> String {
    let rows = scene.looks.iter().filter_map(|look| {
        let text = told(scene.results, look.policy)?;
        Some(format!(
            "<li><b class=\"c-{}\">{}</b> {}</li>",
            look.ink.name(),
            escape(&look.policy.name),
            escape(&text)
        ))
    });
    let rows: String = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let title = "Alerts of drift monitors, guards and limits";
    format!("<section class=\"side\"><p class=\"q\">{title}</p><ul>{rows}</ul></section>\n")
}
