//! The adaptive limiters against their published rules, and in a closed loop.

use super::*;
use crate::base::units::Ratio;

fn sample(ms: u64, in_flight: u32) -> Sample {
    Sample {
        took: Duration::from_ms(ms),
        in_flight,
        dropped: false,
        u: 0.5,
        now: Instant::ZERO,
    }
}

fn dropped(ms: u64, in_flight: u32) -> Sample {
    Sample {
        dropped: true,
        ..sample(ms, in_flight)
    }
}

#[test]
fn aimd_adds_one_and_gives_up_a_tenth() {
    let config = aimd::Config {
        initial: 50,
        ..aimd::Config::default()
    };
    let mut state = aimd::State::new(&config);
    state.on_end(&config, sample(100, 25));
    assert_eq!(state.limit(), 51, "half of it was in use");
    state.on_end(&config, sample(100, 25));
    assert_eq!(state.limit(), 51, "less than half was in use");
    state.on_end(&config, dropped(100, 51));
    assert_eq!(state.limit(), 45, "51 × 0.9, cut");
    state.on_end(&config, sample(5_001, 45));
    assert_eq!(state.limit(), 40, "too slow is a drop");
    (0..100).for_each(|_| state.on_end(&config, dropped(1, 40)));
    assert_eq!(state.limit(), 20, "never below the lowest");
}

#[test]
fn vegas_grows_by_beta_without_a_queue_and_shrinks_with_a_long_one() {
    let config = vegas::Config::default();
    let mut state = vegas::State::new(&config);
    state.on_end(&config, sample(100, 20));
    assert_eq!(state.limit(), 20, "the first attempt is the shortest");
    state.on_end(&config, sample(100, 20));
    assert_eq!(state.limit(), 26, "no queue: + 6·log10(20)");
    // queue = ⌈26·(1 − 100/110)⌉ = 3: between α = 3 and β = 6 nothing moves.
    state.on_end(&config, sample(110, 26));
    assert_eq!(state.limit(), 26);
    // queue = ⌈26·(1 − 100/140)⌉ = 8 > β.
    state.on_end(&config, sample(140, 26));
    assert_eq!(state.limit(), 25);
    state.on_end(&config, dropped(100, 25));
    assert_eq!(state.limit(), 24);
}

/// new = L·clamp(1.5·long/took, ½, 1) + 4, a fifth of the way.
#[test]
fn gradient2_follows_its_formula() {
    let config = gradient2::Config::default();
    let mut state = gradient2::State::new(&config);
    let (mut limit, mut long) = (20.0f64, 0.0f64);
    for i in 0..400u32 {
        let ms = 100 + (i * 37) % 90 + if i > 200 { 400 } else { 0 };
        state.on_end(&config, sample(u64::from(ms), 200));
        let took = f64::from(ms) * 1e6;
        long = match i {
            0..10 => (long * f64::from(i) + took) / f64::from(i + 1),
            _ => long + (took - long) * 2.0 / 601.0,
        };
        if long / took > 2.0 {
            long *= 0.95;
        }
        let new = limit * (1.5 * long / took).clamp(0.5, 1.0) + 4.0;
        limit = (0.8 * limit + 0.2 * new).clamp(20.0, 200.0);
        assert_eq!(state.limit(), limit as u32, "attempt {i}");
    }
}

/// A service with ten places that answers in 100 ms each: what is beyond ten waits. Vegas, which
/// measures the wait, settles near the places; it overshoots by its α to β.
#[test]
fn vegas_finds_the_places_of_a_service() {
    let config = vegas::Config {
        initial: 100,
        ..vegas::Config::default()
    };
    let mut state = vegas::State::new(&config);
    state.on_end(&config, sample(100, 1));
    for _ in 0..250 {
        let in_flight = state.limit();
        let took = 100 * u64::from(in_flight.max(10)) / 10;
        state.on_end(&config, sample(took, in_flight));
    }
    let limit = state.limit();
    assert!((10..=20).contains(&limit), "{limit}");
}

#[test]
fn no_limiter_leaves_its_bounds() {
    let bounds = |state: &State, low, high| {
        let limit = state.limit();
        assert!((low..=high).contains(&limit), "{limit}");
    };
    let aimd = aimd::Config {
        initial: 30,
        min: 5,
        max: 60,
        backoff: Ratio(0.5),
        ..aimd::Config::default()
    };
    let vegas = vegas::Config {
        initial: 30,
        min: 5,
        max: 60,
        ..vegas::Config::default()
    };
    let gradient2 = gradient2::Config {
        initial: 30,
        min: 5,
        max: 60,
        ..gradient2::Config::default()
    };
    let gradient = gradient::Config {
        min: 5,
        max: 60,
        ..gradient::Config::default()
    };
    for config in [
        Config::Aimd(aimd),
        Config::Vegas(vegas),
        Config::Gradient2(gradient2),
        Config::Gradient(gradient),
    ] {
        let mut state = State::new(&config);
        for i in 0..5_000u64 {
            let ms = 1 + i * 7919 % 9000;
            let sample = Sample {
                dropped: i % 7 == 0,
                u: (i % 10) as f64 / 10.0 + 0.05,
                now: Instant::ZERO + Duration::from_ms(37 * i),
                ..sample(ms, (i * 31 % 80) as u32)
            };
            state.on_end(&config, sample);
            bounds(&state, 5, 60);
        }
    }
}

/// Fifty attempts alone say how long one takes; then once in 100 ms L·g + √(L·g), g = clamp(1.25·least/p50,
/// ½, 2); after a minute it measures again, at three.
#[test]
fn gradient_follows_its_formula_and_measures_again() {
    let config = gradient::Config::default();
    let mut state = gradient::State::new(&config);
    let at = |ms: u64, took: u64| Sample {
        now: Instant::ZERO + Duration::from_ms(ms),
        ..sample(took, 3)
    };
    (0..50).for_each(|i| state.on_end(&config, at(1000 + i, 80 + i % 3)));
    let mut limit = 3.0f64;
    for window in 0..500u64 {
        assert_eq!(state.limit(), limit as u32, "window {window}");
        let took = 60 + window * 53 % 200;
        let from = 1049 + window * 100;
        (1..=3).for_each(|i| state.on_end(&config, at(from + 10 * i, took - 30 + 15 * i)));
        state.on_end(&config, at(from + 100, took));
        // Of four latencies the second is the median by nearest rank.
        let scaled = limit * (81.0 * 1.25 / took as f64).clamp(0.5, 2.0);
        limit = (scaled + scaled.sqrt()).clamp(3.0, 1000.0);
    }
    state.on_end(&config, at(1049 + 65_000, 80));
    assert_eq!(state.limit(), 3, "a minute and half of 15 % of it are over");
    (0..50).for_each(|i| state.on_end(&config, at(70_000 + i, 40)));
    assert!(state.limit() > 3, "it goes back to where it was");
}
