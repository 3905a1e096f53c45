//! Hedging with independent exponential latencies: the second draw makes the tail shorter.

use crate::fly::{MEAN, P99, fly};

/// Exp(1) answers, hedged after so many seconds.
fn hedged(seed: u64, delays: &[f64]) -> String {
    let policy = |d: &f64| {
        format!(
            "[policy.\"{d}\"]\nretry.attempts = 2\nhedge.fixed.after = \"{}ms\"\n",
            1000.0 * d
        )
    };
    let policies: String = delays.iter().map(policy).collect();
    format!(
        r#"
        [run]
        duration = "160s"
        replications = 60
        seed = {seed}

        [workload]
        arrivals.poisson = {{ rate = "10/s" }}
        tokens.fixed = {{ input = 1, output = 1 }}

        [provider.api]
        latency.distribution = {{ first-token.exponential.mean = "1s" }}
        price = {{ input = "$3/M", output = "$15/M" }}

        [policy.plain]

        {policies}
        "#
    )
}

#[test]
fn a_hedge_after_d_shortens_exponential_latencies_by_its_law() {
    let delays = [0.0, 0.5, 1.0];
    let flown = fly(&hedged(401, &delays));
    let ms = 1000.0;
    let ln_100 = libm::log(100.0);
    flown.law("plain", "latency_verdict_ms_mean", ms, MEAN);
    flown.law("plain", "latency_verdict_ms_p99", ms * ln_100, P99);
    for d in delays {
        let policy = d.to_string();
        let sent = libm::exp(-d);
        flown.law(
            &policy,
            "latency_verdict_ms_mean",
            ms * (1.0 - sent / 2.0),
            MEAN,
        );
        flown.law(
            &policy,
            "latency_verdict_ms_p99",
            ms * (d + ln_100) / 2.0,
            P99,
        );
        flown.law(&policy, "hedge_ratio", sent, MEAN);
        flown.law(&policy, "amplification", 1.0 + sent, MEAN);
        // One token each way; a hedge that loses goes on for nobody and is billed to its end.
        let usd = (3e-6 + 15e-6) * (1.0 + sent);
        flown.law(&policy, "cost_usd_per_success", usd, MEAN);
    }
}

/// The survival function with a hedge: S(t) = F(t) before d and F(t)·F(t − d) after it.
#[test]
fn percentiles_under_the_delay_stay_as_they_were() {
    let d = 1.0;
    let flown = fly(&hedged(402, &[d]));
    let p50 = 1000.0 * libm::log(2.0);
    assert!(p50 < 1000.0 * d);
    flown.law("plain", "latency_verdict_ms_p50", p50, P99);
    flown.law("1", "latency_verdict_ms_p50", p50, P99);
    // The hedge's own draws leave the first attempt's alone: calls answered before it are the same.
    let before = |policy| -> Vec<u64> {
        let runs = flown.runs(policy).iter();
        let at_most = |run: &squall::record::Replication| {
            run.scopes[0].latency_verdict.histogram.at_most(999_000)
        };
        runs.map(at_most).collect()
    };
    assert_eq!(before("plain"), before("1"));
}
