//! Throttles and hopeless attempts: what is held back though it might be sent.

use crate::pair::{A, B, Pair};

const THROTTLE: &str = "throttle.adaptive = { ceiling = 1, span = \"60s\" }\n";

/// How many attempts the throttle of `a` held back.
fn throttled(pair: &Pair) -> usize {
    let throttled = |line: &&&str| line.contains("refused throttled a");
    pair.told("refused").iter().filter(throttled).count()
}

/// Seed 1. Nothing is accepted: with 2000 refusals behind it a call is refused with 2000 in 2001.
#[test]
fn a_throttle_refuses_first_attempts() {
    let mut pair = Pair::new(&format!(
        "route.failover = {{ endpoints = [\"a\"] }}\n{THROTTLE}"
    ));
    for _ in 0..2000 {
        let before = pair.told("send").len();
        pair.submit();
        if pair.told("send").len() > before {
            pair.fail(A, 529);
        }
    }
    let throttled = throttled(&pair);
    // Σ 1/(n + 1) of 2000 are sent, about ln 2000 = 8.2, with a variance of no more.
    let sent = pair.told("send").len();
    assert!((2..20).contains(&sent), "{sent}");
    let ends = pair.told("finish");
    let refused_calls = ends.iter().filter(|line| line.contains("failed-refused"));
    assert_eq!(refused_calls.count(), 2000 - sent);
    assert_eq!(throttled, 2000 - sent);
}

#[test]
fn what_is_throttled_at_one_endpoint_goes_to_the_next() {
    let mut pair = Pair::new(&format!(
        "route.failover = {{ endpoints = [\"a\", \"b\"] }}\n{THROTTLE}"
    ));
    for _ in 0..500 {
        let before = pair.told("send").len();
        pair.submit();
        let sent = pair.told("send");
        assert_eq!(sent.len(), before + 1, "somebody takes it");
        match sent.last().is_some_and(|line| line.contains("send a")) {
            true => pair.fail(A, 529),
            false => pair.answer(B),
        }
    }
    let to_b = |line: &&&str| line.contains("send b");
    assert!(pair.told("send").iter().filter(to_b).count() > 480);
}

#[test]
fn half_of_what_is_sent_may_fail_before_anything_is_held_back() {
    let mut pair = Pair::new(&format!(
        "route.failover = {{ endpoints = [\"a\"] }}\n{THROTTLE}"
    ));
    for _ in 0..500 {
        pair.submit();
        pair.answer(A);
        pair.submit();
        pair.fail(A, 529);
    }
    assert_eq!(throttled(&pair), 0);
}

fn hopeless(more: &str) -> Pair {
    let mut pair = Pair::new(&format!(
        "route.failover = {{ endpoints = [\"a\"] }}\nretry.attempts = 5\n\
         retry.skip-hopeless = {{ min-volume = 3 }}\n{more}"
    ))
    .deadline(10_000);
    // Answers of an endpoint take four seconds.
    for _ in 0..3 {
        pair.submit();
        pair.pass(4000);
        pair.answer(A);
    }
    pair
}

#[test]
fn a_retry_that_would_end_past_the_deadline_is_not_made() {
    let mut pair = hopeless("");
    pair.submit();
    pair.pass(6000);
    pair.fail(A, 500);
    assert_eq!(pair.told("send").last(), Some(&"18000 send a retry #3"));
    pair.pass(1);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["18001 refused hopeless a #3"]);
    assert_eq!(
        pair.told("finish").last(),
        Some(&"18001 finish failed-exhausted #3")
    );
}

#[test]
fn a_hopeless_retry_is_not_waited_for() {
    let mut pair = hopeless("retry.backoff.constant = { wait = \"5s\" }");
    pair.submit();
    pair.pass(2000);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["14000 refused hopeless #3"]);
}

#[test]
fn a_hopeless_hedge_is_not_sent() {
    let mut pair = hopeless("hedge.fixed = { after = \"7s\" }");
    pair.submit();
    pair.pass(8000);
    assert_eq!(pair.told("refused"), ["19000 refused hopeless #3"]);
    pair.answer(A);
    assert_eq!(pair.told("finish").len(), 4);
}
