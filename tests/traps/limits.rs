//! Rate limits, as the client keeps them and as it learns of them.

use squall::base::wire::{Advice, Code, Form};

use crate::pair::{A, Pair};
use crate::stack::{fly, one, sent, stated, submit, waits};

/// How many calls there are whose attempts were sent.
fn firsts(pair: &Pair) -> usize {
    sent(pair, "first")
}

#[test]
fn trap_45_counting_tokens_afterwards_overshoots_by_all_that_is_in_flight() {
    // 1000 tokens a minute, 50 calls of 100 + 100 at once.
    let at_once = |reserve: &str| {
        let quota = format!(
            "quota.tokens = {{ rate = \"1000/min\", reserve = \"{reserve}\", max-wait = \"1h\" }}"
        );
        let mut pair = one("", &quota);
        submit(&mut pair, 50);
        let first = firsts(&pair);
        for _ in 0..first {
            pair.answer(A);
        }
        // They used 100 + 100, as reserved.
        (0..first).for_each(|_| pair.bill(100, 100));
        (first, pair)
    };
    assert_eq!(at_once("max-tokens").0, 5, "5 · 200");
    assert_eq!(at_once("prompt").0, 10, "10 · 100");
    let (first, mut pair) = at_once("nothing");
    assert_eq!(first, 50, "ten times the quota");
    // What was used too much is owed: 9000 tokens, which come back in nine minutes.
    pair.submit();
    pair.pass(9 * 60_000 - 1000);
    assert_eq!(firsts(&pair), 50);
    pair.pass(2000);
    assert_eq!(firsts(&pair), 51);
}

#[test]
fn trap_46_an_attempt_takes_from_every_quota_or_from_none() {
    let quotas = "quota.requests = { rate = \"3/h\", burst = 3, max-wait = \"1s\" }\n\
                  quota.tokens = { rate = \"1000/h\", burst = 1000, max-wait = \"1s\" }";
    let mut pair = one("", quotas);
    pair.size(500, 300);
    pair.submit();
    // 200 tokens are left: none of these passes, and none takes a request.
    submit(&mut pair, 20);
    assert_eq!(firsts(&pair), 1);
    pair.size(50, 50);
    submit(&mut pair, 2);
    assert_eq!(firsts(&pair), 3, "two requests and 200 tokens were there");
    // The other way round: no request is left, and what it says no to takes no tokens.
    let quotas = "quota.requests = { rate = \"60/h\", burst = 1, max-wait = \"1s\" }\n\
                  quota.tokens = { rate = \"1/h\", burst = 400, max-wait = \"1s\" }";
    let mut pair = one("", quotas);
    submit(&mut pair, 20);
    pair.pass(60_000);
    pair.submit();
    assert_eq!(firsts(&pair), 2, "200 + 200 tokens");
}

#[test]
fn trap_47_around_the_end_of_a_window_twice_its_limit_passes() {
    // Ten a minute. One at 30 s, as many as may at 59.9 s, at 60.0 s, and at 89.9 and 90.0 s.
    let passed = |method: &str| {
        let quota = format!(
            "quota.requests = {{ rate = \"10/min\", method = \"{method}\", max-wait = \"0s\" }}"
        );
        let mut pair = one("", &quota);
        pair.pass(30_000);
        pair.submit();
        [29_900, 100, 29_900, 100].map(|gap| {
            pair.pass(gap);
            let before = firsts(&pair);
            submit(&mut pair, 20);
            firsts(&pair) - before
        })
    };
    // On the calendar: 9 and 10 within 0.1 s. From the first event: full at 59.9 s, and again at 90 s.
    assert_eq!(passed("calendar-window"), [9, 10, 0, 0]);
    assert_eq!(passed("fixed-window"), [9, 0, 0, 10]);
    // Exactly: the one of 30 s is forgotten at 90 s.
    assert_eq!(passed("sliding-log"), [9, 0, 0, 1]);
}

#[test]
fn trap_48_a_minute_s_budget_sent_at_once_meets_a_limit_by_the_second() {
    // The provider enforces 60 a minute as one a second; 30 calls come at once.
    let refused = |quota: &str| {
        let run = fly(&format!(
            r#"
            [run]
            duration = "2m"
            replications = 1
            [workload]
            arrivals.burst.count = 30
            [provider.p]
            limits = {{ rpm = 60, slice = "1s" }}
            [policy.p]
            quota.requests = {{ rate = "60/min", {quota}, max-wait = "1m" }}
        "#
        ));
        run.scopes[0].statuses.get(&429).copied().unwrap_or(0)
    };
    assert_eq!(refused("method = \"calendar-window\""), 29);
    assert_eq!(refused("burst = 30"), 29);
    assert_eq!(refused("burst = 1"), 0);
}

#[test]
fn trap_49_what_fails_has_used_the_client_s_own_quota_as_well() {
    let quota = "quota.requests = { rate = \"1/h\", burst = 3, max-wait = \"0s\" }";
    let mut pair = one(
        "openai-python-3",
        &format!("{quota}\nretry.backoff = \"none\""),
    );
    pair.submit();
    (0..3).for_each(|_| pair.fail(A, 429));
    // A retry storm of one call: nothing is left for the next.
    pair.submit();
    assert_eq!((firsts(&pair), sent(&pair, "retry")), (1, 2));
}

#[test]
fn trap_50_a_reset_is_the_time_to_full_and_waiting_for_it_overshoots() {
    let wait = |name: &str, s: u64, headers: &[Form]| {
        waits(&mut one(name, ""), 429, stated(s * 1000, headers), 1)[0]
    };
    // 60 a minute, all used: full in 60 s, while one request has room after 1 s.
    assert_eq!(
        wait("cohere-python-7.3", 60, &[Form::XRatelimitReset]),
        60.0
    );
    assert_eq!(
        wait("cohere-python-7.3", 900, &[Form::XRatelimitReset]),
        60.0
    );
    // Only where nothing else is stated; OpenAI's SDKs never look at it.
    assert_eq!(
        wait(
            "cohere-python-7.3",
            1,
            &[Form::RetryAfter, Form::XRatelimitReset]
        ),
        1.0
    );
    for sdk in ["openai-python-3", "openai-node-6.49", "anthropic-python-2"] {
        assert!(wait(sdk, 60, &[Form::XRatelimitReset]) <= 0.5, "{sdk}");
    }
}

#[test]
fn trap_51_a_request_larger_than_the_bucket_fails_at_once_and_does_not_wait_for_ever() {
    for method in [
        "bucket",
        "gcra",
        "fixed-window",
        "calendar-window",
        "sliding-log",
    ] {
        let quota = format!(
            "quota.tokens = {{ rate = \"1000/min\", method = \"{method}\", max-wait = \"24h\" }}"
        );
        let mut pair = one("", &quota);
        pair.size(900, 101);
        pair.submit();
        assert_eq!(
            pair.told("refused"),
            ["0 refused quota-too-small a"],
            "{method}"
        );
        assert_eq!(pair.told("finish"), ["0 finish failed-refused"], "{method}");
        // One that just fits passes.
        pair.size(900, 100);
        pair.submit();
        assert_eq!(firsts(&pair), 1, "{method}");
    }
    // The provider says so with a 429, which waiting does not change: SDKs try in vain all the same.
    let attempts = |preset: &str| {
        let mut pair = one(preset, "");
        pair.submit();
        while pair.told("finish").is_empty() {
            pair.refuse(A, 429, Code::RequestTooLarge, Advice::NONE);
            if pair.told("send").len() == pair.told("end").len() {
                pair.drive();
            }
        }
        pair.told("send").len()
    };
    assert_eq!(attempts("openai-python-3"), 3);
    assert_eq!(attempts("guide-full-jitter"), 1);
}
