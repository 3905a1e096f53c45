//! `Retry-After`: what a client makes of a wait that the server states.

use squall::base::wire::Code;

use crate::pair::{A, B, Pair};

/// One endpoint, two attempts, a backoff of one second, and these settings.
fn told_to_wait(ms: u64, settings: &str) -> Pair {
    let mut pair = Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a"] }}
        retry.attempts = 2
        retry.backoff.constant = {{ wait = "1s" }}
        {settings}
    "#
    ));
    pair.submit();
    pair.fail_with(A, 429, Code::RateLimit, Some(ms));
    pair
}

fn retried_at(ms: u64, settings: &str) -> String {
    let mut pair = told_to_wait(ms, settings);
    pair.drive();
    pair.log()
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[test]
fn a_stated_wait_replaces_the_backoff_to_the_letter() {
    assert_eq!(retried_at(20_000, ""), "20000 send a retry");
    assert_eq!(retried_at(200, ""), "200 send a retry");
}

#[test]
fn a_stated_wait_of_nothing_says_nothing() {
    assert_eq!(retried_at(0, ""), "1000 send a retry");
}

#[test]
fn a_policy_may_ignore_what_the_server_says() {
    assert_eq!(
        retried_at(20_000, "retry.server-wait.honour = false"),
        "1000 send a retry"
    );
}

#[test]
fn a_wait_below_the_floor_becomes_the_floor() {
    assert_eq!(
        retried_at(200, "retry.server-wait.floor = \"500ms\""),
        "500 send a retry"
    );
}

#[test]
fn a_wait_of_exactly_the_cap_is_not_too_long() {
    assert_eq!(retried_at(60_000, ""), "60000 send a retry");
    assert_eq!(
        retried_at(60_001, ""),
        "1000 send a retry",
        "the default ignores it"
    );
}

#[test]
fn each_reaction_to_a_wait_that_is_too_long_is_its_own() {
    let too_long = |word| format!("retry.server-wait.too-long = \"{word}\"");
    assert_eq!(retried_at(90_000, &too_long("ignore")), "1000 send a retry");
    assert_eq!(retried_at(90_000, &too_long("clamp")), "60000 send a retry");
    assert_eq!(
        retried_at(90_000, &too_long("honour")),
        "90000 send a retry"
    );
    let pair = told_to_wait(90_000, &too_long("fail"));
    assert_eq!(pair.told("refused"), ["0 refused server-wait-too-long"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn jitter_on_a_stated_wait_only_lengthens_it() {
    for seed in 0..50 {
        let mut pair = Pair::seeded(
            r#"
            route.failover = { endpoints = ["a"] }
            retry.attempts = 2
            retry.server-wait.jitter = 0.25
        "#,
            seed,
        );
        pair.submit();
        pair.fail_with(A, 429, Code::RateLimit, Some(8000));
        let at = pair.next().0;
        assert!(
            (8_000_000_001..10_000_000_000).contains(&at),
            "seed {seed}: {at}"
        );
    }
}

#[test]
fn a_wait_past_the_deadline_is_not_waited() {
    let mut pair = Pair::new("route.failover = { endpoints = [\"a\"] }\nretry.attempts = 2");
    pair = pair.deadline(10_000);
    pair.submit();
    pair.fail_with(A, 429, Code::RateLimit, Some(10_000));
    assert_eq!(pair.told("refused"), ["0 refused past-deadline"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn what_one_endpoint_asks_for_says_nothing_about_another() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"] }
        retry.attempts = 3
        retry.backoff.constant = { wait = "1s" }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.fail_with(B, 429, Code::RateLimit, Some(30_000));
    pair.drive();
    assert_eq!(pair.told("send")[2], "1000 send a failover");
}
