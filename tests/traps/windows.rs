//! What breakers remember, and for how long.

use crate::stack::{calls, one};

#[test]
fn trap_26_polly_s_windows_begin_with_an_event_and_not_with_the_clock() {
    let trips = |gap| {
        let mut pair = one("polly-cb-8", "");
        pair.pass(2900);
        calls(&mut pair, 99, 500);
        pair.pass(gap);
        calls(&mut pair, 1, 500);
        pair.told("trip").len()
    };
    // The window of the 99 began at 2.9 s and counts for 30 s; on the clock it would be that of 0 to 3 s,
    // over at 30 s.
    assert_eq!(trips(29_950), 1);
    assert_eq!(trips(30_000), 0);
}

#[test]
fn trap_26_litellm_s_two_counters_expire_each_by_itself() {
    let mut pair = one("litellm-cooldown-1.109", "");
    calls(&mut pair, 1, 200);
    pair.pass(45_000);
    calls(&mut pair, 9, 200);
    pair.pass(5_000);
    calls(&mut pair, 4, 500);
    assert!(pair.told("trip").is_empty(), "4 of 14");
    pair.pass(11_000);
    // 61 s after the first success and 11 s after the first failure: 5 of 5. In a window that slides the nine
    // of 45 s would count, on the calendar the minute would have 1 failure.
    calls(&mut pair, 1, 500);
    assert_eq!(pair.told("trip"), ["61000 trip a until 66000 #14"]);
}

#[test]
fn trap_26_a_count_forgets_nothing_while_nobody_calls_and_a_time_does() {
    const DAY: u64 = 24 * 3_600_000;
    let trips = |preset, first, second: &[(usize, u16)]| {
        let mut pair = one(preset, "");
        calls(&mut pair, first, 500);
        pair.pass(DAY);
        for (n, status) in second {
            calls(&mut pair, *n, *status);
        }
        pair.told("trip").len()
    };
    assert_eq!(trips("resilience4j-cb", 50, &[(50, 200)]), 1);
    assert_eq!(trips("gobreaker-2", 5, &[(1, 500)]), 1);
    assert_eq!(trips("polly-cb-8", 50, &[(50, 500)]), 0);
    assert_eq!(trips("litellm-cooldown-1.109", 4, &[(4, 500)]), 0);
}

#[test]
fn trap_27_litellm_s_allowed_fails_are_forgotten_after_a_cooldown_s_time() {
    let trips = |gap| {
        let mut pair = one("litellm-allowed-fails-1.109", "");
        for _ in 0..100 {
            calls(&mut pair, 1, 500);
            pair.pass(gap);
        }
        pair.told("trip").len()
    };
    // The fourth within 5 s of the first is one too many; at one in 1.7 s there never is a fourth.
    assert_eq!(trips(1700), 0);
    assert!(trips(1600) > 0);
}
