//! Runs small enough to be worked out by hand.

use std::collections::BTreeMap;

use squall::record::Replication;
use squall::scenario::Scenario;

use super::build::{outcome, scenario, with_trace};
use super::identities::broken;

const S: u128 = 1_000_000_000;

/// One provider `a` that answers in two seconds, whole, and this much more.
fn by_hand(more: &str) -> Scenario {
    let text = format!(
        r#"
        [workload]
        tokens.fixed = {{ input = 100, output = 101 }}
        deadline = "60s"
        {more}
    "#
    );
    scenario(&text, 100, 0, 1)
}

const A: &str = r#"
    [provider.a]
    latency.distribution = { first-token.constant = "1s", per-token.constant = "10ms" }
    price = { input = "$3/M", output = "$15/M" }
"#;

fn checked(scenario: &Scenario) -> Replication {
    let outcome = outcome(scenario, 0, 0);
    assert_eq!(broken(scenario, &outcome), [""; 0]);
    outcome.replication
}

#[test]
fn one_call_takes_two_seconds() {
    let run = checked(&by_hand(&format!(
        "arrivals.burst.count = 1\n{A}\n[policy.p]"
    )));
    let all = &run.scopes[0];
    assert_eq!((all.calls, all.success, all.good), (1, 1, 1));
    assert_eq!(all.latency_good.sum_ns, 2 * S);
    assert_eq!(all.pico_usd(), 100 * 3_000_000 + 101 * 15_000_000);
    assert_eq!(all.statuses, BTreeMap::from([(200, 1)]));
    assert_eq!(run.end_ns, 100_000_000_000);
}

/// Answers of 101 tokens where 100 are asked for: what stops there is worth what the workload says, and what is
/// asked for again with 200 does not stop.
#[test]
fn a_text_that_stops_at_max_tokens_is_good_only_if_the_workload_says_so() {
    let again = "retry.attempts = 2\nguard.finish-reason = { length = \"ask-again\" }";
    for (worth, policy, good) in [
        ("", "", 0),
        ("cut-answers = \"bad\"", "", 0),
        ("cut-answers = \"good\"", "", 7),
        ("", again, 7),
    ] {
        let run = checked(&by_hand(&format!(
            "max-tokens = 100\n{worth}\narrivals.burst.count = 7\n{A}\n[policy.p]\n{policy}"
        )));
        let all = &run.scopes[0];
        assert_eq!((all.success, all.good), (7, good), "{worth} {policy}");
        assert_eq!(all.good_answers(), good, "{worth} {policy}");
    }
}

#[test]
fn five_calls_in_one_slot_take_two_four_six_eight_and_ten_seconds() {
    let provider = format!("{A}\ncapacity.slots = {{ count = 1 }}");
    let run = checked(&by_hand(&format!(
        "arrivals.burst.count = 5\n{provider}\n[policy.p]"
    )));
    let all = &run.scopes[0];
    assert_eq!(all.latency_success.sum_ns, 30 * S);
    assert_eq!(all.latency_success.max_ns, 10_000_000_000);
}

#[test]
fn an_outage_of_three_seconds_costs_three_attempts_and_three_seconds() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.burst.count = 1
        {A}
        [[fault]]
        name = "outage"
        on = ["a"]
        at = "0s"
        for = "3s"
        effect.outage = {{}}
        [policy.p]
        retry = {{ attempts = 9, backoff.constant = {{ wait = "1s" }} }}
    "#
    )));
    let all = &run.scopes[0];
    assert_eq!(all.attempts, [1, 3, 0, 0]);
    assert_eq!(all.statuses, BTreeMap::from([(200, 1), (503, 3)]));
    assert_eq!(all.latency_good.sum_ns, 5 * S);
    assert_eq!(
        run.scopes[1], run.scopes[0],
        "the call arrived while the fault was on"
    );
}

#[test]
fn failing_over_adds_what_the_first_endpoint_took() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.burst.count = 4
        {A}
        [provider.b]
        latency.distribution.first-token.constant = "1s"
        [[fault]]
        name = "hang"
        on = ["a"]
        at = "0s"
        for = "50s"
        effect.hang = {{}}
        [policy.p]
        retry.attempts = 2
        timeout.total = "7s"
    "#
    )));
    let all = &run.scopes[0];
    assert_eq!((all.attempts, all.success), ([4, 0, 4, 0], 4));
    assert_eq!(
        (all.failover_added.n, all.failover_added.sum_ns),
        (4, 28 * S)
    );
    assert_eq!(all.latency_good.sum_ns, 32 * S);
}

#[test]
fn an_answer_that_falls_silent_is_given_up_two_seconds_after_its_newest_token() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.burst.count = 2
        stream = true
        {A}
        [[fault]]
        name = "hang"
        on = ["a"]
        at = "1505ms"
        for = "50s"
        effect.hang = {{}}
        [policy.p]
        timeout.inactivity = "2s"
    "#
    )));
    let all = &run.scopes[0];
    assert_eq!((all.calls, all.failed, all.attempts), (2, 2, [2, 0, 0, 0]));
    // The newest token came at 1.5 s, the 51st of each.
    assert_eq!(all.latency_verdict.sum_ns, 7 * S);
    assert_eq!(all.pico_usd(), 2 * (100 * 3_000_000 + 51 * 15_000_000));
}

#[test]
fn a_hedge_that_wins_wastes_the_first_attempt() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.burst.count = 1
        stream = true
        {A}
        abandoned = {{ keeps-slot = false }}
        [provider.b]
        latency.distribution.first-token.constant = "100ms"
        [policy.p]
        retry.attempts = 2
        hedge.fixed = {{ after = "500ms", to = "other" }}
    "#
    )));
    let all = &run.scopes[0];
    assert_eq!(all.attempts, [1, 0, 0, 1]);
    assert_eq!(all.ttft.sum_ns, 600_000_000);
    assert_eq!(
        all.pico_usd_wasted(),
        100 * 3_000_000,
        "the prompt of the one that lost"
    );
}

#[test]
fn pacing_makes_calls_wait_exactly_their_turn() {
    let run = checked(&by_hand(&format!(
        "arrivals.burst.count = 4\n{A}\n[policy.p]\nquota.requests = {{ rate = \"1/s\" }}"
    )));
    let all = &run.scopes[0];
    assert_eq!((all.queue_wait.n, all.queue_wait.sum_ns), (3, 6 * S));
    assert_eq!(all.latency_success.sum_ns, (2 + 3 + 4 + 5) * S);
}

#[test]
fn failures_cost_the_deadline_and_an_early_verdict_does_not_help() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.burst.count = 3
        {A}
        limits = {{ rpm = 1 }}
        [policy.p]
        fallback.message = {{}}
    "#
    )));
    let all = &run.scopes[0];
    assert_eq!((all.success, all.degraded), (1, 2));
    assert_eq!(all.latency_good.sum_ns, (2 + 60 + 60) * S);
    assert_eq!(all.latency_verdict.sum_ns, 2 * S);
}

#[test]
fn calls_cut_by_the_end_of_the_run_are_unfinished() {
    let text = format!(
        r#"
        [workload]
        arrivals.burst = {{ count = 2, at = "9s" }}
        tokens.fixed = {{ input = 1, output = 1 }}
        {A}
        [[fault]]
        name = "hang"
        on = ["a"]
        at = "0s"
        for = "1s"
        effect.hang = {{}}
        [[fault]]
        name = "second"
        on = ["a"]
        at = "8s"
        for = "9s"
        effect.hang = {{}}
        [policy.p]
    "#
    );
    let run = checked(&scenario(&text, 10, 0, 1));
    let all = &run.scopes[0];
    assert_eq!((all.calls, all.unfinished), (2, 2));
    assert_eq!(run.end_ns, 17_000_000_000, "when nothing is left to happen");
    assert_eq!(
        (run.scopes[1].calls, run.scopes[2].calls),
        (0, 2),
        "scopes go by arrival"
    );
}

#[test]
fn warm_up_calls_do_not_count_but_are_there() {
    let text = format!(
        "[workload]\narrivals.trace.file = \"t.csv\"\ntokens.trace = {{}}\n{A}\n\
        capacity.slots = {{ count = 1 }}\n[policy.p]"
    );
    let csv = "t_ms,in_tokens,out_tokens\n0,10,101\n1000,10,101\n4000,20,1\n";
    let scenario = with_trace(scenario(&text, 10, 2, 1), csv);
    let run = checked(&scenario);
    assert_eq!((run.submitted, run.scopes[0].calls), (3, 1));
    assert_eq!(run.scopes[0].prompt_tokens, 20);
    assert_eq!(
        run.scopes[0].latency_good.sum_ns, S,
        "the slot is free again at four"
    );
    assert_eq!(run.windows.arrived.iter().sum::<u32>(), 3);
}

#[test]
fn when_every_attempt_fails_every_attempt_is_used() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.poisson.rate = "5/s"
        {A}
        [[fault]]
        name = "errors"
        on = ["a"]
        at = "0s"
        for = "1h"
        effect.error-rate = {{ bad = 1 }}
        [policy.p]
        retry.attempts = 4
    "#
    )));
    let all = &run.scopes[0];
    assert!((400..600).contains(&all.calls), "seed 1: {}", all.calls);
    assert_eq!(all.attempts, [all.calls, 3 * all.calls, 0, 0]);
    assert_eq!(
        all.failures,
        BTreeMap::from([("exhausted".to_string(), all.calls)])
    );
}

#[test]
fn a_breaker_is_open_as_long_as_it_says() {
    let run = checked(&by_hand(&format!(
        r#"
        arrivals.poisson.rate = "20/s"
        {A}
        [[fault]]
        name = "outage"
        on = ["a"]
        at = "10s"
        for = "5s"
        effect.outage = {{}}
        [policy.p]
        breaker.consecutive = {{ failures = 1, open = "10s" }}
    "#
    )));
    // At 20/s the first failure comes with the outage, which cuts the answers in progress.
    assert_eq!(run.breaker_trips, 1, "seed 1");
    assert_eq!(run.breaker_open_bad_ns, 5 * S);
    assert_eq!(run.breaker_open_good_ns, 5 * S);
}
