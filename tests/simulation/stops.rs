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

/// Nobody says it at the start, and not all of a run of so many calls is flown before it is said.
#[test]
fn a_run_gives_up_in_the_middle() {
    let text = r#"
        [workload]
        arrivals.poisson = { rate = "100/s" }
        deadline = "10s"
        [provider.api]
        latency.distribution = { first-token.constant = "100ms" }
        [policy.p]
    "#;
    let scenario = scenario(text, 3600, 0, 1);
    let setup = Setup::new(&scenario).expect("there is no route to go wrong");
    let whole = run(&setup, 0, 0);
    for looks in [0, 1, 5] {
        let stop = Stop::after(looks);
        assert_eq!(run_until(&setup, 0, 0, &stop), None, "after {looks} looks");
    }
    // It looks so often that a person need not wait, and it looks at nothing else.
    let looks = (0..).find(|bit| run_until(&setup, 0, 0, &Stop::after(1 << bit)).is_some());
    let looks = looks.expect("it ends");
    assert!((5..20).contains(&looks), "2^{looks} looks");
    let unsaid = run_until(&setup, 0, 0, &Stop::after(1 << looks));
    assert_eq!(unsaid, Some(whole));
}
