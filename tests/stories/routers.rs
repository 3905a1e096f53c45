//! Orders of endpoints in a call: with breakers, budgets, quotas and hedges.

use crate::pair::{A, B, C, Pair};

fn sent(pair: &Pair) -> Vec<String> {
    let endpoint = |line: &&str| line.split(' ').nth(2).map(String::from);
    pair.told("send").iter().filter_map(endpoint).collect()
}

#[test]
fn round_robin_goes_on_where_the_last_call_went() {
    let mut pair = Pair::new("route.round-robin = {}\nretry.attempts = 3");
    for _ in 0..4 {
        pair.submit();
    }
    assert_eq!(sent(&pair), ["a", "b", "c", "a"]);
    // The failover goes on in the circle too, and the next call after it.
    pair.fail(B, 500);
    pair.submit();
    assert_eq!(sent(&pair)[4..], ["c", "a"]);
}

#[test]
fn round_robin_passes_an_open_breaker() {
    let mut pair = Pair::new(
        r#"
        route.round-robin = {}
        retry.attempts = 1
        breaker.consecutive = { failures = 1, open = "1h" }
    "#,
    );
    pair.submit();
    pair.submit();
    pair.fail(B, 500);
    for _ in 0..4 {
        pair.submit();
    }
    assert_eq!(sent(&pair), ["a", "b", "c", "a", "c", "a"]);
}

#[test]
fn a_call_comes_back_to_an_endpoint_only_when_all_have_been_tried() {
    for seed in 0..20 {
        let mut pair = Pair::seeded(
            r#"
            route.weighted = {}
            retry = { attempts = 6, backoff.constant = { wait = "1s" } }
        "#,
            seed,
        );
        pair.submit();
        for n in 1..=5 {
            let last = sent(&pair)[n - 1].clone();
            pair.fail(
                ["a", "b", "c"].iter().position(|e| *e == last).unwrap() as u16,
                500,
            );
            if n == 3 {
                pair.drive();
            }
        }
        let all = sent(&pair);
        let mut first = all[..3].to_vec();
        first.sort();
        assert_eq!(first, ["a", "b", "c"], "seed {seed}");
        assert_eq!(
            all[..3],
            all[3..],
            "seed {seed}: the second round is as the first"
        );
    }
}

#[test]
fn a_hedge_elsewhere_goes_to_the_least_busy_of_the_others() {
    let mut pair = Pair::new(
        r#"
        route.least-busy = {}
        retry.attempts = 2
        hedge.fixed = { after = "2s", to = "other" }
    "#,
    );
    pair.submit();
    pair.submit();
    pair.answer(A);
    pair.submit();
    pair.pass(2000);
    // b has its own call in flight; a has the third, c none.
    assert_eq!(sent(&pair)[..4], ["a", "b", "a", "c"]);
}

#[test]
fn whoever_waits_for_a_quota_is_routed_when_its_turn_has_come() {
    let mut pair = Pair::new(
        r#"
        route.least-busy = {}
        retry.attempts = 1
        quota.requests = { rate = "1/s", burst = 1, max-wait = "60s" }
    "#,
    );
    pair.submit();
    pair.submit();
    assert_eq!(sent(&pair), ["a"]);
    pair.pass(500);
    pair.answer(A);
    pair.pass(500);
    assert_eq!(sent(&pair), ["a", "a"], "by then a is idle again");
}

#[test]
fn the_fastest_of_all_is_asked_until_it_is_not_any_more() {
    let mut pair = Pair::new(
        r#"
        route.latency = { choices = 0, estimate = "mean", samples = 1 }
        retry.attempts = 1
    "#,
    );
    for (endpoint, ms) in [(A, 300), (B, 100), (C, 200), (B, 250)] {
        pair.submit();
        pair.pass(ms);
        pair.first_token(endpoint);
        pair.pass(5000);
        pair.answer(endpoint);
    }
    pair.submit();
    // Untried ones first; then b with 100 ms; after its 250 ms c with 200.
    assert_eq!(sent(&pair), ["a", "b", "c", "b", "c"]);
}

#[test]
fn an_endpoint_that_failed_is_asked_last_for_a_while() {
    let mut pair = Pair::new("steering.away = \"30s\"\nretry.attempts = 2");
    pair.submit();
    pair.fail(A, 500);
    pair.answer(B);
    pair.pass(29_999);
    pair.submit();
    pair.pass(1);
    pair.submit();
    assert_eq!(sent(&pair), ["a", "b", "b", "a"]);
}

/// Trap 43.
#[test]
fn a_load_balancer_without_attempts_left_is_no_failover() {
    let mut pair = Pair::new("route.weighted = {}\nretry.attempts = 1");
    pair.submit();
    let first = ["a", "b", "c"].iter().position(|e| *e == sent(&pair)[0]);
    pair.fail(first.unwrap() as u16, 500);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn a_budget_bounds_failovers_whatever_the_order() {
    let mut pair = Pair::new(
        r#"
        route.round-robin = {}
        retry.attempts = 3
        budget.share = { ratio = 0, reserve = 1 }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.fail(B, 500);
    assert_eq!(sent(&pair), ["a", "b"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}
