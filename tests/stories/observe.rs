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

#[test]
fn an_attempt_that_takes_too_long_is_recorded_and_goes_on() {
    for (timeout, name) in [
        ("total = \"2s\"", "total"),
        ("headers = \"2s\"", "first-token"),
        (
            "first-token = \"2s\", total = \"3s\", call = \"4s\"",
            "first-token",
        ),
        ("connect = \"2s\"", "connect"),
    ] {
        for answered in [true, false] {
            let mut pair = observing(&format!("timeout = {{ {timeout} }}"));
            pair.unreachable();
            pair.submit();
            pair.pass(9000);
            let would = [
                format!("2000 would time out {name}"),
                "2000 would failover".into(),
            ];
            assert_eq!(pair.told("would"), would);
            match answered {
                true => pair.answer(A),
                false => pair.fail(A, 500),
            }
            let told = pair.log();
            assert_eq!(pair.told("abort"), [""; 0], "{told:#?}");
            assert_eq!(pair.told("send"), ["0 send a first"]);
            let end = match answered {
                true => "9000 finish success by a",
                false => "9000 finish failed-exhausted",
            };
            assert_eq!(pair.told("finish"), [end]);
            assert_eq!(pair.told("would"), would, "it failed long before");
            assert_eq!(pair.told("refused"), [""; 0]);
        }
    }
}

#[test]
fn an_attempt_that_is_in_time_is_no_timeout() {
    let text = "timeout = { connect = \"1s\", first-token = \"2s\", inactivity = \"3s\", \
                total = \"8s\", call = \"8s\" }";
    let mut pair = observing(text);
    pair.submit();
    for wait in [1900, 2900, 2900] {
        pair.pass(wait);
        match wait {
            1900 => pair.first_token(A),
            _ => pair.token(),
        }
    }
    pair.pass(299);
    pair.answer(A);
    assert_eq!(pair.told("would"), [""; 0]);
    assert_eq!(pair.told("finish"), ["7999 finish success by a"]);
}

#[test]
fn an_answer_that_pauses_too_long_is_recorded_and_nothing_would_follow() {
    let mut pair = observing("timeout.inactivity = \"2s\"");
    pair.submit();
    pair.first_token(A);
    pair.pass(1500);
    pair.token();
    pair.pass(9000);
    pair.answer(A);
    assert_eq!(pair.told("would"), ["3500 would time out inactivity"]);
    assert_eq!(pair.told("abort"), [""; 0]);
    assert_eq!(pair.told("finish"), ["10500 finish success by a"]);
}

#[test]
fn the_timeout_of_the_call_is_recorded_and_only_its_deadline_ends_it() {
    let mut pair = observing("timeout.call = \"3s\"\nfallback.message = {}").deadline(7000);
    pair.submit();
    pair.pass(9000);
    let would = ["3000 would time out call", "3000 would degrade message"];
    assert_eq!(pair.told("would"), would);
    assert_eq!(pair.told("finish"), ["7000 finish failed-expired"]);
    let mut pair = observing("timeout.call = \"3s\"");
    pair.submit();
    pair.pass(5000);
    pair.answer(A);
    assert_eq!(pair.told("finish"), ["5000 finish success by a"]);
}
