//! How breakers let traffic back: probes, those that never return, results from before, cancellations.

use crate::pair::{A, Pair};
use crate::stack::{calls, one, several, submit};

/// What trips a preset, and how long it is open, in ms: status 500 so many times.
const TRIPS: [(&str, usize, u64); 9] = [
    ("polly-cb-8", 100, 5_000),
    ("hystrix", 20, 5_500),
    ("opossum-9", 1, 30_000),
    ("cockatiel-consecutive-3.2", 5, 10_000),
    ("gobreaker-2", 6, 60_000),
    ("pybreaker-1.4", 5, 60_000),
    ("failsafe-cb", 1, 60_000),
    ("resilience4j-cb", 100, 60_000),
    ("aiobreaker-1.2", 5, 60_000),
];

/// A client whose breaker has tripped, at the instant when its open time is over. `late` calls were
/// sent before and are still in flight: the first ones, in the order of their numbers.
fn reopening(preset: &str, late: usize, more: &str) -> Pair {
    let found = TRIPS.iter().find(|(name, ..)| *name == preset);
    let (_, failures, open) = found.expect("it is in the table");
    let mut pair = one(preset, more);
    submit(&mut pair, late);
    for _ in 0..*failures {
        let call = pair.submit();
        pair.fail_call(call, 500);
    }
    // Hystrix decides at its next snapshot, 500 ms later, which somebody has to ask for.
    if preset == "hystrix" {
        pair.pass(500);
        calls(&mut pair, 1, 500);
        pair.pass(open - 500);
    } else {
        pair.pass(*open);
    }
    assert_eq!(pair.told("trip").len(), 1, "{preset}");
    pair
}

/// How many of so many calls are sent.
fn sent_of(pair: &mut Pair, n: usize) -> usize {
    let before = pair.told("send").len();
    submit(pair, n);
    pair.told("send").len() - before
}

#[test]
fn trap_28_half_open_lets_one_through_or_ten_or_everyone() {
    for (preset, _, _) in TRIPS {
        let probes = match preset {
            "resilience4j-cb" => 10,
            "aiobreaker-1.2" => 15,
            _ => 1,
        };
        let mut pair = reopening(preset, 0, "");
        assert_eq!(sent_of(&mut pair, 15), probes, "{preset}");
    }
    // No half-open at all: at the end of a cooldown or an ejection all traffic returns.
    for (preset, failures, open) in [
        ("litellm-cooldown-1.109", 5, 5_000),
        ("envoy-outlier-first-eject-always", 5, 30_000),
        ("kong-maxfails", 3, 10_000),
    ] {
        let mut pair = several(preset, 3, "route.failover = [\"a\"]\ntrip.panic = 0");
        calls(&mut pair, failures, 500);
        assert_eq!(sent_of(&mut pair, 1), 0, "{preset}");
        pair.pass(open);
        assert_eq!(sent_of(&mut pair, 15), 15, "{preset}");
        assert!(!pair.log().iter().any(|line| line.contains("probe")));
    }
}

#[test]
fn trap_28_several_probes_decide_together_or_each_by_itself() {
    let after = |preset: &str, more: &str, n: usize, failed: usize| {
        let mut pair = reopening(preset, 0, more);
        let probes: Vec<u32> = (0..n).map(|_| pair.submit()).collect();
        for (i, probe) in probes.into_iter().enumerate() {
            if pair.place(probe).is_some() {
                match i < failed {
                    true => pair.fail_call(probe, 500),
                    false => pair.answer_call(probe),
                }
            }
        }
        (pair.told("close").len(), pair.told("trip").len())
    };
    // resilience4j: ten together, by the same 50 %.
    assert_eq!(after("resilience4j-cb", "", 10, 4), (1, 1));
    assert_eq!(after("resilience4j-cb", "", 10, 5), (0, 2));
    assert_eq!(
        after("resilience4j-cb", "", 9, 4),
        (0, 1),
        "not before the tenth"
    );
    // gobreaker: as many successes in a row as there are probes; any failure opens it again.
    let three = "breaker.consecutive.probes = 3";
    assert_eq!(after("gobreaker-2", three, 3, 0), (1, 1));
    assert_eq!(after("gobreaker-2", three, 2, 0), (0, 1));
    assert_eq!(after("gobreaker-2", three, 3, 1), (0, 2));
}

#[test]
fn trap_29_a_probe_that_never_returns_keeps_it_half_open_for_ever() {
    const DAY: u64 = 24 * 3_600_000;
    for (preset, probes) in [("polly-cb-8", 1), ("resilience4j-cb", 10)] {
        let mut pair = reopening(preset, 0, "");
        assert_eq!(sent_of(&mut pair, 10), probes);
        pair.pass(DAY);
        assert_eq!(sent_of(&mut pair, 10), 0, "{preset} is stuck");
        assert_eq!(pair.told("trip").len() + pair.told("close").len(), 1);
        // With a longest wait it opens again, and tries again when that is over.
        let mut pair = reopening(preset, 0, "readmit.probes.max-wait = \"10s\"");
        assert_eq!(sent_of(&mut pair, 10), probes);
        pair.pass(DAY);
        sent_of(&mut pair, 1);
        pair.pass(DAY);
        assert!(sent_of(&mut pair, 10) > 0, "{preset}");
        assert!(pair.told("trip").len() > 1, "{preset}");
    }
}

#[test]
fn trap_30_an_answer_from_before_the_trip_decides_for_some_and_is_dropped_by_others() {
    // One call from before is answered while the probe is still on its way.
    let closed = |preset: &str| {
        let mut pair = reopening(preset, 1, "");
        sent_of(&mut pair, 1);
        pair.answer_call(0);
        pair.told("close").len()
    };
    assert_eq!(closed("gobreaker-2"), 0, "another generation");
    assert_eq!(closed("polly-cb-8"), 1);
    assert_eq!(closed("failsafe-cb"), 1);
    // resilience4j credits it to the verdict: the tenth of ten, though nine probes have returned.
    let verdict = |late: usize| {
        let mut pair = reopening("resilience4j-cb", late, "");
        let probes: Vec<u32> = (0..9).map(|_| pair.submit()).collect();
        (0..late as u32).for_each(|call| pair.answer_call(call));
        probes.into_iter().for_each(|probe| pair.answer_call(probe));
        pair.told("close").len()
    };
    assert_eq!((verdict(0), verdict(1)), (0, 1));
}

#[test]
fn trap_30_failsafe_gains_a_permit_from_a_call_from_before_the_trip() {
    let probes = |preset: &str, late: bool| {
        let mut pair = reopening(preset, 1, "breaker.consecutive.probes = 2");
        let first = sent_of(&mut pair, 5);
        if late {
            pair.cancel(0);
        }
        (first, sent_of(&mut pair, 5))
    };
    assert_eq!(probes("failsafe-cb", false), (2, 0));
    assert_eq!(probes("failsafe-cb", true), (2, 1), "it never took one");
    assert_eq!(probes("gobreaker-2", true), (2, 0));
}

#[test]
fn trap_31_a_cancelled_probe_heals_or_gives_its_place_back() {
    let cancelled = |preset: &str, more: &str| {
        let mut pair = reopening(preset, 0, more);
        let probe = pair.submit();
        pair.cancel(probe);
        (pair.told("close").len(), sent_of(&mut pair, 15))
    };
    // A success, which closes it: all of 15 are sent.
    assert_eq!(cancelled("polly-cb-8", ""), (1, 15));
    // Released: all ten permits are left. Excluded: neither a success nor a failure.
    assert_eq!(cancelled("resilience4j-cb", ""), (0, 10));
    assert_eq!(cancelled("gobreaker-2", ""), (0, 1));
    // What pybreaker excludes, or opossum's filter takes out, is a success, and heals.
    for preset in ["pybreaker-1.4", "opossum-9", "gobreaker-2"] {
        let excluded = "on.rejected.counts-for-breaker = \"success\"";
        let mut pair = reopening(preset, 0, excluded);
        calls(&mut pair, 1, 400);
        assert_eq!(pair.told("close").len(), 1, "{preset}");
        let mut pair = reopening(preset, 0, "");
        calls(&mut pair, 1, 400);
        assert_eq!(pair.told("close").len(), 0, "{preset}");
    }
}

#[test]
fn trap_31_a_hedge_that_wins_heals_the_breaker_of_the_endpoint_that_lost() {
    let healed = |preset: &str, failures: usize, open| {
        let hedge = "route = \"failover\"\nretry.attempts = 2\nretry.on = []\n\
             hedge.fixed = { after = \"1s\", to = \"other\" }";
        let mut pair = several(preset, 2, hedge);
        for _ in 0..failures {
            let call = pair.submit();
            pair.fail_call(call, 500);
        }
        pair.pass(open);
        let probe = pair.submit();
        assert_eq!(pair.place(probe), Some(A));
        pair.pass(1000);
        pair.answer(crate::pair::B);
        assert_eq!(pair.told("abort").len(), 1);
        let close = pair.told("close");
        close.iter().any(|line| line.contains("close a"))
    };
    // a has answered nothing since it failed a hundred times.
    assert!(healed("polly-cb-8", 100, 5_000));
    assert!(!healed("resilience4j-cb", 100, 60_000));
    assert!(!healed("gobreaker-2", 6, 60_000));
}
