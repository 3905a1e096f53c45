//! `squall check`: read and explain, run nothing.

use std::path::Path;

use crate::scenario::{self, Scenario};

use super::Exit;
use super::args::{Check, SPLIT};
use super::terminal::{Look, complain, print};

pub(super) fn check(args: &Check) -> Exit {
    let look = Look::of_stderr();
    let mut exit = Exit::Done;
    let mut printed = 0;
    for file in &args.files {
        let scenarios = match scenario::load(file, scenario::Overrides::default()) {
            Ok(scenarios) => scenarios,
            Err(mistakes) => {
                complain(&mistakes.render(scenario::Style {
                    color: look.color,
                    unicode: look.unicode,
                }));
                exit = Exit::BadInput;
                continue;
            }
        };
        let alone = args.files.len() == 1 && scenarios.len() == 1;
        for scenario in &scenarios {
            let text = match args.resolved {
                true => resolved(scenario, alone),
                false => Ok(scenario::explain(scenario)),
            };
            // An empty line keeps it apart from the one before.
            let apart = if printed > 0 { "\n" } else { "" };
            let is_printed = match text {
                Ok(text) => print(&format!("{apart}{text}")),
                Err(why) => {
                    complain(&why);
                    false
                }
            };
            if !is_printed {
                exit = Exit::BadInput;
            }
            printed += 1;
        }
        warn(&scenarios);
    }
    if args.resolved && printed > 1 {
        complain(&format!(
            "note: {printed} scenarios, each a file of its own from its `# file:` line on; to \
             split them:\n  {SPLIT}\n"
        ));
    }
    exit
}

/// Says every warning of a file once, at however many points it holds.
fn warn(scenarios: &[Scenario]) {
    let mut said: Vec<&str> = Vec::new();
    for warning in scenarios.iter().flat_map(|scenario| &scenario.warnings) {
        if !said.contains(&warning.as_str()) {
            complain(&format!("warning: {warning}\n"));
            said.push(warning);
        }
    }
}

/// The merged tables, so that they can be saved anywhere. Where they are not alone a comment heads
/// them, at which they can be split.
fn resolved(scenario: &Scenario, alone: bool) -> Result<String, String> {
    let wrong = |why: &str| format!("error: {}: {why}\n", scenario.file);
    let file = std::path::absolute(&scenario.file).map_err(|e| wrong(&e.to_string()))?;
    let dir = file.parent().unwrap_or(Path::new(""));
    let text = scenario
        .resolved_in(dir)
        .ok_or_else(|| wrong("its directory has a name that cannot be written in TOML"))?;
    if alone {
        return Ok(text);
    }
    let comment = |line: String| format!("# {}\n", line.escape_debug());
    let points = scenario.point.iter();
    let points = points.map(|(key, value)| comment(format!("point: {key} = {value}")));
    let file = comment(format!("file: {}", scenario.file));
    Ok(file + &points.collect::<String>() + &text)
}
