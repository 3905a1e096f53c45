//! When breakers trip: thresholds, volumes, what counts, and what guards against it.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::wire::{Advice, Code};

use crate::pair::{A, B, C, Pair};
use crate::stack::{asked, calls, one, policy, sent, several};

/// How often a fresh client of a preset trips after so many calls of these statuses, in order.
fn trips(preset: &str, all: &[(usize, u16)]) -> usize {
    let mut pair = one(preset, "");
    for (n, status) in all {
        calls(&mut pair, *n, *status);
    }
    // What is decided at sweeps is by then, and is seen by the next call.
    pair.pass(5000);
    pair.submit();
    pair.told("trip").len()
}

#[test]
fn trap_24_a_share_that_is_just_reached_trips_some_and_not_others() {
    // At least: Polly 10 % of 100, resilience4j 50 % of 100, Hystrix 50 % of 20.
    for (preset, good, bad) in [
        ("polly-cb-8", 90, 10),
        ("resilience4j-cb", 50, 50),
        ("hystrix", 10, 10),
    ] {
        assert_eq!(trips(preset, &[(good, 200), (bad, 500)]), 1, "{preset}");
        let below = [(good + 1, 200), (bad - 1, 500)];
        assert_eq!(trips(preset, &below), 0, "{preset}");
    }
    // Above: opossum 50 %, cockatiel 20 % (of 750 or more), LiteLLM 50 % (of 5), Helicone 10 % (of 20).
    for (preset, good, bad) in [
        ("opossum-9", 10, 10),
        ("cockatiel-sampling-3.2", 600, 150),
        ("litellm-cooldown-1.109", 3, 3),
        ("helicone-health", 18, 2),
    ] {
        let reached = [(good, 200), (bad, 500)];
        assert_eq!(trips(preset, &reached), 0, "{preset}");
        let above = [(good, 200), (bad + 1, 500)];
        assert_eq!(trips(preset, &above), 1, "{preset}");
    }
    // More than five in a row is the sixth; five are the fifth.
    assert_eq!(trips("gobreaker-2", &[(5, 500)]), 0);
    assert_eq!(trips("gobreaker-2", &[(6, 500)]), 1);
    assert_eq!(trips("pybreaker-1.4", &[(4, 500)]), 0);
    assert_eq!(trips("pybreaker-1.4", &[(5, 500)]), 1);
}

#[test]
fn trap_25_one_failure_opens_opossum_and_a_quiet_service_never_opens_others() {
    for (preset, volume) in [
        ("opossum-9", 1),
        ("failsafe-cb", 1),
        ("litellm-cooldown-1.109", 5),
        ("hystrix", 20),
        ("resilience4j-cb", 100),
        ("polly-cb-8", 100),
    ] {
        assert_eq!(trips(preset, &[(volume - 1, 500)]), 0, "{preset}");
        assert_eq!(trips(preset, &[(volume, 500)]), 1, "{preset}");
    }
    // 100 in 30 s are 3.3 a second: a service of 2.5 may fail for ten minutes, one of 4 may not.
    let failing = |every| {
        let mut pair = one("polly-cb-8", "");
        for _ in 0..600_000 / every {
            calls(&mut pair, 1, 500);
            pair.pass(every);
        }
        pair.told("trip").len()
    };
    assert_eq!(failing(400), 0);
    assert!(failing(250) > 0);
}

#[test]
fn trap_32_a_429_is_a_failure_a_success_or_a_case_of_its_own() {
    let tripped = |preset: &str, status| {
        let mut pair = several(preset, 3, "");
        pair.pass(3000);
        pair.submit();
        pair.refuse(A, status, Code::None, Advice::NONE);
        let at_once = pair.told("trip").join("; ");
        for _ in 0..9 {
            let call = pair.submit();
            if pair.place(call) == Some(A) {
                pair.fail(A, status);
            }
        }
        (at_once, pair.told("trip").len())
    };
    // 429 is not a 5xx: of Envoy's five in a row, and of Linkerd's seven.
    for preset in ["envoy-outlier-first-eject-always", "linkerd-accrual"] {
        assert_eq!(tripped(preset, 429), (String::new(), 0), "{preset}");
        assert_eq!(tripped(preset, 503), (String::new(), 1), "{preset}");
    }
    assert_eq!(tripped("linkerd-accrual-429-counts", 429).1, 1);
    // At once: for 5 s, or for 30 s and 30 s more.
    assert_eq!(
        tripped("litellm-cooldown-1.109", 429).0,
        "3000 trip a until 8000"
    );
    assert_eq!(tripped("helicone-health", 429).0, "3000 trip a until 65000");
    assert_eq!(tripped("helicone-health", 503), (String::new(), 0));
}

#[test]
fn trap_32_fast_429s_look_fast_and_attract_the_traffic() {
    // b refuses after 5 ms, a and c answer after 500 ms.
    let at_b = |preset: &str, from| {
        let mut pair = several(preset, 3, "retry.attempts = 1");
        let mut taken = 0;
        for n in 0..400 {
            let call = pair.submit();
            let at = pair.place(call).expect("it is sent");
            taken += usize::from(at == B && n >= 100);
            pair.pass(if at == B { 5 } else { 500 });
            // Latencies by token are known with the bill.
            pair.bill_newest(at, 10, 100);
            match at {
                B if n >= from => pair.refuse(B, 429, Code::RateLimit, Advice::NONE),
                A | B | C => pair.answer(at),
                _ => unreachable!("there are three"),
            }
        }
        taken as f64 / 300.0
    };
    // A third of the traffic would be its part; of two drawn at random b is one with 2/3.
    let linkerd = at_b("linkerd-ewma", 0);
    assert!(linkerd > 0.55, "{linkerd}");
    // LiteLLM records no failure: who was the fastest stays so.
    assert_eq!(at_b("litellm-latency-1.109", 5), 1.0);
}

#[test]
fn trap_33_some_change_at_sweeps_and_some_when_they_are_called() {
    // Envoy returns at the sweep after 3 + 30 s.
    let mut pair = several("envoy-outlier-first-eject-always", 3, "");
    pair.pass(3000);
    calls(&mut pair, 5, 500);
    assert_eq!(pair.told("trip"), ["3000 trip a until 40000 #4"]);
    // Helicone's health loop runs every 5 s, Hystrix's snapshots are taken every 500 ms.
    for (preset, sweep) in [("helicone-health", 5000), ("hystrix", 500)] {
        let mut pair = one(preset, "");
        pair.pass(100);
        calls(&mut pair, 20, 500);
        pair.pass(sweep - 101);
        calls(&mut pair, 1, 500);
        assert_eq!(sent(&pair, "first"), 21, "{preset}: it lags");
        pair.pass(1);
        calls(&mut pair, 1, 500);
        assert_eq!(sent(&pair, "first"), 21, "{preset}");
    }
    // resilience4j is half-open when it is called next, an hour later if need be, and not after 60 s.
    let mut pair = one("resilience4j-cb", "readmit.probes.max-wait = \"10s\"");
    calls(&mut pair, 100, 500);
    pair.pass(3_600_000);
    let probe = pair.submit();
    assert_eq!(pair.place(probe), Some(A), "its 10 s begin now");
}

#[test]
fn trap_34_each_stack_has_its_own_guard_against_ejecting_everyone() {
    // Every host fails ten times over, in turn.
    let all_fail = |preset: &str, hosts, more: &str| {
        let more = format!("route = \"round-robin\"\n{more}");
        let mut pair = several(preset, hosts, &more);
        calls(&mut pair, 10 * hosts, 500);
        let ejected = pair.told("trip").len();
        let last = pair.submit();
        (ejected, pair.place(last).is_some())
    };
    // Envoy: at most 10 % with this one counted; older releases always ejected the first.
    assert_eq!(all_fail("envoy-outlier", 9, ""), (0, true));
    assert_eq!(all_fail("envoy-outlier", 10, ""), (1, true));
    assert_eq!(
        all_fail("envoy-outlier-first-eject-always", 9, ""),
        (1, true)
    );
    // And if more may be ejected, below 50 % healthy all are asked.
    let most = "trip.max-open = \"100%\"";
    assert!(all_fail("envoy-outlier", 10, most).1);
    let no_panic = "trip.max-open = \"100%\"\ntrip.panic = 0";
    assert_eq!(all_fail("envoy-outlier", 10, no_panic), (10, false));
    // LiteLLM refuses everything by itself, Finagle uses the dead.
    assert_eq!(all_fail("litellm-cooldown-1.109", 3, ""), (3, false));
    assert_eq!(all_fail("finagle-accrual", 3, ""), (3, true));
}

/// The mean number of calls until a breaker trips, at a share of failures.
fn run_length(preset: &str, p: f64, gap: u64, runs: u64) -> f64 {
    let config = policy(preset, "");
    let mut total = 0;
    for seed in 0..runs {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut pair = Pair::of(&config, 1, seed);
        loop {
            let call = pair.submit();
            if pair.place(call).is_none() {
                break;
            }
            match rng.random_bool(p) {
                true => pair.fail_call(call, 500),
                false => pair.answer_call(call),
            }
            pair.pass(gap);
            total += 1;
        }
    }
    total as f64 / runs as f64
}

/// Seeds 0 to 399. Run lengths are about as wide as they are long: four standard errors are a fifth.
#[test]
fn trap_35_failures_in_a_row_do_not_see_a_part_failing_and_small_windows_see_it_everywhere() {
    // Until n in a row fail: (p^−n − 1)/(1 − p) calls. A third of a service may be down for 360 calls …
    let until = |p: f64, n: i32| (libm::pow(p, -f64::from(n)) - 1.0) / (1.0 - p);
    for (preset, n, p) in [("pybreaker-1.4", 5, 0.4), ("gobreaker-2", 6, 0.5)] {
        let (mean, law) = (run_length(preset, p, 0, 400), until(p, n));
        assert!(
            (mean / law - 1.0).abs() < 0.2,
            "{preset}: {mean}, not {law}"
        );
    }
    assert!((360.0..365.0).contains(&until(1.0 / 3.0, 5)));
    // … and at the healthy rate of 1 % it trips once in 10 billion.
    assert!(until(0.01, 5) > 1e10);
    // opossum's window of 10 s holds one call of a quiet service: every failure trips, one in 1/p.
    let mean = run_length("opossum-9", 0.05, 20_000, 400);
    assert!((mean / 20.0 - 1.0).abs() < 0.2, "{mean}, not 20");
}

#[test]
fn trap_36_inside_the_retries_a_breaker_counts_attempts_and_outside_them_calls() {
    // .NET's handler: 25 calls of four attempts are 100, and its breaker opens during the last of them.
    let mut pair = one("dotnet-standard-handler", "retry.backoff = \"none\"");
    calls(&mut pair, 25, 503);
    while pair.told("finish").len() < 25 {
        pair.fail(A, 503);
    }
    assert_eq!(pair.told("trip").len(), 1);
    // Hystrix is around them: of its 20 there are 19, whatever their attempts.
    let tripped = |n: usize| {
        let mut pair = one("hystrix", "retry.attempts = 3");
        for _ in 0..n {
            pair.submit();
            (0..3).for_each(|_| pair.fail(A, 500));
        }
        pair.pass(1000);
        pair.submit();
        (asked(&pair).len(), pair.told("trip").len())
    };
    assert_eq!(tripped(19), (19 * 3 + 1, 0));
    assert_eq!(tripped(20), (20 * 3, 1));
    // Inside, one call may open it by itself, and its own next retry is refused.
    let mut pair = one("gobreaker-2", "retry.attempts = 9");
    pair.submit();
    (0..6).for_each(|_| pair.fail(A, 500));
    assert_eq!((asked(&pair).len(), pair.told("trip").len()), (6, 1));
    assert_eq!(pair.told("finish").len(), 1);
}
