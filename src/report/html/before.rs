//! This run against an earlier one.

use std::fmt::Write as _;

use super::escape;
use crate::record::Results;
use crate::record::results::Judgement;
use crate::report::before::{heading, lines, notes};

/// Writes the table; nothing where nothing was compared.
pub(super) fn write(out: &mut String, results: &Results) {
    let Some(against) = &results.against else {
        return;
    };
    let _ = write!(
        out,
        "<section id=\"against\"><p class=\"q\">Better than before?</p><h2>{}</h2><p \
         class=\"how\">{}</p><div class=\"scroll\"><table class=\"main\"><thead><tr>",
        escape(&heading(against)),
        escape(&notes(against).join(" "))
    );
    for head in ["policy", "metric", "before → now", "difference", "verdict"] {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for line in lines(results, against) {
        let class = match line.judgement {
            Some(Judgement::Better) => "good",
            Some(Judgement::Worse) => "bad",
            _ => "u",
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td><b \
             class=\"{class}\">{}</b></td></tr>",
            escape(&line.policy),
            escape(&line.label),
            escape(&line.values),
            escape(&line.difference),
            escape(&line.verdict)
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}
