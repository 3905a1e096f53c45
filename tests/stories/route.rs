//! Failing over: which endpoint next, and when.

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
