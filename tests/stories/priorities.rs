//! A policy that differs by priority: what a call is under, and what priorities share.

use squall::base::wire::{Content, Priority};
use squall::policy::Config;

use crate::pair::{A, Pair};
use crate::settings::typed;

/// A policy and, whole, that of its batch calls.
fn pair(rest: &str, batch: &str) -> Pair {
    let mut config: Config = typed(rest);
    config.priority.insert(Priority::Batch, typed(batch));
    Pair::of(&config, 3, 1)
}

#[test]
fn a_call_is_under_the_policy_of_its_own_priority() {
    let mut pair = pair("retry.attempts = 2", "retry.attempts = 1");
    pair.submit_as(Priority::Batch);
    pair.fail(A, 500);
    assert_eq!(pair.told("send"), ["0 send a first"]);
    for priority in [Priority::Normal, Priority::Critical] {
        let number = pair.submit_as(priority);
        pair.fail(A, 500);
        let last = format!("0 send b failover #{number}");
        assert_eq!(pair.told("send").last(), Some(&last.as_str()));
        pair.cancel(number);
    }
}

const BREAKER: &str = "breaker.consecutive = { failures = 1, open = \"10s\" }\n";

#[test]
fn priorities_share_a_breaker_that_is_written_alike() {
    let one = "route.failover = { endpoints = [\"a\"] }\n";
    let mut pair = pair(
        &format!("{one}{BREAKER}retry.attempts = 2"),
        &format!("{one}{BREAKER}"),
    );
    pair.submit_as(Priority::Batch);
    pair.fail(A, 500);
    pair.submit();
    assert_eq!(
        pair.told("refused").last(),
        Some(&"0 refused breaker-open a #1")
    );
}

#[test]
fn a_breaker_that_differs_is_another() {
    let one = "route.failover = { endpoints = [\"a\"] }\n";
    let other = BREAKER.replace("10s", "20s");
    let mut pair = pair(&format!("{one}{BREAKER}"), &format!("{one}{other}"));
    pair.submit_as(Priority::Batch);
    pair.fail(A, 500);
    pair.submit();
    pair.submit_as(Priority::Critical);
    pair.submit_as(Priority::Batch);
    assert_eq!(
        pair.told("send"),
        ["0 send a first", "0 send a first #1", "0 send a first #2"]
    );
    assert_eq!(
        pair.told("refused").last(),
        Some(&"0 refused breaker-open a #3")
    );
}

#[test]
fn lines_that_differ_are_served_each_at_its_own_pace() {
    let quota = |rate: &str| format!("quota.requests = {{ rate = \"{rate}\" }}");
    let mut pair = pair(&quota("1/s"), &quota("2/s"));
    for priority in [Priority::Batch, Priority::Normal] {
        pair.submit_as(priority);
        pair.submit_as(priority);
    }
    pair.pass(2000);
    assert_eq!(
        pair.told("send"),
        [
            "0 send a first",
            "0 send a first #2",
            "500 send a first #1",
            "1000 send a first #3"
        ]
    );
}

#[test]
fn a_limiter_counts_the_attempts_of_its_own_lane() {
    let limiter = |limit| format!("limiter.fixed = {{ limit = {limit}, max-wait = \"0s\" }}");
    let mut pair = pair(&limiter(2), &limiter(1));
    for _ in 0..2 {
        pair.submit_as(Priority::Batch);
        pair.submit();
    }
    pair.submit_as(Priority::Critical);
    assert_eq!(
        pair.told("refused"),
        [
            "0 refused limiter-full a #2",
            "0 refused limiter-full b #2",
            "0 refused limiter-full c #2",
            "0 refused limiter-full a #4",
            "0 refused limiter-full b #4",
            "0 refused limiter-full c #4"
        ]
    );
}

#[test]
fn an_alarm_lasts_for_the_priorities_whose_guards_and_limits_are_written_alike() {
    let one = "route.failover = { endpoints = [\"a\"] }\n";
    let guard =
        |lasts: &str| format!("{one}guard.schema = {{ then = \"trip\", for = \"{lasts}\" }}\n");
    let own = "1000 trip a until 4000 #1";
    let cases = [
        (
            guard("3s") + "retry.attempts = 2",
            vec!["0 trip a until 3000"],
        ),
        (guard("2s"), vec!["0 trip a until 2000", own]),
        (
            guard("3s") + "limit.turns = 9",
            vec!["0 trip a until 3000", own],
        ),
    ];
    for (batch, expected) in cases {
        let mut pair = pair(&guard("3s"), &batch);
        pair.submit_as(Priority::Batch);
        pair.submit();
        pair.answer_with(A, Content::BrokenJson, false);
        pair.pass(1_000);
        pair.answer_with(A, Content::BrokenJson, false);
        assert_eq!(pair.told("trip"), expected, "{batch}");
    }
}
