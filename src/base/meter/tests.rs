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
        meter.put_back(5, at(0), at(0));
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
        if !method.has_burst() {
            meter.resize(half, 20, at(0));
            assert!(!meter.has(1, at(0)), "{method:?}");
        }
        meter.resize(rate(), 40, at(0));
        assert!(meter.has(10, at(0)), "{method:?}");
        assert!(!meter.has(11, at(0)), "{method:?}");
    }
}

/// Through a limit that shrinks, even to nothing, and grows again.
#[test]
fn a_bucket_and_gcra_decide_alike_while_their_size_changes() {
    for seed in 1..40 {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut both = [Method::Bucket, Method::Gcra].map(|m| Meter::new(m, rate(), 8));
        let mut now = Instant::ZERO;
        for step in 0..400 {
            now = now + Duration(rng.next_u64() % 400_000_000);
            let amount = rng.next_u64() % 4;
            if rng.next_u64().is_multiple_of(10) {
                let part = rng.next_u64() % 5;
                let micro = rate().micro * part / 4;
                let shrunken = Rate { micro, ..rate() };
                both.iter_mut()
                    .for_each(|m| m.resize(shrunken, 2 * part, now));
            }
            let [bucket, gcra] = both.each_mut().map(|m| m.wait(amount, 0, now));
            assert_eq!(bucket, gcra, "seed {seed}, step {step}: {amount}");
            if bucket == Some(Duration::ZERO) {
                both.iter_mut().for_each(|m| m.take(amount, now));
            }
        }
    }
}

/// Six thousand a minute at nine tenths of that, against the list of all events: its own refusals are those
/// of the list, but for events that a thousandth of a minute decides.
#[test]
fn a_log_of_many_events_refuses_hardly_more_than_the_list_of_all_of_them() {
    let minute = Rate {
        micro: 6_000_000_000,
        per: Duration::from_s(60),
    };
    for (seed, load) in [(1, 0.9), (2, 1.3)] {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let (mut log, mut list) = (Meter::new(Method::SlidingLog, minute, 0), Vec::new());
        let (mut now, mut passed, mut asked) = (Instant::ZERO, [0u64; 2], 0);
        let mean_ns = (1e7 / load) as u64;
        while now < at(300_000) {
            now = now + Duration(rng.next_u64() % (2 * mean_ns));
            asked += 1;
            if log.has(1, now) {
                log.take(1, now);
                passed[0] += 1;
            }
            list.retain(|event: &Instant| now.since(*event) < minute.per);
            if list.len() < 6000 {
                list.push(now);
                passed[1] += 1;
            }
        }
        let [log, list] = passed;
        if load < 1.0 {
            assert_eq!((log, list), (asked, asked), "seed {seed}");
        }
        assert!(
            log <= list && log as f64 > 0.99 * list as f64,
            "seed {seed}: {log} of {list}"
        );
    }
}

/// Nine hundred are taken in one minute and given back in the next, in which the limit has passed already.
#[test]
fn what_was_taken_in_another_window_does_not_pass_twice() {
    let limit = Rate {
        micro: 1_000_000_000,
        per: Duration::from_s(60),
    };
    for method in Method::ALL.into_iter().filter(|method| !method.has_burst()) {
        let mut meter = Meter::new(method, limit, 0);
        // Windows that begin with the first event begin at zero too.
        meter.take(1, at(0));
        meter.take(899, at(59_000));
        assert!(meter.wait(1000, 0, at(61_000)).is_some(), "{method:?}");
        let windows = [Method::FixedWindow, Method::CalendarWindow];
        if windows.contains(&method) {
            meter.take(1000, at(61_000));
            meter.put_back(899, at(59_000), at(62_000));
            assert!(!meter.has(1, at(62_000)), "{method:?}");
            meter.put_back(300, at(61_000), at(63_000));
            assert!(
                meter.has(300, at(63_000)) && !meter.has(301, at(63_000)),
                "{method:?}"
            );
            continue;
        }
        // Logs and counters count on into the next minute: there it is given back as long as it counts.
        let before = meter.clone();
        meter.put_back(899, at(59_000), at(62_000));
        assert!(meter.has(999, at(62_000)), "{method:?}");
        let (mut late, mut never) = (before.clone(), before);
        late.put_back(899, at(59_000), at(180_000));
        for meter in [&mut late, &mut never] {
            meter.take(1000, at(180_000));
            meter.put_back(899, at(59_000), at(180_500));
            assert!(!meter.has(1, at(181_000)), "{method:?}");
        }
    }
}

/// A log's refund shrinks the event it is of, and not a newer one.
#[test]
fn what_is_given_back_to_a_log_is_gone_when_it_would_have_been() {
    let mut log = Meter::new(Method::SlidingLog, rate(), 0);
    log.take(20, at(1_000));
    log.take(20, at(5_000));
    log.put_back(15, at(1_000), at(6_000));
    // 5 of the first are left until 11 s, 20 of the second until 15 s.
    assert_eq!(log.wait(20, 0, at(6_000)), Some(Duration::from_s(5)));
    assert_eq!(log.wait(21, 0, at(6_000)), Some(Duration::from_s(9)));
}

#[test]
fn where_nothing_comes_only_nothing_passes() {
    for method in Method::ALL {
        let mut meter = Meter::new(method, rate(), 8);
        meter.resize(Rate { micro: 0, ..rate() }, 0, at(10));
        assert_eq!(meter.wait(0, 0, at(20)), Some(Duration::ZERO), "{method:?}");
        assert_eq!(meter.wait(1, 0, at(20)), None, "{method:?}");
    }
}
