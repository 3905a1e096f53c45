//! Attempts that fail independently with one probability: what retries cost and what they save.

use crate::fly::{MEAN, fly, scenario};

/// Calls in 20 s of virtual time, answers at once, each attempt failing with probability `p`.
pub(crate) fn failing(seed: u64, rate: u32, p: f64, policies: &str) -> String {
    format!(
        r#"
        [run]
        duration = "22s"
        warm-up = "2s"
        replications = 60
        seed = {seed}

        [workload]
        arrivals.poisson = {{ rate = "{rate}/s" }}
        tokens.fixed = {{ input = 1, output = 1 }}

        [provider.api]
        latency.distribution = {{ first-token.constant = "0s" }}
        price = {{ input = "$3/M", output = "$15/M" }}

        [[fault]]
        name = "errors"
        on = ["api"]
        at = "0s"
        for = "1h"
        effect.error-rate = {{ bad = {p} }}

        {policies}
        "#
    )
}

/// p to the n-th.
pub(crate) fn power(p: f64, n: u32) -> f64 {
    (0..n).fold(1.0, |product, _| product * p)
}

#[test]
fn n_attempts_fail_all_with_the_nth_power_and_cost_the_geometric_sum() {
    for (seed, p, n, rate) in [(201, 0.5, 2, 150), (202, 0.8, 3, 60), (203, 0.7, 4, 160)] {
        let policies = format!("[policy.retry]\nretry.attempts = {n}");
        let flown = fly(&failing(seed, rate, p, &policies));
        println!("p = {p}, n = {n}");
        let failing = power(p, n);
        flown.law("retry", "failed_ratio", failing, MEAN);
        flown.law("retry", "success_ratio", 1.0 - failing, MEAN);
        flown.law("retry", "amplification", (1.0 - failing) / (1.0 - p), MEAN);
        for run in flown.runs("retry") {
            // An error status costs nothing; an answer costs a token each way, to the pico-dollar.
            let all = &run.scopes[0];
            assert_eq!(all.pico_usd(), u128::from(all.success) * 18_000_000);
            assert_eq!(all.pico_usd_wasted(), 0);
        }
    }
}

#[test]
fn waits_between_attempts_change_no_count() {
    let policies = r#"
        [policy.at-once]
        retry.attempts = 3
        [policy.later]
        retry.attempts = 3
        retry.backoff.exponential = { base = "1s", jitter = "full" }
    "#;
    let flown = fly(&failing(204, 40, 0.6, policies));
    let (p, n) = (0.6, 3);
    for policy in ["at-once", "later"] {
        let law = (1.0 - power(p, n)) / (1.0 - p);
        flown.law(policy, "amplification", law, MEAN);
    }
    // The coins belong to the tries and not to their moments: the same calls fail.
    let failed = |policy| -> Vec<u64> {
        let runs = flown.runs(policy).iter();
        runs.map(|run| run.scopes[0].failed).collect()
    };
    assert_eq!(failed("at-once"), failed("later"));
}

#[test]
fn an_outage_costs_every_call_all_its_attempts_exactly() {
    let policies = "[policy.retry]\nretry.attempts = 4";
    let text = failing(205, 5, 1.0, policies);
    let flown = fly(&text);
    let replications = scenario(&text).run.replications as usize;
    let runs = flown.runs("retry");
    assert_eq!(runs.len(), replications);
    for run in runs {
        let all = &run.scopes[0];
        assert!(all.calls > 0);
        assert_eq!(all.failed, all.calls);
        assert_eq!(all.attempts, [all.calls, 3 * all.calls, 0, 0]);
    }
    // Retries at once fall into the window of their call, so no window peaks above the mean.
    assert_eq!(flown.metric("retry", "amplification_peak").value, 4.0);
    assert_eq!(flown.metric("retry", "amplification").value, 4.0);
}

/// Round by round: at once to the other endpoint, after a wait back to the first. A call is over
/// with its last attempt, and waits for nothing after it.
#[test]
fn n_attempts_over_two_dead_endpoints_are_n_attempts_and_end_with_the_last() {
    for (seed, n) in [(206, 2u64), (207, 4), (208, 5)] {
        let policy = format!(
            "[policy.p]\nroute.failover = [\"api\", \"other\"]\nretry.attempts = {n}\n\
             retry.backoff.constant.wait = \"1s\""
        );
        let text = failing(seed, 5, 1.0, &policy)
            .replace("[[fault]]", "[provider.other]\n[[fault]]")
            .replace("on = [\"api\"]", "on = [\"api\", \"other\"]");
        for run in fly(&text).runs("p") {
            let all = &run.scopes[0];
            // Back at the first is another endpoint than before, too.
            assert_eq!(all.attempts, [all.calls, 0, (n - 1) * all.calls, 0]);
            let waits = n.div_ceil(2) - 1;
            let second = 1_000_000_000;
            assert_eq!(all.latency_verdict.max_ns, waits * second);
            assert_eq!(
                all.latency_verdict.sum_ns,
                u128::from(all.calls * waits * second)
            );
        }
    }
}
