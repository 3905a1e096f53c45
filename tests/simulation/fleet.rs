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
