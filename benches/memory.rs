//! Peak memory: O(calls in flight), not O(calls).
//!
//! `cargo bench --bench memory` runs the full stack with a million and with ten million calls at
//! the same load, each in a process of its own, and prints what each needed at most.

#[path = "full_stack/model.rs"]
mod model;

use std::process::Command;
use std::{env, fs, hint};

use model::Model;
use squall::base::Duration;
use squall::sim::{Setup, run};

/// Calls per second; about 5000 calls are in flight.
const RATE: u32 = 1000;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let Some(calls) = arguments.iter().find_map(|a| a.strip_prefix("--calls=")) {
        return child(calls.parse().expect("a number of calls"));
    }
    // `cargo bench -- --test` and `cargo test --benches` only want to know that it runs.
    let short =
        arguments.iter().any(|a| a == "--test") || !arguments.iter().any(|a| a == "--bench");
    let sizes = if short {
        [20_000, 40_000]
    } else {
        [1_000_000, 10_000_000]
    };
    let [few, many] = sizes.map(|calls| {
        let peak = peak_kib(calls);
        println!(
            "full stack, {calls:>8} calls: {:>7.1} MiB at most",
            peak / 1024.0
        );
        peak
    });
    println!("ratio {:.3}, goal <= 1.1", many / few);
}

/// Runs so many calls in a process of its own; its peak resident set in KiB.
fn peak_kib(calls: u64) -> f64 {
    let this = env::current_exe().expect("a running program has a path");
    let child = Command::new(this).arg(format!("--calls={calls}")).output();
    let output = child.expect("the bench can start itself").stdout;
    let text = String::from_utf8_lossy(&output);
    text.trim().parse().expect("the child prints its peak")
}

fn child(calls: u64) {
    let model = Model {
        seed: 1,
        rate: RATE,
        duration: Duration::from_s(calls / u64::from(RATE)),
    };
    let scenario = model.scenario();
    let setup = Setup::new(&scenario).expect("the policy fits its providers");
    hint::black_box(run(&setup, 0, 0));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = line.and_then(|l| l.trim().strip_suffix(" kB"));
    println!("{}", peak.expect("the benches run on Linux"));
}
