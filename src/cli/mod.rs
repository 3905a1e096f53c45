//! Floor 7: the command line, and the only place below `live/` that reads a clock.
//!
//! Exit codes: 0 done; 1 an expectation failed or was not shown, or `--fail-on worse` and it is; 2 the
//! input is wrong or unusable; 3 an internal fault; 130 interrupted, nothing half written.

mod against;
mod args;
mod check;
mod export;
mod files;
mod fit;
mod import;
mod interrupt;
mod journal;
mod list;
mod output;
mod progress;
mod run;
mod session;
mod stability;
mod sweep;
mod terminal;
mod tune;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use terminal::complain;

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
    let exit = guarded(|| match &args.command {
        Command::Run(run) => run::run(run),
        Command::Check(check) => check::check(check),
        Command::Sweep(args) => sweep::sweep(args),
        Command::Tune(args) => tune::tune(args),
        Command::Fit(args) => fit::fit(args),
        Command::Export(args) => export::export(args),
        Command::Import(args) => import::import(args),
        Command::List(args) => list::list(args),
        Command::Explain(args) => list::explain(args),
    });
    ExitCode::from(exit as u8)
}

/// Does what the command does; a panic in it, on whatever thread, is an internal fault and not the
/// exit code that Rust has for panics.
fn guarded(command: impl FnOnce() -> Exit) -> Exit {
    // Nothing that the command leaves behind is used afterwards.
    match catch_unwind(AssertUnwindSafe(command)) {
        Ok(exit) => exit,
        Err(cause) => {
            complain(&fault(cause.as_ref()));
            Exit::Internal
        }
    }
}

fn fault(cause: &(dyn Any + Send)) -> String {
    let why = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("of unknown cause");
    format!("internal fault: {why}; please report, with the scenario and the seed\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stop;
    use crate::sim::parallel;

    #[test]
    fn a_panic_is_an_internal_fault() {
        assert_eq!(
            guarded(|| panic!("a test of what a panic does")),
            Exit::Internal
        );
        assert_eq!(guarded(|| Exit::GateFailed), Exit::GateFailed);
    }

    #[test]
    fn a_fault_is_said_with_its_cause() {
        let cause = catch_unwind(|| panic!("{} is odd", 3)).unwrap_err();
        assert_eq!(
            fault(cause.as_ref()),
            "internal fault: 3 is odd; please report, with the scenario and the seed\n"
        );
    }

    #[test]
    fn a_panic_in_a_run_is_an_internal_fault() {
        let stop = Stop::default();
        let work = |i: usize| {
            assert_ne!(i, 7, "a test of what a panic in a run does");
            Some(i)
        };
        let exit = guarded(|| match parallel::map(50, 3, &stop, work, || ()) {
            Some(_) => Exit::Done,
            None => Exit::Interrupted,
        });
        assert_eq!(exit, Exit::Internal);
    }
}
