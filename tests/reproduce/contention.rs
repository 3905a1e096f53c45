//! Optimistic contention a second time, as plainly as it can be said: the loop of the published simulator.

use std::collections::BTreeMap;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal};
use squall::record::Replication;
use squall::record::results::Results;

const BASE_MS: f64 = 5.0;
const CAP_MS: f64 = 2000.0;

/// The wait before the a-th attempt after a failure, a = 1 for the first; `last` is the wait before, or the base.
fn wait_ms(policy: &str, a: i32, last: f64, rng: &mut Xoshiro256PlusPlus) -> f64 {
    let scheduled = CAP_MS.min(BASE_MS * libm::pow(2.0, f64::from(a.min(30))));
    let mut uniform = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
    match policy {
        "none" => 0.0,
        "exponential" => scheduled,
        "full" => uniform(0.0, scheduled),
        "equal" => scheduled / 2.0 + uniform(0.0, scheduled / 2.0),
        "decorrelated" => CAP_MS.min(uniform(BASE_MS, 3.0 * last)),
        other => panic!("{other}"),
    }
}

#[derive(Clone, Copy)]
enum Message {
    Read,
    Write { version: u64 },
}

/// One trial: writes that reached the row, and when the last client learnt of its success, in ms.
fn trial(policy: &str, clients: u64, rng: &mut Xoshiro256PlusPlus) -> (f64, f64) {
    let delay = Normal::new(10f64, 2.0).expect("a deviation");
    let message = |rng: &mut Xoshiro256PlusPlus| delay.sample(rng).abs();
    let (mut version, mut writes, mut last_ms) = (0, 0u64, 0f64);
    let mut failures: BTreeMap<u64, (i32, f64)> = BTreeMap::new();
    // By nanosecond and then by client: whoever writes first wins.
    let mut arriving: BTreeMap<(u64, u64), Message> = BTreeMap::new();
    let at = |ms: f64, client| ((1e6 * ms) as u64, client);
    for client in 0..clients {
        arriving.insert(at(message(rng), client), Message::Read);
    }
    while let Some(((ns, client), what)) = arriving.pop_first() {
        let now = ns as f64 / 1e6;
        let back = now + message(rng);
        match what {
            Message::Read => {
                let write = Message::Write { version };
                arriving.insert(at(back + message(rng), client), write);
            }
            Message::Write { version: read } if read == version => {
                writes += 1;
                version += 1;
                last_ms = last_ms.max(back);
            }
            Message::Write { .. } => {
                writes += 1;
                let (failed, last) = failures.entry(client).or_insert((0, BASE_MS));
                *failed += 1;
                *last = wait_ms(policy, *failed, *last, rng);
                arriving.insert(at(back + *last + message(rng), client), Message::Read);
            }
        }
    }
    (writes as f64, last_ms)
}

/// Mean and standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

fn times(runs: &[Replication]) -> Vec<f64> {
    let last = |run: &Replication| run.scopes[0].latency_verdict.max_ns as f64 / 1e6;
    runs.iter().map(last).collect()
}

fn calls(runs: &[Replication]) -> Vec<f64> {
    let sent = |run: &Replication| run.scopes[0].attempts.iter().sum::<u64>() as f64;
    runs.iter().map(sent).collect()
}

/// Trials of the loop: a hundred or more were published; small crowds vary more and take no time.
fn trials(clients: u64) -> usize {
    if clients <= 50 { 400 } else { 150 }
}

/// As many calls and as much time as the loop says, for every backoff, at one size of the crowd.
pub(crate) fn agrees_with_the_published_loop(clients: u64, results: &Results) {
    const SEED: u64 = 4019;
    let seed = SEED + clients;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    println!("the loop has seed {seed}");
    let mut all = BTreeMap::new();
    for policy in &results.policies {
        let trials: Vec<(f64, f64)> = (0..trials(clients))
            .map(|_| trial(&policy.name, clients, &mut rng))
            .collect();
        let (loop_calls, loop_times): (Vec<f64>, Vec<f64>) = trials.into_iter().unzip();
        let runs = &policy.replications;
        for (what, ours, theirs) in [
            ("calls", calls(runs), loop_calls),
            ("time", times(runs), loop_times),
        ] {
            let ((a, se_a), (b, se_b)) = (mean(&ours), mean(&theirs));
            let error = (se_a * se_a + se_b * se_b).sqrt();
            println!(
                "N = {clients}, {}: {what} {a:.1}, the loop {b:.1}, ± {error:.1}",
                policy.name
            );
            // Four standard errors: one comparison in 16 000 fails by chance, and there are 190.
            assert!(
                (a - b).abs() <= 4.0 * error,
                "N = {clients}, {}: {what}",
                policy.name
            );
            assert!(
                error <= 0.05 * b,
                "{}: {what} are too uncertain to compare",
                policy.name
            );
            all.insert((what, policy.name.clone()), a);
        }
    }
    assert_eq!(all.len(), 10, "five backoffs");
    if clients == 100 {
        published(&all);
    }
}

/// The shape that was published for a hundred clients.
fn published(means: &BTreeMap<(&str, String), f64>) {
    let of = |what, policy: &str| means[&(what, policy.to_owned())];
    for (what, order) in [
        (
            "calls",
            ["full", "equal", "decorrelated", "exponential", "none"],
        ),
        (
            "time",
            ["none", "decorrelated", "full", "equal", "exponential"],
        ),
    ] {
        for pair in order.windows(2) {
            assert!(of(what, pair[0]) < of(what, pair[1]), "{what}: {pair:?}");
        }
    }
    assert!(of("time", "exponential") > 10.0 * of("time", "full"));
}
