//! Runs every scenario of the guides, as `squall run` does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use squall::base::Stop;
use squall::experiment;
use squall::record::results::Results;
use squall::scenario::{self, Overrides, Scenario};
use squall::sim::{self, Setup};

/// The scenario files of a directory, by name.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("the scenarios of the guides");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths.collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    files
}

/// The results of all of them, by the name of the scenario.
pub(crate) fn all(dir: &Path) -> BTreeMap<String, Results> {
    let load = |file: PathBuf| {
        scenario::load(&file, Overrides::default())
            .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(scenario::Style::PLAIN)))
    };
    let scenarios = files(dir).into_iter().flat_map(load);
    scenarios.map(|s| (s.name.clone(), run(&s))).collect()
}

fn run(scenario: &Scenario) -> Results {
    let setup = Setup::new(scenario).expect("a checked scenario is usable");
    let (policies, replications) = (setup.policies.len(), scenario.run.replications as usize);
    let stop = Stop::default();
    let one = |i: usize| {
        let outcome = sim::run_until(&setup, i / replications, (i % replications) as u32, &stop)?;
        Some(outcome.replication)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let all = sim::parallel::map(policies * replications, threads, &stop, one, || ());
    let mut all = all.expect("nobody says stop").into_iter();
    let by_policy = (0..policies)
        .map(|_| all.by_ref().take(replications).collect())
        .collect();
    let frame = experiment::Frame {
        window_ns: setup.frame.window.0,
    };
    experiment::results(scenario, by_policy, frame)
}
