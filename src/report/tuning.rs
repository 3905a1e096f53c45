//! A tuning as a reader meets it: on the terminal and as a page to paste in a pull request.

mod page;

use std::fmt::Write as _;

use super::halves::with_interval;
use super::markdown::{longest, text};
use super::number::grouped;
use super::terminal::plain::Plain;
use super::terminal::quoted;
use crate::record::results::{Estimate, Outcome};
use crate::record::tuning::{Certified, Parameter, Tuned};

pub use page::page;

/// A table: titles and rows of as many cells.
struct Table {
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// What the terminal shows. Without `unicode` only ASCII.
pub fn terminal(tuned: &Tuned, unicode: bool) -> String {
    let plain = Plain::new(unicode);
    let mut out = plain.line(&format!("{}  {}", tuned.name, tuned.title));
    out.push('\n');
    for sentence in &tuned.sentences {
        out.push_str(&plain.line(&format!("  {sentence}")));
    }
    for table in [parameters(tuned), certificate(tuned)] {
        out.push('\n');
        let rows = std::iter::once(&table.titles).chain(&table.rows);
        out.push_str(&plain.table(rows));
    }
    out.push('\n');
    out + &plain.line(&format!("  {}", spent(tuned)))
}

/// The same in Markdown.
pub fn markdown(tuned: &Tuned) -> String {
    let (policy, title) = (text(&tuned.policy), text(&tuned.title));
    let mut out = format!("# Tuning of {policy}: {title}\n\n");
    for sentence in &tuned.sentences {
        let _ = writeln!(out, "- {}", text(&sentence.replace('`', "")));
    }
    let headings = ["What moved", "Certificate"];
    for (heading, table) in headings
        .into_iter()
        .zip([parameters(tuned), certificate(tuned)])
    {
        let _ = write!(out, "\n## {heading}\n\n{}", piped(&table));
    }
    // A fence must be longer than any run of its own sign inside.
    let fence = |inside: &str| "`".repeat(3.max(1 + longest(inside, '`')));
    let (file, again) = (&tuned.policy_file, command(tuned));
    let (toml, sh) = (fence(file), fence(&again));
    let _ = write!(
        out,
        "\n## The policy\n\n{toml}toml\n{file}{toml}\n\n{}\n\n{sh}sh\n{again}\n{sh}\n",
        spent(tuned)
    );
    out
}

/// The command that comes to the same bytes, in one line.
pub(super) fn command(tuned: &Tuned) -> String {
    let line = format!(
        "squall tune {} --seed {} --budget {}",
        quoted(&tuned.file),
        tuned.seed,
        tuned.budget
    );
    line.replace(|c: char| c.is_control(), " ")
}

/// The policy that was found, with where it comes from.
pub fn policy_file(tuned: &Tuned) -> String {
    let word = if tuned.feasible {
        "Tuned"
    } else {
        "NOT within every limit: the nearest found"
    };
    format!(
        "# {word}, by `{}`. Its certificate is in tuning.json beside it.\n\n{}",
        command(tuned),
        tuned.policy_file
    )
}

fn spent(tuned: &Tuned) -> String {
    let spent = &tuned.spent;
    let reference = match spent.reference {
        0 => String::new(),
        runs => format!("{} of the baseline beforehand, ", grouped(runs)),
    };
    format!(
        "{} runs: {reference}{} of the search, {} of the selection, {} of moving one parameter at a time, {} of \
         the certificate.",
        grouped(spent.reference + spent.search + spent.select + spent.sense + spent.certify),
        grouped(spent.search),
        grouped(spent.select),
        grouped(spent.sense),
        grouped(spent.certify)
    )
}

/// What moved: the range, what was found, where it is as good, and what a step to either side does.
fn parameters(tuned: &Tuned) -> Table {
    let titles = [
        "parameter",
        "range",
        "found",
        "as good",
        "one step down",
        "one step up",
    ];
    let row = |parameter: &Parameter| {
        let flat = parameter.flat.as_ref().map(|[from, to]| match from == to {
            true => from.clone(),
            false => format!("{from} to {to}"),
        });
        let mut cells = vec![
            parameter.name.clone(),
            parameter.range.clone(),
            parameter.found.clone().unwrap_or("—".into()),
            flat.unwrap_or("—".into()),
        ];
        for i in 0..2 {
            let nudge = parameter.nudges.get(i);
            cells.push(nudge.map_or("—".into(), |nudge| {
                let change = change(tuned, nudge.change);
                let beyond = match nudge.beyond.is_empty() {
                    true => String::new(),
                    false => format!(", beyond {}", nudge.beyond.join(", ")),
                };
                format!("{}: {change}{beyond}", nudge.to)
            }));
        }
        cells
    };
    Table {
        titles: titles.map(String::from).to_vec(),
        rows: tuned.parameters.iter().map(row).collect(),
    }
}

/// A change of the objective as a share of what was found, if that is known.
fn change(tuned: &Tuned, by: f64) -> String {
    let found = tuned.finalists.first().and_then(|first| first.objective);
    match found.filter(|found| *found != 0.0) {
        Some(found) => {
            let percent = by / found.abs() * 100.0;
            let text = format!("{percent:+.1} %").replace('-', "−");
            match text.as_str() {
                "+0.0 %" | "−0.0 %" => "no change".to_owned(),
                _ => text,
            }
        }
        None => format!("{by:+.3e}"),
    }
}

/// Each policy in each weather against the limits.
fn certificate(tuned: &Tuned) -> Table {
    let mut titles = vec!["policy".to_owned(), "weather".to_owned()];
    titles.push(tuned.objective.metric.clone());
    titles.extend(
        tuned
            .limits
            .iter()
            .map(|limit| format!("{} {}", limit.metric, limit.text)),
    );
    titles.push("locked up (95 % bound)".to_owned());
    let row = |row: &Certified| {
        let weather = tuned
            .weathers
            .iter()
            .find(|weather| weather.name == row.weather);
        let held_out = weather.is_some_and(|weather| weather.held_out);
        let mark = if held_out { " (held out)" } else { "" };
        let mut cells = vec![row.policy.clone(), format!("{}{mark}", row.weather)];
        cells.push(told(row.objective.as_ref(), &tuned.objective.metric));
        for held in &row.held {
            let mark = match held.outcome {
                Outcome::Passed => "✓",
                Outcome::Failed => "✗",
                Outcome::NotShown => "?",
            };
            let needs = held
                .needs
                .map_or(String::new(), |runs| format!(" (needs {runs} runs)"));
            let value = told(held.estimate.as_ref(), &held.metric);
            cells.push(format!("{mark} {value}{needs}"));
        }
        cells.push(match row.of {
            0 => "—".to_owned(),
            of => match row.share_upper95 {
                Some(most) => format!("{} of {of} (≤ {:.1}\u{202f}%)", row.locked, most * 100.0),
                None => format!("{} of {of}", row.locked),
            },
        });
        cells
    };
    Table {
        titles,
        rows: tuned.certificate.iter().map(row).collect(),
    }
}

fn told(estimate: Option<&Estimate>, metric: &str) -> String {
    estimate.map_or("—".to_owned(), |estimate| with_interval(estimate, metric))
}

fn piped(table: &Table) -> String {
    let line = |cells: &Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = format!("|{}\n", "---|".repeat(table.titles.len()));
    line(&table.titles) + &rule + &table.rows.iter().map(line).collect::<String>()
}
