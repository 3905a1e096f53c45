//! `squall run`: compare every policy of a scenario.

use crate::experiment;
use crate::experiment::against::{self as pairing, Earlier};
use crate::experiment::resilience::Halt;
use crate::experiment::settle::Looks;
use crate::record::Replication;
use crate::record::results::{Against, Expectation, Results};
use crate::report;
use crate::scenario::{self, Scenario};
use crate::sim::{self, Setup};

use super::Exit;
use super::against;
use super::args::{FailOn, Run};
use super::interrupt::Interrupt;
use super::output;
use super::progress::Progress;
use super::stability;
use super::terminal::{Look, complain, print};

pub(super) fn run(args: &Run) -> Exit {
    let Some(scenarios) = load(args) else {
        return Exit::BadInput;
    };
    let alone = scenarios
        .iter()
        .find(|scenario| scenario.policies.len() < 2);
    if let Some(scenario) = alone.filter(|_| args.until_settled) {
        complain(&format!(
            "error: --until-settled: {} has one policy, and there is nothing to settle\n  \
             = help: add a policy to compare it with, or use --replications N\n",
            scenario.file
        ));
        return Exit::BadInput;
    }
    let Ok(earlier) = against::read(args, &scenarios) else {
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
    if args.out.exists() && !args.out.is_dir() {
        complain(&format!(
            "error: --out {} is a file, and reports go to a directory\n  \
             = help: name another one; nothing was run\n",
            args.out.display()
        ));
        return Exit::BadInput;
    }
    let interrupt = match output::begin(&args.out) {
        Ok(interrupt) => interrupt,
        Err(exit) => return exit,
    };
    let mut exit = Exit::Done;
    for (i, (scenario, earlier)) in scenarios.iter().zip(&earlier).enumerate() {
        let place = (i, scenarios.len());
        match run_one(args, (scenario, earlier.as_ref()), place, &interrupt) {
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

/// Why a scenario has no report.
enum NoReport {
    /// It was interrupted there.
    Interrupted(String),
    /// It cannot be run or written, for this reason.
    Failed(String),
}

/// Runs the scenario at a place among so many.
fn run_one(
    args: &Run,
    (scenario, earlier): (&Scenario, Option<&Earlier>),
    place: (usize, usize),
    interrupt: &Interrupt,
) -> Exit {
    // Its warnings stand in the summary and in the report.
    let (results, seconds) = match report_on(args, scenario, earlier, interrupt) {
        Ok(found) => found,
        Err(NoReport::Interrupted(at)) => {
            let name = &scenario.name;
            complain(&format!("{name}  interrupted {at}: nothing written\n"));
            return Exit::Interrupted;
        }
        Err(NoReport::Failed(why)) => {
            complain(&format!("error: {why}\n"));
            return Exit::BadInput;
        }
    };
    if !args.quiet && !tell(args, &results, place, seconds) {
        return Exit::BadInput;
    }
    if interrupt.stop.is_said() {
        let name = &scenario.name;
        complain(&format!(
            "{name}  interrupted once all runs were done: its report is whole\n"
        ));
        return Exit::Interrupted;
    }
    let failed = results.expectations.iter().any(Expectation::fails);
    let worse = results
        .against
        .iter()
        .any(|against| against.failures().next().is_some());
    if failed || worse {
        Exit::GateFailed
    } else {
        Exit::Done
    }
}

/// Runs, compares, draws and writes; the results and the seconds that the runs took. Nothing is
/// written before all is drawn, and from then on it is written to the end.
fn report_on(
    args: &Run,
    scenario: &Scenario,
    earlier: Option<&Earlier>,
    interrupt: &Interrupt,
) -> Result<(Results, f64), NoReport> {
    let stop = &interrupt.stop;
    let failed = |why: std::io::Error| NoReport::Failed(why.to_string());
    let during = |what: &str| NoReport::Interrupted(what.to_owned());
    let setup = Setup::new(scenario).map_err(|(policy, why)| {
        NoReport::Failed(format!("{}: policy `{policy}`: {why:?}", scenario.file))
    })?;
    let frame = experiment::Frame {
        window_ns: setup.frame.window.0,
    };
    let mut looks = looks(args);
    let (runs, seconds) = match &mut looks {
        None => {
            let mut runs = vec![Vec::new(); setup.policies.len()];
            let replications = scenario.run.replications;
            let seconds = simulate(args, &setup, (&mut runs, replications), interrupt)?;
            (runs, seconds)
        }
        Some(looks) => settle(args, &setup, (looks, frame), interrupt)?,
    };
    let comparing = || during("while comparing");
    let frame = (frame, looks.as_ref());
    let pair = |earlier| pairing::against(scenario, &runs, frame, earlier, stop);
    let against = match earlier {
        Some(earlier) => Some(Against {
            fail_on_worse: args.fail_on == Some(FailOn::Worse),
            ..pair(earlier).ok_or_else(comparing)?
        }),
        None => None,
    };
    let results = experiment::results_until(scenario, runs, frame, stop);
    let mut results = Results {
        against,
        ..results.ok_or_else(comparing)?
    };
    if args.stability {
        stability::enter(args, scenario, &mut results, interrupt).map_err(|halt| match halt {
            Halt::Stopped => during("while looking for triggers"),
            Halt::Failed(why) => NoReport::Failed(why),
        })?;
    }
    let bundle = report::Bundle::draw(&results, stop)
        .map_err(failed)?
        .ok_or_else(|| during("while drawing"))?;
    // Another process may write there for long: signals are held only once it is our turn.
    let no_turn = |why| NoReport::Failed(format!("{}: {why}", args.out.display()));
    let turn = report::Turn::wait(&args.out, stop)
        .map_err(no_turn)?
        .ok_or_else(|| during("before writing"))?;
    let _held = interrupt.hold();
    stop.check().ok_or_else(|| during("before writing"))?;
    report::write(&bundle, &args.out, &turn).map_err(failed)?;
    Ok((results, seconds))
}

/// The looks that are asked for.
fn looks(args: &Run) -> Option<Looks> {
    let most = args.max_replications.unwrap_or(MOST_SETTLING);
    args.until_settled.then(|| Looks::new(most))
}

/// The most replications of `--until-settled`, if the user does not say.
const MOST_SETTLING: u32 = 512;

/// Runs replications until everything is settled or the last look is taken; those of earlier looks stay. By
/// policy, and the seconds they took.
fn settle(
    args: &Run,
    setup: &Setup<'_>,
    (looks, frame): (&mut Looks, experiment::Frame),
    interrupt: &Interrupt,
) -> Result<(Vec<Vec<Replication>>, f64), NoReport> {
    let mut runs = vec![Vec::new(); setup.policies.len()];
    let mut seconds = 0.0;
    while let Some(replications) = looks.next() {
        seconds += simulate(args, setup, (&mut runs, replications), interrupt)?;
        let stop = &interrupt.stop;
        let settled = experiment::look(looks, setup.scenario, &runs, frame, stop);
        let stopped = || NoReport::Interrupted("while comparing".to_owned());
        if settled.ok_or_else(stopped)? {
            break;
        }
    }
    Ok((runs, seconds))
}

/// Runs those replications of every policy that are missing up to a number, and puts them after the others;
/// the seconds they took.
fn simulate(
    args: &Run,
    setup: &Setup<'_>,
    (by_policy, replications): (&mut [Vec<Replication>], u32),
    interrupt: &Interrupt,
) -> Result<f64, NoReport> {
    let scenario = setup.scenario;
    let first = by_policy.first().map_or(0, Vec::len);
    let replications = (replications as usize).saturating_sub(first);
    let runs = by_policy.len() * replications;
    let stop = &interrupt.stop;
    let progress = Progress::new(&scenario.name, runs, args.quiet, &interrupt.line_stands);
    let threads = args.jobs.map_or_else(cores, usize::from);
    let one = |i: usize| {
        let (policy, replication) = (i / replications, first + i % replications);
        let outcome = sim::run_until(setup, policy, replication as u32, stop)?;
        Some(outcome.replication)
    };
    let replicated = sim::parallel::map(runs, threads, stop, one, || progress.step());
    let (done, seconds) = progress.end();
    let all =
        replicated.ok_or_else(|| NoReport::Interrupted(format!("at {done} of {runs} runs")))?;
    let mut all = all.into_iter();
    for list in by_policy {
        list.extend(all.by_ref().take(replications));
    }
    Ok(seconds)
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Prints what was found; false if it could not.
fn tell(args: &Run, results: &Results, (i, of): (usize, usize), seconds: f64) -> bool {
    let look = Look::of_stdout();
    let style = report::Style {
        color: look.color,
        unicode: look.unicode,
        width: look.width,
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
