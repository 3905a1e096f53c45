//! What a provider's limits cost each request that asks them: the admission alone, without a world.
//!
//! A request every 10 ms, of which all pass. Every row is a set of limits; `off` has none. Rounds in turn and in
//! CPU time of the thread, median of the rounds. `cargo bench --bench admit` prints the table of
//! `benches/README.md`.

#[path = "full_stack/clock.rs"]
mod clock;

use std::hint::black_box;

use clock::thread_cpu;
use squall::base::Instant;
use squall::provider::limits::Config;
use squall::provider::limits::admission::Limits;
use squall::provider::limits::counts::Asked;
use squall::scenario::check_str;

/// What limits.
const ROWS: &[(&str, &str)] = &[
    ("off", ""),
    ("rpm", "limits.rpm = 60_000"),
    ("rpm and tpm", "limits = { rpm = 60_000, tpm = 60_000_000 }"),
    (
        "all six",
        "limits = { rpm = 60_000, tpm = 60_000_000, input-tpm = 60_000_000, output-tpm = 60_000_000, \
         rpd = 60_000_000, tpd = 60_000_000_000 }",
    ),
    ("gcra", "limits = { rpm = 60_000, method = \"gcra\" }"),
    (
        "fixed-window",
        "limits = { rpm = 60_000, method = \"fixed-window\" }",
    ),
    (
        "calendar-window",
        "limits = { rpm = 60_000, method = \"calendar-window\" }",
    ),
    (
        "sliding-log",
        "limits = { rpm = 60_000, method = \"sliding-log\" }",
    ),
    (
        "sliding-counter",
        "limits = { rpm = 60_000, method = \"sliding-counter\" }",
    ),
    (
        "counts",
        "limits = { tpm = 60_000_000, counts.max-tokens = 0.5 }",
    ),
    ("refused", "limits = { rpm = 60_000, refused = \"all\" }"),
    (
        "growth",
        "limits = { rpm = 60_000, growth.above = 60_000_000 }",
    ),
    (
        "suspend",
        "limits = { rpm = 60_000, suspend = { after = 10, within = \"1m\", for = \"1m\" } }",
    ),
];

/// Requests of a round: the clock is exact to a tick, so a round must last tens of them.
const REQUESTS: u64 = 2_000_000;

/// Rounds; odd for the median.
const ROUNDS: usize = 11;

fn limits(text: &str) -> Config {
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n{text}\n[policy.p]\n"
    );
    let scenarios = check_str("s.toml", &text).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
    let mut scenario = scenarios.into_iter().next().expect("one scenario");
    scenario.providers.remove(0).1.limits
}

/// How many of the requests of a round pass.
fn run(config: &Config, requests: u64) -> u64 {
    let mut limits = Limits::new(config);
    let mut passed = 0;
    for n in 0..requests {
        let now = Instant(n * 10_000_000);
        let asked = Asked {
            prompt: 500 + n % 7,
            max: 300,
            cached: 0,
        };
        if limits.ask(black_box(asked), now, None).is_ok() {
            limits.take(asked, now);
            passed += 1;
        }
    }
    passed
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let only_runs = !std::env::args().any(|a| a == "--bench");
    let configs: Vec<Config> = ROWS.iter().map(|(_, text)| limits(text)).collect();
    let (rounds, requests) = if only_runs {
        (1, 1000)
    } else {
        (ROUNDS, REQUESTS)
    };
    let mut took: Vec<Vec<f64>> = vec![Vec::new(); ROWS.len()];
    for _ in 0..rounds {
        for (config, took) in configs.iter().zip(&mut took) {
            let start = thread_cpu();
            let passed = black_box(run(config, requests));
            let ns = (thread_cpu() - start).as_secs_f64() * 1e9;
            assert_eq!(passed, requests, "nobody is refused");
            took.push(ns / requests as f64);
        }
    }
    println!("{rounds} rounds of {requests} requests, medians; all pass");
    println!("{:<28} {:>10}", "", "ns/request");
    for ((name, _), ns) in ROWS.iter().zip(&took) {
        println!("{name:<28} {:>10.1}", median(ns.clone()));
    }
}
