//! The final output of a run in 80 columns: verdict, expectations, tables, where things broke,
//! warnings, files, the line to run it again.

mod alerts;
mod before;
mod broke;
mod expect;
mod layers;
mod layout;
pub(super) mod plain;
mod priorities;
mod refused;
mod resilience;
mod spent;
mod table;
mod text;
mod verdict;

use std::path::Path;

use super::reading::read;
use super::sure;
use crate::record::Results;
use crate::record::results::PolicyResults;
use text::{Page, Paint, Span};

/// Columns of the output where the terminal's are not known, and the fewest and most it is made for:
/// below, a line is the terminal's to wrap; above, an eye would lose it.
const COLUMNS: usize = 80;
const FEWEST: usize = 60;
const MOST: usize = 100;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Colours and bold; the text is the same without.
    pub color: bool,
    /// Signs beyond ASCII; without, they have ASCII twins (ok, FAIL, +/-, >=).
    pub unicode: bool,
    /// Its columns; None: 80.
    pub width: Option<u16>,
}

impl Style {
    /// Columns of a line.
    fn columns(self) -> usize {
        let width = self.width.map_or(COLUMNS, usize::from);
        width.clamp(FEWEST, MOST)
    }
}

/// The final output, without the line that names the files written.
pub fn summary(results: &Results, style: Style) -> String {
    compose(results, style, None)
}

/// The final output of a run whose report was written to `dir`, as returned by [`super::write`].
pub fn summary_at(results: &Results, style: Style, dir: &Path) -> String {
    compose(results, style, Some(dir))
}

/// A line that says which scenario the next summary is about, where there are several.
pub fn heading(results: &Results, style: Style) -> String {
    let mut page = Page::new(style);
    let title = match results.meta.title.as_str() {
        // A file without a title goes by its name.
        title if results.scenario.starts_with(title) => String::new(),
        title => format!("  {title}"),
    };
    page.line(&[
        Span::new(format!("== {}", results.scenario), Paint::Bold),
        Span::new(title, Paint::Dim),
    ]);
    page.blank();
    page.finish()
}

fn compose(results: &Results, style: Style, dir: Option<&Path>) -> String {
    let reading = read(results);
    let mut page = Page::new(style);
    verdict::print(&mut page, results, &reading);
    before::print(&mut page, results);
    expect::print(&mut page, results);
    table::print(&mut page, results, &reading);
    layers::print(&mut page, results);
    priorities::print(&mut page, results);
    broke::print(&mut page, results);
    resilience::print(&mut page, results);
    refused::print(&mut page, results);
    alerts::print(&mut page, results);
    spent::print(&mut page, results);
    page.blank();
    for sentence in sure::sentences(results) {
        page.wrapped("  ", "  ", &sentence, Paint::Dim);
    }
    for warning in &results.warnings {
        page.wrapped("! ", "  ", warning, Paint::Bad);
    }
    again(&mut page, results, dir);
    page.finish()
}

/// Files, command, identity: what it takes to get the same bytes again.
fn again(page: &mut Page, results: &Results, dir: Option<&Path>) {
    if let Some(dir) = dir {
        let dir = dir.display().to_string();
        let dir = dir.trim_end_matches('/');
        let files =
            format!("{dir}/  index.html results.json results.csv summary.md junit.xml charts/");
        page.wrapped("Files   ", "        ", &files, Paint::Plain);
    }
    page.wrapped("Again   ", "        ", &command(results), Paint::Plain);
    let hash = &results.scenario_hash;
    let hash = match (hash.get(..4), hash.get(hash.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if hash.len() > 8 => format!("{head}…{tail}"),
        _ => hash.clone(),
    };
    let identity = format!(
        "scenario {hash}  model {}  squall {}",
        results.model_version, results.squall_version
    );
    page.line(&[Span::plain("        "), Span::new(identity, Paint::Dim)]);
}

/// A file's name as a shell takes it.
pub(in crate::report) fn quoted(file: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || "/._-+=:,@".contains(c);
    match !file.is_empty() && file.chars().all(safe) {
        true => file.to_owned(),
        // A shell takes everything between single quotes as it stands, except a single quote.
        false => format!("'{}'", file.replace('\'', r"'\''")),
    }
}

/// The command that gives the same bytes.
pub(in crate::report) fn command(results: &Results) -> String {
    let file = quoted(&results.meta.file);
    let against = results.against.as_ref();
    let against = against.map_or(String::new(), |a| {
        let gate = if a.fail_on_worse {
            " --fail-on worse"
        } else {
            ""
        };
        format!(" --against {}{gate}", quoted(&a.file))
    });
    let (seed, replications) = (results.seed, results.meta.replications);
    let many = match results.settling.as_ref().map(|s| s.looks.last()) {
        Some(most) => {
            let most = most.copied().unwrap_or(replications);
            format!("--until-settled --max-replications {most}")
        }
        None => format!("--replications {replications}"),
    };
    let told = |policy: &PolicyResults| policy.stability_verdict.is_some();
    let stability = if results.policies.iter().any(told) {
        " --stability"
    } else {
        ""
    };
    format!("squall run {file} --seed {seed} {many}{stability}{against}")
}

#[cfg(test)]
mod tests;
