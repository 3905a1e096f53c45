//! Limits that several providers share, and what is known of a refusal for a limit.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use squall::base::draw::{Root, Stage};
use squall::base::wire::Priority;
use squall::base::{
    CallId, Capabilities, Dimension, Draws, Duration, Ending, EndpointId, Instant, Receipt,
    Request, Sender, Signal,
};
use squall::world::{Fact, NewJob, Output, Plan, Truth, World};

use crate::settings::typed;

/// Three providers `0`, `1` and `2`, the first two in `eu`, with these limits, and this pool.
fn world(limits: &str, pool: &str) -> World<()> {
    let provider = |place: usize| {
        let region = if place < 2 { "eu" } else { "us" };
        let latency = "latency.linear = { base = \"1s\" }";
        let settings = format!("region = \"{region}\"\n{latency}\n{limits}");
        (place.to_string(), typed(&settings))
    };
    let providers: Vec<_> = (0..3).map(provider).collect();
    let pools = [("pool".to_string(), typed(pool))];
    let plan = Plan::new(&providers, &[]).with_pools(&pools, &providers);
    plan.world(Draws::new(Root::new(1, Stage::Run, 0)))
}

/// Sends the n-th request, which arrives at once: the status and limit it is refused with, if it is.
fn ask(
    world: &mut World<()>,
    (n, now): (u64, Instant),
    endpoint: u16,
    tokens: u32,
) -> Option<(u16, Option<Dimension>)> {
    let new = NewJob {
        note: (),
        receipt: Receipt {
            call: CallId::new(0, n),
            endpoint: EndpointId(endpoint),
            attempt: 0,
            nth_at_endpoint: 0,
            priority: Priority::Normal,
        },
        request: Request {
            prompt_tokens: tokens - 1,
            max_tokens: 1,
            stream: false,
            priority: Priority::Normal,
            sender: Sender::NOBODY,
            needs: Capabilities::NONE,
        },
        truth: Truth::of_call(1),
    };
    let (job, at) = world.request(now, new);
    let mut outputs = Vec::new();
    world.handle(at, Fact::Wake { job }, &mut outputs);
    outputs.into_iter().find_map(|output| match output {
        Output::Signal {
            signal: Signal::End(Ending::Status { status, .. }),
            ..
        } => Some((status, world.refused_for(job))),
        _ => None,
    })
}

fn at(s: u64) -> Instant {
    Instant::ZERO + Duration::from_s(s)
}

#[test]
fn providers_of_a_pool_share_it_and_no_other_does() {
    let pool = "of.region = \"eu\"\nlimits.rpm = 5";
    let mut world = world("limits.rpm = 100", pool);
    for n in 0..5 {
        assert_eq!(ask(&mut world, (n, at(0)), (n % 2) as u16, 10), None);
    }
    for (n, endpoint) in [(5, 0), (6, 1)] {
        let refused = Some((429, Some(Dimension::Pool)));
        assert_eq!(ask(&mut world, (n, at(0)), endpoint, 10), refused);
    }
    for n in 10..20 {
        assert_eq!(ask(&mut world, (n, at(0)), 2, 10), None);
    }
}

/// A bucket from scratch: all that passed, one after the other, in tokens times minutes in ns.
fn level(passed: &[(Instant, u64)], limit: u64, now: Instant) -> i128 {
    const MINUTE: i128 = 60_000_000_000;
    let full = i128::from(limit) * MINUTE;
    let (mut level, mut since) = (full, Instant::ZERO);
    for (at, n) in passed.iter().copied().chain([(now, 0)]) {
        let gained = i128::from(at.since(since).0) * i128::from(limit);
        level = (level + gained).min(full) - i128::from(n) * MINUTE;
        since = at;
    }
    level / MINUTE
}

/// What passes is what own limit and pool both have room for, and what is refused takes nothing of
/// either; over random requests, against buckets computed from scratch.
#[test]
fn a_request_passes_if_its_own_limit_and_its_pool_have_room() {
    for seed in 1..5 {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let pool = "of.region = \"eu\"\nlimits.tpm = 700";
        let mut world = world("limits.tpm = 450", pool);
        let mut own: [Vec<(Instant, u64)>; 3] = Default::default();
        let mut shared = Vec::new();
        let mut now = Instant::ZERO;
        let mut counts = [0; 3];
        for n in 0..1500 {
            now = now + Duration(rng.next_u64() % 1_500_000_000);
            let endpoint = (rng.next_u64() % 3) as usize;
            let tokens = 1 + rng.next_u64() % 60;
            let has_own = level(&own[endpoint], 450, now) >= i128::from(tokens);
            let has_shared = endpoint == 2 || level(&shared, 700, now) >= i128::from(tokens);
            let found = ask(&mut world, (n, now), endpoint as u16, tokens as u32);
            assert_eq!(found.is_none(), has_own && has_shared, "seed {seed}, {n}");
            match found {
                None => {
                    own[endpoint].push((now, tokens));
                    if endpoint < 2 {
                        shared.push((now, tokens));
                    }
                    counts[0] += 1;
                }
                Some((_, Some(Dimension::Pool))) => {
                    assert!(!has_shared, "seed {seed}, {n}");
                    counts[1] += 1;
                }
                Some((_, dimension)) => {
                    assert!(!has_own, "seed {seed}, {n}");
                    assert_eq!(dimension, Some(Dimension::Tokens), "seed {seed}, {n}");
                    counts[2] += 1;
                }
            }
        }
        assert!(counts.iter().all(|n| *n > 20), "seed {seed}: {counts:?}");
    }
}

#[test]
fn whoever_hammers_is_shut_out_of_all_a_pool_has() {
    let suspend = "limits.suspend = { after = 3, within = \"1m\", for = \"2m\", status = 401 }";
    let mut world = world(
        "limits.rpm = 100",
        &format!("of.region = \"eu\"\nlimits.rpm = 1\n{suspend}"),
    );
    assert_eq!(ask(&mut world, (0, at(0)), 0, 10), None);
    for n in 1..4 {
        let refused = Some((429, Some(Dimension::Pool)));
        assert_eq!(ask(&mut world, (n, at(n)), 0, 10), refused);
    }
    let out = Some((401, Some(Dimension::Suspended)));
    assert_eq!(ask(&mut world, (4, at(4)), 1, 10), out);
    assert_eq!(ask(&mut world, (5, at(122)), 0, 10), out);
    assert_eq!(ask(&mut world, (6, at(122)), 2, 10), None);
    assert_eq!(ask(&mut world, (7, at(123)), 0, 10), None);
}

/// Growth too fast is a 429 though the minute's limit is hardly used.
#[test]
fn traffic_that_grows_too_fast_is_refused_below_its_limit() {
    let limits = "limits.tpm = 1000000\nlimits.growth = { counts = \"tokens\", above = 100 }";
    let mut world = world(limits, "of.region = \"eu\"\nlimits.tpm = 1000000");
    assert_eq!(ask(&mut world, (0, at(0)), 0, 100), None);
    let refused = Some((429, Some(Dimension::Growth)));
    assert_eq!(ask(&mut world, (1, at(1)), 0, 100), refused);
    assert_eq!(ask(&mut world, (2, at(60)), 0, 100), None);
}
