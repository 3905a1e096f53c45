//! The whole simulator, every policy on, against a loop written by hand for this one model.
//!
//! `cargo bench --bench full_stack` prints first what decides: the ratio of the two, calls per
//! second and events per call, from rounds in turn and in CPU time of the thread. Every round
//! asserts that both say the same totals. Then criterion's own figures. Only the ratio is worth
//! keeping: see `benches/README.md`.

#[path = "full_stack/clock.rs"]
mod clock;
#[path = "full_stack/mod.rs"]
mod full_stack;

use std::hint::black_box;
use std::time::Duration as Wall;

use criterion::{Criterion, Throughput};

use clock::thread_cpu;
use full_stack::by_hand;
use full_stack::model::Model;
use full_stack::totals::{Totals, simulated};
use squall::base::Duration;

/// One round of both sides.
struct Round {
    simulator_ns: f64,
    by_hand_ns: f64,
    calls: u64,
    events: u64,
}

impl Round {
    /// Runs both, in the order that `turn` says, and compares what they say.
    fn new(model: &Model, turn: usize) -> Round {
        let hand = || time(|| by_hand::run(model));
        let ((outcome, simulator), (totals, loop_)) = if turn.is_multiple_of(2) {
            (time(|| simulated(model)), hand())
        } else {
            let by_hand = hand();
            (time(|| simulated(model)), by_hand)
        };
        let (calls, events) = (outcome.replication.submitted, outcome.replication.events);
        assert!(Totals::from(outcome) == totals, "the totals differ");
        Round {
            simulator_ns: simulator.as_secs_f64() * 1e9 / calls as f64,
            by_hand_ns: loop_.as_secs_f64() * 1e9 / calls as f64,
            calls,
            events,
        }
    }

    fn ratio(&self) -> f64 {
        self.simulator_ns / self.by_hand_ns
    }
}

fn time<T>(work: impl FnOnce() -> T) -> (T, Wall) {
    let start = thread_cpu();
    let result = black_box(work());
    (result, thread_cpu() - start)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print_summary(model: &Model) {
    let rounds: Vec<Round> = (0..ROUNDS).map(|turn| Round::new(model, turn)).collect();
    let of = |f: fn(&Round) -> f64| median(rounds.iter().map(f).collect());
    let simulator = of(|r| r.simulator_ns);
    let per_call = rounds[0].events as f64 / rounds[0].calls as f64;
    println!(
        "full stack: {} calls a round, {ROUNDS} rounds, medians",
        rounds[0].calls
    );
    println!("  simulator   {simulator:>8.0} ns per call");
    println!("  by hand     {:>8.0} ns per call", of(|r| r.by_hand_ns));
    println!(
        "  ratio       {:>8.3}    goal <= 1.15, first <= 1.3",
        of(Round::ratio)
    );
    println!(
        "  calls/s     {:>8.2} M  goal >= 3, first >= 1",
        1e3 / simulator
    );
    println!("  fingerprint {:016x}", fingerprint(model));
    println!(
        "  events      {per_call:>8.2} per call, {:.0} ns each",
        simulator / per_call
    );
}

/// FNV-1a over everything a replication holds: what an optimisation must not move.
fn fingerprint(model: &Model) -> u64 {
    let text = format!("{:?}", simulated(model).replication);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

fn bench(c: &mut Criterion, model: &Model) {
    let calls = by_hand::run(model).submitted;
    let mut group = c.benchmark_group("full_stack");
    group.throughput(Throughput::Elements(calls));
    group.bench_function("simulator", |b| b.iter(|| simulated(model)));
    group.bench_function("by_hand", |b| b.iter(|| by_hand::run(model)));
    group.finish();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |flag: &str| arguments.iter().any(|a| a == flag);
    // Other sizes: the rate decides how many calls are in flight, about five for each per second.
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let mut model = Model {
        seed: 1,
        rate: number("SQUALL_RATE").unwrap_or(1000),
        duration: Duration::from_s(u64::from(number("SQUALL_SECONDS").unwrap_or(400))),
    };
    // The tables of quantiles are made once, whoever asks for them first.
    let _ = (model.latency().law(), model.tokens().law());
    // For a profiler: one side, once.
    match std::env::var("SQUALL_ONCE").as_deref() {
        Ok("simulator") => return drop(black_box(simulated(&model))),
        Ok("by-hand") => return drop(black_box(by_hand::run(&model))),
        _ => {}
    }
    // `cargo bench -- --test` and `cargo test --benches` only want to know that it runs.
    if has("--bench") && !has("--test") {
        print_summary(&model);
    } else {
        model.rate = 20;
    }
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Wall::from_secs(5))
        .configure_from_args();
    bench(&mut criterion, &model);
    criterion.final_summary();
}

/// Rounds of the comparison, odd for the median.
const ROUNDS: usize = 11;
