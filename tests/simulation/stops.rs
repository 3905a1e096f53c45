//! A run that is told to stop gives up; one that is not is the run it always was.

use squall::base::Stop;
use squall::sim::frame::Setup;
use squall::sim::run::{run, run_until};

use super::build::scenario;
use super::random::random;

#[test]
fn a_wish_to_stop_that_nobody_says_changes_nothing() {
    for seed in 0..20 {
        let scenario = random(seed);
        let setup = Setup::new(&scenario).expect("every route names providers");
        let outcome = run_until(&setup, 0, 0, &Stop::default());
        assert_eq!(outcome, Some(run(&setup, 0, 0)), "seed {seed}");
    }
}

/// Nine million calls: long enough to be told in the middle, and a failure does not last for ever.
#[test]
fn a_run_gives_up_in_the_middle_when_another_thread_says_so() {
    let text = r#"
        [workload]
        arrivals.poisson = { rate = "100/s" }
        deadline = "10s"
        [provider.api]
        latency.distribution = { first-token.constant = "100ms" }
        [policy.p]
    "#;
    let scenario = scenario(text, 86_400, 0, 1);
    let setup = Setup::new(&scenario).expect("there is no route to go wrong");
    let stop = Stop::default();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| run_until(&setup, 0, 0, &stop));
        stop.say();
        assert_eq!(run.join().expect("it does not panic"), None);
    });
}
