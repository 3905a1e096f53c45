//! Groups of endpoints: retries that stay within one, the chain to the next, and load shared by priority.

use squall::base::wire::Code;
use squall::policy::route::Endpoint;

use crate::pair::{A, B, C, Pair};

/// `a` and `b` are one group, `c` is the next.
fn grouped(text: &str) -> Pair {
    let of = |name, group| Endpoint {
        group: Some(group),
        ..Endpoint::named(name)
    };
    Pair::among(text, &[of("a", "x"), of("b", "x"), of("c", "y")])
}

const CHAIN: &str = r#"
    groups.fallback = {}
    retry.attempts = 2
    retry.backoff.constant = { wait = "1s" }
"#;

#[test]
fn all_attempts_stay_within_a_group_and_the_next_has_as_many_of_its_own() {
    let mut pair = grouped(CHAIN);
    pair.submit();
    pair.fail(A, 500);
    // Chosen anew, at once: the first of the route again. Then the next group, which waits, for it has one endpoint.
    pair.fail(A, 500);
    pair.fail(C, 500);
    pair.drive();
    pair.fail(C, 500);
    let sent = [
        "0 send a first",
        "0 send a retry",
        "0 send c failover",
        "1000 send c retry",
    ];
    assert_eq!(pair.told("send"), sent);
    assert_eq!(pair.told("finish"), ["1000 finish failed-exhausted"]);
}

#[test]
fn an_endpoint_that_is_out_is_left_out_of_its_group_and_a_group_that_is_out_of_the_chain() {
    let breaker = "breaker.consecutive = { failures = 1, open = \"1h\" }";
    let mut pair = grouped(&format!("{CHAIN}{breaker}"));
    pair.submit();
    pair.fail(A, 500);
    pair.fail(B, 500);
    pair.answer(C);
    pair.submit();
    pair.answer(C);
    let sent = [
        "0 send a first",
        "0 send b failover",
        "0 send c failover",
        "0 send c first #1",
    ];
    assert_eq!(pair.told("send"), sent);
    assert_eq!(
        pair.told("finish"),
        ["0 finish success by c", "0 finish success by c #1"]
    );
}

#[test]
fn a_class_may_leave_its_group_at_once_and_another_its_endpoint_alone() {
    let rules = "on.rejected.fail-over = \"next-group\"\non.quota-exhausted.fail-over = \"now\"";
    let mut pair = grouped(&format!("{CHAIN}{rules}"));
    pair.submit();
    pair.fail(A, 404);
    pair.answer(C);
    pair.submit();
    pair.fail_with(A, 429, Code::InsufficientQuota, None);
    pair.answer(B);
    let sent = [
        "0 send a first",
        "0 send c failover",
        "0 send a first #1",
        "0 send b failover #1",
    ];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn a_chain_goes_no_further_than_it_may() {
    let of = |name, group| Endpoint {
        group: Some(group),
        ..Endpoint::named(name)
    };
    let endpoints = [of("a", "x"), of("b", "y"), of("c", "z")];
    let mut pair = Pair::among("groups.fallback.max = 1\nretry.attempts = 1", &endpoints);
    pair.submit();
    pair.fail(A, 500);
    pair.fail(B, 500);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn who_observes_a_chain_sends_one_plain_attempt() {
    let mut pair = grouped(&format!("mode = \"observe\"\n{CHAIN}"));
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("send"), ["0 send a first"]);
    assert_eq!(pair.told("would").len(), 1, "{:?}", pair.log());
}

/// The share of 4000 calls, all answered, that each endpoint gets.
fn shares(pair: &mut Pair) -> [f64; 3] {
    let mut counts = [0.0; 3];
    for _ in 0..4000 {
        let call = pair.submit();
        let at = pair.place(call).expect("nobody refuses it");
        counts[usize::from(at)] += 1.0 / 4000.0;
        pair.answer_call(call);
    }
    counts
}

/// Seed 1: three times the standard error of a share of 4000 is at most 2.4 %.
#[test]
fn the_next_priority_takes_what_the_first_cannot_and_nobody_healthy_means_anybody() {
    let near = |got: [f64; 3], want: [f64; 3]| {
        let close = got.iter().zip(want).all(|(a, b)| (a - b).abs() < 0.024);
        assert!(close, "{got:?} is not {want:?}");
    };
    let mut pair = grouped(
        r#"
        groups.priority = {}
        route.round-robin = {}
        breaker.consecutive = { failures = 1, open = "1h" }
    "#,
    );
    near(shares(&mut pair), [0.5, 0.5, 0.0]);
    // Half of the first is healthy: it takes 1.4 × 50 %.
    let call = pair.submit();
    let out = pair.place(call).expect("sent");
    pair.fail_call(call, 500);
    let left = 0.7;
    let healthy = if out == A {
        [0.0, left, 0.3]
    } else {
        [left, 0.0, 0.3]
    };
    near(shares(&mut pair), healthy);
    // None of it is: all goes to the second.
    while pair.told("trip").len() < 2 {
        let call = pair.submit();
        let at = pair.place(call).expect("sent");
        match at == C {
            true => pair.answer_call(call),
            false => pair.fail_call(call, 500),
        }
    }
    near(shares(&mut pair), [0.0, 0.0, 1.0]);
    // Nobody is: all of the first, breakers or not.
    let call = pair.submit();
    pair.fail_call(call, 500);
    let got = shares(&mut pair);
    assert!(got[2] == 0.0 && got[0] + got[1] > 0.999, "{got:?}");
}

/// Seed 1. A retry draws its priority and its host anew, after the backoff.
#[test]
fn a_retry_by_priority_waits_and_may_meet_the_same_host() {
    let mut pair = grouped(
        r#"
        groups.priority = {}
        route.round-robin = {}
        retry.attempts = 2
        retry.backoff.constant = { wait = "1s" }
    "#,
    );
    let mut origins = [0, 0];
    for _ in 0..200 {
        let call = pair.submit();
        pair.fail_call(call, 500);
        assert_eq!(pair.place(call), None, "it waits");
        pair.drive();
        pair.answer_call(call);
    }
    for line in pair.told("send") {
        origins[0] += usize::from(line.contains(" retry"));
        origins[1] += usize::from(line.contains(" failover"));
    }
    assert_eq!(origins[0] + origins[1], 200);
    assert!(origins[1] > 0, "{origins:?}");
}
