//! Budgets: every attempt but the first withdraws, and they are asked before a wait and after it.

use crate::pair::{A, Pair};

fn pair(budget: &str) -> Pair {
    Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a"] }}
        retry = {{ attempts = 9, backoff.constant = {{ wait = "1s" }} }}
        {budget}
    "#
    ))
}

#[test]
fn a_shared_budget_is_used_up_by_whoever_comes_first() {
    let mut pair = pair("budget.share = { ratio = 0, reserve = 1 }");
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"1000 send a retry"));
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["1000 refused budget-share #1"]);
    assert_eq!(pair.told("finish"), ["1000 finish failed-exhausted #1"]);
}

#[test]
fn a_budget_is_asked_again_after_the_wait() {
    let mut pair = pair("budget.share = { ratio = 0, reserve = 1 }");
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert!(
        pair.told("refused").is_empty(),
        "nothing is withdrawn before the wait"
    );
    pair.pass(1000);
    assert_eq!(pair.told("send").last(), Some(&"1000 send a retry"));
    assert_eq!(pair.told("refused"), ["1000 refused budget-share a #1"]);
}

#[test]
fn every_call_deposits_its_share() {
    let mut pair = pair("budget.share = { ratio = 0.5, reserve = 1 }");
    for retried in [true, false, true] {
        pair.submit();
        pair.fail(A, 500);
        pair.drive();
        assert_eq!(
            pair.told("send")
                .last()
                .is_some_and(|s| s.contains("retry")),
            retried
        );
        if retried {
            pair.answer(A);
        }
    }
}

#[test]
fn depositing_on_success_a_total_outage_earns_nothing() {
    let mut pair = pair("budget.share = { ratio = 1, reserve = 1, deposit = \"per-success\" }");
    for _ in 0..3 {
        pair.submit();
        pair.fail(A, 500);
        pair.drive();
        if !pair
            .told("send")
            .last()
            .is_some_and(|s| s.contains("retry"))
        {
            continue;
        }
        pair.fail(A, 500);
    }
    assert_eq!(
        pair.told("send")
            .iter()
            .filter(|s| s.contains("retry"))
            .count(),
        1
    );
}

#[test]
fn a_call_s_own_share_bounds_only_that_call() {
    let mut pair = pair("budget.share = { ratio = 0, reserve = 1, scope = \"call\" }");
    for _ in 0..2 {
        pair.submit();
        pair.fail(A, 500);
        pair.drive();
        pair.fail(A, 500);
    }
    let ends = [
        "1000 finish failed-exhausted",
        "2000 finish failed-exhausted #1",
    ];
    assert_eq!(pair.told("finish"), ends);
    assert_eq!(pair.told("send").len(), 4);
}

#[test]
fn a_call_s_own_time_counts_from_its_first_failure() {
    let mut pair = pair("budget.time = { limit = \"1500ms\" }");
    pair.submit();
    pair.pass(5000);
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    // Asked at 6000, one second in; asked again after the wait, two seconds in.
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first", "6000 send a retry"]);
    assert_eq!(pair.told("refused"), ["7000 refused budget-time a"]);
}

#[test]
fn a_process_s_time_is_used_by_what_its_extra_attempts_took() {
    let mut pair = pair("budget.time = { limit = \"2s\", scope = \"process\", per = \"1h\" }");
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    pair.pass(3000);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["4000 refused budget-time"]);
}

#[test]
fn a_hedge_withdraws_as_well() {
    let mut pair =
        pair("budget.share = { ratio = 0, reserve = 1 }\nhedge.fixed = { after = \"1s\" }");
    pair.submit();
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first", "1000 send a hedge"]);
    pair.submit();
    pair.pass(1000);
    assert_eq!(pair.told("refused"), ["2000 refused budget-share #1"]);
}

#[test]
fn all_budgets_must_agree() {
    let mut pair =
        pair("budget = { share = { ratio = 0, reserve = 9 }, time = { limit = \"500ms\" } }");
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(pair.told("refused"), ["1000 refused budget-time a"]);
}
