//! `--against`: earlier results, read and checked before anything is run.

use std::path::{Path, PathBuf};

use crate::experiment::against::Earlier;
use crate::report;
use crate::scenario::Scenario;

use super::args::Run;
use super::terminal::complain;

/// The earlier results of each scenario, None of all where none are asked for; an error is said before.
pub(super) fn read(args: &Run, scenarios: &[Scenario]) -> Result<Vec<Option<Earlier>>, ()> {
    let Some(path) = &args.against else {
        return Ok(scenarios.iter().map(|_| None).collect());
    };
    if scenarios.len() > 1 && !path.is_dir() {
        complain(&format!(
            "error: --against {} is one file, and there are {} scenarios\n  = help: name the \
             directory of their reports, as --out was then; nothing was run\n",
            path.display(),
            scenarios.len()
        ));
        return Err(());
    }
    let mut all = Vec::new();
    for scenario in scenarios {
        let file = file(path, scenario);
        match earlier(&file, scenario) {
            Ok(earlier) => all.push(Some(earlier)),
            Err(why) => {
                complain(&format!("error: --against {}: {why}", file.display()));
                return Err(());
            }
        }
    }
    Ok(all)
}

/// The file itself, or that of the scenario in a directory of one report or of several.
fn file(path: &Path, scenario: &Scenario) -> PathBuf {
    const NAME: &str = "results.json";
    if !path.is_dir() {
        return path.to_owned();
    }
    let own = path.join(&scenario.name).join(NAME);
    match path.join(NAME) {
        direct if direct.is_file() && !own.is_file() => direct,
        _ => own,
    }
}

fn earlier(file: &Path, scenario: &Scenario) -> Result<Earlier, String> {
    let bytes = std::fs::read(file).map_err(|why| {
        format!(
            "{why}\n  = help: name the results.json of an earlier run, or the directory of its \
             report; nothing was run\n"
        )
    })?;
    let results = report::read_json(&bytes).map_err(|why| {
        format!("{why}\n  = help: name the results.json that `squall run` wrote; nothing was run\n")
    })?;
    Earlier::new(results, file.display().to_string(), scenario).map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(|line| format!("  {line}\n")).collect();
        format!(
            "its runs are no pairs of those of {}:\n{}  = help: weather, traffic, seed and model \
             must be the same; policies may differ; nothing was run\n",
            scenario.file,
            lines.concat()
        )
    })
}
