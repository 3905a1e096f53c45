//! Hedges, fallbacks and routes.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::pair::{A, B, Pair};
use crate::stack::{asked, calls, fly, policy, sent, several};

/// A hedge elsewhere after 2 s, in place of the preset's own delay, and endpoints to go to.
const ELSEWHERE: &str = "route = \"failover\"\n\
                         hedge.fixed = { after = \"2s\", to = \"other\", max = 1 }\nbudget = \"none\"";

#[test]
fn trap_37_an_error_beats_a_success_that_is_on_its_way_or_does_not() {
    let end = |preset: &str| {
        let mut pair = several(preset, 2, ELSEWHERE);
        pair.submit();
        pair.pass(2000);
        assert_eq!(asked(&pair), "ab", "{preset}");
        pair.fail(A, 503);
        if pair.told("finish").is_empty() {
            pair.answer(B);
        }
        pair.told("finish").join("; ")
    };
    for first_completion in ["r4j-hedge", "failsafe-hedge", "tower-hedge"] {
        let end = end(first_completion);
        assert_eq!(end, "2000 finish failed-exhausted", "{first_completion}");
    }
    for first_acceptable in ["polly-hedge-8", "grpc-hedge"] {
        let end = end(first_acceptable);
        assert_eq!(end, "2000 finish success by b", "{first_acceptable}");
    }
    // To gRPC a status that is not among the non-fatal ones is a result, and ends all.
    let mut pair = several("grpc-hedge", 2, ELSEWHERE);
    pair.submit();
    pair.pass(2000);
    pair.fail(A, 400);
    assert_eq!(pair.told("abort"), ["2000 abort b hedge-lost"]);
}

#[test]
fn trap_38_when_all_fail_the_primary_s_failure_decides_or_the_last_one() {
    // The primary ends in 503, which is tried again; the hedge later in 400, which is not, or in 503.
    let after = |preset: &str, more: &str, status| {
        let more = format!("{ELSEWHERE}\nretry.attempts = 9\n{more}");
        let mut pair = several(preset, 2, &more);
        pair.submit();
        pair.pass(2000);
        pair.fail(A, 503);
        pair.fail(B, status);
        if pair.told("send").len() == pair.told("end").len() {
            pair.drive();
        }
        asked(&pair)
    };
    // From a the next in the route is b, and after b it begins anew.
    assert_eq!(after("polly-hedge-8", "", 503), "abb");
    assert_eq!(after("grpc-hedge", "", 503), "aba");
    let rules = "hedging.first = \"success\"\nhedging.on-failure = \"wait\"";
    assert_eq!(after("polly-hedge-8", rules, 400), "abb");
    let last = format!("{rules}\nhedging.all-fail = \"last\"");
    assert_eq!(
        after("polly-hedge-8", &last, 400),
        "ab",
        "a 400 ends the call"
    );
}

#[test]
fn trap_39_a_hedge_that_lost_is_billed_all_the_same() {
    // a answers after 10 s, b after 2 s; after 1 s b is asked as well. The prompt or the answer costs a cent.
    let cents = |price: &str, billed: bool| {
        let run = fly(&format!(
            r#"
            [run]
            duration = "1m"
            replications = 1
            [workload]
            arrivals.burst.count = 10
            tokens.fixed = {{ input = 1000, output = 1000 }}
            [provider.a]
            latency.linear = {{ base = "10s" }}
            price = {{ {price} }}
            abandoned = {{ keeps-slot = true, billed = {billed} }}
            [provider.b]
            latency.linear = {{ base = "2s" }}
            price = {{ {price} }}
            [policy.p]
            retry.attempts = 2
            hedge.fixed = {{ after = "1s", to = "other" }}
        "#
        ));
        assert_eq!(run.scopes[0].success, 10);
        assert_eq!(run.scopes[0].attempts, [10, 0, 0, 10], "ten hedges");
        run.scopes[0].pico_usd() / 10_000_000_000
    };
    let (input, output) = ("input = \"$10/M\"", "output = \"$10/M\"");
    // The prompt always, the answer in full or up to the cut: a had said nothing when b had won.
    assert_eq!((cents(input, true), cents(input, false)), (20, 20));
    assert_eq!((cents(output, true), cents(output, false)), (20, 10));
}

#[test]
fn trap_39_what_a_loser_reserved_of_a_quota_comes_back_with_its_bill() {
    let quota = "quota.tokens = { rate = \"400/min\", burst = 400 }";
    let mut pair = several("polly-hedge-8", 2, &format!("{ELSEWHERE}\n{quota}"));
    // Both attempts reserve 100 + 100 tokens.
    pair.submit();
    pair.pass(2000);
    pair.answer(B);
    let next = pair.submit();
    assert_eq!(pair.place(next), None, "400 a minute, and 400 are reserved");
    pair.bill(100, 0);
    assert_eq!(pair.place(next), None, "100 are back");
    pair.bill(100, 0);
    assert_eq!(pair.place(next), Some(A), "200 are");
}

/// Seed 40. Exp(1 s) at both endpoints, a hedge at the 95th percentile of what is counted.
#[test]
fn trap_40_a_percentile_of_what_was_not_cut_short_drifts_down_and_hedges_more() {
    let hedged = |preset: &str, more: &str| {
        let more = format!(
            "hedge.percentile = {{ at = \"95%\", span = \"2000s\", cap = \"1h\", to = \"other\" }}\n\
             route = \"failover\"\n{more}"
        );
        let mut pair = several(preset, 2, &more);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(40);
        let mut ms = || (-1000.0 * libm::log(1.0 - rng.random::<f64>())) as u64;
        let mut before = 0;
        for n in 0..12_000 {
            if n == 4000 {
                before = sent(&pair, "hedge");
            }
            let call = pair.submit();
            let (a, b) = (ms(), ms());
            let delay = pair.next().since(pair.now()).0 / 1_000_000;
            let end = a.min(delay.saturating_add(1).saturating_add(b));
            pair.pass(end);
            match end == a {
                true => pair.answer(A),
                false => pair.answer(B),
            }
            assert!(pair.place(call).is_none());
        }
        (sent(&pair, "hedge") - before) as f64 / 8000.0
    };
    // Of a share q that is hedged the hedge wins one half. Not counting what it cuts short, q/2·(1 + q²) are
    // above the delay: 5 % for q = 10 %. With it, q·(1 + q²/2)/(1 + q/2): 5 % for q = 5.1 %.
    let drifted = hedged("tower-hedge", "");
    assert!((0.08..0.125).contains(&drifted), "{drifted}");
    let budget = "hedging.budget = { ratio = 1, reserve = 1000 }\nbudget = \"none\"";
    let counted = hedged("finagle-backup", budget);
    assert!((0.04..0.065).contains(&counted), "{counted}");
}

#[test]
fn trap_41_retries_of_their_own_for_each_target_multiply() {
    let run = |more: &str| {
        let mut pair = several("portkey", 3, more);
        let call = pair.submit();
        while pair.told("finish").is_empty() {
            pair.fail_call(call, 503);
            if pair.told("send").len() == pair.told("end").len() {
                pair.drive();
            }
        }
        (asked(&pair), pair.now().0 / 1_000_000)
    };
    let chain = "route.failover.on-failure = \"exhaust-then-next\"";
    // Two retries for each of three targets: nine requests, and three times 1 + 2 s.
    let each = format!("{chain}\nretry.attempts = 9\nretry.attempts-per-endpoint = 3");
    assert_eq!(run(&each), ("aaabbbccc".into(), 9000));
    // Two retries for the call: three, and 3 s.
    let all = format!("{chain}\nretry.attempts = 3");
    assert_eq!(run(&all), ("aaa".into(), 3000));
}

#[test]
fn trap_42_a_fallback_on_any_failure_sends_a_caller_s_mistake_to_everyone() {
    let reach = |preset: &str| {
        let mut pair = several(preset, 3, "");
        let call = pair.submit();
        while pair.told("finish").is_empty() {
            pair.fail_call(call, 400);
        }
        asked(&pair)
    };
    assert_eq!(reach("guide-fallback-chain"), "abc");
    assert_eq!(reach("openai-python-3"), "a");
    assert_eq!(reach("guide-full-jitter"), "a");
}

#[test]
fn trap_43_balancing_load_is_not_failing_over() {
    let asked_by = |preset: &str| {
        let mut pair = several(preset, 3, "");
        let call = pair.submit();
        while pair.told("finish").is_empty() {
            pair.fail_call(call, 503);
        }
        let mut all: Vec<char> = asked(&pair).chars().collect();
        all.sort_unstable();
        all
    };
    assert_eq!(asked_by("portkey-loadbalance").len(), 1);
    assert_eq!(asked_by("litellm-simple-shuffle-1.109"), ['a', 'b', 'c']);
    assert_eq!(asked_by("openrouter-like"), ['a', 'b', 'c']);
    // It does spread: each endpoint gets its third.
    let config = policy("portkey-loadbalance", "");
    let mut pair = Pair::of(&config, 3, 43);
    calls(&mut pair, 900, 200);
    for name in ["a", "b", "c"] {
        let n = asked(&pair).matches(name).count();
        // Four standard deviations of a binomial of 900 with 1/3.
        assert!(n.abs_diff(300) < 57, "{name}: {n}");
    }
}

#[test]
fn trap_44_another_key_of_the_same_account_meets_the_same_limit() {
    let answered = |steering: &str| {
        let run = fly(&format!(
            r#"
            [run]
            duration = "1m"
            replications = 1
            [workload]
            arrivals.burst.count = 10
            [provider.key-1]
            account = "one"
            [provider.key-2]
            account = "one"
            [provider.other]
            account = "another"
            [[fault]]
            name = "limit"
            on = ["key-1", "key-2"]
            at = "0s"
            for = "1m"
            effect.error-rate = {{ bad = 1, status = 429 }}
            [policy.p]
            retry.attempts = 2
            {steering}
        "#
        ));
        run.scopes[0].success
    };
    assert_eq!(answered(""), 0);
    assert_eq!(answered("steering.apart-by = \"account\""), 10);
}

#[test]
fn trap_37_a_failure_before_the_hedge_fails_the_call_or_sends_it_at_once() {
    let after_failure = |preset: &str| {
        let mut pair = several(preset, 2, ELSEWHERE);
        pair.submit();
        pair.pass(100);
        pair.fail(A, 503);
        (asked(&pair), pair.told("finish").len())
    };
    // resilience4j fails the call; Polly and gRPC send the next at once.
    assert_eq!(after_failure("r4j-hedge"), ("a".into(), 1));
    assert_eq!(after_failure("polly-hedge-8").0.len(), 2);
    assert_eq!(after_failure("grpc-hedge").0.len(), 2);
}
