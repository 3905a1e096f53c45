//! A tuning of policies from end to end, small.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use squall::base::Stop;
use squall::experiment::tune::{Flights, Frame, Journal, conduct};
use squall::record::Replication;
use squall::record::results::Outcome;
use squall::record::tuning::Tuned;
use squall::scenario::files::Memory;
use squall::scenario::{Overrides, Tuning, load_tuning};

const WEATHER: &str = r#"
[run]
duration = "1m"
warm-up = "5s"
seed = 3
[workload]
arrivals.poisson.rate = "4/s"
deadline = "30s"
[provider.api]
latency.linear = { base = "500ms", sigma = 0.3 }
[[fault]]
name = "errors"
on = ["api"]
at = "5s"
for = "55s"
effect.error-rate = { bad = "30%" }
"#;

/// Failures are independent, so success is 1 − 0.3ⁿ with n attempts and amplification (1 − 0.3ⁿ)/0.7. The
/// fewest attempts that reach 98 % are four (99.19 %; three reach 97.3 %).
const TUNING: &str = r#"
[policy.today]
retry.attempts = 2
retry.backoff.constant = { wait = "100ms" }
[policy.tuned]
extends = "today"
[tune]
policy = "tuned"
suite = ["errors.toml"]
minimize = "amplification"
limits.success_ratio = { min = "98%" }
budget = 600
[tune.vary]
"retry.attempts" = { from = 1, to = 8 }
"#;

fn files() -> Memory {
    Memory::default()
        .with("tune.toml", TUNING)
        .with("errors.toml", WEATHER)
}

fn load(files: &Memory) -> Tuning<'_> {
    let loaded = load_tuning(files, Path::new("tune.toml"), Overrides::default());
    loaded.unwrap_or_else(|found| panic!("{}", found.render(squall::scenario::Style::PLAIN)))
}

fn flown(threads: usize, journal: Option<&dyn Journal>, stop: &Stop) -> Option<Tuned> {
    let files = files();
    let tuning = load(&files);
    let flights = Flights::new(&tuning, journal, threads, stop).unwrap()?;
    let frame = Frame {
        threads,
        stop,
        done: &|_| (),
    };
    conduct(&flights, &frame)
}

/// Runs that were flown, as a file would hold them; says stop when there are so many.
struct Kept<'k> {
    runs: &'k Mutex<BTreeMap<String, String>>,
    found: Mutex<usize>,
    most: usize,
    stop: &'k Stop,
}

impl Journal for Kept<'_> {
    fn recall(&self, key: &str) -> Option<Replication> {
        let line = self.runs.lock().unwrap().get(key).cloned()?;
        *self.found.lock().unwrap() += 1;
        Some(serde_json::from_str(&line).unwrap())
    }

    fn keep(&self, key: &str, run: &Replication) {
        let mut runs = self.runs.lock().unwrap();
        runs.insert(key.to_owned(), serde_json::to_string(run).unwrap());
        if runs.len() >= self.most {
            self.stop.say();
        }
    }
}

#[test]
fn the_fewest_attempts_that_reach_the_limit_are_found_and_certified() {
    let tuned = flown(2, None, &Stop::default()).unwrap();
    let all = serde_json::to_string_pretty(&tuned.sentences).unwrap();
    assert!(tuned.feasible, "{all}");
    assert_eq!(tuned.parameters[0].found.as_deref(), Some("4"), "{all}");
    let row = |policy: &str| {
        tuned
            .certificate
            .iter()
            .find(|row| row.policy == policy)
            .unwrap()
    };
    let (own, today) = (&row("tuned").held[0], &row("today").held[0]);
    assert_eq!(
        (own.outcome, today.outcome),
        (Outcome::Passed, Outcome::Failed),
        "{all}"
    );
    // The closed form, over 60 runs of about 220 calls.
    let value = own.estimate.as_ref().unwrap().value;
    assert!(
        (value - (1.0 - 0.3f64 * 0.3 * 0.3 * 0.3)).abs() < 0.004,
        "{value}"
    );
    assert!(
        tuned.limits[0].binds,
        "one attempt less is cheaper and too few"
    );
    assert!(
        tuned.policy_file.contains("retry.attempts = 4"),
        "{}",
        tuned.policy_file
    );
}

#[test]
fn one_thread_and_three_find_the_same_and_so_does_one_that_was_interrupted() {
    let whole = flown(1, None, &Stop::default()).unwrap();
    assert_eq!(whole, flown(3, None, &Stop::default()).unwrap());
    let runs = Mutex::default();
    // Stopped in the search, and again in the certificate.
    for most in [60, 350] {
        let stop = Stop::default();
        let journal = Kept {
            runs: &runs,
            found: Mutex::default(),
            most,
            stop: &stop,
        };
        assert!(flown(1, Some(&journal), &stop).is_none(), "{most}");
    }
    let (kept, stop) = (runs.lock().unwrap().len(), Stop::default());
    let journal = Kept {
        runs: &runs,
        found: Mutex::default(),
        most: usize::MAX,
        stop: &stop,
    };
    assert_eq!(whole, flown(2, Some(&journal), &stop).unwrap());
    assert!(
        kept >= 350 && *journal.found.lock().unwrap() >= kept,
        "{kept}"
    );
}
