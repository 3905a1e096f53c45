//! Groups of endpoints: retries that stay within one, the chain to the next, and load shared by priority.

use squall::base::wire::{Advice, Code, Forms};
use squall::base::{Capabilities, Capability, Duration};
use squall::policy::route::Endpoint;

use crate::pair::{A, B, C, NAMES, Pair};

/// `a` and `b` are one group, `c` is the next.
fn grouped(text: &str) -> Pair {
    laid_out(text, &["x", "x", "y"])
}

/// As many endpoints as there are groups given, each in its own.
fn laid_out(text: &str, groups: &[&'static str]) -> Pair {
    let of = |(name, group): (&&'static str, &&'static str)| Endpoint {
        group: Some(group),
        ..Endpoint::named(name)
    };
    let endpoints: Vec<Endpoint<'_>> = NAMES.iter().zip(groups).map(of).collect();
    Pair::among(text, &endpoints)
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
    // At once whoever was asked least. Then the next group, which waits, for it has one endpoint.
    pair.fail(B, 500);
    pair.fail(C, 500);
    pair.drive();
    pair.fail(C, 500);
    let sent = [
        "0 send a first",
        "0 send b failover",
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
    let mut pair = laid_out(
        "groups.fallback.max = 1\nretry.attempts = 1",
        &["x", "y", "z"],
    );
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
    // Nobody is: by the number of hosts, breakers or not.
    let call = pair.submit();
    pair.fail_call(call, 500);
    let refused = pair.told("refused").len();
    let [a, b, c] = shares(&mut pair);
    near([a + b, 0.0, c], [0.67, 0.0, 0.33]);
    assert_eq!(pair.told("refused").len(), refused);
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

/// The attempts of the next group are its own, so a hedge takes none of them.
#[test]
fn a_hedge_is_one_of_the_attempts_of_its_group() {
    let hedged = "groups.fallback = {}\ntimeout.total = \"1s\"\nhedge.fixed = { after = \"10ms\", to = \"other\" }";
    let mut pair = grouped(&format!("{hedged}\nretry.attempts = 1"));
    pair.submit();
    pair.pass(10);
    assert_eq!(pair.told("refused"), ["10 refused attempts-spent"]);
    pair.drive();
    pair.answer(C);
    assert_eq!(
        pair.told("send"),
        ["0 send a first", "1000 send c failover"]
    );
    assert_eq!(pair.told("finish"), ["1000 finish success by c"]);
    let mut pair = grouped(&format!("{hedged}\nretry.attempts = 2"));
    pair.submit();
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first", "10 send b hedge"]);
}

#[test]
fn a_group_whose_one_endpoint_has_had_its_attempts_leads_to_the_next() {
    let rules = "groups.fallback = {}\nretry = { attempts = 3, attempts-per-endpoint = 1 }";
    let mut pair = laid_out(rules, &["x", "y"]);
    pair.submit();
    pair.fail(A, 500);
    pair.answer(B);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
    assert_eq!(pair.told("finish"), ["0 finish success by b"]);
}

/// What a call to two endpoints of one group sends after `a` has answered so.
fn sent_after(text: &str, status: u16, advice: Advice) -> Vec<String> {
    let mut pair = laid_out(&format!("retry.attempts = 3\n{text}"), &["x", "x"]);
    pair.submit();
    pair.refuse(A, status, Code::None, advice);
    pair.told("send").iter().map(|s| s.to_string()).collect()
}

#[test]
fn who_may_not_come_back_asks_another_of_the_same_group() {
    let other = ["0 send a first", "0 send b failover"];
    let mut never = Advice::NONE;
    never.should_retry = Some(false);
    let late = Advice::stated(Some(Duration::from_s(120)), Forms::EXACT);
    let fails = "retry.server-wait.too-long = \"fail\"";
    let next = "on.rejected.fail-over = \"next-group\"";
    for kind in ["fallback", "priority"] {
        let by = |rule: &str| format!("groups.{kind} = {{}}\n{rule}");
        let vetoed = sent_after(&by("retry.server-veto = true"), 500, never);
        assert_eq!(vetoed, other, "{kind}");
        // Groups that share the load have no next: whoever is chosen anew is not this endpoint.
        let rejected = sent_after(&by(next), 404, Advice::NONE);
        assert_eq!(rejected.len(), 1 + usize::from(kind == "priority"));
    }
    let fails = format!("groups.priority = {{}}\n{fails}");
    assert_eq!(sent_after(&fails, 429, late), other);
}

#[test]
fn whom_nobody_in_any_group_can_serve_learns_why_once() {
    let lacking = |name, group| Endpoint {
        group: Some(group),
        lacks: Capabilities::of([Capability::Json]),
        ..Endpoint::named(name)
    };
    for kind in ["fallback", "priority"] {
        let text = format!("groups.{kind} = {{}}\nsteering.fits = true\nretry.attempts = 2");
        let mut pair = Pair::among(&text, &[lacking("a", "x"), lacking("b", "y")]);
        pair.needing(Capabilities::of([Capability::Json]));
        pair.submit();
        assert_eq!(pair.told("refused"), ["0 refused unfit"], "{kind}");
        assert_eq!(pair.told("finish"), ["0 finish failed-refused"], "{kind}");
    }
    let alone = "groups.priority = {}\nretry.attempts = 2\non.rejected.fail-over = \"next-group\"";
    let mut pair = laid_out(alone, &["x"]);
    pair.submit();
    pair.fail(A, 404);
    assert_eq!(pair.told("refused"), ["0 refused no-endpoint"]);
}

/// Two draws for each attempt: more than 16 bits count.
#[test]
fn a_call_of_very_many_attempts_draws_for_each_of_them() {
    let text = "groups.fallback = {}\nroute.weighted = {}\nretry.attempts = \"unlimited\"";
    let mut pair = laid_out(text, &["x", "x"]);
    let call = pair.submit();
    for _ in 0..33_000 {
        pair.fail_call(call, 500);
    }
    assert_eq!(pair.told("send").len(), 33_001);
}

#[test]
fn whoever_is_spared_is_spared_for_retries_and_hedges_too() {
    let breaker = "breaker.consecutive = { failures = 1, open = \"1h\" }\nretry.attempts = 3";
    let hedge = "hedge.fixed = { after = \"10ms\", to = \"same\" }";
    let spared = format!("groups.fallback.spares-single = true\n{breaker}\n{hedge}");
    let panics = format!("groups.priority = {{}}\n{breaker}\n{hedge}");
    for text in [spared, panics] {
        let mut pair = laid_out(&text, &["x"]);
        pair.submit();
        pair.fail(A, 500);
        pair.drive();
        let sent = ["0 send a first", "0 send a retry", "10 send a hedge"];
        assert_eq!(pair.told("send"), sent, "{text}");
        assert!(pair.told("refused").is_empty(), "{:?}", pair.log());
    }
    let stays = "groups.priority = {}\non.server-fault.fail-over = \"never\"";
    let mut pair = laid_out(&format!("{stays}\n{breaker}"), &["x"]);
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send a retry"]);
}

/// The choice was made anew for every attempt, and by a route in order that is the first every time.
#[test]
fn a_failover_route_within_a_group_goes_on_to_whoever_was_asked_least() {
    let mut pair = grouped("groups.fallback = {}\nretry.attempts = 3");
    pair.submit();
    for place in [A, B, A] {
        pair.fail(place, 500);
    }
    let sent = pair.told("send");
    let to: Vec<&str> = sent
        .iter()
        .filter_map(|line| line.split(' ').nth(2))
        .collect();
    assert_eq!(to[..3], ["a", "b", "a"]);
    assert_eq!(to[3], "c", "the next group");
}

#[test]
fn a_route_that_exhausts_gives_an_endpoint_of_a_group_all_its_attempts_before_the_next() {
    let mut pair = grouped(
        "groups.fallback = {}\nroute.failover = { on-failure = \"exhaust-then-next\" }\n\
         retry = { attempts = 4, attempts-per-endpoint = 2 }",
    );
    pair.submit();
    for place in [A, A, B, B, C] {
        pair.fail(place, 500);
    }
    let to = |line: &str| line.split(' ').nth(2).map(str::to_owned);
    let sent: Vec<String> = pair.told("send").into_iter().filter_map(to).collect();
    assert_eq!(sent, ["a", "a", "b", "b", "c", "c"]);
}
