//! The time breakers are open, against a slow obvious model that looks at each of them at every
//! millisecond.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::base::Duration;
use crate::sim::frame::FaultSpan;

const MS: u64 = 1_000_000;
const DURATION: u64 = 2000;
const WARM_UP: u64 = 300;
const BAD: Range<u64> = 700..1100;

fn at(ms: u64) -> Instant {
    Instant(ms * MS)
}

fn frame() -> Frame {
    Frame {
        warm_up: at(WARM_UP),
        duration: at(DURATION),
        horizon: Duration::ZERO,
        window: Duration::from_ms(90),
        faults: vec![FaultSpan {
            times: std::iter::once(at(BAD.start)..at(BAD.end)).collect(),
            drawn: false,
            on: vec![0],
        }],
        parts: Vec::new(),
    }
}

/// Breakers that open again and again while they are open, for longer and for shorter, and close early:
/// every millisecond counts once, rightly or in vain, in its window.
#[test]
fn a_breaker_that_is_open_for_many_reasons_is_open_once() {
    let (frame, mut moved, mut shorter) = (frame(), 0, 0);
    for seed in 0..200 {
        let r = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut timeline = Timeline::new(&frame, 1, false);
        // Until when each is open, as it is at each millisecond.
        let mut until = [0_u64; 3];
        let (mut trips, mut bad, mut good) = (0, 0, 0);
        let mut windows = vec![0; frame.windows()];
        for now in 0..DURATION {
            for until in &mut until {
                if !r.random_bool(0.005) {
                    continue;
                }
                let open = *until > now;
                let closes = open && r.random_bool(0.2);
                let next = if closes {
                    now
                } else if r.random_bool(0.1) {
                    // Noticed late: it was to be open until an instant that has passed.
                    now.saturating_sub(r.random_range(0..900))
                } else {
                    now + r.random_range(0..900)
                };
                let opening = match open {
                    true => Opening::Moved { was: at(*until) },
                    false if r.random_bool(0.5) => Opening::Decided,
                    false => Opening::Shared,
                };
                moved += u32::from(open);
                shorter += u32::from(open && next < *until);
                trips += u64::from(opening == Opening::Decided && now >= WARM_UP);
                timeline.on_open(at(now), (at(next), opening), EndpointId(0), &frame);
                *until = next;
            }
            let open = until.iter().filter(|until| **until > now).count() as u64;
            windows[(now / 90) as usize] += open;
            if now >= WARM_UP {
                *(if BAD.contains(&now) {
                    &mut bad
                } else {
                    &mut good
                }) += open;
            }
        }
        let mut replication = Replication::default();
        timeline.close(&frame, &mut replication);
        let ns = |ms: u64| u128::from(ms * MS);
        assert_eq!(
            (
                replication.breaker_trips,
                replication.breaker_open_bad_ns,
                replication.breaker_open_good_ns,
                &replication.windows.open_ms[0]
            ),
            (trips, ns(bad), ns(good), &windows),
            "seed {seed}"
        );
    }
    assert!(moved > 500 && shorter > 200, "{moved} {shorter}");
}

#[test]
fn of_breakers_that_all_processes_share_no_process_counts_a_trip() {
    let frame = frame();
    let mut timeline = Timeline::new(&frame, 1, true);
    for ms in [500, 600] {
        let opens = (at(ms + 50), Opening::Decided);
        timeline.on_open(at(ms), opens, EndpointId(0), &frame);
    }
    timeline.on_trips(at(WARM_UP - 1), 1);
    timeline.on_trips(at(600), 1);
    assert_eq!(timeline.trips, 1, "what is told after the warm-up");
    assert_eq!(timeline.open_good_ns, u128::from(100 * MS));
}
