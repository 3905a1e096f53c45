//! Recovery of runs whose windows are written by hand.

use super::*;

const S: u64 = 1_000_000_000;

/// 40 calls a second; the share of good answers by second.
fn run(good: impl Fn(u64) -> u32, seconds: u64) -> Windows {
    Windows {
        arrived: (0..seconds).map(|_| 40).collect(),
        arrived_good: (0..seconds).map(good).collect(),
        ..Windows::default()
    }
}

fn frame<'a>(faults: &'a [(u64, u64)], duration: u64) -> Frame<'a> {
    Frame {
        window_ns: S,
        warm_up_ns: 20 * S,
        duration_ns: duration * S,
        faults,
        longest_ns: 10 * S,
    }
}

#[test]
fn a_run_recovers_at_the_first_of_three_good_windows() {
    // Bad until 15 s after the fault, one good window at 5 s that does not count.
    let windows = run(
        |s| {
            if (60..80).contains(&s) && !(70..75).contains(&s) {
                10
            } else {
                40
            }
        },
        200,
    );
    let (recoveries, lock_up) = recoveries(&windows, &frame(&[(60 * S, 65 * S)], 200));
    let expected = Recovery {
        recovered_ns: Some(15 * S),
        horizon_ns: 135 * S,
    };
    assert_eq!(recoveries, [Some(expected)]);
    assert_eq!(lock_up, Some(false));
}

#[test]
fn a_run_that_was_never_hurt_recovers_at_once() {
    let windows = run(|_| 39, 200);
    let (recoveries, _) = recoveries(&windows, &frame(&[(60 * S, 65 * S)], 200));
    assert_eq!(recoveries[0].unwrap().recovered_ns, Some(0));
}

#[test]
fn a_run_that_stays_down_is_locked_up_once_watched_for_a_minute() {
    let windows = run(|s| if s < 60 { 40 } else { 30 }, 200);
    let faults = [(60 * S, 65 * S)];
    let (recoveries_, lock_up) = recoveries(&windows, &frame(&faults, 200));
    assert_eq!(recoveries_[0].unwrap().recovered_ns, None);
    assert_eq!(lock_up, Some(true));
    // Watched for 55 s only: nothing can be said about a lock-up.
    let (recoveries_, lock_up) = recoveries(&windows, &frame(&faults, 120));
    assert_eq!(recoveries_[0].unwrap().horizon_ns, 55 * S);
    assert_eq!(lock_up, None);
}

#[test]
fn the_next_fault_ends_the_watch_and_the_bar_is_that_of_a_healthy_run() {
    let windows = run(|s| if s < 60 { 40 } else { 20 }, 300);
    let (recoveries, lock_up) = recoveries(
        &windows,
        &frame(&[(60 * S, 65 * S), (100 * S, 110 * S)], 300),
    );
    assert_eq!(recoveries[0].unwrap().horizon_ns, 35 * S);
    assert_eq!(recoveries[0].unwrap().recovered_ns, None);
    assert_eq!(recoveries[1].unwrap().horizon_ns, 190 * S);
    assert_eq!(lock_up, Some(true), "half of the calls good is no recovery");
}

#[test]
fn what_cannot_be_told_is_none() {
    let healthy = run(|_| 40, 200);
    let none = |windows: &Windows, faults: &[(u64, u64)], duration| {
        let (recoveries, lock_up) = recoveries(windows, &frame(faults, duration));
        assert_eq!(recoveries[0], None);
        assert_eq!(lock_up, None);
    };
    none(&healthy, &[(10 * S, 30 * S)], 200); // no calls before the fault
    none(&healthy, &[(60 * S, 200 * S)], 200); // no calls after it
    none(&healthy, &[(60 * S, 190 * S)], 200); // too short a watch for three windows
    let mut silent = healthy.clone();
    silent.arrived[65..].fill(0);
    silent.arrived_good[65..].fill(0);
    none(&silent, &[(60 * S, 65 * S)], 200);
    none(&run(|_| 0, 200), &[(60 * S, 65 * S)], 200); // nothing was ever good
    let (overlapped, _) = recoveries(&healthy, &frame(&[(60 * S, 70 * S), (65 * S, 80 * S)], 200));
    assert_eq!(overlapped[0], None);
    assert_eq!(overlapped[1].unwrap().recovered_ns, Some(0));
    assert_eq!(recoveries(&healthy, &frame(&[], 200)), (vec![], None));
}

/// Calls of which each is answered with this probability, by a small generator of its own.
fn by_chance(seed: u64, share: impl Fn(u64) -> f64) -> Windows {
    let mut state = seed;
    let mut unit = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let good: Vec<u32> = (0..240)
        .map(|s| (0..20).map(|_| u32::from(unit() < share(s))).sum())
        .collect();
    Windows {
        arrived: vec![20; 240],
        arrived_good: good,
        ..Windows::default()
    }
}

#[test]
fn where_limits_hold_all_the_time_chance_is_no_lock_up_and_a_lock_up_is_one() {
    let frame = frame(&[(120 * S, 140 * S)], 240);
    let locked = |share: fn(u64) -> f64| -> u64 {
        let told = |seed| recoveries(&by_chance(seed, share), &frame).1;
        (0..500)
            .map(|seed| u64::from(told(seed) == Some(true)))
            .sum()
    };
    // A quota lets three in ten through, and one in twenty while the fault is on. By 0.95 of the ratio
    // one run in twelve would be locked up, though nothing is left of the fault.
    let healthy = locked(|s| if (120..140).contains(&s) { 0.05 } else { 0.3 });
    let stuck = locked(|s| if s < 120 { 0.3 } else { 0.1 });
    println!("seeds 0 to 499: locked up {healthy} of the healthy, {stuck} of the stuck");
    assert!(healthy <= 2, "{healthy}");
    assert!(stuck >= 490, "{stuck}");
}

#[test]
fn three_windows_before_a_fault_are_too_few_to_call_chance_a_lock_up() {
    let frame = Frame {
        longest_ns: 30 * S,
        ..frame(&[(65 * S, 180 * S)], 240)
    };
    let locked = |share: fn(u64) -> f64| -> u64 {
        let told = |seed| recoveries(&by_chance(seed, share), &frame).1;
        (0..500)
            .map(|seed| u64::from(told(seed) == Some(true)))
            .sum()
    };
    // By the bar alone a fifth of the healthy would be locked up.
    let healthy = locked(|s| if (65..180).contains(&s) { 0.05 } else { 0.15 });
    let stuck = locked(|s| if s < 65 { 0.15 } else { 0.03 });
    println!("seeds 0 to 499: locked up {healthy} of the healthy, {stuck} of the stuck");
    assert!(healthy <= 25, "{healthy}");
    assert!(stuck >= 450, "{stuck}");
}

#[test]
fn calls_that_the_fault_hit_in_flight_do_not_lower_the_bar() {
    // All calls of the last 10 s before the fault fail with it, and some of all after it.
    let lock_up = |after: u32| {
        let good = |s| match s {
            0..50 => 40,
            50..65 => 0,
            _ => after,
        };
        recoveries(&run(good, 200), &frame(&[(60 * S, 65 * S)], 200)).1
    };
    // 36 of 40 is 0.9; the ratio before is 30 of 40 s, so the bar is 0.7125.
    assert_eq!(lock_up(36), Some(false));
    assert_eq!(lock_up(20), Some(true), "0.5 is below 0.7125");
}

#[test]
fn where_whole_windows_are_empty_of_answers_nothing_can_be_told() {
    let windows = run(|s| if s / 5 % 4 == 0 { 0 } else { 30 }, 400);
    let (told, lock_up) = recoveries(&windows, &frame(&[(200 * S, 210 * S)], 400));
    assert_eq!((told, lock_up), (vec![None], None));
}

#[test]
fn sparse_traffic_is_judged_in_windows_of_a_hundred_calls() {
    // 2 calls a second: windows of 50 s. One bad second in each does not matter.
    let windows = Windows {
        arrived: vec![2; 400],
        arrived_good: (0..400).map(|s| if s % 50 == 7 { 0 } else { 2 }).collect(),
        ..Windows::default()
    };
    let (recoveries, lock_up) = recoveries(&windows, &frame(&[(100 * S, 110 * S)], 400));
    assert_eq!(recoveries[0].unwrap().recovered_ns, Some(0));
    assert_eq!(lock_up, Some(false));
}
