//! `squall check`: read and explain, run nothing.

use std::path::Path;

use crate::scenario::{self, Scenario};

use super::Exit;
use super::args::Check;
use super::terminal::{Look, complain, print};

pub(super) fn check(args: &Check) -> Exit {
    let look = Look::of_stderr();
    let mut exit = Exit::Done;
    for file in &args.files {
        match scenario::load(file, scenario::Overrides::default()) {
            Ok(scenarios) => {
                for scenario in &scenarios {
                    let text = match args.resolved {
                        true => resolved(scenario),
                        false => Ok(scenario::explain(scenario)),
                    };
                    let is_printed = match text {
                        Ok(text) => print(&text),
                        Err(why) => {
                            complain(&why);
                            false
                        }
                    };
                    if !is_printed {
                        exit = Exit::BadInput;
                    }
                }
                warn(&scenarios);
            }
            Err(mistakes) => {
                complain(&mistakes.render(scenario::Style {
                    color: look.color,
                    unicode: look.unicode,
                }));
                exit = Exit::BadInput;
            }
        }
    }
    exit
}

/// Says each warning once, however many points it is about.
fn warn(scenarios: &[Scenario]) {
    let mut said: Vec<&str> = Vec::new();
    for warning in scenarios.iter().flat_map(|scenario| &scenario.warnings) {
        if !said.contains(&warning.as_str()) {
            complain(&format!("{warning}\n"));
            said.push(warning);
        }
    }
}

/// The merged tables, so that they can be saved anywhere.
fn resolved(scenario: &Scenario) -> Result<String, String> {
    let wrong = |why: &str| format!("error: {}: {why}\n", scenario.file);
    let file = std::path::absolute(&scenario.file).map_err(|e| wrong(&e.to_string()))?;
    let dir = file.parent().unwrap_or(Path::new(""));
    let text = scenario.resolved_in(dir);
    text.ok_or_else(|| wrong("its directory has a name that cannot be written in TOML"))
}
