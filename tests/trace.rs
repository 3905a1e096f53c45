//! A trace is flown as it was recorded: every call, every token.

use std::path::Path;

use squall::scenario::{Overrides, load};
use squall::sim::{self, Setup};

/// (calls, prompt tokens, answer tokens) of the lines that come before `end_ms`, read here and
/// not by the library.
fn recorded(csv: &str, end_ms: u64) -> (u64, u64, u64) {
    let mut sums = (0, 0, 0);
    for line in csv.lines().skip(1) {
        let cells: Vec<u64> = line
            .split(',')
            .map(|c| c.parse().expect("a number"))
            .collect();
        assert_eq!(cells.len(), 3, "{line}");
        if cells[0] < end_ms {
            sums = (sums.0 + 1, sums.1 + cells[1], sums.2 + cells[2]);
        }
    }
    sums
}

#[test]
fn every_token_of_the_shipped_trace_is_flown_under_every_policy() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let csv = std::fs::read_to_string(scenarios.join("traces/azure2023_conv.csv"));
    let csv = csv.expect("the trace is shipped");
    let loaded = load(&scenarios.join("azure-trace.toml"), Overrides::default());
    let scenario = loaded.expect("the scenario is right").remove(0);
    assert_eq!(scenario.run.warm_up.0, 0, "all of it counts");
    let end_ms = scenario.run.duration.0 / 1_000_000;
    let all = recorded(&csv, u64::MAX);
    assert_eq!(
        recorded(&csv, end_ms),
        all,
        "the run is as long as the trace"
    );
    assert_eq!(all.0, csv.lines().count() as u64 - 1);
    let setup = Setup::new(&scenario).expect("the policies fit");
    assert!(setup.policies.len() >= 3);
    println!(
        "seed {}: {} calls, {} prompt and {} answer tokens",
        scenario.run.seed, all.0, all.1, all.2
    );
    for (policy, (name, _)) in scenario.policies.iter().enumerate() {
        let run = sim::run(&setup, policy, 0).replication;
        let sums = &run.scopes[0];
        assert_eq!(
            (sums.calls, sums.prompt_tokens, sums.answer_tokens),
            all,
            "{name}"
        );
        assert_eq!(run.submitted, all.0, "{name}");
    }
}
