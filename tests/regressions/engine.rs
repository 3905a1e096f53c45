//! What broke in the engine.

use squall::base::wire::Code;

use crate::pair::{A, B, C, Pair};

/// Two endpoints, four attempts, a backoff of one second.
fn two(more: &str) -> Pair {
    Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a", "b"] }}
        retry = {{ attempts = 4, backoff.constant = {{ wait = "1s" }} }}
        {more}
    "#
    ))
}

fn observing(more: &str) -> Pair {
    Pair::new(&format!(
        "mode = \"observe\"\n\
         retry = {{ attempts = 4, backoff.constant = {{ wait = \"1s\" }} }}\n{more}"
    ))
}

#[test]
fn an_endpoint_without_credit_is_not_asked_again_after_the_last_one_either() {
    let mut pair = two("");
    pair.submit();
    pair.fail_with(A, 429, Code::InsufficientQuota, None);
    pair.fail(B, 500);
    pair.drive();
    let sent = ["0 send a first", "0 send b failover", "1000 send b retry"];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn used_up_credit_is_never_tried_again_here_but_elsewhere_at_once() {
    let mut pair = two("");
    pair.submit();
    pair.fail_with(A, 429, Code::InsufficientQuota, None);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
    pair.fail_with(B, 429, Code::InsufficientQuota, None);
    assert_eq!(pair.told("refused"), ["0 refused no-endpoint"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn a_call_can_be_cancelled_while_it_waits() {
    let mut pair = Pair::new(
        "route.failover = { endpoints = [\"a\"] }\nretry = { attempts = 2, backoff.constant = { wait = \"1s\" } }",
    );
    let call = pair.submit();
    pair.fail(A, 500);
    pair.pass(500);
    pair.cancel(call);
    pair.pass(5000);
    assert_eq!(pair.told("send").len(), 1);
    assert_eq!(pair.told("finish"), ["500 finish failed-cancelled"]);
}

#[test]
fn a_budget_that_would_have_refused_is_recorded() {
    let mut pair = observing("budget.share = { ratio = 0, reserve = 0 }");
    pair.submit();
    pair.fail(A, 500);
    assert!(pair.told("would").is_empty());
    assert_eq!(pair.told("refused"), ["0 refused budget-share"]);
}

#[test]
fn a_failure_is_not_retried_but_the_retry_is_recorded() {
    let mut pair = observing("fallback.message = {}");
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(
        pair.told("would"),
        ["0 would failover", "0 would degrade message"]
    );
    assert_eq!(pair.told("send"), ["0 send a first"]);
    assert_eq!(
        pair.told("finish"),
        ["0 finish failed-exhausted"],
        "and not degraded"
    );
}

#[test]
fn the_order_starts_again_after_the_line_and_a_turn_not_taken_passes_on() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 3 }
        breaker.consecutive = { failures = 1, open = "1500ms" }
        quota.requests = { rate = "1/s" }
    "#,
    );
    (0..4).for_each(|_| _ = pair.submit());
    pair.pass(500);
    pair.fail(A, 500);
    pair.pass(9_500);
    // At 1000 the breaker is open: everybody in line has a turn, nobody takes it.
    let ends = [
        "500 finish failed-exhausted",
        "1000 finish failed-refused #1",
    ];
    assert_eq!(pair.told("finish")[..2], ends);
    let more = [
        "1000 finish failed-refused #2",
        "1000 finish failed-refused #3",
    ];
    assert_eq!(pair.told("finish")[2..], more);
    assert_eq!(
        pair.told("refused").last(),
        Some(&"1000 refused breaker-open a #3")
    );
}

#[test]
fn attempts_per_endpoint_end_a_call_with_one_endpoint_before_attempts_per_call_do() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 9, attempts-per-endpoint = 2, backoff.constant = { wait = "1s" } }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    assert_eq!(pair.told("send"), ["0 send a first", "1000 send a retry"]);
    assert_eq!(
        pair.told("finish"),
        ["1000 finish failed-exhausted"],
        "it waits for nothing"
    );
}

#[test]
fn when_every_endpoint_is_used_up_the_call_ends_without_another_wait() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"] }
        retry = { attempts = 9, attempts-per-endpoint = 1, backoff.constant = { wait = "1s" } }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.pass(30);
    pair.fail(B, 500);
    assert_eq!(
        pair.told("refused"),
        ["30 refused no-endpoint"],
        "said once"
    );
    assert_eq!(pair.told("finish"), ["30 finish failed-exhausted"]);
}

#[test]
fn a_first_token_in_the_instant_of_the_deadline_is_not_a_late_wake_up() {
    let mut pair = two("").deadline(5000);
    pair.submit();
    pair.reach(5000);
    pair.first_token(A);
    pair.drive();
    assert_eq!(pair.told("finish"), ["5000 finish failed-expired"]);
}

#[test]
fn a_failure_in_the_instant_of_the_deadline_leaves_the_hedge_to_it() {
    let mut pair = two("hedge.fixed = { after = \"1s\", to = \"other\" }").deadline(5000);
    pair.submit();
    pair.drive();
    pair.reach(5000);
    pair.fail(A, 500);
    pair.answer(B);
    assert_eq!(pair.told("finish"), ["5000 finish success by b"]);
}

#[test]
fn observing_nothing_is_sent_at_the_deadline_either() {
    let mut pair = observing("").deadline(0);
    pair.submit();
    assert!(pair.told("send").is_empty());
    assert_eq!(pair.told("finish"), ["0 finish failed-expired"]);
}

#[test]
fn a_wait_too_long_to_accept_leads_to_the_endpoint_that_would_have_come_later() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"], on-failure = "exhaust-then-next" }
        retry = { attempts = 4, server-wait.too-long = "fail" }
    "#,
    );
    pair.submit();
    pair.fail_with(A, 429, Code::RateLimit, Some(90_000));
    assert_eq!(pair.told("refused"), ["0 refused server-wait-too-long"]);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
}

#[test]
fn the_attempt_that_fails_last_decides_and_not_the_one_sent_last() {
    // The hedge at b fails first, the first attempt at a states a wait: it is a that is waited for.
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"], on-failure = "exhaust-then-next" }
        retry = { attempts = 4 }
        hedge.fixed = { after = "1s", to = "other" }
    "#,
    );
    pair.submit();
    pair.drive();
    pair.fail_with(B, 429, Code::InsufficientQuota, None);
    pair.fail_with(A, 429, Code::RateLimit, Some(7000));
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"8000 send a retry"));
}

#[test]
fn an_early_wake_up_does_not_make_a_call_in_line_ask_before_its_turn() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        breaker.consecutive = { failures = 1, open = "500ms" }
        quota.requests = { rate = "1/s" }
    "#,
    );
    pair.submit();
    pair.submit();
    pair.pass(400);
    pair.fail(A, 500);
    pair.wake_early(1);
    pair.drive();
    assert_eq!(
        pair.told("send").last(),
        Some(&"1000 send a first probe #1")
    );
}

#[test]
fn a_first_token_of_a_whole_call_delivers_nothing() {
    let mut pair = two("").whole();
    pair.submit();
    pair.first_token(A);
    pair.break_off(A);
    assert_eq!(pair.told("end"), ["0 end a transport"]);
    assert_eq!(pair.told("send").last(), Some(&"0 send b failover"));
}

#[test]
fn attempts_at_three_endpoints_come_back_to_the_one_that_is_left() {
    let mut pair = Pair::new("retry = { attempts = 6, backoff.constant = { wait = \"1s\" } }");
    pair.submit();
    pair.fail_with(A, 429, Code::InsufficientQuota, None);
    pair.fail_with(B, 429, Code::RequestTooLarge, None);
    pair.fail(C, 500);
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"1000 send c retry"));
}

#[test]
fn a_class_that_never_fails_over_does_not_do_so_past_an_open_breaker_either() {
    let mut pair = two(
        "on.overloaded.fail-over = \"never\"\nbreaker.consecutive = { failures = 1, open = \"1h\" }",
    );
    pair.submit();
    pair.fail(A, 503);
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first"]);
    assert_eq!(pair.told("refused"), ["1000 refused breaker-open a"]);
}
