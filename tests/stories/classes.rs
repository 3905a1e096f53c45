//! What an ending means, and what each class leads to.

use squall::base::wire::Code;

use crate::pair::{A, B, Pair};

const TWO: &str = r#"
    route.failover = { endpoints = ["a", "b"] }
    retry = { attempts = 4, backoff.constant = { wait = "1s" } }
"#;

fn two(more: &str) -> Pair {
    Pair::new(&format!("{TWO}\n{more}"))
}

#[test]
fn statuses_mean_what_the_guides_say() {
    let classes = [
        (400, "rejected"),
        (401, "rejected"),
        (404, "rejected"),
        (408, "timed-out"),
        (409, "server-fault"),
        (413, "rejected"),
        (429, "rate-limited"),
        (500, "server-fault"),
        (503, "overloaded"),
        (504, "server-fault"),
        (529, "overloaded"),
    ];
    for (status, class) in classes {
        let mut pair = Pair::new("");
        pair.submit();
        pair.fail(A, status);
        assert_eq!(pair.told("end"), [format!("0 end a {class}")], "{status}");
    }
}

#[test]
fn a_rejected_call_is_sent_to_nobody_else() {
    let mut pair = two("");
    pair.submit();
    pair.fail(A, 400);
    assert_eq!(pair.told("refused"), ["0 refused not-retried"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn a_request_too_large_for_one_endpoint_may_suit_another() {
    let mut pair = two("");
    pair.submit();
    pair.fail_with(A, 429, Code::RequestTooLarge, Some(1000));
    assert_eq!(pair.told("end"), ["0 end a unsuited"]);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
}

#[test]
fn a_policy_s_own_entry_comes_before_the_table_and_a_code_before_a_bare_status() {
    let own = r#"classify = { "400" = "server-fault", "429/rate-limit" = "quota-exhausted", "429" = "rejected" }"#;
    for (status, code, class) in [
        (400, Code::None, "server-fault"),
        (429, Code::RateLimit, "quota-exhausted"),
        (429, Code::None, "rejected"),
        (401, Code::None, "rejected"),
    ] {
        let mut pair = two(own);
        pair.submit();
        pair.fail_with(A, status, code, None);
        assert_eq!(
            pair.told("end"),
            [format!("0 end a {class}")],
            "{status} {code:?}"
        );
    }
}

#[test]
fn a_class_may_have_fewer_attempts_than_the_call() {
    let mut pair = two("on.overloaded = { attempts = 2 }");
    pair.submit();
    pair.fail(A, 503);
    pair.fail(B, 503);
    assert_eq!(pair.told("send").len(), 2);
    assert_eq!(pair.told("refused"), ["0 refused not-retried"]);
}

#[test]
fn other_classes_do_not_use_up_a_class_s_attempts() {
    let mut pair = two("on.overloaded = { attempts = 2 }");
    pair.submit();
    pair.fail(A, 503);
    pair.fail(B, 500);
    pair.drive();
    pair.fail(A, 500);
    assert_eq!(pair.told("send").len(), 4);
}

#[test]
fn a_class_may_have_a_backoff_of_its_own() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a"] }
        retry = { attempts = 3, backoff.constant = { wait = "1s" } }
        on.rate-limited = { backoff.constant = { wait = "7s" } }
    "#,
    );
    pair.submit();
    pair.fail(A, 429);
    pair.drive();
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(
        pair.told("send")[1..],
        ["7000 send a retry", "8000 send a retry"]
    );
}

#[test]
fn fail_over_now_leaves_an_endpoint_that_is_not_exhausted() {
    let mut pair = Pair::new(
        r#"
        route.failover = { endpoints = ["a", "b"], on-failure = "exhaust-then-next" }
        retry = { attempts = 4, backoff.constant = { wait = "1s" } }
        on.overloaded = { fail-over = "now" }
    "#,
    );
    pair.submit();
    pair.fail(A, 503);
    pair.fail(B, 500);
    pair.drive();
    let sent = ["0 send a first", "0 send b failover", "1000 send b retry"];
    assert_eq!(pair.told("send"), sent);
}

#[test]
fn one_attempt_with_fail_over_now_leads_to_the_next_endpoint_at_once() {
    let mut pair = two("on.overloaded = { attempts = 1, fail-over = \"now\" }");
    pair.submit();
    pair.fail(A, 503);
    pair.fail(B, 503);
    assert_eq!(
        pair.told("send"),
        ["0 send a first", "0 send b failover"],
        "after the last endpoint it gives up"
    );
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn several_attempts_with_fail_over_now_are_made_at_each_endpoint() {
    let mut pair = Pair::new(
        r#"
        retry = { attempts = 9, backoff.constant = { wait = "1s" } }
        on.server-fault = { attempts = 3, fail-over = "now", backoff.constant = { wait = "2s" } }
    "#,
    );
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    pair.fail(B, 500);
    let sent = [
        "0 send a first",
        "2000 send a retry",
        "4000 send a retry",
        "4000 send b failover",
    ];
    assert_eq!(pair.told("send"), sent);
    pair.drive();
    assert_eq!(pair.told("send")[4..], ["6000 send b retry"]);
}

#[test]
fn a_class_that_is_not_retried_moves_on_after_one_attempt_whatever_its_attempts() {
    let mut pair = two("on.rejected = { attempts = 3, fail-over = \"now\" }");
    pair.submit();
    pair.fail(A, 400);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
}

#[test]
fn fail_over_never_stays_where_it_is() {
    let mut pair = two("on.overloaded = { fail-over = \"never\" }");
    pair.submit();
    pair.fail(A, 503);
    pair.drive();
    assert_eq!(pair.told("send"), ["0 send a first", "1000 send a retry"]);
}

#[test]
fn a_429_does_not_count_for_the_breaker_unless_told_so() {
    let breaker = r#"breaker.consecutive = { failures = 1, open = "5s" }"#;
    let mut pair = two(breaker);
    pair.submit();
    pair.fail(A, 429);
    assert!(pair.told("trip").is_empty());
    let mut pair = two(&format!(
        "{breaker}\non.rate-limited = {{ counts-for-breaker = true }}"
    ));
    pair.submit();
    pair.fail(A, 429);
    assert_eq!(pair.told("trip"), ["0 trip a until 5000"]);
}
