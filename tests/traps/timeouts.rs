//! Timeouts: which clock they mean, and what they leave behind.

use crate::pair::{A, Pair};
use crate::stack::{fly, one, seconds};
use squall::base::Instant;

#[test]
fn trap_12_a_timeout_for_each_attempt_is_not_one_for_the_call() {
    // Nothing ever comes: three attempts of 600 s and waits of 0.375 to 0.5 and 0.75 to 1 s.
    for sdk in ["openai-python-3", "anthropic-python-2", "openai-node-6.49"] {
        let mut pair = one(sdk, "");
        pair.submit();
        while pair.told("finish").is_empty() {
            pair.drive();
        }
        let took = seconds(Instant::ZERO, pair.now());
        assert_eq!(pair.told("send").len(), 3, "{sdk}");
        assert!((1801.125..=1801.5).contains(&took), "{sdk}: {took} s");
    }
}

#[test]
fn trap_52_a_timeout_and_a_retry_are_two_generations_billed() {
    // An answer takes 8 s and costs a cent; the client gives up after 5 s, then after 20 s.
    let run = |billed: bool| {
        let run = fly(&format!(
            r#"
            [run]
            duration = "2m"
            replications = 1
            [workload]
            arrivals.burst.count = 10
            tokens.fixed = {{ input = 10, output = 1000 }}
            [provider.p]
            latency.linear = {{ base = "8s" }}
            price = {{ input = "$0/M", output = "$10/M" }}
            abandoned = {{ keeps-slot = true, billed = {billed} }}
            [policy.p]
            preset = "openai-python-3"
            timeout = {{ total = "5s", retry.total = "20s" }}
        "#
        ));
        assert_eq!(run.scopes[0].success, 10);
        assert_eq!(run.scopes[0].attempts, [10, 10, 0, 0]);
        run.scopes[0].pico_usd() / 10_000_000_000
    };
    // The server goes on: no key on the wire says that it is the same request.
    assert_eq!(run(true), 20);
    assert_eq!(run(false), 10);
}

/// A stream of which one token comes every so many seconds for two hours, and then nothing more. How it
/// ended and when, in seconds; within a day.
fn drips(preset: &str, settings: &str, every: u64) -> (String, f64) {
    let mut pair = one(preset, settings);
    pair.submit();
    pair.pass(1000);
    pair.first_token(A);
    let mut left: u64 = 7200;
    while left > 0 && pair.told("finish").is_empty() {
        pair.pass(every * 1000);
        if pair.told("finish").is_empty() {
            pair.token();
        }
        left = left.saturating_sub(every);
    }
    if pair.told("finish").is_empty() {
        pair.pass(24 * 3_600_000);
    }
    ended(&pair)
}

fn ended(pair: &Pair) -> (String, f64) {
    let finish = pair.told("finish").first().map(ToString::to_string);
    let Some(line) = finish else {
        return ("hangs".into(), 0.0);
    };
    let (ms, how) = line.split_once(" finish ").expect("an end");
    (how.into(), ms.parse::<f64>().expect("ms") / 1000.0)
}

#[test]
fn trap_53_one_timeout_of_600_s_is_four_different_clocks() {
    let truncated = |s: f64| ("failed-truncated".to_string(), s);
    let hangs = ("hangs".to_string(), 0.0);
    // A token every five minutes. Python's is between two bytes, so it ends 600 s after the last token.
    for python in ["openai-python-3", "anthropic-python-2"] {
        assert_eq!(drips(python, "", 300), truncated(1.0 + 7200.0 + 600.0));
    }
    // One in eleven minutes is too slow for it.
    assert_eq!(drips("openai-python-3", "", 660), truncated(601.0));
    assert_eq!(drips("groq-python-1.7", "", 300), truncated(61.0));
    // Node's ends with the headers: nothing is timed after them.
    for node in ["openai-node-6.49", "anthropic-node-1", "openai-node-4"] {
        assert_eq!(drips(node, "", 300), hangs, "{node}");
    }
    // Envoy's, LiteLLM's and Polly's is for all of it.
    let total = "timeout.total = \"600s\"";
    assert_eq!(drips("polly-default-8", total, 300), truncated(600.0));
    // Cloudflare's until the first byte, TensorZero's for the first token and for all.
    let first = "timeout.first-token = \"600s\"";
    assert_eq!(drips("polly-default-8", first, 300), hangs);
    let both = "timeout = { first-token = \"10s\", total = \"600s\" }";
    assert_eq!(drips("tensorzero", both, 300), truncated(600.0));
}
