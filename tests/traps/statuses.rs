//! Which endings are tried again.

use squall::base::wire::{Advice, Code};

use crate::pair::{A, Pair};
use crate::stack::{asked, calls, one, several, waits};

const STATUSES: [u16; 8] = [408, 409, 500, 501, 502, 503, 504, 529];

#[test]
fn trap_13_the_same_status_is_retried_by_one_stack_and_final_to_another() {
    let retried = |name: &str, more: &str| {
        let is = |status: &u16| !waits(&mut one(name, more), *status, Advice::NONE, 1).is_empty();
        STATUSES.into_iter().filter(is).collect::<Vec<u16>>()
    };
    // 408, 409 and all from 500 on: OpenAI's family, for which 529 is one of them.
    for name in [
        "openai-python-1",
        "openai-python-3",
        "openai-node-6.49",
        "anthropic-python-2",
        "anthropic-node-1",
        "groq-python-1.7",
        "cohere-python-7.3",
        "vercel-ai-6",
        "litellm-router-1.109",
    ] {
        assert_eq!(retried(name, ""), STATUSES, "{name}");
    }
    // Lists: 529 is not on them.
    for name in [
        "aws-legacy-1.44",
        "aws-standard-2020",
        "aws-standard-2026",
        "mistral-python-speakeasy-3.7",
    ] {
        assert_eq!(retried(name, ""), [500, 502, 503, 504], "{name}");
    }
    assert_eq!(
        retried("portkey", "retry.attempts = 2"),
        [500, 502, 503, 504]
    );
    assert_eq!(
        retried("google-genai-opts-3.4", ""),
        [408, 500, 502, 503, 504]
    );
    assert_eq!(retried("google-api-core-2.44", ""), [500, 503]);
    // For POST.
    assert_eq!(retried("azure-core-1.41", ""), [500, 503, 504]);
    // From 500 on but for 501; with 408 but without 409; neither.
    assert_eq!(retried("failsafe-go-http", ""), [500, 502, 503, 504, 529]);
    assert_eq!(
        retried("dotnet-standard-handler", ""),
        [408, 500, 501, 502, 503, 504, 529]
    );
    assert_eq!(retried("helicone", ""), [500, 501, 502, 503, 504, 529]);
    assert_eq!(retried("istio-default", ""), [503]);
}

#[test]
fn trap_14_a_used_up_quota_is_a_429_that_never_recovers_and_few_know_it() {
    let sends = |name: &str, more: &str, code| {
        let mut pair = one(name, more);
        pair.submit();
        while pair.told("finish").is_empty() {
            pair.refuse(A, 429, code, Advice::NONE);
            if pair.told("send").len() == pair.told("end").len() {
                pair.drive();
            }
        }
        pair.told("send").len()
    };
    for sdk in [
        "openai-python-3",
        "openai-node-6.49",
        "litellm-router-1.109",
    ] {
        assert_eq!(sends(sdk, "", Code::InsufficientQuota), 3, "{sdk}: waste");
    }
    let retries = "retry.attempts = 3";
    assert_eq!(sends("bifrost", retries, Code::RateLimit), 3);
    assert_eq!(sends("bifrost", retries, Code::InsufficientQuota), 1);
    // Helicone retries no 429 at all, but a 503 for the same reason.
    assert_eq!(sends("helicone", "", Code::RateLimit), 1);
    assert_eq!(
        waits(&mut one("helicone", ""), 503, Advice::NONE, 9).len(),
        2
    );
}

#[test]
fn trap_15_a_request_that_is_too_large_here_may_fit_elsewhere_and_a_wrong_one_fits_nowhere() {
    let asks = |endpoints, status, code| {
        let mut pair = several("openai-python-3", endpoints, "route = \"failover\"");
        pair.submit();
        pair.refuse(A, status, code, Advice::NONE);
        asked(&pair)
    };
    // Trying again is futile, whatever waits.
    for status in [400, 413] {
        assert_eq!(asks(1, status, Code::RequestTooLarge), "a");
        assert_eq!(asks(2, status, Code::RequestTooLarge), "ab");
        assert_eq!(asks(2, status, Code::None), "a");
    }
}

#[test]
fn trap_16_a_broken_stream_is_never_retried_and_a_post_not_by_everyone() {
    let breaks = |name: &str, more: &str, begun: bool| {
        let mut pair = one(name, more);
        pair.submit();
        if begun {
            pair.first_token(A);
        }
        pair.break_off(A);
        pair.drive();
        (asked(&pair), pair.told("finish").join("; "))
    };
    for sdk in ["openai-python-3", "anthropic-python-2", "openai-node-6.49"] {
        assert_eq!(breaks(sdk, "", false).0, "aa", "{sdk}: nothing has come");
        let (asked, end) = breaks(sdk, "", true);
        assert_eq!(asked, "a", "{sdk}");
        assert_eq!(end, "0 finish failed-truncated", "{sdk}");
    }
    // POST is not among urllib3's methods: no status is tried again, only a connection not made.
    let status = |pair: &mut Pair, status| {
        calls(pair, 1, status);
        pair.told("finish").len()
    };
    assert_eq!(status(&mut one("urllib3-2.8", ""), 503), 1);
    assert_eq!(breaks("urllib3-2.8", "", false).0, "aa");
    // Kong's default fails over after errors and timeouts, not after a status.
    assert_eq!(status(&mut several("kong-lowest-latency", 2, ""), 500), 1);
}
