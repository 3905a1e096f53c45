//! Arrivals: counts, their dispersion and the gaps between them.

use squall::base::Instant;
use squall::experiment::Sample;
use squall::record::results::Estimate;
use squall::sim::Setup;

use crate::fly::{MEAN, P99, fly, holds, scenario};

/// Arrival times in seconds of every replication of a text.
fn arrivals(text: &str) -> Vec<Vec<f64>> {
    let scenario = scenario(text);
    println!(
        "seed {}, R = {}",
        scenario.run.seed, scenario.run.replications
    );
    let setup = Setup::new(&scenario).expect("the policy fits");
    let one = |r| {
        let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(r));
        let end = Instant::ZERO + scenario.run.duration;
        let next = || traffic.next(&draws).filter(|call| call.at < end);
        std::iter::from_fn(next)
            .map(|call| call.at.0 as f64 / 1e9)
            .collect()
    };
    (0..scenario.run.replications).map(one).collect()
}

fn text(seed: u64, replications: u32, arrivals: &str) -> String {
    format!(
        r#"
        [run]
        duration = "40s"
        replications = {replications}
        seed = {seed}
        [workload]
        arrivals.{arrivals}
        tokens.fixed = {{ input = 1, output = 1 }}
        [provider.api]
        latency.distribution = {{ first-token.constant = "0s" }}
        [policy.p]
        "#
    )
}

fn mean(values: &[f64]) -> Estimate {
    let mean = Sample::mean(values).expect("there are replications");
    mean.estimate("count")
}

/// Calls in [from, to) by replication.
fn counts(runs: &[Vec<f64>], from: f64, to: f64) -> Vec<f64> {
    let count = |times: &Vec<f64>| times.iter().filter(|t| (from..to).contains(*t)).count();
    runs.iter().map(|times| count(times) as f64).collect()
}

/// Variance over mean of the counts in windows of a tenth of a second, one per replication: 1.
fn dispersion(runs: &[Vec<f64>], from: f64, to: f64) -> Vec<f64> {
    let windows = ((to - from) * 10.0).round() as usize;
    let one = |times: &Vec<f64>| {
        let mut counts = vec![0.0; windows];
        for t in times.iter().filter(|t| (from..to).contains(*t)) {
            counts[(((t - from) * 10.0) as usize).min(windows - 1)] += 1.0;
        }
        let mean = counts.iter().sum::<f64>() / windows as f64;
        let squares: f64 = counts.iter().map(|n| (n - mean) * (n - mean)).sum();
        squares / (windows - 1) as f64 / mean
    };
    runs.iter().map(one).collect()
}

#[test]
fn poisson_arrivals_have_the_rate_and_no_more_spread_than_chance() {
    let runs = arrivals(&text(801, 120, "poisson.rate = \"50/s\""));
    let all = counts(&runs, 0.0, 40.0);
    holds("calls", &mean(&all), 50.0 * 40.0, MEAN);
    holds(
        "dispersion in a run",
        &mean(&dispersion(&runs, 0.0, 40.0)),
        1.0,
        P99,
    );
    // Between replications: (n − 1)·variance/mean is χ² with n − 1 degrees, 4 standard deviations.
    let m = all.iter().sum::<f64>() / all.len() as f64;
    let squares: f64 = all.iter().map(|n| (n - m) * (n - m)).sum();
    let free = all.len() as f64 - 1.0;
    let index = squares / free / m;
    println!("dispersion between runs: {index:.3}");
    assert!((index - 1.0).abs() <= 4.0 * (2.0 / free).sqrt(), "{index}");
}

#[test]
fn gaps_between_poisson_arrivals_are_exponential() {
    let runs = arrivals(&text(802, 1, "poisson.rate = \"500/s\""));
    let times = &runs[0];
    let mut gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let apart = |(i, &gap): (usize, &f64)| {
        let law = -libm::expm1(-500.0 * gap);
        (law - i as f64 / n)
            .abs()
            .max((law - (i + 1) as f64 / n).abs())
    };
    let d = gaps.iter().enumerate().map(apart).fold(0.0, f64::max) * n.sqrt();
    println!("{n} gaps: D·√n = {d:.2}");
    assert!(n > 19_000.0 && d <= 2.7, "seed 802: D·√n = {d}");
}

#[test]
fn a_spike_has_its_own_rate_in_its_own_time_and_is_poisson_throughout() {
    let spike = "spike = { rate = \"40/s\", peak = \"160/s\", at = \"15s\", for = \"10s\" }";
    let runs = arrivals(&text(803, 320, spike));
    for (what, from, to, rate) in [
        ("before", 0.0, 15.0, 40.0),
        ("in", 15.0, 25.0, 160.0),
        ("its first second", 15.0, 16.0, 160.0),
        ("its last second", 24.0, 25.0, 160.0),
        ("after", 25.0, 40.0, 40.0),
    ] {
        let found = mean(&counts(&runs, from, to));
        holds(what, &found, rate * (to - from), MEAN);
        if to - from > 5.0 {
            holds("dispersion", &mean(&dispersion(&runs, from, to)), 1.0, P99);
        }
    }
    assert!(runs.iter().all(|times| times.is_sorted()));
}

/// The windows of whole runs count the same arrivals.
#[test]
fn a_run_counts_every_arrival_in_its_window() {
    let spike = "spike = { rate = \"5/s\", peak = \"60/s\", at = \"15s\", for = \"10s\" }";
    let text = text(804, 50, spike);
    let flown = fly(&text);
    for (run, times) in flown.runs("p").iter().zip(arrivals(&text)) {
        let width = 40.0 / run.windows.arrived.len() as f64;
        let mut counts = vec![0u32; run.windows.arrived.len()];
        times.iter().for_each(|t| counts[(t / width) as usize] += 1);
        assert_eq!(run.windows.arrived, counts);
        assert_eq!(run.scopes[0].calls, times.len() as u64);
    }
}

#[test]
fn a_burst_is_all_its_calls_at_one_instant() {
    let runs = arrivals(&text(805, 3, "burst = { count = 77, at = \"12.5s\" }"));
    assert!(runs.iter().all(|times| *times == vec![12.5; 77]));
}
