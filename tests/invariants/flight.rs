//! A flight: one run of a written scenario, attempt by attempt.

use std::ops::Range;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::Instant;
use squall::scenario::check_str;
use squall::sim::Setup;
use squall::sim::journal::Attempt;
use squall::sim::run::run_noted;

/// One second.
pub(crate) const S: u64 = 1_000_000_000;
/// One millisecond.
pub(crate) const MS: u64 = 1_000_000;

/// What a run leaves.
pub(crate) struct Flight {
    /// In order of sending.
    pub(crate) attempts: Vec<Attempt>,
    /// When it was cut.
    pub(crate) end: Instant,
    /// When each fault is on.
    pub(crate) faults: Vec<Vec<Range<u64>>>,
}

/// Flies the first policy of a scenario once.
pub(crate) fn fly(text: &str) -> Flight {
    let scenarios =
        check_str("invariants.toml", text).unwrap_or_else(|why| panic!("{why:#?}\n{text}"));
    let setup = Setup::new(&scenarios[0]).expect("its policies fit");
    let (outcome, attempts) = run_noted(&setup, 0, 0);
    assert_eq!(
        outcome.audit.attempts + outcome.audit.judgements,
        attempts.len() as u64
    );
    let world = setup.world.world::<()>(setup.draws(0));
    let times = |times: &[squall::fault::schedule::Occurrence]| {
        times.iter().map(|time| time.from.0..time.to.0).collect()
    };
    Flight {
        attempts,
        end: Instant(outcome.replication.end_ns),
        faults: world.faults().map(times).collect(),
    }
}

/// The seeds to fly: all, or the one that `SQUALL_SEED` names.
pub(crate) fn seeds(n: u64) -> Range<u64> {
    let only = std::env::var("SQUALL_SEED")
        .ok()
        .and_then(|seed| seed.parse::<u64>().ok());
    only.map_or(0..n, |seed| seed..seed + 1)
}

/// A generator of one case's choices.
pub(crate) fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// One of them.
pub(crate) fn pick<'a>(r: &mut Xoshiro256PlusPlus, from: &[&'a str]) -> &'a str {
    from[r.random_range(0..from.len())]
}

/// Traffic and policy of a run of seconds: callers who retry, hedge, time out and go away.
pub(crate) fn callers(r: &mut Xoshiro256PlusPlus, seed: u64, duration_s: u64) -> String {
    let arrivals = pick(
        r,
        &[
            "poisson = { rate = \"2/s\" }",
            "gamma = { rate = \"2/s\", cv = 2.2 }",
            "batch = { every = \"10s\", size = 20 }",
            "on-off = { rate = \"2/s\", on-for = \"5s\", off-for = \"10s\" }",
        ],
    );
    let tokens = pick(
        r,
        &[
            "fixed = { input = 300, output = 80 }",
            "distribution = { input.log-normal = { median = 400, sigma = 0.8 }, \
                output.uniform = { low = 1, high = 400 } }",
        ],
    );
    let (stream, attempts) = (r.random_bool(0.5), r.random_range(1..5));
    let more = pick(
        r,
        &[
            "",
            "timeout.total = \"1s\"\n",
            "timeout.total = \"2500ms\"\n",
        ],
    );
    let hedge = pick(r, &["", "", "hedge.fixed = { after = \"700ms\" }\n"]);
    let leave = pick(r, &["", "impatience = { after = \"3s\", reload = 0.3 }\n"]);
    format!(
        "[run]\nduration = \"{duration_s}s\"\nreplications = 1\nseed = {seed}\n\
        [workload]\narrivals.{arrivals}\ntokens.{tokens}\nstream = {stream}\nmax-tokens = 300\n\
        deadline = \"20037ms\"\n{leave}[policy.p]\nroute.failover = {{ endpoints = [\"a\", \"b\"], \
        on-failure = \"next\" }}\nretry.attempts = {attempts}\nretry.backoff.constant = {{ wait = \"600ms\" }}\n\
        {more}{hedge}"
    )
}
