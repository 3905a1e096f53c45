//! Flies a file and holds it to its expectations.

use std::path::{Path, PathBuf};

use squall::experiment::{self, Frame};
use squall::record::Replication;
use squall::record::results::{Outcome, Results};
use squall::scenario::model::Condition;
use squall::scenario::{Overrides, Scenario, load};
use squall::sim::{self, Setup};

use crate::closed_forms::{Figure, figures};

/// A file of `scenarios/reproduce/`.
fn path(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reproduce");
    dir.join(format!("{name}.toml"))
}

/// Every point of a file.
pub(crate) fn points(name: &str) -> Vec<Scenario> {
    load(&path(name), Overrides::default()).expect("shipped scenarios are right")
}

/// Every expectation of every point of a file passes, and its figures are those of their formulas.
pub(crate) fn reproduce(name: &str) {
    reproduce_and(name, |_, _| {});
}

/// Likewise; and every point passes one more test.
pub(crate) fn reproduce_and(name: &str, test: impl Fn(&Scenario, &Results)) {
    for scenario in points(name) {
        println!("{}, seed {}", scenario.name, scenario.run.seed);
        for figure in figures(name, &scenario) {
            expects(&scenario, &figure);
        }
        let results = results(&scenario);
        assert!(!results.expectations.is_empty(), "{name} expects nothing");
        let mut failed = 0;
        for expectation in &results.expectations {
            let passed = expectation.outcome == Outcome::Passed;
            failed += usize::from(!passed);
            let mark = if passed { "" } else { "NOT: " };
            println!("  {mark}{}; found {}", expectation.text, expectation.found);
        }
        assert_eq!(
            failed, 0,
            "{}: expectations that do not hold",
            scenario.name
        );
        test(&scenario, &results);
    }
}

/// The file expects this figure, within a thousandth of it.
fn expects(scenario: &Scenario, figure: &Figure) {
    let same_policy = |policy: &Option<String>| policy.as_deref() == figure.policy;
    let expects = scenario
        .expectations
        .iter()
        .filter(|e| same_policy(&e.policy));
    let written: Vec<f64> = expects
        .flat_map(|expect| &expect.conditions)
        .filter_map(|condition| match condition {
            Condition::Within { metric, value, .. } if metric.name == figure.metric => Some(*value),
            _ => None,
        })
        .collect();
    let is_it = |value: &f64| (value - figure.value).abs() <= 1e-3 * figure.value.abs();
    assert!(
        !written.is_empty() && written.iter().all(is_it),
        "{}: the formula of {} gives {}, the file says {written:?}",
        scenario.name,
        figure.metric,
        figure.value
    );
}

/// What `squall run` would write, the replications on two threads.
pub(crate) fn results(scenario: &Scenario) -> Results {
    let setup = Setup::new(scenario).expect("the policies fit the providers");
    let runs = (0..setup.policies.len()).map(|policy| all_runs(&setup, policy));
    let runs = runs.collect();
    let frame = Frame {
        window_ns: setup.frame.window.0,
    };
    experiment::results(scenario, runs, frame)
}

fn all_runs(setup: &Setup<'_>, policy: usize) -> Vec<Replication> {
    let replications = setup.scenario.run.replications;
    let half = replications / 2;
    let fly = |from, to| {
        (from..to)
            .map(|r| run(setup, policy, r))
            .collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let second = scope.spawn(|| fly(half, replications));
        let mut runs = fly(0, half);
        runs.extend(second.join().expect("no run panics"));
        runs
    })
}

/// One run, with the identities that hold exactly whatever the scenario is.
fn run(setup: &Setup<'_>, policy: usize, replication: u32) -> Replication {
    let sim::Outcome { replication, audit } = sim::run(setup, policy, replication);
    assert_eq!(
        audit.calls_integral_ns, audit.calls_time_ns,
        "Little: the integral of the number of calls is the sum of their times"
    );
    assert_eq!(audit.billed_pico_usd, audit.clients_pico_usd);
    replication
}
