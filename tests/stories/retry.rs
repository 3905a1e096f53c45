//! Trying again at the same endpoint: when, how often, after what wait.

use crate::pair::{A, Pair};

/// Three attempts at one endpoint, a second apart.
const STEADY: &str = r#"
    route.failover = { endpoints = ["a"] }
    retry = { attempts = 3, backoff.constant = { wait = "1s" } }
"#;

#[test]
fn a_call_is_sent_at_once_and_answered() {
    let mut pair = Pair::new("");
    pair.submit();
    pair.pass(300);
    pair.first_token(A);
    pair.pass(200);
    pair.answer(A);
    let story = [
        "0 send a first",
        "300 deliver a",
        "500 end a ok",
        "500 finish success by a",
    ];
    assert_eq!(pair.log(), story);
}

#[test]
fn a_retry_is_sent_exactly_when_the_backoff_is_over() {
    let mut pair = Pair::new(STEADY);
    pair.submit();
    pair.pass(250);
    pair.fail(A, 500);
    pair.pass(999);
    assert_eq!(pair.told("send"), ["0 send a first"]);
    pair.pass(1);
    assert_eq!(pair.told("send"), ["0 send a first", "1250 send a retry"]);
}

#[test]
fn waits_double_up_to_the_cap() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry.attempts = 6
        retry.backoff.exponential = { base = "100ms", factor = 2, cap = "500ms" }
    "#,
    );
    pair.submit();
    for _ in 0..5 {
        pair.fail(A, 503);
        pair.drive();
    }
    let sent = [
        "0 send a first",
        "100 send a retry",
        "300 send a retry",
        "700 send a retry",
    ];
    assert_eq!(pair.told("send")[..4], sent);
    assert_eq!(
        pair.told("send")[4..],
        ["1200 send a retry", "1700 send a retry"]
    );
}

#[test]
fn without_a_backoff_the_retry_is_sent_within_the_same_fact() {
    let mut pair = Pair::new("route.failover = { endpoints = [\"a\"] }\nretry.attempts = 2");
    pair.submit();
    pair.pass(70);
    pair.fail(A, 500);
    assert_eq!(pair.told("send"), ["0 send a first", "70 send a retry"]);
}

#[test]
fn the_last_failure_ends_the_call_as_exhausted() {
    let mut pair = Pair::new(STEADY);
    pair.submit();
    for _ in 0..2 {
        pair.fail(A, 500);
        pair.drive();
    }
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["2000 refused attempts-spent"]);
    assert_eq!(pair.told("finish"), ["2000 finish failed-exhausted"]);
}

#[test]
fn full_jitter_stays_within_the_scheduled_wait_and_differs_from_call_to_call() {
    let mut waits = Vec::new();
    for seed in 0..200 {
        let mut pair = Pair::seeded(
            r#"
            route.failover = { endpoints = ["a"] }
            retry.attempts = 2
            retry.backoff.exponential = { base = "8s", jitter.full = {} }
        "#,
            seed,
        );
        pair.submit();
        pair.fail(A, 500);
        waits.push(pair.next().0);
    }
    assert!(
        waits.iter().all(|&w| 0 < w && w < 8_000_000_000),
        "{waits:?}"
    );
    waits.sort_unstable();
    waits.dedup();
    assert_eq!(waits.len(), 200, "no two of these calls come back together");
    assert!(
        waits[20] < 2_000_000_000 && waits[180] > 6_000_000_000,
        "it spreads over the range"
    );
}

#[test]
fn two_calls_of_one_client_that_fail_together_come_back_apart() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry.attempts = 2
        retry.backoff.constant = { wait = "8s", jitter.equal = {} }
    "#,
    );
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    let first = pair.next().0;
    pair.drive();
    let second = pair.next().0;
    assert!((4_000_000_000..8_000_000_000).contains(&first), "{first}");
    assert!(
        (4_000_000_000..8_000_000_000).contains(&second) && second != first,
        "{second}"
    );
}

#[test]
fn decorrelated_jitter_grows_from_the_wait_before() {
    for seed in 0..100 {
        let mut pair = Pair::seeded(
            r#"
            route.failover = { endpoints = ["a"] }
            retry.attempts = 9
            retry.backoff.exponential = { base = "100ms", cap = "2s", jitter.decorrelated = {} }
        "#,
            seed,
        );
        pair.submit();
        let (mut before, mut sent) = (100_000_000, 0);
        for _ in 0..8 {
            pair.fail(A, 500);
            let at = pair.next().0;
            let wait = at - sent;
            assert!(
                (100_000_000..=3 * before).contains(&wait),
                "seed {seed}: {before} then {wait}"
            );
            assert!(wait <= 2_000_000_000, "seed {seed}: {wait}");
            (before, sent) = (wait, at);
            pair.drive();
        }
    }
}

#[test]
fn a_retry_that_would_start_at_the_deadline_is_not_waited_for() {
    let mut pair = Pair::new(STEADY).deadline(1500);
    pair.submit();
    pair.pass(500);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["500 refused past-deadline"]);
    assert_eq!(pair.told("finish"), ["500 finish failed-exhausted"]);
}

#[test]
fn a_retry_a_moment_before_the_deadline_is_sent() {
    let mut pair = Pair::new(STEADY).deadline(1501);
    pair.submit();
    pair.pass(500);
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first", "1500 send a retry"]);
}

#[test]
fn an_early_wake_up_changes_nothing() {
    let mut pair = Pair::new(STEADY);
    let call = pair.submit();
    pair.fail(A, 500);
    pair.pass(300);
    pair.wake_early(call);
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first", "1000 send a retry"]);
}
