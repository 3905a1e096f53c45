//! Observing: it decides and says so, and sends one plain attempt.

use crate::pair::{A, Pair};

fn observing(more: &str) -> Pair {
    Pair::new(&format!(
        r#"
        mode = "observe"
        retry = {{ attempts = 4, backoff.constant = {{ wait = "1s" }} }}
        {more}
    "#
    ))
}

#[test]
fn what_is_not_retried_is_not_recorded_as_a_retry() {
    let mut pair = observing("");
    pair.submit();
    pair.fail(A, 400);
    assert!(pair.told("would").is_empty());
    assert_eq!(pair.told("refused"), ["0 refused not-retried"]);
}

#[test]
fn a_hedge_is_recorded_and_not_sent() {
    let mut pair = observing("hedge.fixed = { after = \"2s\" }");
    pair.submit();
    pair.pass(9000);
    assert_eq!(pair.told("would"), ["2000 would hedge"]);
    assert_eq!(pair.told("send"), ["0 send a first"]);
}

#[test]
fn an_open_breaker_is_recorded_and_passed() {
    let mut pair = observing("breaker.consecutive = { failures = 1, open = \"10s\" }");
    pair.submit();
    pair.fail(A, 500);
    pair.submit();
    assert_eq!(
        pair.told("refused").last(),
        Some(&"0 refused breaker-open a #1")
    );
    assert_eq!(pair.told("send").last(), Some(&"0 send a first #1"));
}

#[test]
fn a_quota_that_would_make_it_wait_is_no_refusal() {
    let mut pair = observing("quota.requests = { rate = \"1/s\" }");
    pair.submit();
    pair.submit();
    assert!(pair.told("refused").is_empty());
    assert_eq!(pair.told("would"), ["0 would wait #1"]);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send a first #1"]);
}

#[test]
fn a_quota_that_would_make_it_wait_too_long_is_recorded_and_passed() {
    let mut pair = observing("quota.requests = { rate = \"1/s\", max-wait = \"500ms\" }");
    pair.submit();
    pair.submit();
    assert_eq!(pair.told("refused"), ["0 refused quota-wait a #1"]);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send a first #1"]);
}
