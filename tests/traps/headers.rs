//! What the server says about waiting, and what clients make of it.

use squall::base::wire::{Advice, Code, Form};

use crate::pair::{A, Pair};
use crate::stack::{one, policy, several, stated, waits};
use Form::{
    GrpcRetryPushbackMs, RetryAfter, RetryAfterDate, RetryAfterFloat, RetryAfterMs, XAmzRetryAfter,
    XMsRetryAfterMs, XRatelimitReset,
};

/// The first wait after a refusal that states these ms in these headers; None: it is not retried.
fn first(name: &str, status: u16, ms: u64, headers: &[Form]) -> Option<f64> {
    let advice = stated(ms, headers);
    waits(&mut one(name, ""), status, advice, 1)
        .first()
        .copied()
}

/// OpenAI's own first wait.
const OWN: (f64, f64) = (0.375, 0.5);

#[test]
fn trap_06_each_client_reads_its_own_headers_in_their_own_units() {
    // 1.5 s, which whole seconds and dates round up to 2 s.
    for (header, name, status, (low, high)) in [
        (RetryAfterFloat, "openai-python-2", 429, (1.5, 1.5)),
        // Seconds with a fraction break LiteLLM's parser, and failsafe-go's: its own wait is none.
        (RetryAfterFloat, "litellm-router-1.109", 429, (0.5, 1.25)),
        (RetryAfterFloat, "failsafe-go-http", 429, (0.0, 0.0)),
        (RetryAfter, "openai-python-2", 429, (2.0, 2.0)),
        (RetryAfter, "litellm-router-1.109", 429, (2.0, 2.75)),
        (RetryAfter, "failsafe-go-http", 429, (2.0, 2.0)),
        (RetryAfter, "google-genai-opts-3.4", 429, (1.0, 2.0)),
        (RetryAfterDate, "openai-python-2", 429, (2.0, 2.0)),
        (RetryAfterDate, "litellm-router-1.109", 429, (2.0, 2.75)),
        (RetryAfterDate, "failsafe-go-http", 429, (0.0, 0.0)),
        (RetryAfterMs, "openai-python-2", 429, (1.5, 1.5)),
        (RetryAfterMs, "openai-node-6.49", 429, (1.5, 1.5)),
        (RetryAfterMs, "litellm-router-1.109", 429, (0.5, 1.25)),
        (RetryAfterMs, "azure-core-1.41", 503, (1.5, 1.5)),
        (XMsRetryAfterMs, "azure-core-1.41", 503, (1.5, 1.5)),
        (XMsRetryAfterMs, "openai-python-2", 429, OWN),
        (XAmzRetryAfter, "aws-standard-2026", 429, (1.5, 1.5)),
        (XAmzRetryAfter, "aws-standard-2020", 429, (0.0, 1.0)),
        (XAmzRetryAfter, "openai-python-2", 429, OWN),
        (GrpcRetryPushbackMs, "grpc-retry", 503, (1.5, 1.5)),
        (GrpcRetryPushbackMs, "openai-python-2", 429, OWN),
        // A Unix time in whole seconds.
        (XRatelimitReset, "cohere-python-7.3", 429, (2.0, 2.0)),
        (XRatelimitReset, "openai-python-2", 429, OWN),
    ] {
        let wait = first(name, status, 1500, &[header]).expect("it is retried");
        assert!((low..=high).contains(&wait), "{name}, {header}: {wait}");
    }
}

#[test]
fn trap_07_openai_reads_milliseconds_before_seconds_and_azure_seconds_before_milliseconds() {
    let both = [RetryAfter, RetryAfterMs];
    let wait = |name, status| first(name, status, 1200, &both);
    assert_eq!(wait("openai-python-2", 503), Some(1.2));
    assert_eq!(wait("anthropic-node-1", 503), Some(1.2));
    assert_eq!(wait("vercel-ai-6", 503), Some(1.2));
    assert_eq!(wait("azure-core-1.41", 503), Some(2.0));
}

#[test]
fn trap_08_a_range_ends_with_sixty_seconds_or_just_before() {
    let ms = |name, ms| first(name, 429, ms, &[RetryAfterMs]);
    let own = |name, at| {
        let wait = ms(name, at).expect("it is retried");
        assert!((OWN.0..=OWN.1).contains(&wait), "{name}, {at} ms: {wait}");
    };
    // Python: 0 < w ≤ 60. Node: 0 < w < 60.
    assert_eq!(ms("openai-python-2", 60_000), Some(60.0));
    own("openai-python-2", 60_001);
    for node in ["openai-node-4", "openai-node-6", "anthropic-node-0"] {
        assert_eq!(ms(node, 59_999), Some(59.999), "{node}");
        own(node, 60_000);
    }
    // The third release of Python: ≤ 120, and beyond it none.
    assert_eq!(ms("openai-python-3", 120_000), Some(120.0));
    assert_eq!(ms("openai-python-3", 120_001), None);
    // Vercel's < 60, beyond which its own wait of 2 s; Anthropic's Node SDK up to 2³¹ − 1 ms.
    assert_eq!(ms("vercel-ai-6", 59_999), Some(59.999));
    assert_eq!(ms("vercel-ai-6", 60_000), Some(2.0));
    assert_eq!(ms("anthropic-node-1", (1 << 31) - 1), Some(2_147_483.647));
    own("anthropic-node-1", 1 << 31);
    let whole = |s: u64| first("litellm-router-1.109", 429, s * 1000, &[RetryAfter]);
    assert!(whole(60).is_some_and(|wait| (60.0..60.75).contains(&wait)));
    assert!(whole(61).is_some_and(|wait| wait < 1.25));
}

#[test]
fn trap_08_zero_and_a_date_that_is_past_are_ignored_or_mean_at_once() {
    // A date is past if it was the present when the call began: at later instants it is the next second.
    for (header, k, own) in [
        (RetryAfterMs, 1, 0.75..=1.0),
        (RetryAfterDate, 0, 0.375..=0.5),
    ] {
        let wait = |name: &str| waits(&mut one(name, ""), 503, stated(0, &[header]), k + 1)[k];
        for ignores in ["openai-python-3", "openai-node-6", "anthropic-node-1"] {
            assert!(own.contains(&wait(ignores)), "{ignores}, {header}");
        }
        // Azure's own second wait would be 1.6 s.
        for at_once in ["openai-node-6.49", "vercel-ai-6", "azure-core-1.41"] {
            assert_eq!(wait(at_once), 0.0, "{at_once}, {header}");
        }
    }
    // To LiteLLM's cooldown zero means none.
    let trips = |ms| {
        let mut pair = several("litellm-cooldown-1.109", 2, "");
        pair.submit();
        pair.refuse(A, 429, Code::RateLimit, stated(ms, &[RetryAfter]));
        pair.told("trip").len()
    };
    assert_eq!((trips(0), trips(1000)), (0, 1));
}

#[test]
fn trap_09_too_long_a_wait_is_ignored_honoured_cut_or_fatal() {
    let all = |name: &str, s: u64, header| {
        let advice = stated(s * 1000, &[header]);
        waits(&mut one(name, ""), 429, advice, 9)
    };
    // Ignored: a polite 90 s become three requests within 0.5 + 1 s.
    let ignored = all("openai-python-2", 90, RetryAfter);
    assert_eq!(ignored.len(), 2);
    assert!((1.125..=1.5).contains(&ignored.iter().sum::<f64>()));
    // Honoured, up to 120 s, fatal beyond.
    assert_eq!(all("openai-python-3", 90, RetryAfter), [90.0; 2]);
    assert_eq!(all("openai-python-3", 150, RetryAfter), [0.0; 0]);
    // Honoured for hours.
    assert_eq!(all("openai-node-6.49", 150, RetryAfter), [150.0; 2]);
    assert_eq!(all("anthropic-python-2", 3600, RetryAfter), [3600.0; 2]);
    // Cut to 60 s; or to 5 s more than its own wait of U·2^k.
    assert_eq!(all("cohere-python-7.3", 3600, RetryAfter), [60.0; 2]);
    let aws = all("aws-standard-2026", 90, XAmzRetryAfter);
    assert!((5.0..6.0).contains(&aws[0]) && (5.0..7.0).contains(&aws[1]));
}

#[test]
fn trap_10_a_stated_wait_without_jitter_brings_a_herd_back_as_one() {
    // Fifty clients are told the same: the first and the last of them.
    let herd = |name: &str, more: &str, s: u64, header| {
        let config = policy(name, more);
        let advice = stated(s * 1000, &[header]);
        let wait = |seed| waits(&mut Pair::of(&config, 1, seed), 429, advice, 1)[0];
        let all: Vec<f64> = (0..50).map(wait).collect();
        let first = all.iter().copied().fold(f64::MAX, f64::min);
        (first, all.iter().copied().fold(0.0, f64::max))
    };
    for name in ["openai-python-3", "anthropic-python-2", "openai-node-6.49"] {
        assert_eq!(herd(name, "", 20, RetryAfter), (20.0, 20.0), "{name}");
    }
    let spread = |(first, last): (f64, f64), low: f64, high: f64| {
        let within = first >= low && last <= high && last - first > 0.8 * (high - low);
        assert!(within, "{first} to {last}, not {low} to {high}");
    };
    spread(
        herd("litellm-router-1.109", "", 20, RetryAfter),
        20.0,
        20.75,
    );
    // Envoy's U[1, 1.5) where its rate-limited backoff is on; failsafe-go's is that of its waits.
    let envoy =
        "retry.on = [\"rate-limited\"]\nretry.server-wait = { honour = true, jitter = 0.5 }";
    spread(herd("envoy-default", envoy, 20, RetryAfter), 20.0, 30.0);
    let jitter = "retry.backoff.constant = { wait = \"1s\", \
                  jitter.proportional = { low = 0.75, high = 1.25 } }";
    spread(herd("failsafe-go-http", jitter, 20, RetryAfter), 15.0, 25.0);
    // AWS keeps jitter only where its own wait is the longer one or the clamp binds.
    let aws = |s| herd("aws-standard-2026", "", s, XAmzRetryAfter);
    assert_eq!(aws(2), (2.0, 2.0));
    spread(aws(20), 5.0, 6.0);
}

#[test]
fn trap_11_one_retry_after_of_an_hour_removes_an_endpoint_for_an_hour() {
    let trip = |name: &str, ms| {
        let mut pair = several(name, 2, "");
        pair.submit();
        pair.refuse(A, 429, Code::RateLimit, stated(ms, &[RetryAfter]));
        pair.told("trip").join("; ")
    };
    // LiteLLM's, without a cap; Helicone's, and 30 s more.
    let hour = 3_600_000;
    assert_eq!(
        trip("litellm-cooldown-1.109", hour),
        "0 trip a until 3600000"
    );
    assert_eq!(trip("helicone-health", hour), "0 trip a until 3630000");
    assert_eq!(trip("helicone-health", 10_000), "0 trip a until 40000");
    // Though as a wait LiteLLM would not take it: it is over 60 s.
    let wait = first("litellm-router-1.109", 429, 3_600_000, &[RetryAfter]);
    assert!(wait.is_some_and(|wait| wait < 1.25));
}

#[test]
fn trap_14_a_veto_of_the_server_beats_the_status_but_not_a_wait_that_is_too_long() {
    let sends =
        |name: &str, status, advice: Advice| waits(&mut one(name, ""), status, advice, 9).len() + 1;
    let says = |should| Advice::NONE.should_retry(Some(should));
    for sdk in ["openai-python-2", "openai-node-6.49", "anthropic-python-2"] {
        assert_eq!(sends(sdk, 429, says(false)), 1, "{sdk}");
        assert_eq!(sends(sdk, 400, says(true)), 3, "{sdk}");
    }
    assert_eq!(
        sends("vercel-ai-6", 429, says(false)),
        3,
        "it does not read it"
    );
    let too_long = stated(150_000, &[RetryAfter]).should_retry(Some(true));
    assert_eq!(sends("openai-python-3", 429, too_long), 1);
    assert_eq!(sends("openai-python-2", 429, too_long), 3);
}
