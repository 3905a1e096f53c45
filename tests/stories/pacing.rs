//! Pacing: calls stand in line at the client's own quota and hold nothing meanwhile.

use squall::base::wire::Priority;

use crate::pair::{A, B, Pair};

/// One attempt a second, and then as `more` says.
fn paced(more: &str) -> Pair {
    Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a", "b"] }}
        retry = {{ attempts = 3 }}
        {more}
    "#
    ))
}

const ONE_A_SECOND: &str = "quota.requests = { rate = \"1/s\" }";

#[test]
fn calls_go_out_in_order_of_arrival_one_interval_apart() {
    let mut pair = paced(ONE_A_SECOND);
    (0..3).for_each(|_| _ = pair.submit());
    pair.pass(10_000);
    let sent = [
        "0 send a first",
        "1000 send a first #1",
        "2000 send a first #2",
    ];
    assert_eq!(pair.told("send"), sent);
    let waits: Vec<u64> = (0..3).map(|call| pair.stood_in_line(call)).collect();
    assert_eq!(waits, [0, 1000, 2000]);
}

#[test]
fn a_burst_goes_out_at_once_after_a_pause() {
    let mut pair = paced("quota.requests = { rate = \"1/s\", burst = 2 }");
    (0..3).for_each(|_| _ = pair.submit());
    pair.pass(1000);
    let sent = [
        "0 send a first",
        "0 send a first #1",
        "1000 send a first #2",
    ];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn a_call_that_would_wait_too_long_is_not_made() {
    let mut pair = paced("quota.requests = { rate = \"1/s\", max-wait = \"2s\" }");
    (0..4).for_each(|_| _ = pair.submit());
    assert_eq!(
        pair.told("finish"),
        ["0 finish failed-refused #3"],
        "three seconds are too long"
    );
    assert!(
        pair.told("refused")
            .iter()
            .all(|line| line.starts_with("0 refused quota-wait"))
    );
}

#[test]
fn a_call_whose_turn_comes_at_its_deadline_is_not_made() {
    let mut pair = paced(ONE_A_SECOND).deadline(2000);
    (0..3).for_each(|_| _ = pair.submit());
    assert_eq!(pair.told("finish"), ["0 finish failed-refused #2"]);
}

#[test]
fn a_call_that_leaves_the_line_makes_room() {
    let mut pair = paced(ONE_A_SECOND);
    (0..3).for_each(|_| _ = pair.submit());
    pair.cancel(1);
    pair.pass(10_000);
    assert_eq!(
        pair.told("send"),
        ["0 send a first", "1000 send a first #2"]
    );
}

#[test]
fn a_retry_stands_in_line_behind_calls_that_came_before() {
    let mut pair = paced(ONE_A_SECOND);
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.pass(10_000);
    let sent = [
        "0 send a first",
        "1000 send a first #1",
        "2000 send b failover",
    ];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn a_turn_finds_another_endpoint_if_the_breaker_opened_meanwhile() {
    let mut pair = paced(&format!(
        "{ONE_A_SECOND}\nbreaker.consecutive = {{ failures = 1, open = \"1h\" }}"
    ));
    pair.submit();
    pair.submit();
    pair.pass(500);
    pair.fail(A, 400);
    pair.pass(10);
    assert!(pair.told("trip").is_empty());
    pair.pass(490);
    pair.fail(A, 500);
    pair.pass(1000);
    assert_eq!(
        pair.told("send")[1..],
        ["1000 send a first #1", "2000 send b failover #1"]
    );
    pair.answer(B);
}

#[test]
fn a_turn_a_moment_before_the_deadline_is_taken_and_cut_there() {
    // A line's waits are known when it is joined, so nobody stands in it past a deadline.
    let mut pair = paced(ONE_A_SECOND).deadline(2001);
    (0..3).for_each(|_| _ = pair.submit());
    pair.pass(3000);
    assert_eq!(pair.told("send").last(), Some(&"2000 send a first #2"));
    assert_eq!(pair.told("abort").last(), Some(&"2001 abort a deadline #2"));
    assert_eq!(pair.told("finish").len(), 3);
}

#[test]
fn a_hedge_does_not_stand_in_line() {
    let mut pair =
        paced("quota.requests = { rate = \"1/s\" }\nhedge.fixed = { after = \"300ms\" }");
    pair.submit();
    pair.pass(5000);
    assert_eq!(pair.told("refused"), ["300 refused quota-wait"]);
    assert_eq!(pair.told("send"), ["0 send a first"]);
}

#[test]
fn an_early_wake_up_keeps_the_place_in_line() {
    let mut pair = paced(ONE_A_SECOND);
    (0..3).for_each(|_| _ = pair.submit());
    pair.wake_early(1);
    pair.wake_early(2);
    pair.pass(5000);
    let sent = [
        "0 send a first",
        "1000 send a first #1",
        "2000 send a first #2",
    ];
    assert_eq!(pair.told("send"), sent);
}

/// One attempt at a time, so that all others stand in line.
fn line(settings: &str) -> Pair {
    let mut pair = Pair::new(&format!(
        "limiter.fixed = {{ limit = 1 }}\nline = {{ {settings} }}"
    ));
    pair.submit();
    pair
}

#[test]
fn a_line_is_served_by_priority_or_by_arrival() {
    let served = |settings| {
        let mut pair = line(settings);
        for priority in [Priority::Batch, Priority::Normal, Priority::Critical] {
            pair.submit_as(priority);
        }
        (0..4).for_each(|_| pair.answer(A));
        pair.told("send").join(", ")
    };
    let sends = |order: [u32; 3]| {
        let sends = order.map(|number| format!("0 send a first #{number}"));
        format!("0 send a first, {}", sends.join(", "))
    };
    assert_eq!(served("order = \"priority\""), sends([3, 2, 1]));
    assert_eq!(served("order = \"arrival\""), sends([1, 2, 3]));
}

#[test]
fn a_full_line_refuses_whoever_comes() {
    let mut pair = line("max = 2");
    pair.submit_as(Priority::Batch);
    pair.submit_as(Priority::Batch);
    pair.submit_as(Priority::Critical);
    assert_eq!(pair.told("refused")[0], "0 refused line-full a #3");
    assert_eq!(pair.told("finish"), ["0 finish failed-refused #3"]);
}

#[test]
fn a_full_line_sheds_the_last_of_the_lowest_priority() {
    let mut pair = line("max = 2, when-full = \"shed-lowest\"");
    pair.submit_as(Priority::Batch);
    pair.submit_as(Priority::Batch);
    pair.submit_as(Priority::Critical);
    pair.submit();
    // Nobody left is below these.
    pair.submit();
    pair.submit_as(Priority::Batch);
    assert_eq!(
        pair.told("finish"),
        [
            "0 finish failed-refused #2",
            "0 finish failed-refused #1",
            "0 finish failed-refused #5",
            "0 finish failed-refused #6"
        ]
    );
    let refused = pair.told("refused");
    assert_eq!(refused[..2], ["0 refused shed #2", "0 refused shed #1"]);
    (0..3).for_each(|_| pair.answer(A));
    let served = ["0 send a first", "0 send a first #3", "0 send a first #4"];
    assert_eq!(pair.told("send"), served);
}

/// Nobody waits for a user who has used up what he may: he is refused, and others go on.
#[test]
fn a_quota_of_each_user_refuses_him_and_holds_up_nobody() {
    let mut pair = Pair::new("quota.requests = { rate = \"1/s\", burst = 2, per = \"user\" }");
    for user in [1, 1, 1, 2, 0, 0, 0] {
        pair.from(user, 0, 0);
        pair.submit();
    }
    assert_eq!(pair.told("refused")[0], "0 refused user-quota a #2");
    assert_eq!(pair.told("send").len(), 6, "{:#?}", pair.log());
    pair.pass(1000);
    pair.from(1, 0, 0);
    pair.submit();
    assert_eq!(pair.told("send").len(), 7, "a second later he may again");
}

#[test]
fn of_two_quotas_one_of_each_user_nothing_is_taken_unless_both_agree() {
    let mut pair = Pair::new(
        "quota = { requests = { rate = \"1/s\", burst = 1, per = \"user\" }, \
         tokens = { rate = \"1000000/s\", burst = 400 } }",
    );
    for user in [1, 1, 2] {
        pair.from(user, 0, 0);
        pair.submit();
    }
    // Two of 200 tokens fit: the one that was refused has taken none.
    assert_eq!(pair.told("send"), ["0 send a first", "0 send a first #2"]);
}
