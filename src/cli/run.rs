//! `squall run`: compare every policy of a scenario.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::experiment;
use crate::record::results::{Outcome, Results};
use crate::report;
use crate::scenario::{self, Scenario};
use crate::sim::{self, Setup};

use super::Exit;
use super::args::Run;
use super::progress::Progress;
use super::terminal::{Look, complain, print};

pub(super) fn run(args: &Run) -> Exit {
    let Some(scenarios) = load(args) else {
        return Exit::BadInput;
    };
    let blocked = scenarios.iter().find_map(|scenario| {
        let dir = args.out.join(&scenario.name);
        (dir.exists() && !dir.is_dir()).then_some(dir)
    });
    if let Some(dir) = blocked {
        complain(&format!(
            "error: {} is in the way: a file where a report would go\n  \
             = help: move it, or name another directory with --out DIR; nothing was run\n",
            dir.display()
        ));
        return Exit::BadInput;
    }
    if let Err(why) = report::probe(&args.out) {
        complain(&format!(
            "error: reports cannot be written to {}: {why}\n  \
             = help: name another directory with --out DIR; nothing was run\n",
            args.out.display()
        ));
        return Exit::BadInput;
    }
    let interrupt = match Interrupt::catch() {
        Ok(interrupt) => interrupt,
        Err(why) => {
            complain(&format!("error: interrupts cannot be caught: {why}\n"));
            return Exit::Internal;
        }
    };
    let mut exit = Exit::Done;
    for (i, scenario) in scenarios.iter().enumerate() {
        let place = (i, scenarios.len());
        match run_one(args, scenario, place, &interrupt) {
            Exit::Done => {}
            Exit::GateFailed => exit = Exit::GateFailed,
            other => return other,
        }
    }
    exit
}

/// All scenarios of all files, or None after saying every mistake of every file.
fn load(args: &Run) -> Option<Vec<Scenario>> {
    let look = Look::of_stderr();
    let overrides = scenario::Overrides {
        seed: args.seed,
        replications: args.replications,
    };
    let mut scenarios = Vec::new();
    let mut good = true;
    for file in &args.files {
        match scenario::load(file, overrides) {
            Ok(loaded) => scenarios.extend(loaded),
            Err(mistakes) => {
                let style = scenario::Style {
                    color: look.color,
                    unicode: look.unicode,
                };
                complain(&mistakes.render(style));
                good = false;
            }
        }
    }
    for (i, scenario) in scenarios.iter().enumerate() {
        if scenarios[..i]
            .iter()
            .any(|other| other.name == scenario.name)
        {
            let name = &scenario.name;
            complain(&format!(
                "error: two scenarios are named `{name}` and would write the same report\n  \
                 = help: run them one by one, each with its own --out\n"
            ));
            good = false;
        }
    }
    good.then_some(scenarios)
}

/// What Ctrl-C does: the first one sets a flag, a second one ends the process, but never while a
/// report is being put in place.
#[derive(Default)]
struct Interrupt {
    stop: AtomicBool,
    /// Held while a report is written.
    writing: Mutex<()>,
}

impl Interrupt {
    fn catch() -> Result<Arc<Interrupt>, ctrlc::Error> {
        let interrupt = Arc::new(Interrupt::default());
        let shared = Arc::clone(&interrupt);
        // The handler has a thread of its own and may wait.
        ctrlc::set_handler(move || shared.on_signal())?;
        Ok(interrupt)
    }

    fn on_signal(&self) {
        if !self.stop.swap(true, Ordering::Relaxed) {
            // The line of progress, if there is one, is left as it stands.
            let line = if Look::of_stderr().redraws { "\n" } else { "" };
            complain(&format!(
                "{line}stopping after the runs in progress; again to quit at once\n"
            ));
            return;
        }
        // Held to the end, so that no other report is begun.
        let _written = self.writing.lock();
        std::process::exit(Exit::Interrupted as i32);
    }
}

/// Runs the scenario at a place among so many.
fn run_one(args: &Run, scenario: &Scenario, place: (usize, usize), interrupt: &Interrupt) -> Exit {
    let stop = &interrupt.stop;
    if !args.quiet {
        scenario
            .warnings
            .iter()
            .for_each(|warning| complain(&format!("{warning}\n")));
    }
    let Some((results, seconds)) = simulate(args, scenario, stop) else {
        return Exit::Interrupted;
    };
    let results = match results {
        Ok(results) => results,
        Err(why) => {
            complain(&format!("error: {}: {why}\n", scenario.file));
            return Exit::BadInput;
        }
    };
    if stop.load(Ordering::Relaxed) {
        complain(&format!(
            "{}  interrupted: nothing written\n",
            scenario.name
        ));
        return Exit::Interrupted;
    }
    let written = {
        let _writing = interrupt.writing.lock();
        report::write(&results, &args.out)
    };
    if let Err(why) = written {
        complain(&format!("error: {why}\n"));
        return Exit::BadInput;
    }
    if !args.quiet && !tell(args, &results, place, seconds) {
        return Exit::BadInput;
    }
    let passed = results
        .expectations
        .iter()
        .all(|e| e.outcome == Outcome::Passed);
    if passed { Exit::Done } else { Exit::GateFailed }
}

/// Runs every policy and replication; None if it was interrupted.
fn simulate(
    args: &Run,
    scenario: &Scenario,
    stop: &AtomicBool,
) -> Option<(Result<Results, String>, f64)> {
    let setup = match Setup::new(scenario) {
        Ok(setup) => setup,
        Err((policy, why)) => return Some((Err(format!("policy `{policy}`: {why:?}")), 0.0)),
    };
    let (policies, replications) = (setup.policies.len(), scenario.run.replications as usize);
    let runs = policies * replications;
    let progress = Progress::new(&scenario.name, runs, args.quiet);
    let threads = args.jobs.map_or_else(cores, usize::from);
    let one = |i: usize| sim::run(&setup, i / replications, (i % replications) as u32).replication;
    let replicated = sim::parallel::map(runs, threads, stop, one, || progress.step());
    let (done, seconds) = progress.end();
    let Some(all) = replicated else {
        let name = &scenario.name;
        complain(&format!(
            "{name}  interrupted at {done} of {runs} runs: nothing written\n"
        ));
        return None;
    };
    let mut all = all.into_iter();
    let frame = experiment::Frame {
        window_ns: setup.frame.window.0,
    };
    let by_policy = (0..policies)
        .map(|_| all.by_ref().take(replications).collect())
        .collect();
    Some((Ok(experiment::results(scenario, by_policy, frame)), seconds))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Prints what was found; false if it could not.
fn tell(args: &Run, results: &Results, (i, of): (usize, usize), seconds: f64) -> bool {
    let look = Look::of_stdout();
    let style = report::Style {
        color: look.color,
        unicode: look.unicode,
    };
    let mut text = String::new();
    if of > 1 {
        // An empty line keeps it apart from the summary before.
        text.push_str(if i > 0 { "\n" } else { "" });
        text.push_str(&report::heading(results, style));
    }
    let dir = args.out.join(&results.scenario);
    text.push_str(&report::summary_at(results, style, &dir));
    let hours = results.meta.duration_ns as f64 / 3.6e12
        * f64::from(results.meta.replications)
        * results.policies.len() as f64;
    text.push_str(&format!(
        "        {hours:.1} h of traffic in {seconds:.1} s\n"
    ));
    print(&text)
}
