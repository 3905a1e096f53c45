//! Bugs of a whole run.

use squall::record::Replication;
use squall::scenario::check_str;
use squall::sim::{self, Setup};

/// The first replication of the first policy.
fn fly(text: &str) -> Replication {
    let scenarios = check_str("regression.toml", text).expect("the text is right");
    let setup = Setup::new(&scenarios[0]).expect("the policies fit");
    println!("seed {}", scenarios[0].run.seed);
    sim::run(&setup, 0, 0).replication
}

/// The instant a service of no time ends is the instant it began, and its end was never announced:
/// the call stayed open until its deadline.
#[test]
fn an_answer_that_takes_no_time_comes() {
    let run = fly(r#"
        [run]
        duration = "10s"

        [workload]
        arrivals.poisson = { rate = "10/s" }
        tokens.fixed = { input = 1, output = 1 }
        deadline = "5s"

        [provider.api]
        latency.distribution = { first-token.constant = "0s" }
        capacity.slots = { count = 1 }

        [policy.plain]
    "#);
    let all = &run.scopes[0];
    assert!(all.calls > 50);
    assert_eq!((all.success, all.latency_success.sum_ns), (all.calls, 0));
}
