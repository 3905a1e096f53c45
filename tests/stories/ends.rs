//! How calls end: deadlines, timeouts, broken answers, cancellation, the fallback.

use squall::base::wire::Code;

use crate::pair::{A, B, Pair};

const RETRYING: &str = r#"
    route.failover = { endpoints = ["a", "b"] }
    retry = { attempts = 4, backoff.constant = { wait = "1s" } }
"#;

fn retrying(more: &str) -> Pair {
    Pair::new(&format!("{RETRYING}\n{more}"))
}

#[test]
fn the_deadline_aborts_what_is_in_flight() {
    let mut pair = retrying("").deadline(5000);
    pair.submit();
    pair.pass(5000);
    let story = [
        "5000 abort a deadline",
        "5000 end a timed-out",
        "5000 finish failed-expired",
    ];
    assert_eq!(pair.log()[1..], story);
}

#[test]
fn the_deadline_ends_a_call_that_waits() {
    let mut pair =
        Pair::new("route.failover = { endpoints = [\"a\"] }\nretry.attempts = 2").deadline(5000);
    pair.submit();
    pair.fail_with(A, 429, Code::RateLimit, Some(4_999));
    pair.pass(4_998);
    assert!(pair.told("finish").is_empty());
    pair.pass(2);
    assert_eq!(pair.told("send").last(), Some(&"4999 send a retry"));
    assert_eq!(pair.told("finish"), ["5000 finish failed-expired"]);
}

#[test]
fn an_answer_in_the_instant_of_the_deadline_is_a_success() {
    let mut pair = retrying("").deadline(5000);
    pair.submit();
    pair.reach(5000);
    pair.answer(A);
    assert_eq!(pair.told("finish"), ["5000 finish success by a"]);
}

#[test]
fn the_deadline_cuts_an_answer_that_is_being_delivered() {
    let mut pair = retrying("fallback.message = {}").deadline(5000);
    pair.submit();
    pair.first_token(A);
    pair.pass(5000);
    assert_eq!(
        pair.told("finish"),
        ["5000 finish failed-expired"],
        "half an answer stands"
    );
}

#[test]
fn a_first_token_timeout_leads_to_the_next_endpoint() {
    let mut pair = retrying("timeout.first-token = \"2s\"");
    pair.submit();
    pair.pass(2000);
    let story = [
        "2000 abort a first-token-timeout",
        "2000 end a timed-out",
        "2000 send b failover",
    ];
    assert_eq!(pair.log()[1..], story);
    pair.first_token(B);
    pair.pass(60_000);
    assert_eq!(
        pair.told("abort").len(),
        1,
        "after its first token an answer has all the time"
    );
}

#[test]
fn a_whole_answer_has_no_first_token_to_wait_for() {
    let mut pair = retrying("timeout.first-token = \"2s\"").whole();
    pair.submit();
    pair.pass(60_000);
    assert!(pair.told("abort").is_empty());
}

#[test]
fn a_total_timeout_holds_for_whole_answers_too() {
    let mut pair = retrying("timeout.total = \"2s\"").whole();
    pair.submit();
    pair.pass(2000);
    assert_eq!(pair.told("abort"), ["2000 abort a total-timeout"]);
    assert_eq!(pair.told("send").last(), Some(&"2000 send b failover"));
}

#[test]
fn a_timeout_runs_from_the_sending_of_each_attempt() {
    let mut pair = retrying("timeout.total = \"2s\"");
    pair.submit();
    pair.pass(1500);
    pair.fail(A, 500);
    pair.pass(1999);
    assert!(pair.told("abort").is_empty());
    pair.pass(1);
    assert_eq!(pair.told("abort"), ["3500 abort b total-timeout"]);
}

#[test]
fn later_attempts_may_have_less_time() {
    let mut pair = retrying("timeout = { total = \"5s\", retry.total = \"1s\" }");
    pair.submit();
    pair.pass(6000);
    let told = ["5000 abort a total-timeout", "6000 abort b total-timeout"];
    assert_eq!(pair.told("abort"), told);
}

#[test]
fn headers_come_with_the_first_token_of_a_stream_and_with_the_end_of_a_whole_answer() {
    let mut streamed = retrying("timeout.headers = \"2s\"");
    streamed.submit();
    streamed.first_token(A);
    streamed.pass(60_000);
    assert!(streamed.told("abort").is_empty());
    let mut whole = retrying("timeout.headers = \"2s\"").whole();
    whole.submit();
    whole.pass(2000);
    assert_eq!(whole.told("abort"), ["2000 abort a total-timeout"]);
}

#[test]
fn a_timeout_of_the_call_ends_it_with_all_its_attempts() {
    let mut pair = retrying("timeout = { call = \"3s\", total = \"2s\" }");
    pair.submit();
    pair.pass(60_000);
    let story = ["2000 abort a total-timeout", "3000 abort b deadline"];
    assert_eq!(pair.told("abort"), story);
    assert_eq!(pair.told("finish"), ["3000 finish failed-expired"]);
}

#[test]
fn an_answer_that_falls_silent_is_given_up_and_one_that_goes_on_is_not() {
    let mut pair = retrying("timeout.inactivity = \"2s\"");
    pair.submit();
    pair.pass(30_000);
    assert!(pair.told("abort").is_empty(), "it has not begun");
    pair.first_token(A);
    for _ in 0..5 {
        pair.pass(1900);
        pair.token();
    }
    assert!(pair.told("abort").is_empty());
    // The newest token came at 39.5 s.
    pair.pass(1999);
    assert!(pair.told("abort").is_empty());
    pair.pass(1);
    assert_eq!(pair.told("abort"), ["41500 abort a inactivity-timeout"]);
    assert_eq!(pair.told("finish"), ["41500 finish failed-truncated"]);
}

#[test]
fn a_total_timeout_after_the_first_token_truncates_the_answer() {
    let mut pair = retrying("timeout.total = \"2s\"\nfallback.message = {}");
    pair.submit();
    pair.first_token(A);
    pair.pass(2000);
    assert_eq!(pair.told("finish"), ["2000 finish failed-truncated"]);
    assert_eq!(pair.told("send").len(), 1);
}

#[test]
fn an_answer_that_breaks_off_is_not_tried_again() {
    let mut pair = retrying("fallback.message = {}");
    pair.submit();
    pair.first_token(A);
    pair.pass(100);
    pair.break_off(A);
    let story = ["100 end a truncated", "100 finish failed-truncated"];
    assert_eq!(pair.log()[2..], story, "and never replaced by the fallback");
}

#[test]
fn a_connection_that_breaks_before_the_answer_began_is_tried_again() {
    let mut pair = retrying("");
    pair.submit();
    pair.break_off(A);
    assert_eq!(pair.told("end"), ["0 end a transport"]);
    assert_eq!(pair.told("send").last(), Some(&"0 send b failover"));
}

#[test]
fn a_whole_answer_is_delivered_at_its_end() {
    let mut pair = retrying("").whole();
    pair.submit();
    pair.pass(700);
    pair.answer(A);
    let story = ["700 deliver a", "700 end a ok", "700 finish success by a"];
    assert_eq!(pair.log()[1..], story);
}

#[test]
fn the_fallback_answers_when_nothing_worked_and_is_no_success() {
    let mut pair = Pair::new("fallback.message = {}");
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("finish"), ["0 finish degraded"]);
}

#[test]
fn the_fallback_answers_at_the_deadline_and_when_nothing_was_sent() {
    let mut pair = Pair::new("fallback.message = {}").deadline(1000);
    pair.submit();
    pair.pass(1000);
    assert_eq!(pair.told("finish"), ["1000 finish degraded"]);
    let mut pair = Pair::new("fallback.message = {}\nquota.requests = { rate = \"1/h\" }");
    pair.submit();
    pair.submit();
    assert_eq!(pair.told("finish"), ["0 finish degraded #1"]);
}

#[test]
fn a_cancelled_call_is_failed_and_not_degraded() {
    let mut pair = retrying("fallback.message = {}");
    let call = pair.submit();
    pair.pass(10);
    pair.cancel(call);
    let story = [
        "10 abort a cancelled",
        "10 end a cancelled",
        "10 finish failed-cancelled",
    ];
    assert_eq!(pair.log()[1..], story);
}
