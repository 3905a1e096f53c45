//! A fault is felt while it is on, by everybody it hits, and by nobody after its end.

use squall::base::Ending;
use squall::base::wire::Finish;
use squall::sim::journal::Attempt;

use super::flight::{MS, callers, fly, pick, rng, seeds};

/// What shows that an attempt met a fault.
type Mark = fn(&Attempt) -> bool;

/// The effects and the mark by which an attempt shows that it met one. All arrive within 7 ms.
const EFFECTS: [(&str, Mark); 10] = [
    ("outage = { status = 599 }", |a| status(a, 599) || lost(a)),
    ("outage = { status = 599, cuts-answers = false }", |a| {
        status(a, 599)
    }),
    ("refused-connections = {}", |a| {
        matches!(a.heard, Some((_, Ending::ConnectionRefused)))
    }),
    ("error-rate = { bad = \"100%\", status = 598 }", |a| {
        status(a, 598)
    }),
    ("invalid-credentials = {}", |a| status(a, 401)),
    ("quota-exhausted = {}", |a| status(a, 429)),
    ("overload = { status = 529 }", |a| status(a, 529)),
    ("truncation = {}", |a| {
        // An answer that is not streamed has a length, and cannot be cut off unnoticed.
        lost(a)
            || matches!(
                a.heard,
                Some((
                    _,
                    Ending::Answer {
                        finish: Finish::Missing,
                        ..
                    }
                ))
            )
    }),
    ("truncation = { clean = false }", lost),
    ("drift = { factor = 0 }", |a| {
        matches!(a.heard, Some((_, Ending::Answer { .. }))) && !a.good
    }),
];

fn status(a: &Attempt, wanted: u16) -> bool {
    matches!(a.heard, Some((_, Ending::Status { status, .. })) if status == wanted)
}

fn lost(a: &Attempt) -> bool {
    matches!(a.heard, Some((_, Ending::ConnectionLost)))
}

const SCHEDULES: [&str; 3] = [
    "",
    "schedule.every = { on = \"4s\", off = \"5s\" }\n",
    "schedule.incidents = { gap = { shape = 0.8, scale = \"9s\" }, lasts.exponential = { mean = \"4s\" } }\n",
];

const HITS: [&str; 4] = [
    "",
    "",
    "hits.share = { of = \"30%\", by = \"call\" }\n",
    "hits.first = { requests = 5 }\n",
];

/// When it is on by the file alone; None if that is drawn.
fn written(schedule: &str, (at, to): (u64, u64)) -> Option<Vec<std::ops::Range<u64>>> {
    match schedule {
        "" => Some(std::iter::once(at..to).collect()),
        every if every.contains("every") => {
            let begins = (at..to).step_by(9_000 * MS as usize);
            Some(
                begins
                    .map(|from| from..(from + 4_000 * MS).min(to))
                    .collect(),
            )
        }
        _ => None,
    }
}

#[test]
fn faults_are_felt_as_long_as_they_are_on_and_by_nobody_after() {
    let (mut felt, mut after) = (0, 0);
    let seeds = seeds(60);
    let whole = seeds.end - seeds.start > 1;
    for seed in seeds {
        let r = &mut rng(seed + 2_000);
        let (effect, mark) = EFFECTS[seed as usize % EFFECTS.len()];
        let (schedule, hits) = (pick(r, &SCHEDULES), pick(r, &HITS));
        println!("seed {seed}: {effect}");
        let mut text = callers(r, seed, 60);
        for name in ["a", "b"] {
            let capacity = pick(
                r,
                &["", "capacity.processor-sharing = { full-speed = 3 }\n"],
            );
            text += &format!(
                "[provider.{name}]\nnetwork = {{ out = \"7ms\", back = \"3ms\" }}\n{capacity}\
                latency.distribution = {{ first-token = \"400ms\", per-token = \"10ms\" }}\n"
            );
        }
        let (at, to) = (11_000 * MS, 40_000 * MS);
        text += &format!(
            "[[fault]]\nname = \"it\"\non = [\"a\"]\nat = \"11s\"\nfor = \"29s\"\n\
            {schedule}{hits}effect.{effect}\n"
        );
        let flight = fly(&text);
        let times = &flight.faults[0];
        if let Some(written) = written(schedule, (at, to)) {
            assert_eq!(*times, written, "seed {seed}\n{text}");
        }
        assert!(
            times.iter().all(|time| at <= time.start && time.end <= to),
            "seed {seed}"
        );
        for a in &flight.attempts {
            let arrives = a.arrives.0;
            let is_on =
                a.receipt.endpoint.0 == 0 && times.iter().any(|time| time.contains(&arrives));
            let heard = a.heard.map(|(at, _)| at.0);
            // What was in progress when it began may be cut then, and at no other time.
            let cut = heard.is_some_and(|seen| {
                let end = seen - 3 * MS;
                a.receipt.endpoint.0 == 0
                    && times.iter().any(|time| time.start == end && arrives <= end)
            });
            let is_cut = cut && effect == "outage = { status = 599 }";
            if mark(a) {
                assert!(
                    is_on || is_cut,
                    "seed {seed}: felt while it is off: {a:?}\n{text}"
                );
                felt += 1;
            } else if is_on && hits.is_empty() && heard.is_some() {
                panic!("seed {seed}: not felt while it is on: {a:?}\n{text}");
            }
            after += u32::from(arrives >= to && heard.is_some() && a.receipt.endpoint.0 == 0);
        }
    }
    println!("felt by {felt}; {after} came after the end");
    assert!(
        !whole || felt > 400 && after > 400,
        "too few to show anything"
    );
}
