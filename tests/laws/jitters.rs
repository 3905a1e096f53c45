//! Every kind of jitter: its range, its mean and its whole distribution.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use squall::base::Duration;
use squall::policy::backoff::{Config, Step};

use crate::fly::{fly, scenario};

/// The backoff of a policy, from the words a user writes.
fn backoff(words: &str) -> Config {
    let text = format!(
        "[run]\nduration = \"1s\"\n[workload]\narrivals.burst.count = 1\n[provider.api]\n\
         [policy.p]\nretry.attempts = 9\nretry.backoff.{words}"
    );
    let mut scenario = scenario(&text);
    scenario.policies.remove(0).1.retry.backoff
}

/// Random draws per kind.
const N: usize = 20_000;

/// The largest distance between the values and an exact distribution function, times √n.
fn distance(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let apart = |(i, &x): (usize, &f64)| {
        // Below x and at x: the distribution may jump there.
        let (below, at) = (values.partition_point(|&v| v < x), i + 1);
        let before = cdf(x - 1e-9 * (1.0 + x.abs()));
        (cdf(x) - at as f64 / n)
            .abs()
            .max((before - below as f64 / n).abs())
    };
    // Of equal values the last one counts all.
    let last = |&(i, x): &(usize, &f64)| values.get(i + 1) != Some(x);
    let farthest = values.iter().enumerate().filter(last).map(apart);
    farthest.fold(0.0, f64::max) * n.sqrt()
}

/// The distribution function of a uniform between two ends, which may be one point.
fn uniform(low: f64, high: f64) -> impl Fn(f64) -> f64 {
    move |x| {
        if x >= high {
            1.0
        } else if x < low {
            0.0
        } else {
            (x - low) / (high - low)
        }
    }
}

/// One wait of one kind: which retry, after what wait, and between what ends it is uniform; what
/// is cut off above `cut` lies at `cut`.
struct Row {
    words: &'static str,
    retry: u32,
    previous_s: f64,
    ends: (f64, f64),
    cut: f64,
}

fn row(words: &'static str, retry: u32, ends: (f64, f64)) -> Row {
    Row {
        words,
        retry,
        previous_s: 0.0,
        ends,
        cut: f64::INFINITY,
    }
}

fn rows() -> Vec<Row> {
    let none = r#"exponential = { base = "500ms", factor = 2, cap = "8s" }"#;
    let full = r#"exponential = { base = "500ms", factor = 2, cap = "8s", jitter = "full" }"#;
    let equal = r#"exponential = { base = "500ms", factor = 3, cap = "8s", jitter = "equal" }"#;
    let origin = r#"exponential = { base = "500ms", cap = "8s", origin = 1, jitter = "full" }"#;
    let additive = r#"constant = { wait = "2s", jitter.additive.max = "500ms" }"#;
    let sdk = r#"exponential = { base = "1s", cap = "8s", jitter.proportional = { low = 0.75, high = 1.0 } }"#;
    let after =
        r#"exponential = { base = "1s", cap = "6s", cap-stage = "after-jitter", jitter = "full" }"#;
    let linear = r#"linear = { base = "1s", step = "2s", cap = "10s", jitter = "equal" }"#;
    let decorrelated = r#"exponential = { base = "500ms", cap = "8s", jitter = "decorrelated" }"#;
    let mut rows = vec![
        row(none, 1, (0.5, 0.5)),
        row(none, 4, (4.0, 4.0)),
        row(none, 9, (8.0, 8.0)),
        row(full, 1, (0.0, 0.5)),
        row(full, 3, (0.0, 2.0)),
        row(full, 7, (0.0, 8.0)),
        row(equal, 1, (0.25, 0.5)),
        row(equal, 2, (0.75, 1.5)),
        row(equal, 9, (4.0, 8.0)),
        row(origin, 1, (0.0, 1.0)),
        row(origin, 3, (0.0, 4.0)),
        row(additive, 1, (2.0, 2.5)),
        row(additive, 8, (2.0, 2.5)),
        row(sdk, 1, (0.75, 1.0)),
        row(sdk, 5, (6.0, 8.0)),
        row(linear, 3, (2.5, 5.0)),
        row(linear, 8, (5.0, 10.0)),
        row(decorrelated, 1, (0.5, 1.5)),
    ];
    // U(0, 8 s), of which a quarter lies at the cap of 6 s.
    rows.push(Row {
        cut: 6.0,
        ..row(after, 4, (0.0, 8.0))
    });
    // The k-th decorrelated wait, given the one before it.
    for (retry, previous_s, cut) in [(2, 1.2, 8.0), (3, 0.5, 8.0), (4, 4.0, 8.0)] {
        rows.push(Row {
            previous_s,
            cut,
            ..row(decorrelated, retry, (0.5, 3.0 * previous_s))
        });
    }
    rows
}

#[test]
fn every_jitter_is_uniform_between_its_ends() {
    for (i, row) in rows().into_iter().enumerate() {
        let seed = 600 + i as u64;
        let config = backoff(row.words);
        let wait = |u: f64| {
            let step = Step {
                previous: Duration::from_s_f64(row.previous_s),
                ..Step::at(row.retry)
            };
            config.wait(step, || u).as_s_f64()
        };
        let (low, high) = row.ends;
        // On a grid: the ends, and the mean of what is cut off at `cut`.
        let grid: Vec<f64> = (0..1000)
            .map(|k| wait((f64::from(k) + 0.5) / 1000.0))
            .collect();
        let (top, step) = (high.min(row.cut), (high - low) / 1000.0);
        assert!(
            grid.is_sorted(),
            "{}: more luck is no longer wait",
            row.words
        );
        assert!((grid[0] - low).abs() <= step / 2.0 + 1e-9, "{}", row.words);
        assert!(
            (grid[999] - top).abs() <= step / 2.0 + 1e-9,
            "{}",
            row.words
        );
        let beyond = if high > row.cut {
            (high - row.cut) * (high - row.cut) / (high - low)
        } else {
            0.0
        };
        let mean = 0.5 * (low + high - beyond);
        let found = grid.iter().sum::<f64>() / 1000.0;
        assert!(
            (found - mean).abs() <= 1e-3 * mean,
            "{}: {found} {mean}",
            row.words
        );
        // At random: the whole distribution.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let unit = |rng: &mut Xoshiro256PlusPlus| {
            ((rng.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let values: Vec<f64> = (0..N).map(|_| wait(unit(&mut rng))).collect();
        let plain = uniform(low, high);
        let cdf = |x: f64| if x >= row.cut { 1.0 } else { plain(x) };
        let d = distance(values, cdf);
        println!(
            "seed {seed}: {} retry {}: D·√n = {d:.2}",
            row.words, row.retry
        );
        assert!(d <= 2.7, "seed {seed}: {}: D·√n = {d}", row.words);
    }
}

#[test]
fn a_jitter_that_needs_no_draw_asks_for_none() {
    for words in [
        r#"constant.wait = "1s""#,
        r#"exponential.base = "1s""#,
        r#"linear = { base = "1s", step = "1s" }"#,
    ] {
        let wait = backoff(words).wait(Step::at(1), || panic!("{words} draws"));
        assert_eq!(wait, Duration::from_s(1));
    }
}

/// The sum of U(0, a) and U(0, b), a ≤ b.
fn sum_of_uniforms(a: f64, b: f64) -> impl Fn(f64) -> f64 {
    let ramp = |x: f64| x.max(0.0) * x.max(0.0);
    move |x| {
        ((ramp(x) - ramp(x - a) - ramp(x - b) + ramp(x - a - b)) / (2.0 * a * b)).clamp(0.0, 1.0)
    }
}

/// In a total outage with answers at once a call lasts as long as its waits.
fn waits_of_runs(seed: u64, attempts: u32, words: &str) -> Vec<f64> {
    let flown = fly(&format!(
        r#"
        [run]
        duration = "1s"
        replications = 50
        seed = {seed}
        [workload]
        arrivals.burst.count = 400
        tokens.fixed = {{ input = 1, output = 1 }}
        [provider.api]
        [[fault]]
        name = "outage"
        on = ["api"]
        at = "0s"
        for = "1h"
        effect.outage = {{}}
        [policy.p]
        retry.attempts = {attempts}
        retry.backoff.{words}
        "#
    ));
    let counts = flown
        .runs("p")
        .iter()
        .flat_map(|run| &run.scopes[0].latency_verdict.histogram.counts);
    counts
        .flat_map(|&(us, n)| std::iter::repeat_n(us as f64 / 1e6, n as usize))
        .collect()
}

#[test]
fn the_waits_of_whole_runs_are_those_of_the_law() {
    let one = [
        (
            651,
            r#"exponential = { base = "1s", jitter = "full" }"#,
            (0.0, 1.0),
        ),
        (
            652,
            r#"exponential = { base = "1s", jitter = "equal" }"#,
            (0.5, 1.0),
        ),
        (
            653,
            r#"exponential = { base = "1s", jitter = "decorrelated" }"#,
            (1.0, 3.0),
        ),
        (
            654,
            r#"constant = { wait = "1s", jitter.additive.max = "2s" }"#,
            (1.0, 3.0),
        ),
        (
            655,
            r#"exponential = { base = "1s", jitter.proportional = { low = 0.75, high = 1.0 } }"#,
            (0.75, 1.0),
        ),
    ];
    for (seed, words, (low, high)) in one {
        let waits = waits_of_runs(seed, 2, words);
        assert_eq!(waits.len(), N);
        let d = distance(waits, uniform(low, high));
        println!("{words}: D·√n = {d:.2}");
        assert!(d <= 2.7, "seed {seed}: {words}: D·√n = {d}");
    }
}

/// Two waits of one call are drawn apart: were they one draw, their sum would be uniform.
#[test]
fn the_waits_of_one_call_are_independent() {
    let waits = waits_of_runs(661, 3, r#"exponential = { base = "1s", jitter = "full" }"#);
    let d = distance(waits, sum_of_uniforms(1.0, 2.0));
    println!("U(0, 1) + U(0, 2): D·√n = {d:.2}");
    assert!(d <= 2.7, "seed 661: D·√n = {d}");
}
