//! Closed loops: so many users who wait, think, and ask again.

use crate::fly::{MEAN, fly, holds};

/// Throughput of so many users with exponential think time z who share c servers of rate 1/s each: the
/// machine-repairman model, by its birth-death chain.
fn repairman(users: u32, z: f64, c: u32, s: f64) -> f64 {
    let (mut weight, mut sum, mut served) = (1.0, 1.0, 0.0);
    for n in 1..=users {
        weight *= f64::from(users - n + 1) / z / (f64::from(n.min(c)) / s);
        sum += weight;
        served += weight * f64::from(n.min(c)) / s;
    }
    served / sum
}

fn text(seed: u64, users: u32, more: &str) -> String {
    format!(
        r#"
        [run]
        duration = "820s"
        warm-up = "20s"
        replications = 60
        seed = {seed}
        [workload]
        arrivals.closed = {{ users = {users}, think.exponential = {{ mean = "2s" }} }}
        tokens.fixed = {{ input = 1, output = 1 }}
        {more}
        [provider.servers]
        latency.distribution = {{ first-token.exponential.mean = "500ms" }}
        capacity.slots = {{ count = 3 }}
        [policy.p]
        "#
    )
}

#[test]
fn throughput_is_that_of_the_machine_repairman_and_fits_the_response_time() {
    for (seed, users) in [(901, 6), (902, 15), (903, 40)] {
        let flown = fly(&text(seed, users, ""));
        let x = repairman(users, 2.0, 3, 0.5);
        flown.law("p", "throughput_per_s", x, MEAN);
        // N = X·(R + Z), the interactive response-time law.
        let r = f64::from(users) / x - 2.0;
        flown.law("p", "latency_verdict_ms_mean", 1000.0 * r, MEAN);
        let found = flown.metric("p", "throughput_per_s").value
            * (flown.metric("p", "latency_verdict_ms_mean").value / 1000.0 + 2.0);
        assert!(
            (found / f64::from(users) - 1.0).abs() < 0.01,
            "{found} users of {users}"
        );
        assert!(
            flown
                .results
                .warnings
                .iter()
                .any(|w| w.starts_with("A closed loop"))
        );
    }
}

/// With patience P, exponential with rate p, and one server per user nobody queues: an answer is in time with
/// s/(s + p), a call lasts 1/(s + p), and who reloads with share q calls 1/(1 − q·p/(s + p)) times.
#[test]
fn exponential_patience_leaves_the_share_of_calls_that_are_faster() {
    let more = "impatience = { after.exponential.mean = \"1s\", reload = \"50%\", pause = \"1ms\", reloads = 15 }";
    let text = text(904, 40, more)
        .replace("count = 3", "count = 2000")
        .replace("820s", "320s");
    let flown = fly(&text);
    flown.law("p", "success_ratio", 2.0 / 3.0, MEAN);
    let lasts = 1.0 / 3.0;
    let calls = 1.0 / (1.0 - 0.5 / 3.0);
    let x = 40.0 * calls / (2.0 + calls * lasts);
    flown.law("p", "throughput_per_s", x, MEAN);
    let runs = flown.runs("p");
    for run in runs {
        let all = &run.scopes[0];
        assert_eq!(all.failures.get("cancelled").copied(), Some(all.failed));
    }
    holds(
        "cancelled",
        &flown.metric("p", "failed_ratio"),
        1.0 / 3.0,
        2.0 * MEAN,
    );
}
