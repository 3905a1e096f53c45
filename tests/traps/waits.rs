//! Attempts and the waits between them.

use squall::base::wire::Advice;
use squall::base::{Duration, Instant};

use crate::pair::{A, Pair};
use crate::stack::{drawn, one, policy, seconds, waits};

/// Enough that a value within 5 % of either end of a range is missed once in 5 million times.
const SEEDS: u64 = 300;

/// Asserts that waits spread over all of a range, and not beyond.
fn fill(name: &str, all: &[f64], low: f64, high: f64) {
    let least = all.iter().copied().fold(f64::MAX, f64::min);
    let most = all.iter().copied().fold(0.0, f64::max);
    let near = 0.05 * (high - low) + 1e-9;
    assert!(
        (low - 1e-9..low + near).contains(&least),
        "{name}: {least} is not the least of {low} to {high}"
    );
    assert!(
        (high - near..high + 1e-9).contains(&most),
        "{name}: {most} is not the most of {low} to {high}"
    );
}

fn share(all: &[f64], is: impl Fn(f64) -> bool) -> f64 {
    all.iter().filter(|wait| is(**wait)).count() as f64 / all.len() as f64
}

#[test]
fn trap_01_a_number_of_tries_is_attempts_here_and_retries_there() {
    let attempts = |name: &str, status: u16| {
        let mut pair = one(name, "");
        waits(&mut pair, status, Advice::NONE, 50).len() + 1
    };
    // They say how many attempts: the first is one of them.
    for (name, said) in [
        ("openai-cookbook-tenacity", 6),
        ("openai-cookbook-backoff", 6),
        ("stamina-26.1", 10),
        ("resilience4j-default", 3),
        ("aws-standard-2020", 3),
        ("aws-standard-2026", 3),
        ("aws-legacy-1.44", 5),
        ("google-genai-3.4", 1),
        ("google-genai-opts-3.4", 5),
    ] {
        assert_eq!(attempts(name, 429), said, "{name}");
    }
    assert_eq!(attempts("grpc-retry", 503), 4);
    // They say how many retries, and make one attempt more.
    for (name, said) in [
        ("openai-python-3", 2),
        ("anthropic-python-2", 2),
        ("openai-node-6.49", 2),
        ("vercel-ai-6", 2),
        ("litellm-router-1.109", 2),
        ("failsafe-go-http", 2),
        ("polly-default-8", 3),
        ("dotnet-standard-handler", 3),
        ("backon", 3),
        ("cookbook-manual", 10),
        ("p-retry-7.1", 10),
        ("async-retry-1.3", 10),
    ] {
        assert_eq!(attempts(name, 429), said + 1, "{name}");
    }
    assert_eq!(attempts("envoy-default", 503), 1 + 1);
    assert_eq!(attempts("istio-default", 503), 2 + 1);
}

#[test]
fn trap_02_the_first_wait_has_exponent_zero_or_one_or_is_nothing() {
    let of =
        |name: &str, more: &str, status: u16| waits(&mut one(name, more), status, Advice::NONE, 3);
    assert_eq!(of("p-retry-7.1", "", 500), [1.0, 2.0, 4.0]);
    // 0.8·2^n with n = 1, 2 … after a first wait of nothing.
    assert_eq!(of("azure-core-1.41", "", 500), [0.0, 1.6, 3.2]);
    // factor·2^(n − 1) for a history of n, nothing for n ≤ 1; its default factor is 0.
    let factor = "retry.on = [\"server-fault\"]\n\
                  retry.backoff.exponential = { base = \"1s\", first-wait-zero = true }";
    assert_eq!(of("urllib3-2.8", factor, 500), [0.0, 2.0, 4.0]);
    assert_eq!(
        of("urllib3-2.8", "retry.on = [\"server-fault\"]", 500),
        [0.0; 3]
    );
    // The factor of 2·(1 + U) comes before the first sleep.
    let first = drawn(&policy("cookbook-manual", ""), 429, 0, SEEDS);
    fill("cookbook-manual", &first, 2.0, 4.0);
}

#[test]
fn trap_03_a_cap_before_jitter_may_be_exceeded_and_one_after_it_may_not() {
    let nth = |name: &str, more: &str, k| drawn(&policy(name, more), 503, k, SEEDS);
    // Before: jitter goes beyond the cap of 1 s and of 60 s, or only below that of 8 s.
    let grpc = nth("grpc-retry", "retry.attempts = 6\nbudget = \"none\"", 4);
    fill("grpc-retry", &grpc, 0.8, 1.2);
    let backon = nth("backon", "retry.attempts = 8", 6);
    fill("backon", &backon, 60.0, 120.0);
    let openai = nth("openai-python-2", "retry.attempts = 8", 5);
    fill("openai-python-2", &openai, 6.0, 8.0);
    // After: all that is above it is the cap.
    let genai = nth("google-genai-opts-3.4", "retry.attempts = 8", 6);
    assert!(share(&genai, |wait| wait == 60.0) == 1.0, "2^6 + U > 60");
    let mistral = nth("mistral-python-speakeasy-3.7", "", 12);
    assert!(
        share(&mistral, |wait| wait == 60.0) == 1.0,
        "0.5·1.5^12 > 60"
    );
    // Both: of 5·U[0.8, 1.2) one half is above 5 s, and becomes 5 s. Four standard errors: 0.12.
    let bifrost = nth("bifrost", "retry.attempts = 6", 4);
    let at_cap = share(&bifrost, |wait| wait == 5.0);
    assert!((at_cap - 0.5).abs() < 0.12, "{at_cap}");
    fill("bifrost", &bifrost, 4.0, 5.0);
}

#[test]
fn trap_04_jitter_shortens_or_lengthens_or_both() {
    let spread = "retry.backoff.constant = { wait = \"2s\", \
                  jitter.proportional = { low = 0.75, high = 1.25 } }";
    for (name, more, low, high) in [
        // Its own wait of 0.5 s only ever shorter.
        ("openai-python-3", "", 0.375, 0.5),
        // Only ever longer than 0.5, 1 and 1 s.
        ("litellm-router-1.109", "", 0.5, 1.25),
        ("google-genai-opts-3.4", "", 1.0, 2.0),
        ("backon", "", 1.0, 2.0),
        // Both.
        ("grpc-retry", "", 0.08, 0.12),
        ("bifrost", "retry.attempts = 2", 0.4, 0.6),
        ("polly-default-8", spread, 1.5, 2.5),
        ("resilience4j-exp-random", "", 0.25, 0.75),
        // Full.
        ("aws-standard-2020", "", 0.0, 1.0),
        ("google-api-core-2.44", "", 0.0, 1.0),
    ] {
        fill(name, &drawn(&policy(name, more), 503, 0, SEEDS), low, high);
    }
}

#[test]
fn trap_04_three_things_are_called_decorrelated() {
    let of = |settings: &str, seed| {
        let settings = format!("retry.attempts = 7\nretry.backoff.{settings}");
        let mut pair = Pair::of(&policy("polly-default-8", &settings), 1, seed);
        waits(&mut pair, 500, Advice::NONE, 6)
    };
    let f = |t: f64| libm::exp2(t) * libm::tanh((4.0 * t).sqrt());
    let mut shrank = 0;
    for seed in 0..50 {
        // The AWS blog's: U[base, 3·previous), which may be shorter than the one before.
        let blog = of(
            "exponential = { base = \"1s\", jitter = \"decorrelated\" }",
            seed,
        );
        let pairs = |all: &[f64]| all.windows(2).map(|w| (w[0], w[1])).collect::<Vec<_>>();
        shrank += usize::from(pairs(&blog).iter().any(|(a, b)| b < a));
        // Finagle's: U[previous, 3·previous), which never is.
        let finagle = of(
            "finagle = { form = \"decorrelated\", base = \"1s\", cap = \"1h\" }",
            seed,
        );
        assert_eq!(finagle[0], 1.0);
        for (a, b) in pairs(&finagle) {
            assert!((a..=3.0 * a).contains(&b), "seed {seed}: {b} after {a}");
        }
        // Polly's: n waits together are f(t)·base/1.4 with t from n − 1 to n.
        let polly = of("decorrelated-v2 = { base = \"2s\" }", seed);
        let mut sum = 0.0;
        for (n, wait) in polly.iter().enumerate() {
            sum += wait;
            let (low, high) = (f(n as f64) * 2.0 / 1.4, f(n as f64 + 1.0) * 2.0 / 1.4);
            assert!(
                (low - 1e-6..high + 1e-6).contains(&sum),
                "seed {seed}: {sum} is not between {low} and {high}"
            );
        }
    }
    assert!(shrank > 25, "only {shrank} of 50 ever shrank");
}

#[test]
fn trap_05_finagle_s_jitter_disappears_at_the_cap_and_stamina_s_dwarfs_its_base() {
    let finagle = "retry.attempts = 8\n\
                   retry.backoff.finagle = { form = \"equal\", base = \"1s\", cap = \"4s\" }";
    let finagle = policy("polly-default-8", finagle);
    fill("finagle", &drawn(&finagle, 500, 2, SEEDS), 2.0, 4.0);
    let at_cap = drawn(&finagle, 500, 5, SEEDS);
    assert!(
        share(&at_cap, |wait| wait == 4.0) == 1.0,
        "no herd is spread"
    );
    // 0.1 + U against 0.2 + U: the first wait is the longer one with 0.9²/2. Four standard errors: 0.12.
    let stamina = policy("stamina-26.1", "");
    let of = |k| drawn(&stamina, 500, k, SEEDS);
    let longer = of(0).iter().zip(of(1)).filter(|(a, b)| *a > b).count() as f64 / SEEDS as f64;
    assert!((longer - 0.405).abs() < 0.12, "{longer}");
}

#[test]
fn trap_12_litellm_sleeps_after_its_last_failure_and_others_do_not() {
    let after_last = |name: &str| {
        let mut pair = one(name, "");
        waits(&mut pair, 500, Advice::NONE, 2);
        pair.fail(A, 500);
        let failed_at = pair.now();
        while pair.told("finish").is_empty() {
            pair.drive();
        }
        assert_eq!(pair.told("send").len(), 3, "{name}");
        seconds(failed_at, pair.now())
    };
    // The third wait, 0.5·2² s and up to 0.75 s more, leads to nothing.
    assert!((2.0..2.75).contains(&after_last("litellm-router-1.109")));
    assert_eq!(after_last("openai-python-3"), 0.0);
    assert_eq!(after_last("aws-standard-2026"), 0.0);
}

#[test]
fn trap_12_a_limit_of_time_is_tested_before_the_sleep_or_after_it_or_cuts_it() {
    for seed in 0..50 {
        // Attempts that take 9 s each; when the last one began, when the call ended.
        let run = |name: &str, more: &str, status: u16| {
            let mut pair = Pair::of(&policy(name, more), 1, seed);
            pair.submit();
            let mut sent_at = 0.0;
            while pair.told("finish").is_empty() {
                sent_at = pair.now().0 as f64 / 1e9;
                pair.pass(9000);
                pair.fail(A, status);
                if pair.told("send").len() != pair.told("end").len() + 1 {
                    pair.drive();
                }
            }
            (sent_at, pair.now().0 as f64 / 1e9)
        };
        // Before: a wait that would end after 120 s is not begun; only the attempt may overrun.
        let (sent, ended) = run("google-api-core-2.44", "", 503);
        let overran = ended - sent;
        assert!(
            sent <= 120.0 && (overran - 9.0).abs() < 1e-6,
            "seed {seed}: {sent}"
        );
        // After: 45 s are over when an attempt fails, so it overruns by a wait and an attempt.
        let (sent, ended) = run("stamina-26.1", "", 503);
        assert!(sent <= 45.0 + 5.0 && ended > 45.0, "seed {seed}: {ended}");
        // Cut: the last wait ends with the 60 s.
        let more = "retry.attempts = \"unlimited\"";
        let (sent, _) = run("openai-cookbook-backoff", more, 429);
        assert!(sent <= 60.0, "seed {seed}: {sent}");
    }
    let mut pair = one("openai-cookbook-backoff", "retry.attempts = \"unlimited\"");
    waits(&mut pair, 429, Advice::NONE, 500);
    assert_eq!(pair.now(), Instant::ZERO + Duration::from_s(60));
}
