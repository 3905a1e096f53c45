//! The simulator against an independent oracle: the same model as a plain loop, written by hand.
//!
//! The loop shares no engine, no world and no recorder with the simulator, and both must say the
//! same totals: every count, token, pico-dollar and histogram, to the last nanosecond.

#![cfg(feature = "sim")]

#[path = "../benches/full_stack/mod.rs"]
mod full_stack;

use full_stack::by_hand;
use full_stack::model::Model;
use full_stack::totals::{Totals, simulated};
use squall::base::Duration;
use squall::record::Sums;

/// Compares piece by piece, so that a difference names its place.
fn assert_same(seed: u64, simulated: &Totals, by_hand: &Totals) {
    for (scope, (s, h)) in simulated.scopes.iter().zip(&by_hand.scopes).enumerate() {
        let at = format!("seed {seed}, scope {scope}");
        let counts = |x: &Sums| {
            let answers = [x.calls, x.sent_calls, x.success, x.good, x.degraded];
            (answers, x.failed, x.unfinished, x.attempts, x.probes)
        };
        assert_eq!(counts(s), counts(h), "{at}");
        assert_eq!(s.failures, h.failures, "{at}");
        assert_eq!(s.refusals, h.refusals, "{at}");
        assert_eq!(s.statuses, h.statuses, "{at}");
        assert_eq!(s.usage, h.usage, "{at}");
        assert!(s == h, "{at}: latencies or tokens differ");
    }
    assert!(
        simulated == by_hand,
        "seed {seed}: peaks, trips or the end differ"
    );
}

#[test]
fn the_simulator_and_a_loop_written_by_hand_say_the_same() {
    for seed in 1..=6 {
        let model = Model {
            seed,
            rate: 40,
            duration: Duration::from_s(100),
        };
        let simulated = Totals::from(simulated(&model));
        assert_same(seed, &simulated, &by_hand::run(&model));
    }
}

#[test]
fn the_model_exercises_every_policy() {
    let model = Model {
        seed: 1,
        rate: 40,
        duration: Duration::from_s(100),
    };
    let totals = by_hand::run(&model);
    let all = &totals.scopes[0];
    assert!(all.attempts.iter().all(|n| *n > 0), "{:?}", all.attempts);
    assert!(all.probes > 0 && totals.breaker_trips > 0);
    for refusal in ["breaker-open", "budget-share", "attempts-spent"] {
        assert!(all.refusals.contains_key(refusal), "{:?}", all.refusals);
    }
    assert!(all.statuses.len() == 4, "{:?}", all.statuses);
    assert!(all.failover_added.n > 0 && all.failures.contains_key("truncated"));
    for class in ["timed-out", "cancelled", "rate-limited", "overloaded"] {
        assert!(all.usage.iter().any(|row| row.class == class), "{class}");
    }
}
