//! Whole runs of a fleet: alone it is one process, together it knows what all of them know.

use squall::sim::Outcome;

use super::build::{outcome, scenario};

/// Three of everything that may be the fleet's; `SCOPE` is replaced.
const POLICIES: [&str; 3] = [
    "retry = { attempts = 4, backoff.constant.wait = \"300ms\" }\n\
     breaker.time-window = { failures = 0.4, span = \"5s\", min-volume = 10, open = \"2s\" }\n\
     trip = { scope = \"SCOPE\", jitter.equal = {} }\n\
     budget.share = { ratio = 0.2, reserve = 3, scope = \"SCOPE\" }\n",
    "retry = { attempts = 3, backoff.exponential = { base = \"200ms\", jitter.full = {} } }\n\
     breaker.consecutive = { failures = 4, open = \"1s\" }\nreadmit.ramp.over = \"2s\"\n\
     trip = { scope = \"SCOPE\", decided-every = \"700ms\" }\n\
     throttle.adaptive = { span = \"5s\", scope = \"SCOPE\" }\n\
     quota.tokens = { rate = \"9000/s\", max-wait = \"4s\", scope = \"SCOPE\" }\n",
    "retry = { attempts = 5, backoff.constant.wait = \"300ms\" }\n\
     hedge.fixed = { after = \"900ms\" }\n\
     hedging.budget = { ratio = 0.1, reserve = 2, scope = \"SCOPE\" }\n\
     budget.concurrent = { min = 2, scope = \"SCOPE\" }\n\
     quota.requests = { rate = \"30/s\", burst = 5, method = \"gcra\", max-wait = \"3s\", scope = \"SCOPE\" }\n",
];

fn fly(policy: &str, scope: &str, processes: u32, sync: &str, seed: u64) -> Outcome {
    let text = format!(
        "[workload]\nprocesses = {processes}\narrivals.poisson.rate = \"25/s\"\ntokens.profile.name = \"chat\"\n\
         deadline = \"9337ms\"\n\
         [provider.a]\nlatency.distribution = {{ first-token.exponential = {{ mean = \"500ms\" }} }}\n\
         price = {{ input = \"$3/M\", output = \"$15/M\" }}\n\
         [[fault]]\nname = \"f\"\non = [\"a\"]\nat = \"8s\"\nfor = \"6s\"\neffect.error-rate = {{ bad = 0.8 }}\n\
         [policy.p]\nfleet.sync = \"{sync}\"\n{}",
        policy.replace("SCOPE", scope)
    );
    let mut outcome = outcome(&scenario(&text, 30, 0, seed), 0, 0);
    // Exchanges are events as well.
    outcome.replication.events = 0;
    outcome
}

#[test]
fn a_fleet_of_one_process_is_that_process() {
    for policy in POLICIES {
        for (seed, sync) in [(1, "1ms"), (2, "70ms"), (3, "1s"), (4, "20s")] {
            let alone = fly(policy, "process", 1, sync, seed);
            let fleet = fly(policy, "fleet", 1, sync, seed);
            assert_eq!(alone, fleet, "seed {seed}, sync {sync}\n{policy}");
            assert!(!alone.replication.scopes[0].refusals.is_empty(), "{policy}");
        }
    }
}

#[test]
fn the_same_fleet_is_the_same_again_and_processes_alone_are_not() {
    for policy in POLICIES {
        let fleet = |_| fly(policy, "fleet", 8, "1s", 5);
        assert_eq!(fleet(0), fleet(1), "{policy}");
        let alone = fly(policy, "process", 8, "1s", 5);
        assert!(alone.replication != fleet(2).replication, "{policy}");
    }
}

/// A breaker of all of twenty processes opens in each of them, until the same instant and up to `sync`
/// late, and is counted once; twenty breakers are counted by themselves.
#[test]
fn a_breaker_that_twenty_processes_share_trips_once_in_an_outage() {
    let run = |scope: &str| {
        let text = format!(
            "[workload]\nprocesses = 20\narrivals.poisson.rate = \"200/s\"\n\
             tokens.profile.name = \"chat\"\ndeadline = \"9s\"\n\
             [provider.a]\nlatency.linear = {{ base = \"100ms\" }}\n\
             [[fault]]\nname = \"f\"\non = [\"a\"]\nat = \"8s\"\nfor = \"4s\"\n\
             effect.outage = {{}}\n\
             [policy.p]\nbreaker.consecutive = {{ failures = 3, open = \"12s\" }}\n\
             trip.scope = \"{scope}\"\nfleet.sync = \"500ms\"\n"
        );
        outcome(&scenario(&text, 30, 0, 1), 0, 0).replication
    };
    let (alone, fleet) = (run("process"), run("fleet"));
    assert_eq!(
        (alone.breaker_trips, fleet.breaker_trips),
        (20, 1),
        "seed 1"
    );
    let open = |run: &squall::record::Replication| {
        (run.breaker_open_bad_ns + run.breaker_open_good_ns) as f64 / 1e9
    };
    assert!((open(&alone) - 240.0).abs() < 1e-6, "{}", open(&alone));
    let late = 240.0 - open(&fleet);
    assert!((0.0..=20.0 * 0.5).contains(&late), "{late}");
}

/// Both alarm at the same ending: one opens for 10 s, the other for 30 s. One trip, and open for 30 s.
#[test]
fn two_monitors_that_open_the_same_breaker_count_one_trip_and_each_second_once() {
    let monitor = |name: &str, lasts: &str| {
        format!(
            "monitor.{name} = {{ watch = \"failures\", then = \"trip\", for = \"{lasts}\", \
             test.bernoulli-cusum = {{ usual = \"10%\", risen = \"60%\", threshold = 3 }} }}\n"
        )
    };
    let text = format!(
        "[workload]\narrivals.poisson.rate = \"20/s\"\ntokens.profile.name = \"chat\"\n\
         deadline = \"9s\"\n[provider.a]\nlatency.linear = {{ base = \"100ms\" }}\n\
         [[fault]]\nname = \"f\"\non = [\"a\"]\nat = \"20s\"\nfor = \"10s\"\n\
         effect.outage = {{}}\n[policy.p]\n{}{}",
        monitor("one", "10s"),
        monitor("two", "30s")
    );
    let run = outcome(&scenario(&text, 60, 0, 1), 0, 0).replication;
    assert_eq!(run.breaker_trips, 1, "seed 1");
    let open = run.breaker_open_bad_ns + run.breaker_open_good_ns;
    assert_eq!(open, 30_000_000_000, "seed 1");
}
