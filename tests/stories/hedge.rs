//! Hedging: asked twice at once, the first answer counts, the loser is aborted.

use crate::pair::{A, B, C, Pair};

fn hedged(hedge: &str) -> Pair {
    Pair::new(&format!(
        r#"
        retry = {{ attempts = 5, backoff.constant = {{ wait = "1s" }} }}
        hedge.fixed = {{ {hedge} }}
    "#
    ))
}

#[test]
fn a_silent_attempt_is_doubled_after_the_delay_and_the_loser_aborted() {
    let mut pair = hedged("after = \"2s\"");
    pair.submit();
    pair.drive();
    pair.pass(300);
    pair.first_token(A);
    let story = ["0 send a first", "2000 send a hedge", "2300 deliver a"];
    assert_eq!(pair.log()[..3], story);
    assert_eq!(
        pair.log()[3..],
        ["2300 abort a hedge-lost", "2300 end a cancelled"]
    );
    pair.answer(A);
    assert_eq!(pair.told("finish"), ["2300 finish success by a"]);
}

#[test]
fn a_hedge_that_answers_first_wins() {
    let mut pair = hedged("after = \"2s\", to = \"other\"");
    pair.submit();
    pair.drive();
    pair.answer(B);
    assert_eq!(pair.told("won"), ["2000 won"]);
    assert_eq!(pair.told("abort"), ["2000 abort a hedge-lost"]);
    assert_eq!(pair.told("finish"), ["2000 finish success by b"]);
}

#[test]
fn a_first_token_in_time_needs_no_hedge() {
    let mut pair = hedged("after = \"2s\"");
    pair.submit();
    pair.pass(1_999);
    pair.first_token(A);
    pair.pass(60_000);
    assert_eq!(pair.told("send"), ["0 send a first"]);
}

#[test]
fn a_whole_call_is_hedged_until_its_answer_is_there() {
    let mut pair = hedged("after = \"2s\"").whole();
    pair.submit();
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"2000 send a hedge"));
}

#[test]
fn with_no_delay_both_go_out_in_one_instant() {
    let mut pair = hedged("after = \"0s\", to = \"other\"");
    pair.submit();
    assert_eq!(pair.log(), ["0 send a first", "0 send b hedge"]);
}

#[test]
fn two_hedges_go_out_one_delay_after_the_other_and_no_third() {
    let mut pair = hedged("after = \"2s\", to = \"other\", max = 2");
    pair.submit();
    pair.pass(60_000);
    let sent = ["0 send a first", "2000 send b hedge", "4000 send c hedge"];
    assert_eq!(pair.told("send"), sent);
    pair.answer(C);
    let aborted = ["60000 abort a hedge-lost", "60000 abort b hedge-lost"];
    assert_eq!(pair.told("abort"), aborted);
}

#[test]
fn while_one_is_in_flight_the_other_s_failure_decides_nothing() {
    let mut pair = hedged("after = \"2s\"");
    pair.submit();
    pair.drive();
    pair.fail(A, 500);
    assert_eq!(pair.told("send").len(), 2);
    pair.answer(A);
    assert_eq!(pair.told("finish"), ["2000 finish success by a"]);
}

#[test]
fn when_both_have_failed_the_call_goes_on() {
    let mut pair = hedged("after = \"2s\"");
    pair.submit();
    pair.drive();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert_eq!(pair.told("send").last(), Some(&"2000 send b failover"));
}

#[test]
fn a_hedge_is_an_attempt_and_needs_one() {
    let mut pair = Pair::new("retry.attempts = 1\nhedge.fixed = { after = \"2s\" }");
    pair.submit();
    pair.pass(3000);
    assert_eq!(pair.told("refused"), ["2000 refused attempts-spent"]);
    pair.answer(A);
    assert_eq!(
        pair.told("finish"),
        ["3000 finish success by a"],
        "the first goes on"
    );
}

#[test]
fn a_hedge_elsewhere_passes_an_open_breaker() {
    let mut pair = Pair::new(
        r#"
        retry = { attempts = 3 }
        hedge.fixed = { after = "2s", to = "other" }
        breaker.consecutive = { failures = 1, open = "1h" }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.fail(B, 500);
    pair.answer(C);
    pair.submit();
    assert_eq!(pair.told("send").last(), Some(&"0 send c first #1"));
    pair.pass(2000);
    assert_eq!(
        pair.told("refused").last(),
        Some(&"2000 refused breaker-open #1")
    );
}

#[test]
fn a_retry_is_hedged_again_only_while_hedges_are_left() {
    let mut pair = hedged("after = \"2s\", max = 1");
    pair.submit();
    pair.drive();
    pair.fail(A, 500);
    pair.fail(A, 500);
    pair.pass(60_000);
    let sent = [
        "0 send a first",
        "2000 send a hedge",
        "2000 send b failover",
    ];
    assert_eq!(pair.told("send"), sent);
}
