//! Limits against published waits and slow obvious models.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::Config;
use super::admission::{Bound, Limits};
use super::counts::Asked;
use crate::base::draw::Stage;
use crate::base::ending::Dimension;
use crate::base::{Draws, Duration, Instant, Root};

fn limits(settings: Value) -> Limits {
    let config: Config = serde_json::from_value(settings).unwrap();
    let mut check = crate::base::Check::new();
    config.check(&mut check);
    let mistakes = check.into_mistakes();
    assert!(mistakes.iter().all(|m| m.warning), "{mistakes:?}");
    Limits::new(&config)
}

fn at(s: f64) -> Instant {
    Instant::ZERO + Duration::from_s_f64(s)
}

fn asked(prompt: u64, max: u64) -> Asked {
    Asked {
        prompt,
        max,
        cached: 0,
    }
}

/// Takes a request if it may pass.
fn admit(limits: &mut Limits, asked: Asked, now: Instant) -> Result<(), Bound> {
    let may = limits.ask(asked, now, None);
    match may {
        Ok(()) => limits.take(asked, now),
        Err(_) => limits.refuse(asked, now),
    }
    may
}

/// The four public messages "Limit L, Used U, Requested R. Please try again in W": to the millisecond,
/// whatever of R is prompt and whatever is max-tokens, and exact: waiting so long is enough, a
/// nanosecond less is not.
#[test]
fn waits_are_those_of_openais_public_messages() {
    for (limit, used, requested, wait_ms) in [
        (30_000, 29_937, 385, 644),
        (200_000, 162_960, 42_288, 1_574),
        (10_000, 8_554, 3_082, 9_816),
        (30_000, 28_039, 3_906, 3_890),
    ] {
        let now = at(90.0);
        let mut bucket = limits(json!({ "tpm": limit }));
        admit(&mut bucket, asked(used / 2, used - used / 2), now).unwrap();
        let bound = bucket
            .ask(asked(requested - 100, 100), now, None)
            .unwrap_err();
        assert_eq!(bound.dimension, Dimension::Tokens);
        let wait = bound.wait.unwrap();
        assert_eq!((wait.0 + 500_000) / 1_000_000, wait_ms, "{limit}");
        let again = |early: u64| {
            let later = now + wait - Duration(early);
            bucket.clone().ask(asked(requested, 0), later, None)
        };
        assert_eq!(again(0), Ok(()));
        assert!(again(1).is_err());
    }
}

/// Random requests at random times, in bursts; those that passed.
fn passed(method: &str, seed: u64) -> Vec<(Instant, u64)> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut limits = limits(json!({ "tpm": 600, "method": method }));
    let mut now = Instant::ZERO;
    let mut passed = Vec::new();
    for _ in 0..4000 {
        if rng.next_u64() % 8 == 0 {
            now = now + Duration(rng.next_u64() % 3_000_000_000);
        }
        let request = asked(1 + rng.next_u64() % 20, rng.next_u64() % 20);
        if admit(&mut limits, request, now).is_ok() {
            passed.push((now, request.prompt + request.max));
        }
    }
    assert!(
        passed.len() > 100,
        "{method}, seed {seed}: {}",
        passed.len()
    );
    passed
}

/// The most that passed within any time of a length, and what `most` allows.
fn in_any(passed: &[(Instant, u64)], length: Duration) -> u64 {
    let sum = |from: usize| {
        let start = passed[from].0;
        let inside = |(at, _): &&(Instant, u64)| at.since(start) < length;
        passed[from..]
            .iter()
            .take_while(inside)
            .map(|(_, n)| n)
            .sum()
    };
    (0..passed.len()).map(sum).max().unwrap()
}

const SEEDS: std::ops::Range<u64> = 1..9;

/// The bound of buckets: what they hold and r·T in any time T; GCRA decides as they do.
#[test]
fn a_bucket_and_gcra_never_pass_more_than_they_hold_and_their_rate() {
    for seed in SEEDS {
        let bucket = passed("bucket", seed);
        assert_eq!(bucket, passed("gcra", seed), "seed {seed}");
        for s in [1u64, 7, 30, 60, 120] {
            let most = 600 + 10 * s;
            let found = in_any(&bucket, Duration::from_s(s));
            assert!(found <= most, "seed {seed}: {found} > {most} in {s} s");
        }
    }
}

/// Never more than the limit between two full minutes, and up to twice as much around one.
#[test]
fn a_calendar_minute_is_never_exceeded_and_its_boundary_is() {
    let mut most = 0;
    for seed in SEEDS {
        let passed = passed("calendar-window", seed);
        let minute = |at: Instant| at.0 / 60_000_000_000;
        for m in 0..=minute(passed.last().unwrap().0) {
            let inside = passed.iter().filter(|(at, _)| minute(*at) == m);
            let sum: u64 = inside.map(|(_, n)| n).sum();
            assert!(sum <= 600, "seed {seed}: {sum} in minute {m}");
        }
        let any = in_any(&passed, Duration::from_s(60));
        assert!(any <= 1200, "seed {seed}: {any}");
        most = most.max(any);
    }
    assert!(
        most > 700,
        "around a boundary more than a minute's passes: {most}"
    );
}

#[test]
fn a_window_that_begins_with_a_request_passes_at_most_twice_its_limit() {
    for seed in SEEDS {
        let passed = passed("fixed-window", seed);
        // The obvious model: windows one after the other.
        let (mut until, mut used) = (Instant::ZERO, 0);
        for (now, n) in &passed {
            if *now >= until {
                (until, used) = (*now + Duration::from_s(60), 0);
            }
            used += n;
            assert!(used <= 600, "seed {seed}: {used}");
        }
        assert!(in_any(&passed, Duration::from_s(60)) <= 1200, "seed {seed}");
    }
}

#[test]
fn a_sliding_log_never_passes_more_than_its_limit_in_any_minute() {
    for seed in SEEDS {
        let passed = passed("sliding-log", seed);
        let any = in_any(&passed, Duration::from_s(60));
        assert!(any <= 600, "seed {seed}: {any}");
    }
}

/// What passes a limit of a slice is spread over the minute: 60 a minute in slices of 10 s are 10 at once.
#[test]
fn a_slice_spreads_the_minute() {
    for method in [
        "bucket",
        "gcra",
        "calendar-window",
        "fixed-window",
        "sliding-log",
    ] {
        let mut limits = limits(json!({ "rpm": 60, "slice": "10s", "method": method }));
        let at_once = |limits: &mut Limits, s: f64| {
            (0..100)
                .filter(|_| admit(limits, asked(1, 1), at(s)).is_ok())
                .count()
        };
        assert_eq!(at_once(&mut limits, 1.0), 10, "{method}");
        assert_eq!(at_once(&mut limits, 20.0), 10, "{method}");
    }
}

/// A day's quota comes back whole at its hour, and not before: with 8h, sixteen hours after that too late.
#[test]
fn a_day_ends_at_its_hour() {
    let hour = |h: f64| at(3600.0 * h);
    let mut limits = limits(json!({ "rpd": 3, "day": { "resets": "8h" } }));
    for _ in 0..3 {
        assert_eq!(admit(&mut limits, asked(1, 1), hour(1.0)), Ok(()));
    }
    let bound = admit(&mut limits, asked(1, 1), hour(7.0)).unwrap_err();
    assert_eq!(bound.dimension, Dimension::Day);
    assert_eq!(bound.wait, Some(Duration::from_s(3600)));
    for _ in 0..3 {
        assert_eq!(admit(&mut limits, asked(1, 1), hour(8.0)), Ok(()));
    }
    let bound = admit(&mut limits, asked(1, 1), hour(9.0)).unwrap_err();
    assert_eq!(bound.wait, Some(Duration::from_s(23 * 3600)));
}

/// The binding limit is the one that is waited for longest.
#[test]
fn the_limit_that_binds_is_the_one_waited_for_longest() {
    let mut limits = limits(json!({
        "rpm": 60, "input-tpm": 6000, "output-tpm": 600, "slice": "1s"
    }));
    admit(&mut limits, asked(1000, 600), at(0.0)).unwrap();
    // One second for the request, none for the prompt, sixty for the answer.
    let bound = admit(&mut limits, asked(10, 600), at(0.0)).unwrap_err();
    assert_eq!(bound.dimension, Dimension::Output);
    assert_eq!(bound.wait, Some(Duration::from_s(60)));
    let bound = admit(&mut limits, asked(6000, 1), at(0.5)).unwrap_err();
    assert_eq!(bound.dimension, Dimension::Input);
    let bound = admit(&mut limits, asked(6001, 1), at(0.5)).unwrap_err();
    assert!(bound.too_large && bound.wait.is_none());
}

/// After any answers a bucket that settles holds what a plain sum of what was used says.
#[test]
fn what_was_reserved_and_not_used_comes_back() {
    for (burndown, seed) in [(1u64, 3u64), (5, 4)] {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut limits = limits(json!({
            "tpm": 1_000_000, "settle": "actual", "burndown": burndown
        }));
        let mut used = 0;
        for _ in 0..200 {
            let request = asked(rng.next_u64() % 300, 500);
            let produced = rng.next_u64() % 501;
            admit(&mut limits, request, at(1.0)).unwrap();
            limits.settle(request, (produced, at(0.0)), at(1.0));
            used += request.prompt + burndown * produced;
        }
        let left = 1_000_000 - used;
        assert_eq!(
            limits.ask(asked(left, 0), at(1.0), None),
            Ok(()),
            "seed {seed}"
        );
        assert!(
            limits.ask(asked(left + 1, 0), at(1.0), None).is_err(),
            "seed {seed}"
        );
    }
}

/// Where nothing is reserved, answers leave a debt, and nobody passes before it is paid.
#[test]
fn answers_that_were_not_reserved_are_paid_when_they_come() {
    let mut limits = limits(json!({
        "output-tpm": 600, "settle": "actual", "counts": { "max-tokens": 0 }
    }));
    let request = asked(100, 1000);
    for _ in 0..2 {
        admit(&mut limits, request, at(0.0)).unwrap();
        limits.settle(request, (450, at(0.0)), at(0.0));
    }
    // 900 of 600 are used: the next token is there after 300 ÷ 10 s, and one more.
    let bound = admit(&mut limits, request, at(0.0)).unwrap_err();
    assert_eq!(bound.wait, Some(Duration::from_ms(30_100)));
}

/// Of 60 a minute nobody gets any who asks twice a second, if refusals count; all of it if not.
#[test]
fn who_hammers_is_served_less_where_refusals_count() {
    let served = |refused: &str| {
        let mut limits = limits(json!({ "rpm": 60, "slice": "1s", "refused": refused }));
        let admitted = |i: &u64| admit(&mut limits, asked(1, 1), at(0.3 * *i as f64)).is_ok();
        (0..2000u64).filter(admitted).count()
    };
    assert!((499..=601).contains(&served("free")), "{}", served("free"));
    assert_eq!(served("requests"), 1);
    assert_eq!(served("all"), 1);
}

/// The share of others is a path in time: it is the same however often anybody asks.
#[test]
fn other_tenants_take_their_share_whoever_asks() {
    let left = |asks_from: u64| {
        let draws = Draws::new(Root::new(5, Stage::Run, 0));
        let share = json!({ "uniform": { "low": 0, "high": 1 } });
        let mut limits = limits(json!({ "tpm": 60_000, "others": { "share": share } }));
        for s in asks_from..3600 {
            limits.advance(at(s as f64), &draws, 1);
        }
        // What a full bucket holds in the middle of an hour.
        let mut n = 0;
        limits.advance(at(5000.0), &draws, 1);
        while admit(&mut limits, asked(100, 0), at(5000.0)).is_ok() {
            n += 1;
        }
        n
    };
    assert_eq!(left(0), left(3599));
    assert!((1..600).contains(&left(0)), "{}", left(0));
}

/// A constant share leaves the rest: 30 % taken of 600 a minute leave 420.
#[test]
fn a_constant_share_leaves_the_rest() {
    let draws = Draws::new(Root::new(1, Stage::Run, 0));
    let mut limits = limits(json!({ "rpm": 600, "others": { "share": { "constant": 0.3 } } }));
    let mut n = 0;
    for tenth in 0..36_000 {
        let now = at(f64::from(tenth) / 10.0);
        limits.advance(now, &draws, 0);
        while admit(&mut limits, asked(1, 1), now).is_ok() {
            n += 1;
        }
    }
    assert!((60 * 420..=61 * 420).contains(&n), "{n} in an hour");
}
