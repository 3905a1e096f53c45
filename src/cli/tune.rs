//! `squall tune`: settings that hold in weather nobody tuned for.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::Stop;
use crate::experiment::tune::{Flights, Frame, certificate_runs, conduct, runs};
use crate::record::tuning::Tuned;
use crate::report;
use crate::scenario::files::Disk;
use crate::scenario::{self, Tuning};

use super::Exit;
use super::args::Tune;
use super::interrupt::Interrupt;
use super::journal::OnDisk;
use super::output;
use super::progress::Progress;
use super::run::cores;
use super::session;
use super::terminal::{Look, complain, print};

pub(super) fn tune(args: &Tune) -> Exit {
    let overrides = scenario::Overrides {
        seed: args.seed,
        replications: None,
    };
    let mut tuning = match scenario::load_tuning(&Disk, &args.file, overrides) {
        Ok(tuning) => tuning,
        Err(mistakes) => {
            let look = Look::of_stderr();
            complain(&mistakes.render(scenario::Style {
                color: look.color,
                unicode: look.unicode,
            }));
            return Exit::BadInput;
        }
    };
    tuning.budget = args.budget.unwrap_or(tuning.budget);
    if let Some(kind) = args.session {
        return session::hold(args, &tuning, kind);
    }
    let interrupt = match output::begin(&args.out) {
        Ok(interrupt) => interrupt,
        Err(exit) => return exit,
    };
    fly(args, &tuning, &interrupt)
}

fn fly(args: &Tune, tuning: &Tuning<'_>, interrupt: &Interrupt) -> Exit {
    let journal = match OnDisk::open(&args.out, &tuning.name) {
        Ok(journal) => journal,
        Err(why) => {
            complain(&format!("error: {}: {why}\n", args.out.display()));
            return Exit::BadInput;
        }
    };
    let before = journal.len();
    if before > 0 && !args.quiet {
        complain(&format!(
            "going on from an interrupted tuning: {before} runs are there\n"
        ));
    }
    let threads = args.jobs.map_or_else(cores, usize::from);
    let found = search(args, tuning, interrupt, (&journal, threads));
    journal.flush();
    match found {
        Ok(Some(tuned)) => done(args, &tuned, interrupt, journal),
        Ok(None) => {
            complain(&format!(
                "{}  interrupted: nothing written; the same command goes on from there\n",
                tuning.name
            ));
            Exit::Interrupted
        }
        Err(why) => {
            complain(&format!("error: {why}\n"));
            Exit::BadInput
        }
    }
}

fn search(
    args: &Tune,
    tuning: &Tuning<'_>,
    interrupt: &Interrupt,
    (journal, threads): (&OnDisk, usize),
) -> Result<Option<Tuned>, String> {
    let stop: &Stop = &interrupt.stop;
    let Some(flights) = Flights::new(tuning, Some(journal), threads, stop)? else {
        return Ok(None);
    };
    let all = runs(&flights);
    if !args.quiet {
        let Some(each) = seconds_each(&flights, threads, stop) else {
            return Ok(None);
        };
        let plan = &flights.plan;
        let left = all.saturating_sub(journal.len() as u64);
        complain(&format!(
            "{}  at most {all} runs: {} to search, {} to select, {} to move one parameter at a time, {} to the \
             certificate; about {:.0} s\n",
            tuning.name,
            plan.search.all(),
            plan.select,
            plan.sense,
            certificate_runs(&flights),
            (each * left as f64).max(1.0)
        ));
    }
    let progress = Progress::new(
        &tuning.name,
        all as usize,
        args.quiet,
        &interrupt.line_stands,
    );
    let flown = AtomicU64::new(0);
    let step = |runs: u64| {
        flown.fetch_add(runs, Ordering::Relaxed);
        for _ in 0..runs {
            progress.step();
        }
    };
    let frame = Frame {
        threads,
        stop,
        done: &step,
    };
    let tuned = conduct(&flights, &frame);
    let (_, seconds) = progress.end();
    if tuned.is_some() && !args.quiet {
        let flown = flown.load(Ordering::Relaxed);
        complain(&format!(
            "{}  {flown} runs in {seconds:.0} s\n",
            tuning.name
        ));
    }
    Ok(tuned)
}

/// What one run takes, of a few that are flown to see it; None if it was told to stop.
#[expect(
    clippy::disallowed_methods,
    reason = "an estimate is about real time, results are not"
)]
fn seconds_each(flights: &Flights<'_>, threads: usize, stop: &Stop) -> Option<f64> {
    // Not the first: tables are made and memory is fetched but once.
    flights.probe(threads, stop)?;
    let started = std::time::Instant::now();
    let flown = flights.probe(threads, stop)?;
    Some(started.elapsed().as_secs_f64() / flown.max(1) as f64)
}

/// Writes and tells what was found.
fn done(args: &Tune, tuned: &Tuned, interrupt: &Interrupt, journal: OnDisk) -> Exit {
    let files = match output::put(
        report::Bundle::of_tuning(tuned).map(Some),
        &args.out,
        interrupt,
    ) {
        Ok(files) => files,
        Err(exit) => return exit,
    };
    journal.remove();
    if !args.quiet {
        let look = Look::of_stdout();
        let mut text = report::tuning::terminal(tuned, look.unicode);
        for file in files {
            text.push_str(&format!("  {}\n", file.display()));
        }
        if !print(&text) {
            return Exit::BadInput;
        }
    }
    match tuned.holds() {
        true => Exit::Done,
        false => Exit::GateFailed,
    }
}
