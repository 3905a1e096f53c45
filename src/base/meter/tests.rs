//! Every method against a slow obvious model: the list of all events.

use super::*;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

fn rate() -> Rate {
    Rate {
        micro: 40_000_000,
        per: Duration::from_s(10),
    }
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_ms(ms)
}

/// Random amounts at random times; tells of each whether it passed.
fn passed(method: Method, seed: u64, n: usize) -> Vec<(Instant, u64)> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut meter = Meter::new(method, rate(), 8);
    let mut now = Instant::ZERO;
    let mut passed = Vec::new();
    for _ in 0..n {
        now = now + Duration(rng.next_u64() % 400_000_000);
        let amount = 1 + rng.next_u64() % 3;
        if meter.has(amount, now) {
            meter.take(amount, now);
            passed.push((now, amount));
        }
    }
    passed
}

/// The bound of every token bucket: burst + rate·T in any time T.
fn within_burst_and_rate(events: &[(Instant, u64)], burst: f64, per_s: f64) {
    for (i, (from, _)) in events.iter().enumerate() {
        let mut sum = 0;
        for (to, n) in &events[i..] {
            sum += n;
            let most = burst + per_s * to.since(*from).as_s_f64();
            assert!(sum as f64 <= most + 1e-9, "{sum} > {most} from {from:?}");
        }
    }
}

#[test]
fn a_bucket_and_gcra_decide_alike_and_keep_their_bound() {
    for seed in 1..20 {
        let bucket = passed(Method::Bucket, seed, 800);
        assert_eq!(bucket, passed(Method::Gcra, seed, 800), "seed {seed}");
        within_burst_and_rate(&bucket, 8.0, 4.0);
        assert!(bucket.len() > 200, "seed {seed}: {}", bucket.len());
    }
}

#[test]
fn a_sliding_log_never_lets_more_than_its_limit_pass_in_any_interval() {
    for seed in 1..20 {
        let events = passed(Method::SlidingLog, seed, 800);
        for (i, (from, _)) in events.iter().enumerate() {
            let inside = |(at, _): &&(Instant, u64)| at.since(*from) < Duration::from_s(10);
            let sum: u64 = events[i..].iter().filter(inside).map(|(_, n)| n).sum();
            assert!(sum <= 40, "seed {seed}: {sum} from {from:?}");
        }
    }
}

#[test]
fn a_fixed_window_lets_twice_its_limit_pass_around_a_boundary() {
    let mut meter = Meter::new(Method::CalendarWindow, rate(), 0);
    let mut sum = 0;
    for ms in [9_900, 10_000] {
        while meter.has(1, at(ms)) {
            meter.take(1, at(ms));
            sum += 1;
        }
    }
    assert_eq!(sum, 80, "in a tenth of a second");
}

#[test]
fn a_window_that_begins_with_an_event_is_not_the_calendars() {
    let mut meter = Meter::new(Method::FixedWindow, rate(), 0);
    meter.take(40, at(9_900));
    assert_eq!(meter.wait(1, 0, at(10_000)), Some(Duration::from_ms(9_900)));
    assert!(meter.has(40, at(19_900)));
}

#[test]
fn a_sliding_counter_weighs_the_last_window() {
    let mut meter = Meter::new(Method::SlidingCounter, rate(), 0);
    meter.take(40, at(9_000));
    // 40·(1 − 0.5) = 20 are still counted halfway.
    assert!(meter.has(20, at(15_000)));
    assert!(!meter.has(21, at(15_000)));
}

/// Whatever the method and the past: after exactly the wait it passes, and a nanosecond before not.
#[test]
fn waiting_as_told_is_enough_and_a_nanosecond_less_is_not() {
    for method in Method::ALL {
        for seed in 1..40 {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut meter = Meter::new(method, rate(), 8);
            let mut now = Instant::ZERO;
            for _ in 0..60 {
                now = now + Duration(rng.next_u64() % 300_000_000);
                let amount = 1 + rng.next_u64() % 8;
                let wait = meter.wait(amount, 0, now).unwrap();
                if wait.is_zero() {
                    meter.take(amount, now);
                    continue;
                }
                let early = now + wait - Duration(1);
                assert!(!meter.clone().has(amount, early), "{method:?}, seed {seed}");
                assert!(
                    meter.clone().has(amount, now + wait),
                    "{method:?}, seed {seed}"
                );
            }
        }
    }
}

#[test]
fn what_is_put_back_may_pass_again_and_what_is_too_large_never() {
    for method in Method::ALL {
        let mut meter = Meter::new(method, rate(), 40);
        meter.take(40, at(0));
        assert!(!meter.has(5, at(0)), "{method:?}");
        meter.put_back(5, at(0));
        assert!(meter.has(5, at(0)), "{method:?}");
        assert!(!meter.has(6, at(0)), "{method:?}");
        assert_eq!(meter.wait(41, 0, at(0)), None, "{method:?}");
    }
}

/// The estimate for a place in line is never below what those ahead take alone.
#[test]
fn those_ahead_lengthen_the_wait() {
    for method in Method::ALL {
        let mut meter = Meter::new(method, rate(), 8);
        meter.take(8, at(0));
        let waits: Vec<_> = (0..200)
            .map(|ahead| meter.wait(1, ahead, at(0)).unwrap())
            .collect();
        assert!(waits.is_sorted(), "{method:?}");
        let seconds = waits[199].as_s_f64();
        assert!(
            (40.0..=60.0).contains(&seconds),
            "{method:?}: {seconds} s for 200 at 4/s"
        );
    }
}

#[test]
fn a_calendar_may_begin_late() {
    let phase = Duration::from_s(3);
    let mut meter = Meter::on_calendar_from(rate(), phase);
    // The first window began before the start and is over at three.
    meter.take(40, at(1_000));
    assert_eq!(meter.wait(1, 0, at(1_000)), Some(Duration::from_ms(2_000)));
    meter.take(40, at(3_000));
    assert_eq!(meter.wait(1, 0, at(3_000)), Some(Duration::from_s(10)));
    assert_eq!(meter.wait(1, 0, at(12_999)), Some(Duration::from_ms(1)));
}

/// What is refused costs a bucket what it has, and never leaves a debt; a log counts on.
#[test]
fn what_did_not_pass_empties_a_bucket_and_fills_a_log() {
    for method in [Method::Bucket, Method::Gcra] {
        let mut meter = Meter::new(method, rate(), 8);
        meter.take(5, at(0));
        for _ in 0..10 {
            meter.drain(6, at(0));
        }
        let second = Duration::from_ms(1000);
        assert_eq!(meter.wait(4, 0, at(0)), Some(second), "{method:?}");
    }
    let mut log = Meter::new(Method::SlidingLog, rate(), 8);
    log.take(40, at(0));
    log.drain(1, at(9_000));
    assert_eq!(log.wait(40, 0, at(9_000)), Some(Duration::from_s(10)));
}

/// A meter that was shrunken and restored lets pass what one lets pass that never was.
#[test]
fn a_size_that_changes_for_a_while_leaves_what_passed_as_it_was() {
    for method in Method::ALL {
        let mut meter = Meter::new(method, rate(), 40);
        meter.take(30, at(0));
        let half = Rate {
            micro: 20_000_000,
            ..rate()
        };
        if method != Method::Bucket {
            meter.resize(half, 20, at(0));
            assert!(!meter.has(1, at(0)), "{method:?}");
        }
        meter.resize(rate(), 40, at(0));
        assert!(meter.has(10, at(0)), "{method:?}");
        assert!(!meter.has(11, at(0)), "{method:?}");
    }
}
