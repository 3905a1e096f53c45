//! What trips each kind, against a list of all its endings.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::bench::{Bench, End};

/// One ending since the breaker closed: when in ms, whether it failed, whether it was slow.
type Event = (u64, bool, bool);

/// Whether the endings so far, of which the last is now, are a reason to trip. None: too close to
/// the threshold for a float to say.
type Model = Box<dyn Fn(&[Event]) -> Option<bool>>;

fn share(events: &[Event], min: usize, limit: f64, above: bool, slow: Option<f64>) -> bool {
    let n = events.len() as f64;
    let reaches = |part: usize, limit: f64| match above {
        true => part as f64 > limit * n,
        false => part as f64 >= limit * n,
    };
    let bad = events.iter().filter(|e| e.1).count();
    let late = events.iter().filter(|e| e.2).count();
    events.len() >= min && (reaches(bad, limit) || slow.is_some_and(|s| reaches(late, s)))
}

/// A walk that begins a bucket with the first event after the one before has had its width; those
/// begun less than a span ago.
fn begun(events: &[Event], now: u64, span: u64, buckets: u64) -> Vec<Event> {
    let mut all: Vec<Vec<Event>> = Vec::new();
    for event in events {
        match all.last_mut() {
            Some(bucket) if event.0 < bucket[0].0 + span / buckets => bucket.push(*event),
            _ => all.push(vec![*event]),
        }
    }
    all.retain(|bucket| now < bucket[0].0 + span);
    all.concat()
}

fn now(events: &[Event]) -> u64 {
    events.last().map_or(0, |e| e.0)
}

/// A failure, or something slow where that counts, must come last.
fn after(bad_last: bool, slow: bool, model: impl Fn(&[Event]) -> bool + 'static) -> Model {
    Box::new(move |events| {
        let (_, bad, late) = *events.last()?;
        Some((!bad_last || bad || slow && late) && model(events))
    })
}

fn consecutive() -> (String, Model) {
    let model = after(true, false, |events| {
        events.len() >= 3 && events[events.len() - 3..].iter().all(|e| e.1)
    });
    ("consecutive = { failures = 3,".into(), model)
}

fn count_window(above: bool, any: bool, slow: Option<f64>) -> (String, Model) {
    let text = format!(
        "count-window = {{ failures = 0.5, size = 12, min-volume = 7, {}",
        more(above, any, slow)
    );
    let model = after(!any, slow.is_some(), move |events| {
        let last = &events[events.len().saturating_sub(12)..];
        share(last, 7, 0.5, above, slow)
    });
    (text, model)
}

fn more(above: bool, any: bool, slow: Option<f64>) -> String {
    let threshold = if above { "above" } else { "at-least" };
    let on = if any { "any-ending" } else { "failure" };
    let slow = slow.map_or(String::new(), |s| {
        format!("slow = {{ after = \"1s\", share = {s} }},")
    });
    format!("threshold = \"{threshold}\", trips-on = \"{on}\", {slow}")
}

fn time_window(
    anchor: &'static str,
    buckets: u64,
    above: bool,
    slow: Option<f64>,
) -> (String, Model) {
    let text = format!(
        "time-window = {{ failures = 0.4, span = \"6s\", buckets = {buckets}, anchor = \"{anchor}\", \
         min-volume = 5, {}",
        more(above, false, slow)
    );
    let width = 6000 / buckets;
    let model = after(true, slow.is_some(), move |events| {
        let now = now(events);
        let of =
            |bad: bool| -> Vec<Event> { events.iter().copied().filter(|e| e.1 == bad).collect() };
        let inside: Vec<Event> = match anchor {
            "first-event" => begun(events, now, 6000, buckets),
            "first-event-each" => {
                let (bad, good) = (of(true), of(false));
                [
                    begun(&bad, now, 6000, buckets),
                    begun(&good, now, 6000, buckets),
                ]
                .concat()
            }
            _ => {
                let first = (now / width).saturating_sub(buckets - 1) * width;
                events.iter().copied().filter(|e| e.0 >= first).collect()
            }
        };
        share(&inside, 5, 0.4, above, slow)
    });
    (text, model)
}

fn max_fails(above: bool) -> (String, Model) {
    let threshold = if above { "above" } else { "at-least" };
    let text = format!(
        "max-fails = {{ failures = 4, span = \"5s\", anchor = \"first-event\", threshold = \"{threshold}\","
    );
    let model = after(true, false, move |events| {
        let bad: Vec<Event> = events.iter().copied().filter(|e| e.1).collect();
        let inside = begun(&bad, now(events), 5000, 1).len();
        inside >= 4 + usize::from(above)
    });
    (text, model)
}

/// The average as one sum over all endings, each with the weight that is left of it.
fn ema() -> (String, Model) {
    let text = "ema = { success = 0.6, span = \"4s\", min-volume = 5, in-a-row = 6,";
    let model: Model = Box::new(|events| {
        let (now, bad, _) = *events.last()?;
        let weight = |from: u64, to: u64| libm::exp(-((to - from) as f64) / 4000.0);
        let mut average = f64::from(!events[0].1) * weight(events[0].0, now);
        for pair in events.windows(2) {
            let own = 1.0 - weight(pair[0].0, pair[1].0);
            average += f64::from(!pair[1].1) * own * weight(pair[1].0, now);
        }
        let run = events.iter().rev().take_while(|e| e.1).count();
        let decided = (average - 0.6).abs() > 1e-9 || events.len() < 5 || run >= 6 || !bad;
        decided.then_some(bad && (run >= 6 || events.len() >= 5 && average < 0.6))
    });
    (text.into(), model)
}

fn every_kind() -> Vec<(String, Model)> {
    let mut all = vec![consecutive(), ema(), max_fails(false), max_fails(true)];
    for above in [false, true] {
        for slow in [None, Some(0.3)] {
            all.push(count_window(above, false, slow));
            all.push(count_window(above, true, slow));
            for anchor in ["epoch", "first-event", "first-event-each"] {
                for buckets in [1, 6, 10] {
                    all.push(time_window(anchor, buckets, above, slow));
                }
            }
        }
    }
    all
}

#[test]
fn every_kind_trips_when_a_list_of_all_endings_says_so() {
    for (i, (text, model)) in every_kind().into_iter().enumerate() {
        let seed = 7100 + i as u64;
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let text = format!("breaker.{text} open = \"1s\" }}");
        let mut bench = Bench::new(&text);
        let (mut events, mut at, mut trips) = (Vec::<Event>::new(), 0, 0);
        for _ in 0..6000 {
            at += match rng.random_range(0..60) {
                0 => rng.random_range(5000..9000),
                1..10 => 0,
                _ => rng.random_range(0..700),
            };
            let (bad, slow) = (rng.random_bool(0.3), rng.random_bool(0.15));
            let pass = bench.send(at).expect("it is closed");
            let (end, took) = (
                if bad { End::Bad } else { End::Good },
                if slow { 1001 } else { 1000 },
            );
            let tripped = bench.end_of(0, pass, end, took, at);
            events.push((at, bad, slow));
            if let Some(expected) = model(&events) {
                assert_eq!(
                    tripped,
                    expected,
                    "seed {seed}, {text}: {:?}",
                    events.last()
                );
            }
            if tripped {
                trips += 1;
                events.clear();
                at += 1000;
                assert_eq!(bench.one(End::Good, at), Some(true), "the probe closes it");
            }
        }
        println!("seed {seed}: {trips} trips of {text}");
        assert!(trips > 20, "seed {seed}, {text}: {trips} trips");
    }
}

/// opossum's volume: what was asked for, in flight and refused too.
#[test]
fn the_volume_may_be_what_was_asked_for() {
    let mut bench = Bench::new(
        "breaker.time-window = { failures = 0.5, threshold = \"above\", span = \"10s\", \
         min-volume = 1, volume = \"asked\", open = \"5s\" }\ntrip.keep-counts = true",
    );
    let flying: Vec<_> = (0..4).map(|_| bench.send(0).unwrap()).collect();
    assert!(!bench.end(flying[0], End::Bad, 10), "one of four");
    assert!(
        !bench.end(flying[1], End::Bad, 10),
        "half is not above half"
    );
    assert!(bench.end(flying[2], End::Bad, 10));
    (0..40).for_each(|_| assert!(bench.send(100).is_none()));
    assert_eq!(bench.one(End::Good, 5100), Some(true));
    assert_eq!(
        bench.one(End::Bad, 5200),
        Some(false),
        "the refused are in the volume"
    );
}

/// Seed 7200. Mean calls to n failures in a row: (1 − pⁿ)/(pⁿ(1 − p)).
#[test]
fn n_in_a_row_take_their_mean_number_of_calls() {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(7200);
    for (p, n) in [(0.5, 3), (0.8, 5), (0.3, 2)] {
        let mut bench = Bench::new(&format!(
            "breaker.consecutive = {{ failures = {n}, open = \"1ms\" }}"
        ));
        let (mut at, mut lengths) = (0, Vec::new());
        for _ in 0..4000 {
            let before = bench.trips();
            let mut calls = 0.0;
            while bench.trips() == before {
                let end = if rng.random_bool(p) {
                    End::Bad
                } else {
                    End::Good
                };
                bench.one(end, at);
                calls += 1.0;
            }
            lengths.push(calls);
            at += 1;
            bench.one(End::Good, at);
        }
        let k = lengths.len() as f64;
        let mean = lengths.iter().sum::<f64>() / k;
        let variance = lengths.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (k - 1.0);
        let all_fail = libm::pow(p, f64::from(n));
        let law = (1.0 - all_fail) / (all_fail * (1.0 - p));
        let error = (variance / k).sqrt();
        assert!(
            (mean - law).abs() < 4.0 * error,
            "p = {p}, n = {n}: {mean} ± {error}, law {law}"
        );
    }
}
