//! Breakers: skipped while open, tried with probes, told of attempts or of calls.

use crate::pair::{A, B, Pair};

/// Two endpoints; two failures in a row open a breaker for ten seconds.
fn pair(more: &str, attempts: u16) -> Pair {
    Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a", "b"] }}
        retry = {{ attempts = {attempts}, backoff.constant = {{ wait = "1s" }} }}
        breaker.consecutive = {{ failures = 2, open = "10s", {more} }}
    "#
    ))
}

/// Opens the breaker of `a` at 0 with two calls that `b` answers.
fn opened(more: &str) -> Pair {
    let mut pair = pair(more, 2);
    for _ in 0..2 {
        pair.submit();
        pair.fail(A, 500);
        pair.answer(B);
    }
    assert_eq!(pair.told("trip"), ["0 trip a until 10000 #1"]);
    pair
}

#[test]
fn an_open_breaker_is_skipped() {
    let mut pair = opened("probes = 1");
    pair.pass(9_999);
    pair.submit();
    assert_eq!(pair.told("refused"), ["9999 refused breaker-open a #2"]);
    assert_eq!(pair.told("send").last(), Some(&"9999 send b first #2"));
}

#[test]
fn with_every_breaker_open_a_call_is_refused_and_nothing_is_sent() {
    let mut pair = pair("probes = 1", 4);
    pair.submit();
    for _ in 0..2 {
        pair.fail(A, 500);
        pair.fail(B, 500);
        pair.drive();
    }
    assert_eq!(pair.told("trip").len(), 2);
    pair.submit();
    assert_eq!(pair.told("send").len(), 4);
    assert_eq!(
        pair.told("finish").last(),
        Some(&"1000 finish failed-refused #1")
    );
}

#[test]
fn when_its_time_is_over_one_call_tries_it_and_the_others_go_elsewhere() {
    let mut pair = opened("probes = 1");
    pair.pass(10_000);
    pair.submit();
    pair.submit();
    let sent = pair.told("send")[4..].to_vec();
    assert_eq!(
        sent,
        ["10000 send a first probe #2", "10000 send b first #3"]
    );
    pair.answer(A);
    assert_eq!(pair.told("close"), ["10000 close a #2"]);
    pair.submit();
    assert_eq!(pair.told("send").last(), Some(&"10000 send a first #4"));
}

#[test]
fn a_failed_probe_opens_it_again() {
    let mut pair = opened("probes = 2");
    pair.pass(10_000);
    pair.submit();
    pair.submit();
    pair.answer(A);
    assert!(pair.told("close").is_empty(), "two are wanted");
    pair.fail(A, 500);
    assert_eq!(
        pair.told("trip").last(),
        Some(&"10000 trip a until 20000 #3")
    );
}

#[test]
fn a_cancelled_probe_gives_its_place_to_another() {
    let mut pair = opened("probes = 1");
    pair.pass(10_000);
    let probe = pair.submit();
    pair.cancel(probe);
    pair.submit();
    assert_eq!(
        pair.told("send").last(),
        Some(&"10000 send a first probe #3")
    );
}

#[test]
fn counting_attempts_one_call_may_open_a_breaker() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 3 }
        breaker.consecutive = { failures = 2, open = "10s" }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert_eq!(pair.told("trip"), ["0 trip a until 10000"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn counting_calls_only_a_call_s_last_word_on_an_endpoint_counts() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 3 }
        breaker.consecutive = { failures = 2, open = "10s", counts = "calls" }
    "#,
    );
    pair.submit();
    (0..3).for_each(|_| pair.fail(A, 500));
    assert!(pair.told("trip").is_empty(), "one call, one failure");
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    pair.answer(A);
    pair.submit();
    (0..3).for_each(|_| pair.fail(A, 500));
    assert!(
        pair.told("trip").is_empty(),
        "the call between them succeeded"
    );
    pair.submit();
    (0..3).for_each(|_| pair.fail(A, 500));
    assert_eq!(pair.told("trip"), ["0 trip a until 10000 #3"]);
}

#[test]
fn counting_calls_a_breaker_is_told_when_the_call_goes_elsewhere() {
    let mut pair = pair("counts = \"calls\"", 2);
    for _ in 0..2 {
        pair.submit();
        pair.fail(A, 500);
        pair.pass(5);
        pair.answer(B);
    }
    assert_eq!(
        pair.told("trip"),
        ["5 trip a until 10005 #1"],
        "not when b has answered"
    );
}

#[test]
fn a_share_of_failures_in_a_window_trips_it_too() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        breaker.time-window = { failures = 0.5, span = "10s", min-volume = 4, open = "10s" }
    "#,
    );
    for failed in [true, false, false, true] {
        pair.submit();
        if failed {
            pair.fail(A, 500)
        } else {
            pair.answer(A)
        }
    }
    assert_eq!(pair.told("trip"), ["0 trip a until 10000 #3"]);
}
