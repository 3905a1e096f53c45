//! What limits extra attempts: what deposits, what is refunded, what holds a slot, and for whom.

use crate::pair::{A, Pair};
use crate::stack::{calls, fly, one, policy, sent, submit};

/// So many calls at once, all of whose attempts fail with this status at once, however long it takes.
fn all_fail(pair: &mut Pair, n: usize, status: u16) {
    let calls: Vec<u32> = (0..n).map(|_| pair.submit()).collect();
    let over = pair.told("finish").len() + n;
    for call in calls.iter().cycle() {
        if pair.told("finish").len() >= over {
            return;
        }
        if pair.place(*call).is_some() {
            pair.fail_call(*call, status);
        } else if pair.told("send").len() == pair.told("end").len() {
            pair.drive();
        }
    }
}

#[test]
fn trap_17_originals_deposit_or_successes_or_first_successes_or_nothing() {
    let retries = |preset: &str, answered: usize, failing: usize| {
        let mut pair = one(preset, "");
        calls(&mut pair, answered, 200);
        all_fail(&mut pair, failing, 500);
        sent(&pair, "retry")
    };
    // 10 a second for 10 s are 100 at hand. Finagle: 20 % of the originals, whatever becomes of them.
    assert_eq!(retries("finagle-budget", 0, 100), 100 + 20);
    assert_eq!(retries("finagle-budget", 50, 100), 100 + 30);
    // tower: 20 % of the successes.
    assert_eq!(retries("tower-tps", 0, 100), 100);
    assert_eq!(retries("tower-tps", 50, 100), 100 + 10);
    // Envoy: nothing, there is only what is under way.
    assert_eq!(retries("envoy-max-retries", 0, 100), 3);
    assert_eq!(retries("envoy-max-retries", 50, 100), 3);
    // AWS: 500 tokens at 5 each; a first success returns 1, so that five pay for one retry more.
    for (answered, more) in [(4, 0), (5, 1), (24, 4), (25, 5)] {
        let mut pair = one("aws-quota-2020", "");
        all_fail(&mut pair, 100, 500);
        assert_eq!(sent(&pair, "retry"), 100, "its quota is used up");
        calls(&mut pair, answered, 200);
        all_fail(&mut pair, 10, 500);
        assert_eq!(sent(&pair, "retry"), 100 + more, "{answered}");
    }
}

#[test]
fn trap_17_a_success_gives_grpc_a_tenth_of_a_token() {
    let retried = |answered: usize| {
        let mut pair = one("grpc-throttle", "");
        // 10 tokens, and five failures: 5 are not more than half.
        all_fail(&mut pair, 1, 503);
        all_fail(&mut pair, 1, 503);
        assert_eq!(pair.told("send").len(), 5);
        calls(&mut pair, answered, 200);
        let before = sent(&pair, "retry");
        // A failure takes one, so more than 6 are wanted: eleven successes.
        all_fail(&mut pair, 1, 503);
        sent(&pair, "retry") > before
    };
    assert!(!retried(10));
    assert!(retried(11));
}

#[test]
fn trap_18_a_success_on_the_second_retry_gets_back_only_what_the_last_one_cost() {
    // Every call takes two retries and returns one: 500 − c·(n − 1) are left for the n-th.
    let served = |preset: &str| {
        let mut pair = one(preset, "");
        while pair.told("refused").is_empty() {
            pair.submit();
            for _ in 0..2 {
                pair.fail(A, 500);
                pair.drive();
            }
            if pair.told("refused").is_empty() {
                pair.answer(A);
            }
        }
        pair.told("finish").len() - 1
    };
    // Two cost 10, so 500 − 5·(n − 1) ≥ 10; and 28, so 500 − 14·(n − 1) ≥ 28.
    assert_eq!(served("aws-standard-2020"), 99);
    assert_eq!(served("aws-standard-2026"), 34);
}

#[test]
fn trap_19_grpc_also_counts_the_failure_that_no_retry_follows_and_needs_more_than_half() {
    let mut pair = one("grpc-throttle", "");
    // Four attempts, four tokens: 6 are left. Were the last not counted, it would be 7.
    all_fail(&mut pair, 1, 503);
    assert_eq!(pair.told("send").len(), 4);
    // With 5 of 10 none is retried.
    all_fail(&mut pair, 1, 503);
    assert_eq!(pair.told("send").len(), 5);
    assert_eq!(
        pair.told("refused").last(),
        Some(&"0 refused budget-throttle #1")
    );
    // What is not retryable takes nothing.
    let mut pair = one("grpc-throttle", "");
    calls(&mut pair, 100, 400);
    all_fail(&mut pair, 1, 503);
    assert_eq!(sent(&pair, "retry"), 3);
}

#[test]
fn trap_20_envoy_holds_a_slot_while_it_waits_and_failsafe_asks_after_the_wait() {
    let wait = "retry.backoff.constant = { wait = \"1s\", jitter = \"none\" }";
    let refused_at = |preset: &str| {
        let mut pair = one(preset, wait);
        submit(&mut pair, 5);
        (0..5).for_each(|_| pair.fail(A, 503));
        pair.pass(1000);
        assert_eq!(sent(&pair, "retry"), 3, "{preset}");
        let first = pair.told("refused")[0].to_string();
        (
            first.split(' ').next() == Some("0"),
            pair.told("refused").len(),
        )
    };
    assert_eq!(refused_at("envoy-default"), (true, 2));
    assert_eq!(refused_at("envoy-retry-budget"), (true, 2));
    assert_eq!(refused_at("failsafe-go-http"), (false, 2));
}

#[test]
fn trap_20_small_clients_are_never_throttled() {
    // A budget of 20 % that doubles the load of a thousand clients with three calls each.
    for preset in ["envoy-retry-budget", "failsafe-budget"] {
        let config = policy(preset, "retry.attempts = 2");
        let mut attempts = 0;
        for seed in 0..1000 {
            let mut pair = Pair::of(&config, 1, seed);
            submit(&mut pair, 3);
            (0..3).for_each(|_| pair.fail(A, 503));
            pair.pass(1000);
            attempts += pair.told("send").len();
        }
        assert_eq!(attempts, 6000, "{preset}");
    }
}

#[test]
fn trap_21_counting_what_was_refused_here_leads_elsewhere_than_not_counting_it() {
    // 100 calls a second, of which the provider takes c = 20. Each second of the last two minutes:
    let sends = |preset: &str| {
        let mut pair = one(preset, "");
        let (mut at_start, mut taken) = (0, 0);
        for n in 0..36_000 {
            if n == 24_000 {
                at_start = pair.told("send").len();
            }
            let call = pair.submit();
            if pair.place(call).is_some() {
                // One for each 50 ms so far.
                if taken < pair.now().0 / 50_000_000 {
                    taken += 1;
                    pair.answer_call(call);
                } else {
                    pair.fail_call(call, 503);
                }
            }
            pair.pass(10);
        }
        (pair.told("send").len() - at_start) as f64 / 120.0
    };
    // SRE counts them: (λ − K·c)/λ are refused, so K·c = 40 are sent.
    let sre = sends("sre-adaptive-throttling");
    assert!((sre / 40.0 - 1.0).abs() < 0.1, "{sre}");
    // failsafe-go does not: of x that are sent (x − K·c)/x are refused, so x = √(λ·K·c) with K = 1/0.9.
    let law = (100.0f64 * 20.0 / 0.9).sqrt();
    let failsafe = sends("failsafe-throttler");
    assert!((failsafe / law - 1.0).abs() < 0.1, "{failsafe}, not {law}");
}

#[test]
fn trap_22_every_process_has_a_budget_of_its_own() {
    // 100 calls at once, nobody answers; one retry is allowed to each client, and never another.
    let retries = |processes: usize| {
        let run = fly(&format!(
            r#"
            [run]
            duration = "1m"
            replications = 1
            [workload]
            arrivals.burst.count = 100
            processes = {processes}
            deadline = "30s"
            [provider.p]
            [[fault]]
            name = "down"
            on = ["p"]
            at = "0s"
            for = "1m"
            effect.outage = {{}}
            [policy.p]
            retry.attempts = 2
            budget.share = {{ ratio = 0, reserve = 1 }}
        "#
        ));
        run.scopes[0].attempts_total() - run.scopes[0].calls
    };
    assert_eq!(retries(1), 1);
    assert_eq!(retries(10), 10);
}

#[test]
fn trap_23_tower_cuts_one_by_thirty_per_cent_to_three() {
    let retries = |preset: &str| {
        let settings =
            "budget.expiring-share = { ratio = \"30%\", reserve = 0 }\nretry.attempts = 9";
        let mut pair = one(preset, settings);
        calls(&mut pair, 297, 200);
        all_fail(&mut pair, 13, 500);
        sent(&pair, "retry")
    };
    // A retry costs 3 deposits and not 3.33: as if it were 33 %.
    assert_eq!(retries("tower-tps"), 297 / 3);
    // Finagle's thirteen failing originals deposit as well: 30 % of 310.
    assert_eq!(retries("finagle-budget"), 93);
}
