//! What a policy that only observes would have done: as often as one that acts does it, and as arithmetic says.

use squall::record::Sums;

use super::build::{outcome, scenario};

/// The calls of one run of 100 s of a policy, with what breakers did.
fn flown(world: &str, policy: &str, mode: &str) -> (Sums, u64) {
    let text = format!(
        "[workload]\nprocesses = 1\ntokens.fixed = {{ input = 100, output = 100 }}\ndeadline = \"60s\"\n{world}\n\
         [policy.p]\nmode = \"{mode}\"\n{policy}"
    );
    let run = outcome(&scenario(&text, 100, 0, 5), 0, 0).replication;
    (run.scopes[0].clone(), run.breaker_trips)
}

fn count(of: &std::collections::BTreeMap<String, u64>, name: &str) -> u64 {
    of.get(name).copied().unwrap_or_default()
}

#[test]
fn an_open_breaker_would_have_refused_all_calls_but_those_that_tripped_it() {
    let world = "arrivals.poisson.rate = \"5/s\"\n[provider.a]\n[[fault]]\nname = \"down\"\non = [\"a\"]\n\
                 at = \"0s\"\nfor = \"100s\"\neffect.refused-connections = {}\n";
    let breaker = "breaker.consecutive = { failures = 5, open = \"1h\" }";
    let (acted, trips) = flown(world, breaker, "act");
    assert!(acted.calls > 300, "seed 5: {}", acted.calls);
    assert_eq!(trips, 1);
    assert_eq!(count(&acted.refusals, "breaker-open"), acted.calls - 5);
    assert_eq!(acted.sent_calls, 5);
    assert!(acted.observed.is_empty());
    let (observed, trips) = flown(world, breaker, "observe");
    assert_eq!((observed.calls, trips), (acted.calls, 1));
    assert_eq!(observed.sent_calls, observed.calls, "it acts on nothing");
    let would = count(&observed.observed.refused, "breaker-open");
    assert_eq!(would, observed.calls - 5);
    assert_eq!(count(&observed.refusals, "breaker-open"), 0);
}

#[test]
fn all_of_a_crowd_but_the_burst_of_the_quota_would_have_waited() {
    let world = "arrivals.burst.count = 40\n[provider.a]\n";
    let quota = "quota.requests = { rate = \"10/s\", burst = 6, max-wait = \"60s\" }";
    let (observed, _) = flown(world, quota, "observe");
    assert_eq!(observed.observed.waited, 40 - 6);
    assert_eq!(observed.sent_calls, 40);
    let (acted, _) = flown(world, quota, "act");
    assert!(acted.observed.is_empty());
    // The last of them has its turn 3.4 s after the first.
    let longest = acted.queue_wait.max_ns;
    assert_eq!(longest, 3_400_000_000);
}

#[test]
fn what_costs_too_much_would_have_been_refused_every_time() {
    // 100 · $3/M + 1024 · $15/M is more than a cent.
    let world = "arrivals.burst.count = 50\n[provider.a]\nprice = { input = \"$3/M\", output = \"$15/M\" }\n";
    let limit = "limit.cost-per-call = \"$0.01\"";
    let (acted, _) = flown(world, limit, "act");
    assert_eq!((acted.calls, acted.sent_calls), (50, 0));
    assert_eq!(count(&acted.refusals, "cost-limit"), 50);
    let (observed, _) = flown(world, limit, "observe");
    assert_eq!((observed.calls, observed.success), (50, 50));
    assert_eq!(count(&observed.observed.refused, "cost-limit"), 50);
    assert!(observed.refusals.is_empty(), "{:?}", observed.refusals);
}

#[test]
fn timeouts_would_have_ended_every_call_and_end_none() {
    let world = "arrivals.poisson.rate = \"5/s\"\n[provider.a]\n\
                 latency.linear = { base = \"1s\", per-token = \"1ms\" }\n";
    for (timeout, name) in [("total", "total"), ("call", "call"), ("headers", "total")] {
        let text = format!("retry.attempts = 1\ntimeout.{timeout} = \"500ms\"");
        let (acted, _) = flown(world, &text, "act");
        assert_eq!(acted.success, 0);
        let (observed, _) = flown(world, &text, "observe");
        assert!(observed.calls > 300, "seed 5: {}", observed.calls);
        assert_eq!(
            (observed.success, observed.calls),
            (acted.calls, acted.calls)
        );
        let late = |name| count(&observed.observed.timed_out, name);
        let begun = late("first-token");
        assert_eq!(late(name) + begun, observed.calls, "{timeout}");
    }
}
