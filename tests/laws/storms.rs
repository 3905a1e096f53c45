//! Limit storms: a crowd that is told to come back when one of it could be served.

use crate::fly::fly;

/// So many calls at once, a bucket of ten requests that gains two per second, and a policy.
fn storm(seed: u64, calls: u32, policy: &str) -> String {
    format!(
        r#"
        [run]
        duration = "60s"
        replications = 50
        seed = {seed}
        [workload]
        arrivals.burst = {{ count = {calls}, at = "1s" }}
        tokens.fixed = {{ input = 1, output = 1 }}
        [provider.api]
        latency.distribution = {{ first-token.constant = "0s" }}
        limits = {{ rpm = 120, slice = "5s" }}
        [policy.p]
        retry.attempts = 1000
        {policy}
        "#
    )
}

const CAPACITY: u64 = 10;

/// Every refusal states how long until one token is there, as if nobody else waited. All who were
/// refused come back in that instant, one is served and the others are told the same again: after
/// the first try of all come m + (m − 1) + … + 1 more, m of them being too many.
#[test]
fn a_right_wait_without_jitter_costs_the_square_of_the_crowd() {
    for (seed, calls) in [(851, 10), (852, 11), (853, 40), (854, 90)] {
        let flown = fly(&storm(seed, calls, ""));
        let (n, m) = (u64::from(calls), u64::from(calls).saturating_sub(CAPACITY));
        for run in flown.runs("p") {
            let all = &run.scopes[0];
            assert_eq!(all.attempts, [n, m * (m + 1) / 2, 0, 0]);
            assert_eq!(all.success, n);
            // Half a second per token, the last one for the last of the crowd.
            assert_eq!(all.latency_verdict.max_ns, m * 500_000_000);
            assert_eq!(run.retries_peak_per_100ms, m);
        }
    }
}

/// Jitter on the stated wait spreads the crowd; the law is then only a bound, but far from it.
#[test]
fn jitter_on_the_stated_wait_costs_a_fraction_of_that() {
    let calls = 90u64;
    let m = calls - CAPACITY;
    let flown = fly(&storm(855, 90, "retry.server-wait.jitter = 10.0"));
    for run in flown.runs("p") {
        let all = &run.scopes[0];
        assert_eq!(all.success, calls);
        let retries = all.attempts[1];
        assert!(
            retries >= m,
            "each of those that were too many comes back at least once"
        );
        assert!(2 * retries <= m * (m + 1) / 2, "{retries}");
    }
}

/// Only pacing at the limit's own rate asks for nothing in vain.
#[test]
fn pacing_at_the_rate_of_the_limit_sends_every_call_once() {
    let pacing = "quota.requests = { rate = \"2/s\", burst = 10, max-wait = \"1h\" }";
    let flown = fly(&storm(856, 90, pacing));
    for run in flown.runs("p") {
        let all = &run.scopes[0];
        assert_eq!((all.attempts, all.success), ([90, 0, 0, 0], 90));
        let m = 90 - CAPACITY;
        assert_eq!(all.latency_verdict.max_ns, m * 500_000_000);
        // Call i waits (i − 10 + 1)/2 s for i ≥ 10: one after the other.
        assert_eq!(
            all.queue_wait.sum_ns,
            u128::from(m * (m + 1) / 2 * 500_000_000)
        );
    }
}
