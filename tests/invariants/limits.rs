//! In no window does more pass than a limit says, whatever else happens.

use rand::RngExt;
use squall::base::Dimension;
use squall::sim::journal::Attempt;

use super::flight::{Flight, MS, S, callers, fly, pick, rng, seeds};
use super::laws::{Event, fullest, scaled};
use super::place::{Counts, Limit, Place};

struct Case {
    text: String,
    /// Of the endpoints in order.
    own: [Place; 2],
    /// Of both together, perhaps.
    pool: Option<Place>,
    keeps_slot: bool,
    /// What the storm leaves of the limits of `a`: the only drawn fault that changes them.
    storm: Option<f64>,
}

fn case(seed: u64) -> Case {
    let r = &mut rng(seed);
    let mut text = callers(r, seed, 200);
    let own = [Place::drawn(r, false), Place::drawn(r, false)];
    let pool = r.random_bool(0.4).then(|| Place::drawn(r, true));
    let pool = pool.filter(|pool| !pool.limits.is_empty());
    let keeps_slot = r.random_bool(0.5);
    let settles = own.iter().chain(&pool).any(|place| place.settles);
    for (name, place) in ["a", "b"].iter().zip(&own) {
        text += &format!(
            "[provider.{name}]\nnetwork = {{ out = \"7ms\", back = \"3ms\" }}\n\
            latency.distribution = {{ first-token = \"400ms\", per-token = \"10ms\" }}\n\
            abandoned = {{ keeps-slot = {keeps_slot}, billed = true }}\nbilled.abandoned = \"so-far\"\n"
        );
        if !settles {
            let capacity = ["", "capacity.slots = { count = 4, queue = 6 }\n"];
            text += pick(r, &capacity);
        }
        text += &place.text();
    }
    if let Some(pool) = &pool {
        text += &format!("[pool.both]\non = [\"a\", \"b\"]\n{}", pool.text());
    }
    let storm = r
        .random_bool(0.5)
        .then(|| [0.0, 0.1, 0.5][r.random_range(0..3)]);
    let storm = storm.filter(|_| !own[0].limits.is_empty());
    if let Some(factor) = storm {
        let schedule = pick(
            r,
            &[
                "",
                "schedule.every = { on = \"9s\", off = \"14s\" }\n",
                "schedule.incidents = { gap = { shape = 0.8, scale = \"20s\" }, lasts = \"12s\" }\n",
            ],
        );
        text += &format!(
            "[[fault]]\nname = \"storm\"\non = [\"a\"]\nat = \"31s\"\nfor = \"77s\"\n{schedule}\
            effect.rate-limit = {{ factor = {factor} }}\n"
        );
    }
    if r.random_bool(0.4) {
        text += "[[fault]]\nname = \"errors\"\non = [\"a\", \"b\"]\nat = \"50s\"\nfor = \"90s\"\n\
            effect.error-rate = { bad = 0.4 }\n";
    }
    Case {
        text,
        own,
        pool,
        keeps_slot,
        storm,
    }
}

/// Attempts that reached one of these endpoints, in order.
fn arrivals<'a>(case: &Case, flight: &'a Flight, of: &[u16]) -> Vec<&'a Attempt> {
    let came = |a: &&Attempt| {
        let gone = a.abandoned.is_some_and(|at| at < a.arrives);
        of.contains(&a.receipt.endpoint.0) && a.arrives <= flight.end && (case.keeps_slot || !gone)
    };
    let mut all: Vec<_> = flight.attempts.iter().filter(came).collect();
    all.sort_by_key(|a| a.arrives);
    all
}

/// What these attempts did to a limit.
fn events(case: &Case, place: &Place, limit: &Limit, attempts: &[&Attempt]) -> Vec<Event> {
    let (mut events, mut later) = (Vec::new(), Vec::new());
    for a in attempts {
        let (prompt, max) = (
            a.request.prompt_tokens.into(),
            u64::from(a.request.max_tokens),
        );
        let mut event = Event {
            at: a.arrives.0,
            amount: place.wants(limit.counts, prompt, max),
            passed: a.refused_for.is_none(),
            settled: None,
        };
        if let Some(refused_for) = a.refused_for {
            let counts = place.refused == "all"
                || place.refused == "requests" && limit.counts == Counts::Requests;
            if !counts || refused_for == Dimension::Suspended {
                event.amount = 0;
            }
        }
        let (settled, usage) = a.settled.expect("every bill comes");
        let of_answers = matches!(limit.counts, Counts::Tokens | Counts::Output);
        if event.passed && place.settles && of_answers {
            // Let in and answered with an error in the same instant: nothing of an answer was produced.
            let began = settled > a.arrives;
            let answer = match case.keeps_slot {
                _ if !began => 0,
                true => u64::from(a.answer_tokens.min(a.request.max_tokens)),
                false => usage.output_tokens,
            };
            let used = place.used(limit.counts, prompt, answer);
            event.settled = Some((settled.0, used));
            if used > event.amount {
                later.push(Event {
                    at: settled.0,
                    amount: used - event.amount,
                    passed: false,
                    settled: Some((u64::MAX, used)),
                });
            }
        }
        events.push(event);
    }
    events.extend(later);
    events.sort_by_key(|e| e.at);
    events
}

struct Seen {
    passed: u64,
    refused: u64,
    full: u64,
}

/// Nothing passes that a limit has no room for.
fn holds(case: &Case, flight: &Flight, place: &Place, of: &[u16], seen: &mut Seen) {
    let attempts = arrivals(case, flight, of);
    let others = 1.0 - place.others as f64 / 100.0;
    let storms = match (case.storm, of) {
        (Some(factor), [0]) => flight.faults[0]
            .iter()
            .map(|time| (time.clone(), factor))
            .collect(),
        _ => Vec::new(),
    };
    let left = |from: u64, to: u64| {
        let storm = storms
            .iter()
            .find(|(time, _)| time.start < from && to < time.end);
        others * storm.map_or(1.0, |(_, factor)| *factor)
    };
    for limit in &place.limits {
        let events = events(case, place, limit, &attempts);
        for j in 0..events.len() {
            if !events[j].passed {
                continue;
            }
            let (fullest, may) = fullest(limit, &events, j, &left);
            seen.passed += 1;
            seen.full += u64::from(fullest > 0.9 * may);
            assert!(
                fullest <= may + 1.0,
                "{limit:?} at {} ms: {fullest} passed where {may} may\n{}",
                events[j].at / MS,
                case.text
            );
        }
    }
    seen.refused += attempts.iter().filter(|a| a.refused_for.is_some()).count() as u64;
    grows(place, &attempts, &case.text);
    // What a pool refuses for it does not say.
    if of.len() == 1 {
        not_in_vain(case, place, &attempts, others == 1.0 && storms.is_empty());
        shut_out(place, &attempts, &case.text);
    }
}

/// Who is refused for a limit that counts in windows would have been more than it has room for.
fn not_in_vain(case: &Case, place: &Place, attempts: &[&Attempt], as_it_stands: bool) {
    if !as_it_stands || place.settles || place.refused != "free" {
        return;
    }
    for limit in &place.limits {
        let windows = !matches!(limit.method.as_str(), "bucket" | "gcra" | "sliding-counter");
        let alone = place
            .limits
            .iter()
            .filter(|l| l.dimension == limit.dimension)
            .count()
            == 1;
        if !windows || !alone {
            continue;
        }
        let mut events = events(case, place, limit, attempts);
        for (j, a) in attempts.iter().enumerate() {
            if a.refused_for != Some(limit.dimension) {
                continue;
            }
            let (prompt, max) = (a.request.prompt_tokens.into(), a.request.max_tokens.into());
            let wanted = place.wants(limit.counts, prompt, max);
            let amount = std::mem::replace(&mut events[j].amount, wanted);
            let (fullest, may) = fullest(limit, &events, j, &|_, _| 1.0);
            assert!(
                fullest > may,
                "{limit:?} at {} ms: refused, though {fullest} of {may} would have been used\n{}",
                a.arrives.0 / MS,
                case.text
            );
            events[j].amount = amount;
        }
    }
}

/// In each window at most half as much more per minute as in the one before, or the floor.
fn grows(place: &Place, attempts: &[&Attempt], text: &str) {
    let Some((above, window_s)) = place.growth else {
        return;
    };
    let window = window_s * S;
    let passed: Vec<(u64, f64)> = attempts
        .iter()
        .filter(|a| a.refused_for.is_none())
        .map(|a| (a.arrives.0, f64::from(a.request.prompt_tokens)))
        .collect();
    let within = |n: u64| passed.iter().filter(move |(at, _)| at / window == n);
    for j in 0..passed.len() {
        let number = passed[j].0 / window;
        let before: f64 = number
            .checked_sub(1)
            .map_or(0.0, |n| within(n).map(|(_, x)| x).sum());
        let per_minute = (1.5 * before * 60.0 / window_s as f64).max(above as f64);
        for i in (0..=j).filter(|i| passed[*i].0 / window == number) {
            let sum: f64 = passed[i..=j].iter().map(|(_, n)| n).sum();
            let span_s = (passed[j].0 - passed[i].0) as f64 / S as f64;
            assert!(
                sum <= per_minute * (1.0 + span_s / 60.0) + 1.0,
                "{sum} tokens in {span_s} s at {per_minute} a minute\n{text}"
            );
        }
    }
}

/// Who was refused too often is refused everything for the time, and nobody else is.
fn shut_out(place: &Place, attempts: &[&Attempt], text: &str) {
    let (mut refusals, mut until) = (Vec::<u64>::new(), 0);
    for a in attempts {
        let now = a.arrives.0;
        let is_out = a.refused_for == Some(Dimension::Suspended);
        assert_eq!(
            is_out,
            now < until,
            "at {} ms, shut out until {} ms\n{text}",
            now / MS,
            until / MS
        );
        let Some((after, within, lasts)) = place.suspend else {
            continue;
        };
        if a.refused_for.is_some() && !is_out {
            refusals.push(now);
            refusals.retain(|at| at + within * S > now);
            if refusals.len() as u64 >= after {
                until = now + lasts * S;
                refusals.clear();
            }
        }
    }
}

#[test]
fn in_no_window_does_more_pass_than_the_limit_says() {
    let mut seen = Seen {
        passed: 0,
        refused: 0,
        full: 0,
    };
    let all = seeds(60);
    let whole = all.end - all.start > 1;
    for seed in all {
        println!("seed {seed}");
        let case = case(seed);
        let flight = fly(&case.text);
        holds(&case, &flight, &case.own[0], &[0], &mut seen);
        holds(&case, &flight, &case.own[1], &[1], &mut seen);
        if let Some(pool) = &case.pool {
            holds(&case, &flight, pool, &[0, 1], &mut seen);
        }
    }
    let Seen {
        passed,
        refused,
        full,
    } = seen;
    println!("{passed} passed, {full} of them nearly filled a limit, {refused} were refused");
    assert!(
        !whole || full > 2_000 && refused > 5_000,
        "too few to show anything"
    );
}

#[test]
fn what_is_left_of_a_limit_lets_something_pass() {
    assert_eq!(
        (scaled(10, 0.01), scaled(10, 0.0), scaled(10, 0.26)),
        (1, 0, 3)
    );
}
