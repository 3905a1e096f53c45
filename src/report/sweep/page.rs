//! A sweep as one self-contained page: a chart for each metric, its numbers below it.

use std::fmt::Write as _;

use super::title;
use crate::record::sweep::{Cell, Sweep};
use crate::report::chart::{svg, swept};
use crate::report::halves::with_half;
use crate::report::html::{escape, shell};

/// The page.
pub(super) fn page(sweep: &Sweep) -> String {
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<header><h1>{}</h1><p class=\"how\">{} · seed {} · {} runs of each policy at each point</p></header>",
        escape(&sweep.title),
        escape(&sweep.file),
        sweep.seed,
        sweep.replications
    );
    for metric in &sweep.metrics {
        let title = title(sweep, metric);
        let _ = writeln!(
            body,
            "<section id=\"{metric}\"><h2>{}</h2><p class=\"how\">{}</p><div class=\"scroll\">{}</div>\
             <details><summary>Numbers</summary>{}</details></section>",
            escape(&title),
            escape(swept::how(sweep)),
            svg(&swept::draw(sweep, metric), metric, &title),
            table(sweep, metric)
        );
    }
    shell(&format!("{} (sweep)", sweep.name), &body)
}

fn table(sweep: &Sweep, metric: &str) -> String {
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    for name in sweep
        .axes
        .iter()
        .map(|axis| &axis.key)
        .chain(["policy".to_owned()].iter())
    {
        let _ = write!(out, "<th>{}</th>", escape(name));
    }
    out.push_str("<th>value</th><th>less the baseline</th></tr></thead><tbody>");
    let has = |cell: &&Cell| cell.metrics.contains_key(metric);
    for cell in sweep.cells.iter().filter(has) {
        out.push_str("<tr>");
        for (axis, &place) in sweep.axes.iter().zip(&cell.at) {
            let _ = write!(out, "<td>{}</td>", escape(&axis.values[place]));
        }
        let reading = &cell.metrics[metric];
        let mark = if reading.settled { "" } else { " ?" };
        let less = reading.difference.map_or(String::from("—"), |difference| {
            let mut estimate = reading.estimate.clone();
            estimate.value = difference.value;
            estimate.ci95 = difference.interval;
            estimate.at_horizon = false;
            with_half(&estimate, metric)
        });
        let _ = write!(
            out,
            "<td>{}</td><td>{}{mark}</td><td>{}</td></tr>",
            escape(&cell.policy),
            escape(&with_half(&reading.estimate, metric)),
            escape(&less)
        );
    }
    out.push_str("</tbody></table></div>");
    out
}
