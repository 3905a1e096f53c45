//! What broke at the breakers.

use crate::pair::{A, Pair};

#[test]
fn counting_calls_a_failed_probe_opens_it_at_once() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 2, backoff.constant = { wait = "1s" } }
        breaker.consecutive = { failures = 1, open = "10s", counts = "calls", probes = 2 }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    pair.pass(10_000);
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(
        pair.told("trip"),
        ["1000 trip a until 11000", "11000 trip a until 21000 #1"]
    );
    pair.drive();
    assert_eq!(
        pair.told("refused").last(),
        Some(&"12000 refused breaker-open a #1")
    );
}

#[test]
fn an_ending_from_before_the_trip_does_not_count_after_the_breaker_closed_again() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        breaker.consecutive = { failures = 1, open = "1s" }
    "#,
    );
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.pass(1000);
    let probe = pair.submit();
    assert_eq!(
        pair.told("send").last(),
        Some(&"1000 send a first probe #2")
    );
    pair.answer_call(probe);
    assert_eq!(pair.told("close"), ["1000 close a #2"]);
    pair.pass(5000);
    pair.fail(A, 500);
    assert_eq!(
        pair.told("trip"),
        ["0 trip a until 1000"],
        "the second call is from before"
    );
}

#[test]
fn counting_calls_a_hedge_s_failure_and_the_first_one_s_are_one() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 2 }
        hedge.fixed = { after = "1s" }
        breaker.consecutive = { failures = 2, open = "10s", counts = "calls" }
    "#,
    );
    pair.submit();
    pair.drive();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert_eq!(pair.told("finish"), ["1000 finish failed-exhausted"]);
    assert!(pair.told("trip").is_empty(), "one call, one failure");
}

#[test]
fn counting_calls_nothing_is_sent_to_a_breaker_that_its_own_probe_opened() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 2 }
        breaker.consecutive = { failures = 2, open = "10s", counts = "calls", probes = 2 }
    "#,
    );
    for _ in 0..2 {
        pair.submit();
        pair.fail(A, 500);
        pair.fail(A, 500);
    }
    pair.pass(10_000);
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(
        pair.told("send").last(),
        Some(&"10000 send a first probe #2")
    );
    assert_eq!(
        pair.told("trip").last(),
        Some(&"10000 trip a until 20000 #2")
    );
    pair.submit();
    assert_eq!(
        pair.told("refused").last(),
        Some(&"10000 refused breaker-open a #3")
    );
}
