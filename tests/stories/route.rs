//! Failing over: which endpoint next, and when.

use squall::base::wire::Code;
use squall::scenario::{check_str, presets};

use crate::pair::{A, B, C, Pair};

/// All of `a`, `b`, `c` in turn, a backoff of one second.
fn next(attempts: u16) -> Pair {
    Pair::new(&format!(
        "retry = {{ attempts = {attempts}, backoff.constant = {{ wait = \"1s\" }} }}"
    ))
}

fn exhaust(per_endpoint: u16) -> Pair {
    Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a", "b"], on-failure = "exhaust-then-next" }}
        retry = {{ attempts = 9, attempts-per-endpoint = {per_endpoint}, backoff.constant = {{ wait = "1s" }} }}
    "#
    ))
}

#[test]
fn a_failure_leads_to_the_next_endpoint_at_once() {
    let mut pair = next(3);
    pair.submit();
    pair.pass(40);
    pair.fail(A, 500);
    pair.pass(50);
    pair.fail(B, 503);
    pair.answer(C);
    assert_eq!(
        pair.told("send"),
        ["0 send a first", "40 send b failover", "90 send c failover"]
    );
    assert_eq!(pair.told("finish"), ["90 finish success by c"]);
}

#[test]
fn after_the_last_endpoint_comes_the_first_again_after_the_backoff() {
    let mut pair = next(5);
    pair.submit();
    pair.fail(A, 500);
    pair.fail(B, 500);
    pair.fail(C, 500);
    pair.drive();
    pair.fail(A, 500);
    let sent = ["0 send a first", "0 send b failover", "0 send c failover"];
    assert_eq!(pair.told("send")[..3], sent);
    assert_eq!(
        pair.told("send")[3..],
        ["1000 send a failover", "1000 send b failover"]
    );
}

#[test]
fn the_backoff_grows_with_the_attempts_at_the_endpoint_it_comes_back_to() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"] }
        retry = { attempts = 6, backoff.exponential = { base = "1s" } }
    "#,
    );
    pair.submit();
    for _ in 0..2 {
        pair.fail(A, 500);
        pair.fail(B, 500);
        pair.drive();
    }
    let sent = [
        "0 send a first",
        "0 send b failover",
        "1000 send a failover",
    ];
    assert_eq!(pair.told("send")[..3], sent);
    assert_eq!(
        pair.told("send")[3..],
        ["1000 send b failover", "3000 send a failover"]
    );
}

#[test]
fn with_one_endpoint_the_next_is_the_same_one_after_the_backoff() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["b"] }
        retry = { attempts = 2, backoff.constant = { wait = "1s" } }
    "#,
    );
    pair.submit();
    pair.fail(B, 500);
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send b first", "1000 send b retry"]);
}

#[test]
fn an_endpoint_is_exhausted_before_the_next_is_asked() {
    let mut pair = exhaust(2);
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    pair.fail(B, 500);
    pair.drive();
    pair.fail(B, 500);
    let sent = [
        "0 send a first",
        "1000 send a retry",
        "1000 send b failover",
        "2000 send b retry",
    ];
    assert_eq!(pair.told("send"), sent);
    assert_eq!(pair.told("finish"), ["2000 finish failed-exhausted"]);
}

#[test]
fn attempts_per_call_bound_the_sum_over_endpoints() {
    let mut pair = next(2);
    pair.submit();
    pair.fail(A, 500);
    pair.fail(B, 500);
    assert_eq!(pair.told("send").len(), 2);
    assert_eq!(pair.told("refused"), ["0 refused attempts-spent"]);
}

#[test]
fn coming_back_skips_endpoints_that_are_used_up() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"], on-failure = "next" }
        retry = { attempts = 9, attempts-per-endpoint = 2, backoff.constant = { wait = "1s" } }
        hedge.fixed = { after = "1ms" }
    "#,
    );
    pair.submit();
    // The hedge goes to the same endpoint and uses it up.
    pair.drive();
    pair.fail(A, 500);
    pair.fail(A, 500);
    pair.fail(B, 500);
    pair.drive();
    let sent = [
        "0 send a first",
        "1 send a hedge",
        "1 send b failover",
        "1001 send b retry",
    ];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn a_single_route_asks_one_endpoint_whatever_happens() {
    let retries = "retry.attempts = 3\nretry.backoff.constant = { wait = \"1s\" }";
    let mut pair = Pair::new(&format!("route.single = {{}}\n{retries}"));
    pair.submit();
    for status in [500, 529, 503] {
        pair.fail(A, status);
        pair.drive();
    }
    let retried = ["0 send a first", "1000 send a retry", "2000 send a retry"];
    assert_eq!(pair.told("send"), retried);
    assert_eq!(pair.told("finish"), ["2000 finish failed-exhausted"]);
    // Another may be named; neither a wait that is too long nor an open breaker leads elsewhere.
    let mut pair = Pair::new(&format!(
        r#"
        route.single.endpoint = "b"
        {retries}
        retry.server-wait = {{ cap = "10s", too-long = "fail" }}
        breaker.consecutive = {{ failures = 1, open = "1m" }}
        on.rate-limited.counts-for-breaker = true
    "#
    ));
    pair.submit();
    pair.fail_with(B, 429, Code::RateLimit, Some(60_000));
    pair.submit();
    assert_eq!(pair.told("send"), ["0 send b first"]);
    assert_eq!(
        pair.told("finish"),
        ["0 finish failed-exhausted", "0 finish failed-refused #1"]
    );
}

#[test]
fn a_hedge_of_a_single_route_goes_to_the_same_endpoint() {
    let mut pair = Pair::new(
        r#"
        route.single = {}
        retry.attempts = 2
        hedge.fixed = { after = "1s", to = "same" }
    "#,
    );
    pair.submit();
    pair.pass(1000);
    assert_eq!(pair.told("send"), ["0 send a first", "1000 send a hedge"]);
}

/// Software that goes on to another endpoint by itself, or says nothing of endpoints at all.
const FAIL_OVER: [&str; 12] = [
    "bifrost",
    "envoy-default",
    "finagle-budget",
    "guide-fallback-chain",
    "helicone",
    "istio-default",
    "langchain-fallbacks",
    "linkerd-budget",
    "litellm-router-1.109",
    "openrouter-like",
    "portkey",
    "tensorzero",
];

#[test]
fn presets_of_software_without_failover_never_leave_their_endpoint() {
    let ask = |name: &str, more: &str| {
        let preset = format!(
            "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n\
             [provider.b]\n[policy.p]\npreset = \"{name}\"\nretry.attempts = 3\n{more}"
        );
        let scenario = check_str("s.toml", &preset).expect(name).remove(0);
        let mut pair = Pair::of(&scenario.policies[0].1, 2, 1);
        for _ in 0..20 {
            let call = pair.submit();
            while pair.place(call).is_some() {
                pair.fail_call(call, 503);
                pair.drive();
            }
        }
        pair.told("send").iter().any(|line| line.contains(" b "))
    };
    for name in FAIL_OVER {
        assert!(ask(name, ""), "{name} fails over");
    }
    let mut single = 0;
    for name in presets::names() {
        let sdk = [
            "python",
            "node",
            "aws",
            "retry",
            "cb",
            "polly",
            "resilience4j",
            "tenacity",
        ];
        let is_hedge = name.contains("hedge"); // to the same endpoint, also when told to fail over
        let is_sdk = sdk.iter().any(|part| name.contains(part));
        if is_sdk && !is_hedge && !name.starts_with("envoy") {
            assert!(!ask(name, ""), "{name} does not fail over");
            assert!(ask(name, "route = \"failover\"\n"), "{name} is told to");
            single += 1;
        }
    }
    assert!(single > 30, "{single}");
}
