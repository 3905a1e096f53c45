//! A trace is flown as it was recorded: every call, every token; and what else ships of recorded traffic.

#[path = "trace/clients.rs"]
mod clients;
#[path = "trace/sizes.rs"]
mod sizes;

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

/// What was published of each: calls, mean prompt and answer tokens, and calls per second.
#[test]
fn every_shipped_trace_is_what_it_is_said_to_be() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/traces");
    let known = [
        ("azure2023_code.csv", 6521, 2040, 27, 3.2),
        ("azure2023_conv.csv", 12_340, 1246, 204, 5.9),
        ("mooncake_conv.csv", 6848, 12_566, 347, 3.2),
        ("ragpulse.csv", 5167, 2937, 277, 0.012),
    ];
    let entries = std::fs::read_dir(&dir).expect("the traces are shipped");
    let names = entries.map(|e| e.expect("a name").file_name().into_string());
    let mut names: Vec<String> = names
        .map(|name| name.expect("plain names"))
        .filter(|name| name.ends_with(".csv"))
        .collect();
    names.sort();
    assert_eq!(names, known.map(|(name, ..)| name), "none is unknown");
    for (name, calls, input, output, per_s) in known {
        let text = std::fs::read(dir.join(name)).expect("it is shipped");
        let rows = squall::workload::trace::Trace::parse(&text)
            .expect("a good trace")
            .rows;
        assert_eq!(rows.len(), calls, "{name}");
        let mean = |of: &dyn Fn(&squall::workload::trace::Row) -> u32| {
            let sum: u64 = rows.iter().map(|row| u64::from(of(row))).sum();
            (sum as f64 / calls as f64).round() as i64
        };
        assert_eq!(
            (mean(&|r| r.input), mean(&|r| r.output)),
            (input, output),
            "{name}"
        );
        let seconds = rows.last().map_or(1.0, |row| row.at.0 as f64 / 1e9);
        let rate = calls as f64 / seconds;
        assert!(
            (rate / per_s - 1.0).abs() < 0.02,
            "{name}: {rate} per second"
        );
    }
}
