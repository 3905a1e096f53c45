//! Drift monitors in whole runs: how often they alarm falsely, and how soon they find a change, against the
//! exact chains of states that are solved here in another way than the monitors solve theirs.

use squall::record::Replication;

use crate::fly::{Flown, fly};

/// Calls in `seconds`, answered at once, each failing with probability `p` from 0 or from `at` on.
fn watched(seed: u64, seconds: u64, (p, at): (f64, u64), before: f64, monitor: &str) -> String {
    let faults = |name: &str, from: u64, to: u64, p: f64| {
        format!(
            "[[fault]]\nname = \"{name}\"\non = [\"api\"]\nat = \"{from}s\"\nfor = \"{}s\"\n\
             effect.error-rate = {{ bad = {p} }}\n",
            to - from
        )
    };
    let usual = match at {
        0 => String::new(),
        at => faults("usual", 0, at, before),
    };
    let now = faults("risen", at, seconds, p);
    format!(
        r#"
        [run]
        duration = "{seconds}s"
        replications = 60
        seed = {seed}

        [workload]
        arrivals.poisson = {{ rate = "50/s" }}
        tokens.fixed = {{ input = 1, output = 1 }}

        [provider.api]
        latency.distribution = {{ first-token.constant = "0s" }}

        {usual}
        {now}

        [policy.watch]
        monitor.it = {{ watch = "failures", {monitor} }}
        "#
    )
}

/// The mean number of observations to an alarm from 0: the chain is walked, and what has not alarmed yet
/// is summed, until hardly anything is left.
fn walked(step: usize, h: usize, p: f64) -> f64 {
    let mut at = vec![0.0; h];
    at[0] = 1.0;
    let (mut length, mut left) = (0.0, 1.0);
    while left > 1e-12 {
        length += left;
        let mut next = vec![0.0; h];
        for (i, share) in at.iter().enumerate() {
            next[i.saturating_sub(1)] += share * (1.0 - p);
            if i + step < h {
                next[i + step] += share * p;
            }
        }
        left = next.iter().sum();
        at = next;
    }
    length
}

fn alerts(flown: &Flown) -> f64 {
    let runs = flown.runs("watch");
    runs.iter().map(|run| run.alerts.count() as f64).sum()
}

fn calls(flown: &Flown) -> f64 {
    let calls = |run: &Replication| run.scopes[0].calls as f64;
    flown.runs("watch").iter().map(calls).sum()
}

/// After an alarm the monitor starts anew, so alarms are renewals: N observations see about N/ARL of them.
#[test]
fn false_alarms_come_as_often_as_is_stated() {
    let every = 400.0;
    let monitor = format!(
        "test.bernoulli-cusum = {{ usual = \"5%\", risen = \"15%\", false-alarm-every = {every} }}"
    );
    let flown = fly(&watched(501, 300, (0.05, 0), 0.0, &monitor));
    let (alerts, calls) = (alerts(&flown), calls(&flown));
    // m = round(ln(0.15·0.95/(0.05·0.85))/−ln(0.85/0.95)) = round(10.88) = 11: a failure adds 10.
    let h = (1..).find(|&h| walked(10, h, 0.05) >= every).unwrap();
    let exact = walked(10, h, 0.05);
    let got = calls / alerts;
    println!("seed 501: an alarm in {got:.1} observations, exact {exact:.1}, stated {every}");
    assert!(alerts > 2_000.0, "{alerts}");
    // About √alerts of spread: 4 of them are 8 %.
    assert!(
        (got / exact - 1.0).abs() < 4.0 / libm::sqrt(alerts),
        "{got} {exact}"
    );
    assert!(exact >= every && exact < 1.1 * every);
}

/// A sample of one in four sees a fourth of the observations, and alarms a fourth as often.
#[test]
fn a_sample_makes_false_alarms_as_much_rarer_as_it_is_small() {
    let monitor = "sample = \"25%\", test.bernoulli-cusum = { usual = \"5%\", risen = \"15%\", threshold = 40 }";
    let flown = fly(&watched(502, 300, (0.05, 0), 0.0, monitor));
    let (alerts, calls) = (alerts(&flown), calls(&flown));
    let exact = 4.0 * walked(10, 40, 0.05);
    let got = calls / alerts;
    println!("seed 502: an alarm in {got:.1} calls, exact {exact:.1}");
    assert!(
        (got / exact - 1.0).abs() < 4.0 / libm::sqrt(alerts),
        "{got} {exact}"
    );
}

/// The delay from a rise to the first alarm is between that from 0 and nothing; where alarms are rare
/// the sum is near its stationary law, from which the exact mean is walked.
#[test]
fn a_rise_is_found_after_the_exact_delay() {
    let (step, h, before, p) = (10, 60, 0.05, 0.30);
    let monitor =
        format!("test.bernoulli-cusum = {{ usual = \"5%\", risen = \"15%\", threshold = {h} }}");
    let flown = fly(&watched(503, 160, (p, 100), before, &monitor));
    // The law of the sum after 5 000 observations that started anew at each alarm.
    let mut at = vec![0.0; h];
    at[0] = 1.0;
    for _ in 0..5_000 {
        let mut next = vec![0.0; h];
        for (i, share) in at.iter().enumerate() {
            next[i.saturating_sub(1)] += share * (1.0 - before);
            let up = if i + step < h { i + step } else { 0 };
            next[up] += share * before;
        }
        at = next;
    }
    // From each sum: what has not alarmed yet is summed, as above.
    let (mut length, mut left) = (0.0, 1.0);
    while left > 1e-12 {
        length += left;
        let mut next = vec![0.0; h];
        for (i, share) in at.iter().enumerate() {
            next[i.saturating_sub(1)] += share * (1.0 - p);
            if i + step < h {
                next[i + step] += share * p;
            }
        }
        left = next.iter().sum();
        at = next;
    }
    let met = flown
        .runs("watch")
        .iter()
        .map(|run| run.alerts.faults[1].first().copied());
    let delays: Vec<f64> = met
        .map(|met| {
            met.and_then(|met| met.after_ns)
                .expect("it is found in every run") as f64
                / 1e9
        })
        .collect();
    let n = delays.len() as f64;
    let mean = delays.iter().sum::<f64>() / n;
    let variance = delays.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
    let exact = length / 50.0;
    let se = libm::sqrt(variance / n);
    println!("seed 503: found after {mean:.3} s ± {se:.3}, exact {exact:.3} s");
    assert!((mean - exact).abs() < 4.0 * se, "{mean} {exact} ± {se}");
    assert!(se < 0.15 * exact);
    // And the metric is the mean of these.
    let metric = &flown.results.policies[0].during["risen"]["alert_delay_s"];
    assert!((metric.value - mean).abs() < 1e-9);
}
