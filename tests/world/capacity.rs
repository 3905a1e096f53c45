//! Kinds of capacity: what they make of several answers at once.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::bills::TWO_SECONDS;
use crate::street::Street;

const SHARED: &str = "capacity.processor-sharing = { full-speed = 1 }";

fn with(capacity: &str) -> Street {
    Street::new(&format!("{TWO_SECONDS}\n{capacity}"), &[])
}

#[test]
fn two_answers_that_share_take_twice_as_long_each() {
    let mut street = with(SHARED);
    (0..2).for_each(|_| _ = street.send());
    street.pass(10_000);
    assert_eq!(street.told("first"), ["2000 first #0", "2000 first #1"]);
    assert_eq!(
        street.told("end"),
        ["4000 end answer #0", "4000 end answer #1"]
    );
    assert_eq!(
        street.told("bill"),
        ["4000 bill 100+101 #0", "4000 bill 100+101 #1"]
    );
}

#[test]
fn an_answer_that_begins_slows_down_those_in_progress_from_then_on() {
    let mut street = with(SHARED);
    street.send();
    street.pass(1000);
    street.send();
    street.pass(10_000);
    // After a second alone the first has one more to go, at half speed; the other then has one left.
    assert_eq!(street.told("first"), ["1000 first #0", "3000 first #1"]);
    assert_eq!(
        street.told("end"),
        ["3000 end answer #0", "4000 end answer #1"]
    );
}

#[test]
fn up_to_the_full_speed_nobody_is_slowed_down() {
    let mut street = with("capacity.processor-sharing = { full-speed = 2, count = 4, queue = 0 }");
    (0..2).for_each(|_| _ = street.send());
    street.pass(3000);
    assert_eq!(
        street.told("end"),
        ["2000 end answer #0", "2000 end answer #1"]
    );
    (0..5).for_each(|_| _ = street.send());
    street.pass(9000);
    let ends = street.told("end");
    assert_eq!(ends[2], "3000 end 503 #6", "four at once, and no queue");
    let rest = &ends[3..];
    let late = rest.iter().filter(|end| end.starts_with("7000 end answer"));
    assert_eq!(late.count(), 4, "four share what two have: {rest:?}");
}

#[test]
fn an_abandoned_answer_goes_on_taking_its_share_or_gives_it_up() {
    for (keeps, end, bill) in [
        (true, "4000 end answer #1", "4000 bill 100+101 #0"),
        (false, "2500 end answer #1", "1000 bill 100+0 #0"),
    ] {
        let mut street = with(&format!("{SHARED}\nabandoned.keeps-slot = {keeps}"));
        (0..2).for_each(|_| _ = street.send());
        street.pass(1000);
        street.abandon(0);
        street.pass(10_000);
        assert_eq!(street.told("end"), [end]);
        assert!(street.told("bill").contains(&bill), "{:?}", street.log());
    }
}

#[test]
fn a_brownout_slows_down_those_who_share_and_an_outage_ends_them() {
    let provider = format!("{TWO_SECONDS}\n{SHARED}");
    let slow = "at = \"1s\"\nfor = \"1s\"\neffect.brownout = { slowdown = 4 }";
    let mut street = Street::new(&provider, &[slow]);
    street.send();
    street.pass(10_000);
    assert_eq!(street.told("end"), ["2750 end answer #0"]);
    let outage = "at = \"3s\"\nfor = \"1s\"\neffect.outage = {}";
    let mut street = Street::new(&provider, &[outage]).whole();
    (0..2).for_each(|_| _ = street.send());
    street.pass(4000);
    assert_eq!(street.told("end"), ["3000 end 503 #0", "3000 end 503 #1"]);
    street.send();
    street.pass(10_000);
    assert_eq!(
        street.told("end")[2],
        "6000 end answer #2",
        "nobody shares any more"
    );
    assert_eq!(street.jobs(), 0);
}

#[test]
fn the_newest_token_of_a_shared_answer_is_as_old_as_its_pace_says() {
    let mut street = with(SHARED);
    (0..2).for_each(|_| _ = street.send());
    street.pass(3510);
    // A token every 20 ms since 2 s: the last one came at 3500 ms.
    assert_eq!(street.heard(0), 3500.0);
}

/// Every answer in progress by itself, from one arrival or end to the next: what is left of each, in seconds.
fn step_by_step(arrivals: &[(f64, f64)], speed: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut ends = vec![0.0; arrivals.len()];
    let mut left: Vec<(usize, f64)> = Vec::new();
    let (mut now, mut next) = (0.0, 0);
    while next < arrivals.len() || !left.is_empty() {
        let pace = speed(left.len());
        let first = left
            .iter()
            .map(|(_, work)| *work)
            .fold(f64::INFINITY, f64::min);
        let arrives = arrivals.get(next).map_or(f64::INFINITY, |(at, _)| *at);
        let until = arrives.min(now + first / pace);
        left.iter_mut()
            .for_each(|(_, work)| *work -= (until - now) * pace);
        now = until;
        if arrives <= until {
            left.push((next, arrivals[next].1));
            next += 1;
        }
        left.retain(|&(who, work)| {
            if work <= 1e-10 {
                ends[who] = now;
            }
            work > 1e-10
        });
    }
    ends
}

type Speed = fn(usize) -> f64;

#[test]
fn who_shares_ends_when_a_model_says_that_goes_through_them_one_by_one() {
    let kinds: [(&str, Speed); 2] = [
        ("processor-sharing = { full-speed = 3 }", |n| {
            (3.0 / n as f64).min(1.0)
        }),
        ("batching = { slowdown = 0.25 }", |n| {
            1.0 / (1.0 + 0.25 * (n as f64 - 1.0))
        }),
    ];
    for (seed, (capacity, speed)) in (0..40).flat_map(|seed| kinds.map(|kind| (seed, kind))) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut street = with(&format!("capacity.{capacity}"));
        let (mut at_ms, mut arrivals) = (0u64, Vec::new());
        for _ in 0..60 {
            let pause = rng.random_range(0..900);
            street.pass(pause);
            at_ms += pause;
            let answer = rng.random_range(1..300);
            street.send_sized(100, 1000, answer);
            arrivals.push((at_ms as f64 / 1e3, 1.0 + 0.01 * f64::from(answer - 1)));
        }
        street.pass(3_600_000);
        for (fate, end) in street.fates.iter().zip(step_by_step(&arrivals, speed)) {
            let (at, _) = fate.end.expect("an answer");
            let off = (at.0 as f64 / 1e9 - end).abs();
            assert!(off < 1e-6, "seed {seed}, {capacity}: {off} s");
        }
    }
}

#[test]
fn a_full_provider_may_say_nothing() {
    let mut street = with("capacity.slots = { count = 1, queue = 0, when-full = \"drop\" }");
    (0..2).for_each(|_| _ = street.send());
    street.pass(60_000);
    assert_eq!(street.told("end"), ["2000 end answer #0"]);
    street.abandon(1);
    assert_eq!(street.told("bill")[1], "60000 bill 0+0 #1");
    assert_eq!(street.jobs(), 0);
}

#[test]
fn answers_take_longer_by_those_that_they_find() {
    let mut street = with("capacity.concurrency = { adds = \"500ms\" }");
    (0..3).for_each(|_| _ = street.send());
    street.pass(10_000);
    let first = ["1000 first #0", "1500 first #1", "2000 first #2"];
    assert_eq!(street.told("first"), first);
}

#[test]
fn of_two_that_read_one_version_the_first_to_write_wins() {
    let mut street = Street::new(
        "latency.distribution = { first-token.constant = \"0s\" }\ncapacity.optimistic = {}\n\
         network = { out.constant = \"10ms\", back.constant = \"10ms\" }",
        &[],
    );
    (0..2).for_each(|_| _ = street.send());
    street.pass(25);
    // Reads at 35 ms, before the writes of the others at 30 ms are seen to be the last.
    street.send();
    street.pass(1000);
    let ends = ["40 end answer #0", "40 end 409 #1", "65 end answer #2"];
    assert_eq!(street.told("end"), ends);
    assert_eq!(street.told("bill")[1], "30 bill 0+0 #1");
}

#[test]
fn slots_follow_the_load_after_their_delay() {
    let mut street = with(
        "capacity.autoscaled = { count = 1, max = 3, target = 1.0, every = \"10s\", delay.constant = \"5s\" }",
    );
    (0..20).for_each(|_| _ = street.send());
    street.pass(16_000);
    assert_eq!(street.told("end").len(), 8, "one every two seconds");
    street.pass(1000);
    assert_eq!(street.told("end").len(), 10, "two more slots since 15 s");
    street.pass(60_000);
    assert_eq!(street.told("end").len(), 20);
}

#[test]
fn whoever_comes_while_a_provider_warms_up_waits_for_the_same_instant() {
    let mut street = with("cold-start = { after-idle = \"5s\", takes.constant = \"3s\" }");
    street.send();
    street.pass(1000);
    street.send();
    street.pass(8000);
    // Both ended at 5 s: four seconds later it is warm, five seconds after that it is not.
    street.send();
    street.pass(7000);
    street.send();
    street.pass(10_000);
    let first = [
        "4000 first #0",
        "4000 first #1",
        "10000 first #2",
        "20000 first #3",
    ];
    assert_eq!(street.told("first"), first);
}

/// Where there is room for everybody at full speed, sharing is no sharing: whatever breaks off does so as it
/// does without, with the same signals and bills at the same times.
#[test]
fn answers_that_break_off_are_the_same_where_nobody_has_to_share() {
    let room = "processor-sharing = { full-speed = 1000 }";
    for effect in [
        "truncation = {}",
        "truncation = { clean = false }",
        "stream-error = {}",
        "stall = {}",
        "outage = {}",
    ] {
        for hits in ["", "hits.share = { of = 0.5 }"] {
            let fault = format!("at = \"1005ms\"\nfor = \"2s\"\neffect.{effect}\n{hits}");
            let fates = |capacity: &str| {
                let provider = format!("{TWO_SECONDS}\njson = {{}}\ncapacity.{capacity}");
                let mut street = Street::new(&provider, &[&fault]);
                for _ in 0..200 {
                    street.send();
                    street.pass(20);
                }
                street.pass(20_000);
                (0..200).for_each(|number| street.abandon(number));
                let ms = |at: squall::base::Instant| (at.0 + 1000) / 1_000_000;
                let told = |fate: &crate::street::Fate| {
                    let end = fate.end.map(|(at, ending)| (ms(at), ending));
                    let (at, usage) = fate.bills[0];
                    (fate.first.map(ms), end, fate.good, (ms(at), usage))
                };
                street.fates.iter().map(told).collect::<Vec<_>>()
            };
            let (slots, shared) = (fates("slots = { count = 1000 }"), fates(room));
            assert!(slots.iter().any(|fate| !fate.2), "{effect}");
            assert!(slots.iter().any(|fate| fate.2), "{effect}");
            for (number, (a, b)) in slots.iter().zip(&shared).enumerate() {
                assert_eq!(a, b, "seed 1: {effect} {hits} #{number}");
            }
        }
    }
}

/// Half of all requests take longer, each by a lot that does not depend on the provider's capacity.
fn slowed(capacity: &str, (at, lasts, slowdown): (&str, &str, u32), seed: u64) -> Street {
    let fault = format!(
        "at = \"{at}\"\nfor = \"{lasts}\"\nhits.share = {{ of = \"50%\" }}\n\
         effect.brownout = {{ slowdown = {slowdown} }}"
    );
    Street::seeded(&format!("{TWO_SECONDS}\n{capacity}"), &[&fault], seed)
}

/// Which requests a fault slows: those that take longer where nobody shares.
fn hit(arrivals: &[u64], seed: u64) -> Vec<bool> {
    let mut street = slowed("", ("0s", "1000000s", 3), seed);
    for pause in arrivals {
        street.pass(*pause);
        street.send();
    }
    street.pass(60_000);
    let took = street
        .fates
        .iter()
        .map(|fate| fate.end.expect("an answer").0.since(fate.sent));
    took.map(|took| took.0 > 3_000_000_000).collect()
}

#[test]
fn a_brownout_of_some_answers_makes_theirs_more_work_among_those_that_share() {
    // One of the two is hit.
    let seed = (0..20)
        .find(|&seed| hit(&[0, 0], seed) == [true, false])
        .expect("a coin");
    let ends = |at, lasts| {
        let mut street = slowed(SHARED, (at, lasts, 2), seed);
        (0..2).for_each(|_| _ = street.send());
        street.pass(60_000);
        assert_eq!(street.jobs(), 0);
        [0, 1].map(|n: usize| street.fates[n].end.expect("an answer").0.0 / 1_000_000)
    };
    // 4 s of work beside 2 s: the other is done after 4 s, and then there are 2 s left alone.
    assert_eq!(ends("0s", "100s"), [6000, 4000], "seed {seed}");
    // After a second 1.5 s are left of each, and 3 s of the one that is hit.
    assert_eq!(ends("1s", "100s"), [5500, 4000], "seed {seed}");
    // At 2 s half a second of the 3 s is done, and what is left is half as much again.
    assert_eq!(ends("1s", "1s"), [4250, 4000], "seed {seed}");
    // Whoever has the first token behind him does not get another.
    let mut street = slowed(SHARED, ("3s", "100s", 2), seed);
    (0..2).for_each(|_| _ = street.send());
    street.pass(60_000);
    assert_eq!(street.told("first"), ["2000 first #0", "2000 first #1"]);
    assert_eq!(
        street.told("end"),
        ["4000 end answer #1", "4500 end answer #0"]
    );
}

/// M/G/1-PS: whoever needs the work x is there for x ÷ (1 − ρ) on average, whatever the law of the others
/// (Kleinrock, Queueing Systems II, 1976, 4.4). Here ρ = λ · (½ · 2 s + ½ · 6 s) = 0.6.
#[test]
fn a_class_that_is_slowed_among_those_that_share_is_there_for_its_work_over_one_minus_rho() {
    let seed = 4;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let pause = |_| (-libm::log(1.0 - rng.random::<f64>()) * 4000.0 / 0.6) as u64;
    let pauses: Vec<u64> = (0..30_000).map(pause).collect();
    let hit = hit(&pauses, seed);
    let mut street = slowed(SHARED, ("0s", "1000000s", 3), seed);
    for pause in &pauses {
        street.pass(*pause);
        street.send();
    }
    street.pass(3_600_000);
    for (slow, work_s) in [(false, 2.0), (true, 6.0)] {
        let of = street
            .fates
            .iter()
            .zip(&hit)
            .skip(500)
            .filter(|(_, hit)| **hit == slow);
        let took: Vec<f64> = of
            .map(|(fate, _)| fate.end.expect("an answer").0.since(fate.sent).0 as f64 / 1e9)
            .collect();
        let mean = took.iter().sum::<f64>() / took.len() as f64;
        let law = work_s / (1.0 - 0.6);
        assert!(
            (mean / law - 1.0).abs() < 0.05,
            "seed {seed}: {mean} s, and the law says {law} s"
        );
    }
}
