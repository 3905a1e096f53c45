//! Peak memory: O(calls in flight), not O(calls).
//!
//! `cargo bench --bench memory` runs the full stack with a million and with ten million calls at
//! the same load, and a day and a month of a quiet service, each in a process of its own, and prints
//! what each needed at most.

#[path = "full_stack/model.rs"]
mod model;

use std::process::Command;
use std::{env, fs, hint};

use model::Model;
use squall::base::Duration;
use squall::sim::{Setup, run};

/// Calls per second of the busy service: about 5000 calls are in flight.
const BUSY: u32 = 1000;

/// Calls per second of the quiet one: a month of it is ten million calls.
const QUIET: u32 = 4;

const DAY_S: u64 = 86_400;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let Some(run) = arguments.iter().find_map(|a| a.strip_prefix("--run=")) {
        let (rate, seconds) = run.split_once('x').expect("RATExSECONDS");
        let rate = rate.parse().expect("calls per second");
        return child(rate, seconds.parse().expect("a number of seconds"));
    }
    // `cargo bench -- --test` and `cargo test --benches` only want to know that it runs.
    let short =
        arguments.iter().any(|a| a == "--test") || !arguments.iter().any(|a| a == "--bench");
    let (busy, quiet) = match short {
        true => ([20, 40], [600, 1200]),
        false => ([1000, 10_000], [DAY_S, 30 * DAY_S]),
    };
    compare(BUSY, busy);
    compare(QUIET, quiet);
}

/// Prints the peaks of two runs at one rate, and their ratio.
fn compare(rate: u32, seconds: [u64; 2]) {
    let [few, many] = seconds.map(|seconds| {
        let peak = peak_kib(rate, seconds);
        let calls = u64::from(rate) * seconds;
        println!(
            "full stack, {rate:>4}/s for {seconds:>7} s, {calls:>8} calls: {:>7.1} MiB at most",
            peak / 1024.0
        );
        peak
    });
    println!("ratio {:.3}, goal <= 1.1", many / few);
}

/// Runs a process of its own; its peak resident set in KiB.
fn peak_kib(rate: u32, seconds: u64) -> f64 {
    let this = env::current_exe().expect("a running program has a path");
    let child = Command::new(this)
        .arg(format!("--run={rate}x{seconds}"))
        .output();
    let output = child.expect("the bench can start itself").stdout;
    let text = String::from_utf8_lossy(&output);
    text.trim().parse().expect("the child prints its peak")
}

fn child(rate: u32, seconds: u64) {
    let model = Model {
        seed: 1,
        rate,
        duration: Duration::from_s(seconds),
    };
    let scenario = model.scenario();
    let setup = Setup::new(&scenario).expect("the policy fits its providers");
    hint::black_box(run(&setup, 0, 0));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = line.and_then(|l| l.trim().strip_suffix(" kB"));
    println!("{}", peak.expect("the benches run on Linux"));
}
