//! Random worlds under random scripts: whatever happens, every request is billed once and hears
//! nothing more after its client went away.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::Ending;

use super::ends::{EFFECTS, HITS, SCHEDULES};
use crate::street::Street;

struct Case {
    provider: String,
    faults: Vec<String>,
    slots: Option<usize>,
    slowed: bool,
    hangs: bool,
}

fn case(rng: &mut Xoshiro256PlusPlus) -> Case {
    let slots = rng.random_bool(0.7).then(|| rng.random_range(1..4));
    let mut provider =
        "latency.distribution = { first-token.constant = \"1s\", per-token.constant = \"10ms\" }\n"
            .to_string();
    if let Some(count) = slots {
        let queue = rng.random_range(0..4);
        provider += &format!("capacity.slots = {{ count = {count}, queue = {queue} }}\n");
    }
    if rng.random_bool(0.5) {
        provider += "network = { out.uniform = { low = \"0s\", high = \"300ms\" }, back.constant = \"40ms\" }\n";
    }
    let (keeps, billed) = (rng.random_bool(0.5), rng.random_bool(0.5));
    provider += &format!("abandoned = {{ keeps-slot = {keeps}, billed = {billed} }}\n");
    if rng.random_bool(0.3) {
        provider +=
            "limits = { rpm = 120, slice = \"5s\", output-tpm = 60000, settle = \"actual\" }\n";
    }
    let (mut slowed, mut hangs) = (false, false);
    let faults = (0..rng.random_range(0..4))
        .map(|_| {
            let effect = match rng.random_range(0..7) {
                0 => "outage = {}",
                1 => "outage = { cuts-answers = false }",
                2 => "refused-connections = {}",
                3 => {
                    hangs = true;
                    "hang = {}"
                }
                4 => {
                    slowed = true;
                    "brownout = { slowdown = 3.7 }"
                }
                5 => "error-rate = { bad = 0.5, bad-for = \"1s\" }",
                _ => "rate-limit = { factor = 0.1 }",
            };
            let (at, lasts) = (rng.random_range(0..15_000), rng.random_range(1..8_000));
            format!("at = \"{at}ms\"\nfor = \"{lasts}ms\"\neffect.{effect}")
        })
        .collect();
    Case {
        provider,
        faults,
        slots,
        slowed,
        hangs,
    }
}

const CAPACITIES: [&str; 6] = [
    "slots = { count = 3, queue = 4 }",
    "slots = { count = 3, queue = 1, when-full = \"drop\" }",
    "processor-sharing = { full-speed = 2 }",
    "processor-sharing = { full-speed = 1, count = 4, queue = 3 }",
    "batching = { slowdown = 0.2, count = 5, queue = 2 }",
    "autoscaled = { count = 1, max = 4, target = \"70%\", every = \"2s\", delay.constant = \"3s\", queue = 5 }",
];

/// Every kind of capacity under every effect, kind of hits and schedule, several at once.
fn wide(rng: &mut Xoshiro256PlusPlus) -> Case {
    let one =
        |list: &[&'static str], rng: &mut Xoshiro256PlusPlus| list[rng.random_range(0..list.len())];
    let mut whole = case(rng);
    let lines = whole.provider.lines();
    let kept: Vec<&str> = lines.filter(|line| !line.starts_with("capacity")).collect();
    let capacity = one(&CAPACITIES, rng);
    whole.provider = format!("{}\ncapacity.{capacity}\n", kept.join("\n"));
    let method = one(&["bucket", "gcra", "calendar-window", "sliding-log"], rng);
    let from = "settle = \"actual\"";
    whole.provider = whole
        .provider
        .replace(from, &format!("{from}, method = \"{method}\""));
    let fault = |rng: &mut Xoshiro256PlusPlus| {
        let (at, lasts) = (rng.random_range(0..15_000), rng.random_range(1..8_000));
        let (effect, hits) = (one(&EFFECTS, rng), one(&HITS, rng));
        let schedule = one(&SCHEDULES, rng);
        format!("at = \"{at}ms\"\nfor = \"{lasts}ms\"\neffect.{effect}\n{schedule}\n{hits}")
    };
    whole.faults = (0..rng.random_range(0..4)).map(|_| fault(rng)).collect();
    whole
}

fn run(seed: u64) -> (Case, Street) {
    flown(seed, case)
}

fn flown(seed: u64, case: impl Fn(&mut Xoshiro256PlusPlus) -> Case) -> (Case, Street) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let case = case(&mut rng);
    let faults: Vec<&str> = case.faults.iter().map(String::as_str).collect();
    let mut street = Street::seeded(&case.provider, &faults, seed);
    for _ in 0..rng.random_range(5..60) {
        if rng.random_bool(0.3) {
            let open: Vec<u32> = (0..street.fates.len() as u32)
                .filter(|&n| street.is_open(n))
                .collect();
            if !open.is_empty() {
                street.abandon(open[rng.random_range(0..open.len())]);
            }
        } else {
            street.send_sized(rng.random_range(1..500), 1000, rng.random_range(1..300));
        }
        street.pass(rng.random_range(0..800));
    }
    street.pass(200_000);
    (case, street)
}

#[test]
fn every_request_is_billed_once_and_ends_once() {
    for seed in 0..1500 {
        let (case, mut street) = run(seed);
        for (n, fate) in street.fates.iter().enumerate() {
            let heard = fate.end.is_some() || fate.abandoned.is_some();
            assert!(
                heard || case.hangs,
                "seed {seed}: request {n} was never answered: {fate:?}"
            );
            assert!(
                fate.bills.len() == usize::from(heard),
                "seed {seed}, request {n}: {fate:?}"
            );
        }
        street.close();
        for (n, fate) in street.fates.iter().enumerate() {
            assert_eq!(fate.bills.len(), 1, "seed {seed}, request {n}: {fate:?}");
            assert_eq!(
                fate.late, 0,
                "seed {seed}, request {n} heard something when it had gone"
            );
        }
    }
}

/// The street asserts that each ends once, and the world that nobody is left.
#[test]
fn whatever_breaks_every_request_is_billed_once_and_hears_nothing_after_it_has_gone() {
    let mut broken = 0;
    for seed in 0..1500 {
        let (case, mut street) = flown(seed, wide);
        let where_ = format!("seed {seed}: {}{}", case.provider, case.faults.join("\n"));
        for fate in &street.fates {
            assert!(fate.bills.len() <= 1, "{where_}: {fate:?}");
            assert!(
                fate.end.is_none() || fate.bills.len() == 1,
                "{where_}: {fate:?}"
            );
            if let Some((_, Ending::Answer { finish, .. })) = fate.end {
                let whole = finish != squall::base::wire::Finish::Missing;
                assert!(whole || !fate.good, "{where_}: {fate:?}");
                broken += u32::from(!whole);
            }
        }
        street.close();
        for fate in &street.fates {
            assert_eq!((fate.bills.len(), fate.late), (1, 0), "{where_}: {fate:?}");
        }
    }
    assert!(broken > 100, "{broken} answers broke off");
}

#[test]
fn bills_and_times_fit_what_the_client_saw() {
    for seed in 0..1500 {
        let (case, street) = run(seed);
        for (n, fate) in street.fates.iter().enumerate() {
            let Some((end, ending)) = fate.end else {
                continue;
            };
            let (_, usage) = fate.bills[0];
            let where_ = format!("seed {seed}, request {n}: {fate:?}");
            match ending {
                Ending::Answer { .. } => {
                    let service = 1_000_000_000 + 10_000_000 * (usage.output_tokens - 1);
                    assert!(end.since(fate.sent).0 >= service, "{where_}");
                    let first = fate.first.expect("a streamed answer has a first token");
                    assert!(
                        end.since(first).0 + 1 >= service - 1_000_000_000,
                        "{where_}"
                    );
                    if !case.slowed {
                        assert_eq!(end.since(first).0, service - 1_000_000_000, "{where_}");
                    }
                }
                Ending::Status { .. } | Ending::ConnectionRefused => {
                    assert!(fate.first.is_none() && usage.output_tokens == 0, "{where_}");
                }
                Ending::ConnectionLost => {}
            }
        }
    }
}

#[test]
fn never_more_answers_are_in_service_than_there_are_slots() {
    for seed in 0..1500 {
        let (case, street) = run(seed);
        let Some(slots) = case.slots.filter(|_| !case.slowed) else {
            continue;
        };
        // Known from outside: an answer that came whole was in its slot for the time it takes.
        let mut changes = Vec::new();
        for fate in &street.fates {
            if let Some((_, Ending::Answer { .. })) = fate.end {
                let (done, usage) = fate.bills[0];
                let service = 1_000_000_000 + 10_000_000 * (usage.output_tokens - 1);
                changes.extend([(done.0 - service, 1), (done.0, -1)]);
            }
        }
        changes.sort_unstable();
        let mut busy = 0i64;
        for (at, change) in changes {
            busy += change;
            assert!(
                busy <= slots as i64,
                "seed {seed}: {busy} busy of {slots} at {at} ns"
            );
        }
    }
}
