//! Floor 7: the command line, and the only place below `live/` that reads a clock.
//!
//! Exit codes: 0 done; 1 an expectation failed or was not shown; 2 the input is wrong or unusable;
//! 3 an internal fault; 130 interrupted, nothing half written.

mod args;
mod check;
mod progress;
mod run;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Done = 0,
    GateFailed = 1,
    BadInput = 2,
    Internal = 3,
    Interrupted = 130,
}

/// Runs the command the user typed.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no mistakes; everything else is bad input.
            let exit = if error.use_stderr() {
                Exit::BadInput
            } else {
                Exit::Done
            };
            // A closed pipe is no reason to fail: whoever reads has seen enough.
            let _ = error.print();
            return ExitCode::from(exit as u8);
        }
    };
    let exit = match &args.command {
        Command::Run(run) => run::run(run),
        Command::Check(check) => check::check(check),
    };
    ExitCode::from(exit as u8)
}
