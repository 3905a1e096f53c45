//! One self-contained page: questions in the order a reader asks them, each with its finding, how
//! to read it, the chart and its numbers. No script, no font, no request to any network.

mod before;
mod card;
mod figures;
mod layers;
mod priorities;
mod refused;
mod resilience;
mod style;
mod table;

use std::fmt::Write as _;

use super::chart::{CHARTS, Chart, Scene, Table, svg};
use super::number::{clock, grouped, span};
use super::reading::{halves, read};
use super::terminal::command;
use crate::record::Results;

/// Nothing may be loaded; styles are the page's own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri \
                      'none'; form-action 'none'";

/// The report as one HTML page.
pub fn page(results: &Results) -> String {
    let reading = read(results);
    let scene = Scene::new(results, &reading);
    let mut body = String::new();
    header(&mut body, results);
    card::write(&mut body, &scene);
    before::write(&mut body, results);
    table::write(&mut body, &scene);
    sections(&mut body, &scene);
    shell(&results.scenario, &body)
}

/// A page around its contents: nothing is loaded, and the styles are its own.
pub(super) fn shell(name: &str, body: &str) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" \
         content=\"light dark\"><meta http-equiv=\"Content-Security-Policy\" \
         content=\"{POLICY}\"><title>Squall: {}</title><style>{}</style></head>\n<body><main>\n",
        escape(name),
        style::sheet()
    );
    out.push_str(body);
    out.push_str("</main></body></html>\n");
    out
}

/// Text that is safe between tags and inside quoted attributes.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Controls are no characters of HTML; line breaks and tabs are.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn header(out: &mut String, results: &Results) {
    let meta = &results.meta;
    let title = if meta.title.is_empty() {
        &results.scenario
    } else {
        &meta.title
    };
    let count =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut facts = vec![
        count(results.policies.len(), "policy", "policies"),
        count(meta.replications as usize, "replication", "replications"),
        format!("{} of traffic", span(meta.duration_ns)),
    ];
    if meta.warm_up_ns > 0 {
        facts.push(format!("the first {} warm-up", span(meta.warm_up_ns)));
    }
    facts.push(format!("deadline {}", span(meta.horizon_ns)));
    let mut facts = escape(&facts.join(" · "));
    if results.policies.len() > 1 {
        let _ = write!(
            facts,
            " · baseline <b>{}</b>",
            escape(&results.compare.baseline)
        );
    }
    let _ = write!(
        out,
        "<header><p class=\"brand\">Squall <span>{}</span></p><h1>{}</h1>",
        escape(&results.scenario),
        escape(title)
    );
    if !meta.why.is_empty() {
        let _ = write!(out, "<p class=\"why\">{}</p>", escape(&meta.why));
    }
    let _ = writeln!(out, "<p class=\"meta\">{facts}</p></header>");
}

/// Every chart that applies, two half-width ones side by side where they are neighbours; then the
/// warnings and the line to run it again. Numbered as they come.
fn sections(out: &mut String, scene: &Scene<'_>) {
    let charts: Vec<&Chart> = CHARTS
        .iter()
        .filter(|chart| (chart.applies)(scene.results))
        .collect();
    let mut number = 1;
    let mut i = 0;
    while let Some(chart) = charts.get(i) {
        let neighbour = charts.get(i + 1).filter(|next| pair(chart, next));
        if let Some(next) = neighbour {
            out.push_str("<div class=\"two eq\">");
            section(out, scene, chart, number);
            section(out, scene, next, number + 1);
            out.push_str("</div>\n");
            (number, i) = (number + 2, i + 2);
        } else {
            let beside = beside(scene, chart);
            if !beside.is_empty() {
                out.push_str("<div class=\"two\">");
            }
            section(out, scene, chart, number);
            if !beside.is_empty() {
                let _ = write!(out, "{beside}</div>");
            }
            out.push('\n');
            (number, i) = (number + 1, i + 1);
        }
    }
    number = resilience::write(out, scene, number);
    number = layers::write(out, scene, number);
    number = priorities::write(out, scene, number);
    number = refused::write(out, scene, number);
    out.push_str(&figures::alerts(scene));
    if !charts.iter().any(|chart| chart.name == "replications") {
        let _ = writeln!(out, "{}", warnings(scene));
    }
    again(out, scene.results, number);
}

/// Which charts share a row.
fn pair(chart: &Chart, next: &Chart) -> bool {
    chart.name == "amplification" && next.name == "latency"
}

/// What stands to the right of a half-width chart.
fn beside(scene: &Scene<'_>, chart: &Chart) -> String {
    match chart.name {
        "replications" => warnings(scene),
        "cost" => figures::spending(scene),
        _ => String::new(),
    }
}

fn section(out: &mut String, scene: &Scene<'_>, chart: &Chart, number: usize) {
    let title = (chart.title)(scene);
    let drawing = (chart.draw)(scene);
    let _ = write!(
        out,
        "<section id=\"{0}\"><p class=\"q\"><span>{number}</span>{1}<em><a \
         href=\"charts/{0}.png\">png</a></em></p><h2>{2}</h2><p class=\"how\">{3}</p><div \
         class=\"scroll\">{4}</div>{5}</section>",
        chart.name,
        escape(chart.question),
        escape(&title),
        escape(&(chart.how)(scene)),
        svg(&drawing, chart.name, &title),
        details("numbers", &(chart.table)(scene)),
    );
}

/// A table behind a line to open it; nothing if it has no rows.
fn details(summary: &str, table: &Table) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<details><summary>{}</summary><div class=\"scroll\"><table class=\"small\"><thead><tr>",
        escape(summary)
    );
    for cell in &table.head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(cell));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        out.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            let _ = match i {
                0 => write!(out, "<th scope=\"row\">{}</th>", escape(cell)),
                _ => write!(out, "<td>{}</td>", escape(cell)),
            };
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div></details>");
    out
}

/// What a reader should know before trusting the numbers: mixtures with both halves, and warnings.
fn warnings(scene: &Scene<'_>) -> String {
    let mut items = String::new();
    for look in scene.looks.iter() {
        let Some(s) = look.policy.stability.as_ref().filter(|s| s.mixture) else {
            continue;
        };
        let halves = halves(scene.results, s).map(|text| format!(" ({text})"));
        let _ = write!(
            items,
            "<li><b class=\"c-{}\">{}</b> locked up in {} of {} runs{}. A mean describes neither \
             half.</li>",
            look.ink.name(),
            escape(&look.policy.name),
            s.locked,
            s.of,
            escape(&halves.unwrap_or_default())
        );
    }
    for warning in &scene.results.warnings {
        let _ = write!(items, "<li>{}</li>", escape(warning));
    }
    if items.is_empty() {
        return String::new();
    }
    format!("<section class=\"side warn\"><p class=\"q\">Warnings</p><ul>{items}</ul></section>")
}

fn again(out: &mut String, results: &Results, number: usize) {
    let meta = &results.meta;
    let facts = [
        format!("scenario {}", results.scenario_hash),
        format!("seed {}", results.seed),
        format!("model {}", results.model_version),
        format!("squall {}", results.squall_version),
        format!("{} calls simulated", grouped(meta.simulated_calls)),
        "same bytes on any machine, any number of threads".to_owned(),
    ];
    let _ = write!(
        out,
        "<section id=\"again\" class=\"repro\"><p class=\"q\"><span>{number}</span>Run it \
         again</p><pre><code>{}</code></pre><p class=\"u\">{}</p><p class=\"u\">Beside this page: \
         <a href=\"results.json\">results.json</a> · <a href=\"results.csv\">results.csv</a> · \
         <a href=\"summary.md\">summary.md</a> · <a href=\"junit.xml\">junit.xml</a> · charts/</p>",
        escape(&command(results)),
        escape(&facts.join(" · ")),
    );
    if !results.faults.is_empty() {
        out.push_str(&details("faults as scheduled", &faults(results)));
    }
    if !meta.resolved.is_empty() {
        let _ = write!(
            out,
            "<details><summary>scenario as run</summary><pre><code>{}</code></pre></details>",
            escape(&meta.resolved)
        );
    }
    out.push_str("</section>\n");
}

fn faults(results: &Results) -> Table {
    let rows = results.faults.iter().map(|fault| {
        vec![
            fault.name.clone(),
            fault.effect.clone(),
            fault.on.join(", "),
            clock(fault.from_ns),
            clock(fault.to_ns),
        ]
    });
    Table {
        head: ["fault", "effect", "on", "from", "to"]
            .map(String::from)
            .to_vec(),
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests;
