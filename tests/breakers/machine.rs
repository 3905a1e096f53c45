//! What the machine does, whatever trips it.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::policy::breaker::answer::Answer;

use crate::bench::{Bench, End};
use End::{Bad, Good, Mute, Trips};

fn two_failures(more: &str) -> Bench {
    Bench::new(&format!(
        "breaker.consecutive = {{ failures = 2, open = \"10s\", probes = 1 }}\n{more}"
    ))
}

/// Trips it at 1000, until 11000.
fn tripped(bench: &mut Bench) {
    bench.one(Bad, 0);
    bench.one(Bad, 1000);
    assert_eq!(bench.trips(), 1);
}

#[test]
fn an_open_breaker_refuses_until_its_time_and_then_lets_one_probe_through() {
    let mut bench = two_failures("");
    tripped(&mut bench);
    assert_eq!(bench.ask(10_999), Answer::No);
    assert_eq!(bench.ask(11_000), Answer::AsProbe);
    let probe = bench.send(11_000).unwrap();
    assert_eq!(bench.ask(11_000), Answer::No);
    assert!(bench.end(probe, Good, 12_000));
    assert_eq!(bench.ask(12_000), Answer::Yes);
}

#[test]
fn several_probes_must_all_succeed_and_one_failure_opens_it_for_the_whole_time() {
    let text = "breaker.consecutive = { failures = 1, open = \"10s\", probes = 2 }";
    let mut bench = Bench::new(text);
    bench.one(Bad, 0);
    let (first, second) = (bench.send(10_000).unwrap(), bench.send(10_000).unwrap());
    assert_eq!(bench.ask(10_000), Answer::No);
    assert!(!bench.end(first, Good, 10_000));
    assert_eq!(
        bench.ask(10_000),
        Answer::No,
        "a success makes no place for another"
    );
    bench.end(second, Bad, 12_000);
    assert_eq!(bench.open_until(), Some(22_000));
}

#[test]
fn a_probe_that_says_nothing_gives_its_place_back() {
    let mut bench = two_failures("");
    tripped(&mut bench);
    let probe = bench.send(11_000).unwrap();
    assert_eq!(bench.ask(11_000), Answer::No);
    assert!(!bench.end(probe, Mute, 11_500));
    assert_eq!(bench.ask(11_500), Answer::AsProbe);
}

#[test]
fn a_probe_of_an_earlier_half_open_spell_is_late() {
    let text = "breaker.consecutive = { failures = 1, open = \"10s\", probes = 2 }";
    let mut bench = Bench::new(text);
    bench.one(Bad, 0);
    let (slow, quick) = (bench.send(10_000).unwrap(), bench.send(10_000).unwrap());
    bench.end(quick, Bad, 11_000);
    let fresh = bench.send(21_000).unwrap();
    assert!(!bench.end(slow, Bad, 22_000));
    assert_eq!(bench.probes_in_flight(), 1);
    bench.end(fresh, Mute, 22_000);
    assert_eq!(bench.probes_in_flight(), 0);
}

/// What an ending from before the trip does, in each state it may find.
#[test]
fn a_late_ending_is_dropped_counted_or_prolongs() {
    let words = ["dropped", "counted", "counted-as-probe", "prolongs"];
    for late in words {
        let mut bench = two_failures(&format!("trip.late = \"{late}\""));
        let old: Vec<_> = (0..6).map(|_| bench.send(0).unwrap()).collect();
        tripped(&mut bench);
        bench.end(old[0], Bad, 2000);
        bench.end(old[1], Bad, 2000);
        let prolonged = late == "prolongs";
        assert_eq!(
            bench.open_until(),
            Some(if prolonged { 12_000 } else { 11_000 }),
            "{late}"
        );
        let probe = bench.send(15_000).unwrap();
        let changed = bench.end(old[2], Good, 15_500);
        assert_eq!(
            changed,
            late != "dropped",
            "{late}: a late success closes it"
        );
        bench.end(probe, Good, 16_000);
        bench.end(old[3], Bad, 17_000);
        assert_eq!(
            bench.end(old[4], Bad, 17_000),
            late != "dropped",
            "{late}: it is closed"
        );
    }
}

#[test]
fn a_late_ending_may_free_a_place_it_never_took() {
    let text = "breaker.consecutive = { failures = 1, open = \"1s\", probes = 2 }\n\
                trip.late = \"counted-as-probe\"";
    let mut bench = Bench::new(text);
    let old = [bench.send(0).unwrap(), bench.send(0).unwrap()];
    bench.one(Bad, 0);
    assert!(bench.send(1000).is_some() && bench.send(1000).is_some());
    assert_eq!(bench.ask(1000), Answer::No);
    bench.end(old[0], Mute, 1000);
    assert!(bench.send(1000).is_some(), "a third probe of two");
    assert_eq!(bench.ask(1000), Answer::No);
}

/// failsafe-go's counter of permits, slow and obvious: one less with each probe that starts, one more with
/// each result, whoever it is of.
#[test]
fn failsafe_counts_one_permit_less_with_a_start_and_one_more_with_any_result() {
    let seed = 30;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    for round in 0..200 {
        let capacity: u32 = rng.random_range(1..6);
        let mut bench = Bench::new(&format!(
            "breaker.consecutive = {{ failures = 1, open = \"1s\", probes = {capacity} }}\n\
             trip.late = \"counted-as-probe\""
        ));
        let mut old: Vec<_> = (0..8).map(|_| bench.send(0).unwrap()).collect();
        bench.one(Bad, 0);
        let mut probes = vec![bench.send(1000).unwrap()];
        let (mut permits, mut good) = (capacity - 1, 0);
        for _ in 0..30 {
            match rng.random_range(0..4) {
                0 if !probes.is_empty() && good + 1 < capacity => {
                    bench.end(probes.swap_remove(0), Good, 1000);
                    (permits, good) = (permits + 1, good + 1);
                }
                1 if !probes.is_empty() => {
                    bench.end(probes.swap_remove(0), Mute, 1000);
                    permits += 1;
                }
                2 if !old.is_empty() => {
                    bench.end(old.swap_remove(0), Mute, 1000);
                    permits += 1;
                }
                _ => {
                    let sent = bench.send(1000);
                    assert_eq!(sent.is_some(), permits > 0, "seed {seed}, round {round}");
                    permits -= u32::from(sent.is_some());
                    probes.extend(sent);
                }
            }
        }
    }
}

#[test]
fn open_times_grow_and_are_forgotten_when_it_closes() {
    let mut bench = two_failures("trip.growth = { factor = 3, step = \"1s\", cap = \"60s\" }");
    tripped(&mut bench);
    let mut lengths = Vec::new();
    for _ in 0..4 {
        let at = bench.open_until().unwrap();
        bench.one(Bad, at);
        lengths.push(bench.open_until().unwrap() - at);
    }
    assert_eq!(
        lengths,
        [31_000, 60_000, 60_000, 60_000],
        "10 s · 3 + 1 s, then the cap"
    );
    let at = bench.open_until().unwrap();
    bench.one(Good, at);
    bench.one(Bad, at);
    bench.one(Bad, at);
    assert_eq!(bench.open_until(), Some(at + 10_000));
}

#[test]
fn trips_are_forgotten_by_healthy_time_all_or_one_by_one() {
    for (forget, expected) in [("all", 1), ("one", 2)] {
        let mut bench = Bench::new(&format!(
            "breaker.consecutive = {{ failures = 1, open = \"1s\" }}\nreadmit.at-once = {{}}\n\
             trip.growth = {{ step = \"1s\", cap = \"1h\", forget-after = \"10s\", forget = \"{forget}\" }}"
        ));
        let mut at = 0;
        for n in 1..=3u64 {
            bench.one(Bad, at);
            assert_eq!(bench.open_until(), Some(at + n * 1000), "{forget}");
            at = bench.open_until().unwrap() + 500;
        }
        at = bench.open_until().unwrap() + 25_000;
        bench.one(Bad, at);
        assert_eq!(
            bench.open_until(),
            Some(at + expected * 1000),
            "{forget}: 2.5 intervals"
        );
    }
}

/// Seed 3. Equal jitter lies in the upper half, and no two trips draw alike.
#[test]
fn open_times_are_spread() {
    let mut bench = Bench::of(
        "breaker.consecutive = { failures = 1, open = \"10s\" }\ntrip.jitter.equal = {}",
        1,
        3,
    );
    let (mut at, mut lengths) = (0, Vec::new());
    for _ in 0..200 {
        bench.one(Bad, at);
        lengths.push(bench.open_until().unwrap() - at);
        at = bench.open_until().unwrap();
    }
    assert!(lengths.iter().all(|l| (5000..=10_001).contains(l)));
    let mean = lengths.iter().sum::<u64>() as f64 / 200.0;
    assert!(
        (mean - 7500.0).abs() < 4.0 * 5000.0 / (12f64.sqrt() * 200f64.sqrt()),
        "{mean}"
    );
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() > 190);
}

#[test]
fn all_traffic_may_come_back_at_once_with_or_without_what_was_counted() {
    for (keep, trips) in [("false", 1), ("true", 2)] {
        let mut bench = two_failures(&format!(
            "readmit.at-once = {{}}\ntrip.keep-counts = {keep}"
        ));
        tripped(&mut bench);
        assert_eq!(bench.ask(10_999), Answer::No);
        assert_eq!(bench.ask(11_000), Answer::Yes);
        assert_eq!(bench.changes.last(), Some(&(11_000, 0, None)));
        bench.one(Bad, 11_000);
        assert_eq!(bench.trips(), trips, "keep-counts = {keep}");
    }
}

#[test]
fn unlimited_probes_all_pass_and_the_first_that_ends_decides() {
    for (end, state) in [(Good, Answer::Yes), (Bad, Answer::No)] {
        let mut bench = two_failures("readmit.unlimited = {}");
        tripped(&mut bench);
        let probes: Vec<_> = (0..50).map(|_| bench.send(11_000).unwrap()).collect();
        assert!(probes.iter().all(|probe| probe.is_probe()));
        assert!(!bench.end(probes[0], Mute, 11_000));
        assert!(bench.end(probes[1], end, 11_000));
        assert_eq!(bench.ask(11_000), state);
    }
}

#[test]
fn probes_may_decide_together() {
    let text = "breaker.count-window = { failures = 0.5, size = 10, min-volume = 4, open = \"1s\", probes = 6 }\n\
                readmit.probes = { verdict = \"thresholds\" }";
    for (ends, state) in [
        ([Bad, Good, Good, Good], Answer::Yes),
        ([Bad, Good, Good, Bad], Answer::No),
    ] {
        let mut bench = Bench::new(text);
        (0..4).for_each(|_| assert!(bench.one(Bad, 0).is_some()));
        let probes: Vec<_> = (0..6).map(|_| bench.send(1000).unwrap()).collect();
        assert_eq!(bench.ask(1000), Answer::No, "six places");
        for (i, end) in ends.into_iter().enumerate() {
            // min(6 probes, volume of 4) have ended.
            assert_eq!(bench.end(probes[i], end, 1000), i == 3);
        }
        assert_eq!(bench.ask(1000), state);
    }
}

#[test]
fn half_open_may_last_too_long() {
    let mut bench = two_failures("readmit.probes = { max-wait = \"5s\" }");
    tripped(&mut bench);
    let lost = bench.send(11_000).unwrap();
    assert_eq!(bench.ask(15_999), Answer::No);
    assert_eq!(bench.ask(16_000), Answer::No);
    assert_eq!(bench.open_until(), Some(26_000));
    assert!(!bench.end(lost, Good, 20_000), "late");
    assert_eq!(bench.ask(26_000), Answer::AsProbe);
}

#[test]
fn trips_and_returns_may_wait_for_a_sweep() {
    let mut bench = two_failures("trip = { decided-every = \"500ms\", ended-every = \"4s\" }");
    bench.one(Bad, 10);
    bench.one(Bad, 20);
    assert_eq!(bench.ask(499), Answer::Yes, "bad, and nobody has looked");
    assert_eq!(bench.ask(500), Answer::No);
    // Open until 10.5 s, and to the next multiple of 4 s.
    assert_eq!(bench.open_until(), Some(12_000));
    assert_eq!(bench.ask(11_999), Answer::No);
    assert_eq!(bench.ask(12_000), Answer::AsProbe);
    bench.one(Good, 12_000);
    bench.one(Bad, 12_100);
    bench.one(Bad, 12_200);
    bench.one(Good, 12_300);
    assert_eq!(
        bench.ask(30_000),
        Answer::Yes,
        "the run was over when it was looked at"
    );
}

/// A sweep after a success has left the window trips, though no ending does.
#[test]
fn a_sweep_sees_what_time_does_to_a_window() {
    let mut bench = Bench::new(
        "breaker.time-window = { failures = 0.6, span = \"10s\", min-volume = 2, open = \"5s\" }\n\
         trip.decided-every = \"1s\"",
    );
    for (end, at) in [(Good, 100), (Good, 200), (Bad, 5000), (Bad, 5100)] {
        bench.one(end, at);
    }
    assert_eq!(
        bench.ask(60_000),
        Answer::AsProbe,
        "it was open from 10 s to 15 s"
    );
    assert_eq!(bench.changes, [(60_000, 0, Some(15_000))]);
}

#[test]
fn a_class_may_trip_it_at_once_for_as_long_as_the_endpoint_asks() {
    let mut bench = two_failures(
        "readmit.at-once = {}\ntrip = { open-at-once = \"60s\", server-wait = { extra = \"30s\" } }",
    );
    bench.one(Trips(None), 0);
    assert_eq!(bench.open_until(), Some(60_000));
    bench.one(Trips(Some(7000)), 60_000);
    assert_eq!(bench.open_until(), Some(97_000));
    bench.one(Trips(Some(0)), 100_000);
    assert_eq!(bench.trips(), 2, "a wait of nothing is no trip");
    bench.one(Bad, 100_000);
    bench.one(Bad, 100_000);
    assert_eq!(bench.open_until(), Some(110_000), "its own time");
}

/// Systematic sampling: the calls let through up to any moment are the sum of the shares, ± 1.
#[test]
fn a_ramp_lets_a_growing_share_through() {
    for seed in 1..=20 {
        let mut bench = Bench::of(
            "breaker.consecutive = { failures = 1, open = \"1s\" }\n\
             readmit.ramp = { from = 0.2, over = \"10s\" }",
            1,
            seed,
        );
        bench.one(Bad, 0);
        assert_eq!(bench.ask(999), Answer::No);
        let (mut sum, mut sent) = (0.0, 0.0);
        // It begins with the first call, at 5 s, and not with the end of the open time.
        for at in (5000..15_000).step_by(10) {
            sum += 0.2 + 0.8 * (at - 5000) as f64 / 10_000.0;
            if let Some(pass) = bench.send(at) {
                assert!(pass.is_probe());
                bench.end(pass, Good, at);
                sent += 1.0;
            }
            assert!(
                (sum - sent).abs() <= 1.001,
                "seed {seed}, {at} ms: {sent} of {sum}"
            );
        }
        assert_eq!(bench.ask(15_000), Answer::Yes);
        assert_eq!(
            bench.changes.last(),
            Some(&(15_000, 0, None)),
            "seed {seed}"
        );
    }
}

#[test]
fn a_failure_on_a_ramp_opens_it_or_counts_as_any_other() {
    for (verdict, trips) in [("any-failure", 2), ("thresholds", 1)] {
        let mut bench = two_failures(&format!(
            "readmit.ramp = {{ from = 1.0, over = \"10s\", verdict = \"{verdict}\" }}"
        ));
        tripped(&mut bench);
        (0..2).for_each(|_| assert!(bench.one(Good, 11_000).is_some()));
        bench.one(Bad, 11_000);
        assert_eq!(bench.trips(), trips, "{verdict}");
    }
}
