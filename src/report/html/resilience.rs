//! Whether an overload would outlive its trigger.

use std::fmt::Write as _;

use super::escape;
use super::figures::mark;
use crate::record::results::Colour;
use crate::report::chart::Scene;
use crate::report::resilience::{HEADS, rows, trigger};

/// Writes the table; nothing where it was not asked for. Returns the number of the next section.
pub(super) fn write(out: &mut String, scene: &Scene<'_>, number: usize) -> usize {
    let rows = rows(scene.results);
    if rows.is_empty() {
        return number;
    }
    let count = |colour| rows.iter().filter(|row| row.colour == colour).count();
    let _ = write!(
        out,
        "<section id=\"stability\"><p class=\"q\"><span>{number}</span>Does an overload outlive its \
         trigger?</p><h2>{} green, {} amber, {} red</h2><p class=\"how\">{} Green: the worst load by the law is at \
         most 0.9 of what can be done, and no run locked up. Red: it is 1.1 or more and keeps itself up, or the \
         file's trigger locks up half the runs. Amber: neither. Recovery is the median from the \
         file's trigger.</p><div class=\"scroll\"><table class=\"main \
         prio\"><thead><tr><th scope=\"col\">policy</th>",
        count(Colour::Green),
        count(Colour::Amber),
        count(Colour::Red),
        escape(&trigger(scene.results)),
    );
    for head in HEADS {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in &rows {
        let look = scene
            .looks
            .iter()
            .find(|look| look.policy.name == row.policy);
        let mark = look.map_or(String::new(), mark);
        let colour = row.colour.name();
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{mark}{}</th><td><b><i class=\"lamp {colour}\">●</i> {colour}</b></td>\
             <td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&row.policy),
            escape(&row.load),
            escape(&row.smallest),
            escape(&row.recovery)
        );
    }
    out.push_str("</tbody></table></div><ul class=\"exp foot\">\n");
    for row in &rows {
        let (policy, reason) = (escape(&row.policy), escape(&row.reason));
        let _ = writeln!(out, "<li><b>{policy}</b>: {reason}</li>");
    }
    out.push_str("</ul></section>\n");
    number + 1
}
