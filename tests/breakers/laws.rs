//! Laws that hold for every kind, whatever it is combined with.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::policy::breaker::answer::{Answer, Pass};
use squall::policy::breaker::{KINDS, readmit};

use crate::bench::{Bench, End};

/// What a case may choose from; (settings, the least endings before a trip).
const TRIPS: [(&str, u32); 11] = [
    ("consecutive = { failures = 3", 3),
    (
        "count-window = { failures = 0.4, size = 12, min-volume = 6",
        6,
    ),
    (
        "count-window = { failures = 0.4, size = 5, trips-on = \"any-ending\"",
        5,
    ),
    (
        "count-window = { failures = 1.0, size = 8, slow = { after = \"800ms\", share = 0.3 }",
        8,
    ),
    (
        "time-window = { failures = 0.3, span = \"8s\", min-volume = 5",
        5,
    ),
    (
        "time-window = { failures = 0.3, span = \"8s\", min-volume = 5, anchor = \"first-event\"",
        5,
    ),
    (
        "time-window = { failures = 0.3, span = \"8s\", min-volume = 5, anchor = \"first-event-each\", buckets = 1",
        5,
    ),
    (
        "time-window = { failures = 0.3, span = \"8s\", min-volume = 5, threshold = \"above\"",
        5,
    ),
    ("ema = { success = 0.6, span = \"5s\", min-volume = 4", 4),
    (
        "max-fails = { failures = 3, span = \"9s\", anchor = \"first-event\"",
        3,
    ),
    (
        "outlier = { in-a-row = 3, every = \"3s\", min-endpoints = 2, min-volume = 1",
        1,
    ),
];

const READMITS: [&str; 6] = [
    "probes = {}",
    "probes = { verdict = \"thresholds\" }",
    "probes = { max-wait = \"2s\" }",
    "at-once = {}",
    "unlimited = {}",
    "ramp = { from = 0.3, over = \"5s\", verdict = \"thresholds\" }",
];

struct Case {
    seed: u64,
    text: String,
    least: u32,
    probes: u32,
    counted: bool,
    /// Whether what was counted while traffic came back still counts once it has closed.
    ramp: bool,
}

fn case(seed: u64) -> Case {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut pick = |from: &[&'static str]| from[rng.random_range(0..from.len())];
    let late = pick(&["dropped", "dropped", "counted", "prolongs"]);
    let growth = pick(&[
        "",
        "growth = { factor = 2, cap = \"9s\" },",
        "growth = { step = \"1s\", cap = \"9s\", forget-after = \"2s\", forget = \"one\" },",
    ]);
    let sweeps = pick(&[
        "",
        "decided-every = \"700ms\",",
        "ended-every = \"1300ms\",",
    ]);
    let jitter = pick(&["none", "equal", "full"]);
    let (kind, least) = TRIPS[seed as usize % TRIPS.len()];
    let back = READMITS[seed as usize / TRIPS.len() % READMITS.len()];
    let probes = rng.random_range(1..4);
    Case {
        seed,
        text: format!(
            "breaker.{kind}, open = \"2s\", probes = {probes} }}\nreadmit.{back}\n\
             trip = {{ {growth} {sweeps} jitter.{jitter} = {{}}, late = \"{late}\" }}"
        ),
        least,
        probes: if back.starts_with("probes") {
            probes
        } else {
            u32::MAX
        },
        counted: late != "dropped",
        ramp: back.starts_with("ramp"),
    }
}

/// Flies a case; every decision as a line. Checks what must hold on the way.
fn fly(case: &Case, steps: u32) -> (Vec<String>, Bench) {
    let Case { seed, text, .. } = case;
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed ^ 0xf1f);
    let endpoints = 3;
    let mut bench = Bench::of(text, endpoints, *seed);
    let mut flying: Vec<(u64, u64, u16, Pass)> = Vec::new();
    let mut books = Books::default();
    let (mut log, mut at) = (Vec::new(), 0);
    for _ in 0..steps {
        at += match rng.random_range(0..100) {
            0 => rng.random_range(3000..20_000),
            _ => rng.random_range(0..300),
        };
        flying.sort_unstable_by_key(|f| f.1);
        while let Some(&(sent, due, endpoint, pass)) = flying.first().filter(|f| f.1 <= at) {
            flying.remove(0);
            let e = usize::from(endpoint);
            // Spells of trouble, so that it both trips and closes.
            let trouble = due / 15_000 % 2 == 0;
            let end = match rng.random_range(0..10) {
                0 => End::Mute,
                n if trouble && n < 7 => End::Bad,
                _ => End::Good,
            };
            // What was sent before a trip is late, and counts for nothing.
            books.told[e] += u32::from(end != End::Mute && sent >= books.tripped[e]);
            let before = bench.changes.len();
            bench.end_of(endpoint, pass, end, due - sent, due);
            books.follow(case, &bench, before, &mut log);
        }
        let endpoint = rng.random_range(0..endpoints);
        let before = bench.changes.len();
        let answer = bench.ask_at(endpoint, at);
        books.follow(case, &bench, before, &mut log);
        let e = usize::from(endpoint);
        if at < books.open[e] {
            assert_eq!(
                answer,
                Answer::No,
                "seed {seed}, {text}: open until {}",
                books.open[e]
            );
        }
        log.push(format!("{at} {endpoint} {answer:?}"));
        if let Some(pass) = bench.send_to(endpoint, at) {
            flying.push((at, at + rng.random_range(0..1500), endpoint, pass));
        }
        let probes = bench.probes_in_flight();
        assert!(
            probes <= case.probes,
            "seed {seed}, {text}: {probes} probes"
        );
    }
    (log, bench)
}

/// What is known of each endpoint's breaker from outside.
#[derive(Default)]
struct Books {
    /// Endings it may have counted since it last began anew.
    told: [u32; 3],
    /// Until when it is open; 0 while closed.
    open: [u64; 3],
    tripped: [u64; 3],
}

impl Books {
    /// Books the changes since `before`: none trips on too little.
    fn follow(&mut self, case: &Case, bench: &Bench, before: usize, log: &mut Vec<String>) {
        for &(at, endpoint, until) in &bench.changes[before..] {
            let e = usize::from(endpoint);
            log.push(format!("{at} {endpoint} {until:?}"));
            // A closed breaker has all its endings to count from; a half-open one needs only one.
            if until.is_some() && self.open[e] == 0 && !case.counted {
                let Case {
                    seed, text, least, ..
                } = case;
                let told = self.told[e];
                assert!(
                    told >= *least,
                    "seed {seed}, {text}: tripped after {told} endings"
                );
            }
            // Rounded up to a ms when noted: the last ms is not held to it.
            self.open[e] = until.map_or(0, |until| until.saturating_sub(1));
            if until.is_some() {
                self.tripped[e] = at;
            }
            if until.is_some() || !case.ramp {
                self.told[e] = 0;
            }
        }
    }
}

const CASES: u64 = 66 * 4;

#[test]
fn it_refuses_while_open_grants_no_more_probes_and_needs_its_volume() {
    let (mut trips, mut closings) = (0, 0);
    for seed in 7400..7400 + CASES {
        let case = case(seed);
        let (_, bench) = fly(&case, 600);
        trips += bench.trips();
        closings += bench.changes.len() - bench.trips();
    }
    println!(
        "seeds 7400 to {}: {trips} trips, {closings} closings",
        7399 + CASES
    );
    assert!(
        trips > 2000 && closings > 1000,
        "{trips} trips, {closings} closings"
    );
}

#[test]
fn the_same_seed_decides_the_same() {
    for seed in (7400..7400 + CASES).step_by(5) {
        let case = case(seed);
        assert_eq!(fly(&case, 300).0, fly(&case, 300).0, "seed {seed}");
    }
}

#[test]
fn what_it_remembers_is_bounded() {
    for seed in 7400..7466 {
        let case = case(seed);
        let (short, long) = (fly(&case, 1000).1.size(), fly(&case, 20_000).1.size());
        // Longer numbers, and buckets that were empty.
        assert!(
            long < 2 * short + 4000,
            "seed {seed}, {}: {short}, then {long}",
            case.text
        );
    }
}

#[test]
fn the_laws_know_every_kind() {
    let names = KINDS
        .iter()
        .map(|kind| kind.name)
        .filter(|name| *name != "none");
    for name in names {
        assert!(
            TRIPS.iter().any(|(text, _)| text.starts_with(name)),
            "{name}"
        );
    }
    for kind in readmit::KINDS {
        assert!(
            READMITS.iter().any(|text| text.starts_with(kind.name)),
            "{}",
            kind.name
        );
    }
}
