//! Every fault ends when it should: whatever it did, and to whom, what comes after it meets a world
//! that never had it.

use squall::base::draw::{Root, Stage};
use squall::base::{Draws, Instant};
use squall::fault::Config;

use crate::settings::typed;
use crate::street::Street;

const PROVIDER: &str = "latency.linear = { base = \"1s\", sigma = 0.3, per-token = \"10ms\" }\n\
    network = { out.constant = \"10ms\", back.constant = \"20ms\" }\n\
    limits.rpm = 60000\nquality = 0.9\njson = { broken = 0.1, fenced = 0.2 }\n\
    price = { input = \"$3/M\", output = \"$15/M\" }";

pub(super) const EFFECTS: [&str; 18] = [
    "outage = {}",
    "refused-connections = {}",
    "hang = {}",
    "unreachable = {}",
    "brownout = { slowdown = 5 }",
    "error-rate = { bad = 0.5 }",
    "rate-limit = { factor = 0 }",
    "drift = { factor = 0.2, broken = 0.5, fenced = 0.5, shift = 2 }",
    "wrong-language = { plain = 0.5, length = 2 }",
    "overload = { in-stream = true }",
    "truncation = { clean = true }",
    "truncation = { clean = false }",
    "stream-error = {}",
    "stall = {}",
    "invalid-credentials = {}",
    "quota-exhausted = {}",
    "packet-loss = { loss = 0.5 }",
    "price = { factor = 3 }",
];

pub(super) const SCHEDULES: [&str; 4] = [
    "",
    "schedule.every = { on = \"700ms\", off = \"300ms\" }",
    "schedule.incidents = { gap = { shape = 0.8, scale = \"3s\" }, lasts.constant = \"2s\" }",
    "schedule.incidents = { gap = { shape = 0.8, scale = \"3s\" }, lasts.constant = \"2s\", \
     severity.some = { weight = 1, share = 0.5 } }",
];

pub(super) const HITS: [&str; 5] = [
    "",
    "hits.share = { of = 0.5 }",
    "hits.share = { of = 0.5, by = \"call\" }",
    "hits.path = { points = { 0s = 0.1, 10s = 0.9 }, by = \"user\" }",
    "hits.first = { requests = 7 }",
];

/// The lines of requests that are sent from 90 s on, at a world that is done with its fault, seconds
/// after it, and their fates.
fn after(fault: &[&str]) -> Vec<String> {
    let mut street = Street::new(PROVIDER, fault);
    for number in 0..60u32 {
        let at = Instant(u64::from(number) * 500_000_000);
        street.reach(at);
        street.send();
    }
    // Nobody waits longer for what never comes.
    street.reach(Instant(90_000_000_000));
    for number in 0..60u32 {
        if street.is_open(number) {
            street.abandon(number);
        }
    }
    let before = street.log().len();
    for _ in 0..40 {
        street.pass(100);
        street.send();
    }
    street.pass(60_000);
    let fates = street.fates[60..].iter().map(|f| format!("{f:?}"));
    let log = street.log();
    let told = log[before..].iter().filter(|line| {
        let number = line.rsplit('#').next().and_then(|n| n.parse::<u32>().ok());
        number.is_some_and(|n| n >= 60)
    });
    told.map(|line| line.to_string()).chain(fates).collect()
}

#[test]
fn whatever_comes_after_a_fault_meets_a_world_without_it() {
    let quiet = after(&[]);
    assert!(quiet.len() > 100, "{quiet:?}");
    // Every effect under every kind of hits, each with another schedule.
    for (i, effect) in EFFECTS.iter().enumerate() {
        for (j, hits) in HITS.iter().enumerate() {
            let schedule = SCHEDULES[(i + j) % SCHEDULES.len()];
            let fault = format!("at = \"5s\"\nfor = \"25s\"\neffect.{effect}\n{schedule}\n{hits}");
            assert_eq!(after(&[&fault]), quiet, "{fault}");
        }
    }
}

#[test]
fn the_times_of_a_fault_are_in_order_apart_and_within_its_span() {
    for seed in 0..300 {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let schedule = SCHEDULES[seed as usize % SCHEDULES.len()];
        let fault: Config = typed(&format!(
            "name = \"f\"\non = [\"p\"]\nat = \"5s\"\nfor = \"25s\"\neffect.hang = {{}}\n{schedule}"
        ));
        let times = fault.times(0, &draws);
        let within = |at: Instant| at >= fault.from() && at <= fault.to();
        for time in &times {
            assert!(time.from < time.to, "seed {seed}: {time:?}");
            assert!(
                within(time.from) && within(time.to),
                "seed {seed}: {time:?}"
            );
            assert!((0.0..=1.0).contains(&time.share), "seed {seed}: {time:?}");
        }
        let apart = times.windows(2).all(|pair| pair[0].to <= pair[1].from);
        assert!(apart, "seed {seed}: {times:?}");
    }
}
