//! The event queue against a plain binary heap, in the hold model: with n events pending, take the
//! earliest and push another one an exponential delay later.
//!
//! `cargo bench --bench queue` prints first a table of ratios, its two queues measured in turn in
//! short rounds, so that a machine that slows down slows both; then criterion's own figures. Only
//! the ratios are worth keeping: see `benches/README.md`.

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use squall::base::Instant;
use squall::sim::Queue;
use squall::sim::queue::oracle::HeapQueue;

/// What the two queues have in common.
trait Pending: Default {
    fn push(&mut self, at: Instant, rank: u8, slot: u32);
    fn pop(&mut self) -> Option<(Instant, u32)>;
}

macro_rules! pending {
    ($($queue:ty),*) => {$(
        impl Pending for $queue {
            #[inline]
            fn push(&mut self, at: Instant, rank: u8, slot: u32) {
                self.push(at, rank, slot);
            }
            #[inline]
            fn pop(&mut self) -> Option<(Instant, u32)> {
                self.pop()
            }
        }
    )*};
}
pending!(Queue, HeapQueue);

/// A law of delays: the i-th of [`TABLE`] equally likely ones, in nanoseconds.
type Law = fn(u32) -> u64;

/// Exponential with mean one second.
fn exponential(i: u32) -> u64 {
    (-libm::log((f64::from(i) + 0.5) / f64::from(TABLE)) * 1e9) as u64
}

/// Signals within milliseconds, answers within a minute, and a few 600 s timers.
fn mixed(i: u32) -> u64 {
    // Seven is prime to sixteen, so each kind of delay has all lengths.
    match i * 7 % 16 {
        0 => 600_000_000_000,
        1..=7 => exponential(i) * 10,
        _ => exponential(i) / 500,
    }
}

/// A queue in the hold model, with the delays it draws.
struct Hold<Q> {
    queue: Q,
    rng: Xoshiro256PlusPlus,
    table: Box<[u64; TABLE as usize]>,
}

impl<Q: Pending> Hold<Q> {
    /// A queue with `pending` events, turned over often enough to have forgotten how it was filled.
    fn new(pending: u32, law: Law) -> Hold<Q> {
        let mut hold = Hold {
            queue: Q::default(),
            rng: Xoshiro256PlusPlus::seed_from_u64(1),
            table: Box::new(std::array::from_fn(|i| law(i as u32))),
        };
        for slot in 0..pending {
            let at = Instant(hold.delay());
            hold.queue.push(at, 1, slot);
        }
        hold.turn(u64::from(pending) * 3 + EVENTS);
        hold
    }

    /// A random delay: a logarithm for each event would weigh as much as the queue, so the low bits
    /// of one word choose from the table and the high bits add less than 1.1 ms, against ties.
    #[inline]
    fn delay(&mut self) -> u64 {
        let word = self.rng.next_u64();
        self.table[word as usize % TABLE as usize] + (word >> 44)
    }

    /// Pops and pushes `events` times.
    #[inline(never)]
    fn turn(&mut self, events: u64) {
        for _ in 0..events {
            let Some((now, slot)) = self.queue.pop() else {
                return;
            };
            let at = Instant(now.0 + self.delay());
            self.queue.push(at, 1, slot);
        }
        black_box(&self.queue);
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    fn time(&mut self, events: u64) -> Duration {
        let start = Clock::now();
        self.turn(events);
        start.elapsed()
    }
}

/// Prints queue ÷ heap: the median over rounds of the ratio within a round.
fn print_ratios() {
    println!(
        "{:<12} {:>9} {:>9} {:>9} {:>7}  goal",
        "delays", "pending", "heap ns", "queue ns", "ratio"
    );
    let laws: [(&str, Law, [&str; 3]); 2] = [
        (
            "exponential",
            exponential,
            ["<= 0.55", "<= 0.40", "<= 0.15"],
        ),
        ("mixed", mixed, [""; 3]),
    ];
    for (name, law, goals) in laws {
        for (pending, goal) in [100, 10_000, 1_000_000].into_iter().zip(goals) {
            let mut heap = Hold::<HeapQueue>::new(pending, law);
            let mut queue = Hold::<Queue>::new(pending, law);
            let mut rounds: Vec<(f64, f64, f64)> = (0..ROUNDS)
                .map(|_| {
                    let old = heap.time(EVENTS).as_secs_f64() * 1e9 / EVENTS as f64;
                    let new = queue.time(EVENTS).as_secs_f64() * 1e9 / EVENTS as f64;
                    (new / old, old, new)
                })
                .collect();
            rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (ratio, old, new) = rounds[ROUNDS / 2];
            println!("{name:<12} {pending:>9} {old:>9.1} {new:>9.1} {ratio:>7.3}  {goal}");
        }
    }
}

fn hold(c: &mut Criterion) {
    for pending in [100, 10_000, 1_000_000] {
        let mut group = c.benchmark_group("hold");
        group.throughput(Throughput::Elements(1));
        let mut heap = Hold::<HeapQueue>::new(pending, exponential);
        group.bench_function(BenchmarkId::new("heap", pending), |b| {
            b.iter_custom(|events| heap.time(events));
        });
        let mut queue = Hold::<Queue>::new(pending, exponential);
        group.bench_function(BenchmarkId::new("queue", pending), |b| {
            b.iter_custom(|events| queue.time(events));
        });
        group.finish();
    }
}

fn main() {
    // `cargo test --benches` comes here too, and only wants to know that it runs.
    if std::env::args().any(|arg| arg == "--bench") {
        print_ratios();
    }
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    hold(&mut criterion);
    criterion.final_summary();
}

/// Rounds of a comparison, odd for the median.
const ROUNDS: usize = 41;
/// Events of a round: long against the clock's grain, short against the machine's moods.
const EVENTS: u64 = 300_000;
/// Delays of a law: few enough to stay in the first-level cache.
const TABLE: u32 = 1024;
