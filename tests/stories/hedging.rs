//! What goes with a hedge: which ending decides, what a failure leads to, and how many there may be.

use crate::pair::{A, B, Pair};

fn hedged(text: &str) -> Pair {
    Pair::new(&format!(
        "retry.attempts = 4\nhedge.fixed = {{ after = \"2s\", to = \"other\", max = 2 }}\n{text}"
    ))
}

/// Trap 37.
#[test]
fn with_first_completion_an_error_beats_a_success_that_is_on_its_way() {
    let mut pair = hedged("hedging.first = \"completion\"\nretry.on = []");
    pair.submit();
    pair.drive();
    pair.fail(A, 500);
    assert_eq!(pair.told("abort"), ["2000 abort b hedge-lost"]);
    assert_eq!(pair.told("finish"), ["2000 finish failed-exhausted"]);
}

#[test]
fn with_first_acceptable_only_a_failure_that_is_not_retried_ends_all() {
    let mut pair = hedged("hedging.first = \"acceptable\"");
    pair.submit();
    pair.drive();
    pair.fail(A, 500);
    assert!(pair.told("abort").is_empty());
    pair.answer(B);
    pair.submit();
    pair.drive();
    pair.fail(A, 400);
    assert_eq!(pair.told("abort"), ["4000 abort b hedge-lost #1"]);
    assert_eq!(
        pair.told("finish").last(),
        Some(&"4000 finish failed-exhausted #1")
    );
}

#[test]
fn a_failure_sends_the_next_hedge_at_once() {
    let mut pair = hedged("hedging.on-failure = \"next\"");
    pair.submit();
    pair.pass(100);
    pair.fail(A, 500);
    pair.pass(100);
    pair.fail(B, 500);
    let sent = [
        "0 send a first",
        "100 send b failover",
        "200 send c failover",
    ];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn a_failure_that_is_not_retried_sends_no_hedge() {
    let mut pair = hedged("hedging.on-failure = \"next\"");
    pair.submit();
    pair.fail(A, 400);
    assert_eq!(pair.told("send"), ["0 send a first"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

/// Trap 38.
#[test]
fn if_all_fail_the_last_failure_or_the_primary_one_decides() {
    let story = |all_fail: &str| {
        let mut pair = Pair::new(&format!(
            r#"
            retry = {{ attempts = 9, backoff.constant = {{ wait = "1s" }} }}
            hedge.fixed = {{ after = "2s", to = "other" }}
            hedging.all-fail = "{all_fail}"
        "#
        ));
        pair.submit();
        pair.drive();
        pair.fail(A, 500);
        pair.fail(B, 400);
        pair.told("finish").len()
    };
    assert_eq!(story("last"), 1, "a 400 is not retried");
    assert_eq!(story("primary"), 0, "a 500 is");
}

#[test]
fn hedges_have_a_budget_of_their_own_which_retries_do_not_use_up() {
    let mut pair = Pair::new(
        r#"
        retry = { attempts = 3 }
        hedge.fixed = { after = "2s", to = "other" }
        hedging.budget = { ratio = 0.5, reserve = 0 }
    "#,
    );
    for _ in 0..4 {
        pair.submit();
        pair.pass(2000);
        pair.answer(A);
    }
    // Half a token each: the second and the fourth call may be hedged.
    assert_eq!(
        pair.told("send")
            .iter()
            .filter(|line| line.contains("hedge"))
            .count(),
        2
    );
    assert_eq!(
        pair.told("refused"),
        ["2000 refused budget-share", "6000 refused budget-share #2"]
    );
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("send").last(), Some(&"8000 send b failover #4"));
}

#[test]
fn a_hedge_needs_the_budget_of_all_attempts_as_well() {
    let mut pair = Pair::new(
        r#"
        retry = { attempts = 3 }
        hedge.fixed = { after = "2s" }
        hedging.budget = { ratio = 1, reserve = 10 }
        budget.share = { ratio = 0, reserve = 0 }
    "#,
    );
    pair.submit();
    pair.pass(3000);
    assert_eq!(pair.told("send"), ["0 send a first"]);
    assert_eq!(pair.told("refused"), ["2000 refused budget-share"]);
}

#[test]
fn a_percentile_hedges_what_is_slower_than_the_calls_before() {
    let mut pair = Pair::new(
        r#"
        retry = { attempts = 2 }
        hedge.percentile = { at = 0.9, min-samples = 10, refresh = "0s", to = "other" }
    "#,
    );
    for _ in 0..10 {
        pair.submit();
        pair.pass(500);
        assert_eq!(
            pair.told("send").len(),
            pair.told("finish").len() + 1,
            "no hedge yet"
        );
        pair.answer(A);
    }
    pair.submit();
    pair.drive();
    let last = pair
        .told("send")
        .last()
        .map(|line| line.to_string())
        .unwrap();
    let (ms, what) = last.split_once(' ').unwrap();
    assert_eq!(what, "send b hedge #10");
    let delay = ms.parse::<u64>().unwrap() - 5000;
    // A class of the histogram is 1/32 wide.
    assert!((500..=516).contains(&delay), "{delay} ms");
}
