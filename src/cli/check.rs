//! `squall check`: read and explain, run nothing.

use crate::scenario;

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
                    let text = if args.resolved {
                        scenario.resolved.clone()
                    } else {
                        scenario::explain(scenario)
                    };
                    if !print(&text) {
                        exit = Exit::BadInput;
                    }
                    scenario
                        .warnings
                        .iter()
                        .for_each(|w| complain(&format!("{w}\n")));
                }
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
