//! The law of fleets: processes that exchange what they know after every fact do, call by call, what
//! one process with all the traffic does.
//!
//! It holds for everything that may be the fleet's but a ramp, where each process samples its own
//! calls. Lines and limiters are always of one process, so quotas refuse here and nobody waits.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::Ending;
use squall::engine::Output;

use crate::crowd::{Crowd, FAILS, OK, REFUSES};

/// Random policies; a failure prints its number, which is the seed.
const CASES: u64 = 400;

fn pick<'a>(r: &mut Xoshiro256PlusPlus, from: &[&'a str]) -> &'a str {
    from[r.random_range(0..from.len())]
}

const BREAKERS: [&str; 9] = [
    "consecutive = { failures = 2, open = \"2s\" }",
    "consecutive = { failures = 3, open = \"3s\", probes = 2, counts = \"calls\" }",
    "count-window = { failures = 0.5, size = 6, min-volume = 3, open = \"2s\" }",
    "time-window = { failures = 0.5, span = \"3s\", min-volume = 3, open = \"1s\", probes = 3 }",
    "time-window = { failures = 0.4, span = \"3s\", min-volume = 4, open = \"1s\", volume = \"asked\" }",
    "time-window = { failures = 0.4, span = \"3s\", min-volume = 4, open = \"1s\", anchor = \"first-event-each\" }",
    "ema = { success = 0.6, span = \"2s\", min-volume = 3, open = \"2s\", in-a-row = 4 }",
    "max-fails = { failures = 3, span = \"2s\", open = \"1s\" }",
    "outlier = { every = \"1s\", deviations = 0.5, min-endpoints = 2, min-volume = 2, open = \"2s\", in-a-row = 5 }",
];

const TRIPS: [&str; 8] = [
    "",
    "jitter.full = {}",
    "growth = { factor = 2, cap = \"8s\", forget-after = \"2s\" }",
    "decided-every = \"500ms\"",
    "ended-every = \"700ms\"",
    "max-open = 0.5",
    "panic = 0.5",
    "late = \"counted\"",
];

const READMITS: [&str; 5] = [
    "probes = {}",
    "probes = { max-wait = \"900ms\" }",
    "probes = { verdict = \"thresholds\" }",
    "at-once = {}",
    "unlimited = {}",
];

const BUDGETS: [&str; 10] = [
    "share = { ratio = 0.3, reserve = 2",
    "share = { ratio = 0.4, reserve = 3, deposit = \"per-success\", refill = \"30/min\"",
    "expiring-share = { ratio = 0.2, reserve = 2, ttl = \"3s\"",
    "retry-quota = { capacity = 40",
    "retry-throttle = { max-tokens = 6",
    "concurrent = { min = 1",
    "concurrent = { min = 1, of = \"calls\", slot = \"attempt\"",
    "time = { limit = \"1500ms\", per = \"9s\"",
    "tokens = { share = 0.2, reserve = 500, refill = \"20/s\"",
    "dollars = { share = 0.3, reserve = \"$0.000003\"",
];

/// A policy in which everything that may be is the fleet's.
fn policy(r: &mut Xoshiro256PlusPlus) -> String {
    let mut text = format!(
        "route.failover = {{ endpoints = [\"a\", \"b\", \"c\"], on-failure = \"{}\" }}\n\
         retry.attempts = {}\nretry.backoff.constant = {{ wait = \"400ms\", jitter.full = {{}} }}\n",
        pick(r, &["next", "exhaust-then-next"]),
        r.random_range(2..6),
    );
    if r.random_bool(0.7) {
        text += &format!("breaker.{}\n", pick(r, &BREAKERS));
        text += &format!("readmit.{}\n", pick(r, &READMITS));
        let (trip, each) = (
            pick(r, &TRIPS),
            pick(r, &["endpoint", "endpoint", "account"]),
        );
        let comma = if trip.is_empty() { "" } else { ", " };
        text += &format!("trip = {{ scope = \"fleet\", each = \"{each}\"{comma}{trip} }}\n");
    }
    if r.random_bool(0.6) {
        text += &format!("budget.{}, scope = \"fleet\" }}\n", pick(r, &BUDGETS));
    }
    if r.random_bool(0.3) {
        text += "throttle.adaptive = { span = \"4s\", scope = \"fleet\" }\n";
    }
    if r.random_bool(0.3) {
        let method = pick(
            r,
            &[
                "bucket",
                "gcra",
                "fixed-window",
                "calendar-window",
                "sliding-log",
                "sliding-counter",
            ],
        );
        let whose = pick(r, &["max-wait = \"0s\"", "per = \"user\""]);
        text += &format!(
            "quota.requests = {{ rate = \"{}/s\", {whose}, method = \"{method}\", scope = \"fleet\" }}\n",
            r.random_range(2..6)
        );
    }
    if r.random_bool(0.3) {
        text += "hedge.fixed = { after = \"300ms\" }\n\
                 hedging.budget = { ratio = 0.2, reserve = 1, scope = \"fleet\" }\n";
    }
    text
}

/// Both do the same, and both say the same.
struct Both {
    one: Crowd,
    many: Crowd,
}

impl Both {
    fn say(&mut self, seed: u64, text: &str, fact: impl Fn(&mut Crowd, bool) -> Vec<Output>) {
        let one = fact(&mut self.one, true);
        let many = fact(&mut self.many, false);
        assert_eq!(one, many, "seed {seed}\n{text}");
        self.many.exchange();
    }
}

#[test]
fn processes_that_exchange_after_every_fact_are_as_one() {
    let (mut sent, mut refused, mut tripped) = (0, 0, 0);
    for seed in 0..CASES {
        let r = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let text = policy(r);
        let processes = r.random_range(2..6);
        let accounts = [Some("x"), Some("y"), Some("x")];
        let mut both = Both {
            one: Crowd::labelled(&text, 1, &accounts),
            many: Crowd::labelled(&text, processes, &accounts),
        };
        let bad = r.random_range(1..10);
        let mut ms = 0;
        for _ in 0..120 {
            ms += r.random_range(0..250);
            while let Some((at, call)) = both.one.next()
                && at.0 <= ms * 1_000_000
            {
                assert_eq!(both.many.next(), Some((at, call)), "seed {seed}\n{text}");
                both.say(seed, &text, |crowd, _| crowd.wake(at, call));
            }
            both.one.reach(ms);
            both.many.reach(ms);
            let busy = both.one.busy();
            if busy.is_empty() || r.random_bool(0.4) {
                let (process, user) = (r.random_range(0..processes), r.random_range(0..3));
                both.say(seed, &text, |crowd, one| {
                    crowd.submit_and_hear(if one { 0 } else { process }, user)
                });
            } else {
                let call = busy[r.random_range(0..busy.len())];
                let ending: Ending = match r.random_range(0..10) {
                    n if n >= bad => OK,
                    n if n % 4 == 3 => REFUSES,
                    _ => FAILS,
                };
                both.say(seed, &text, |crowd, _| crowd.end(call, ending));
            }
        }
        sent += both.one.sent();
        refused += both.one.told("refused").len();
        tripped += both.one.told("trip").len();
    }
    // It is no law about silence.
    assert!(
        sent > 10_000 && refused > 5000 && tripped > 1000,
        "{sent} {refused} {tripped}"
    );
}
