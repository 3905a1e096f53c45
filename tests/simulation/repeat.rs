//! The same seed is the same run, in any order; policies meet the same calls.

use super::build::outcome;
use super::random::random;

#[test]
fn the_same_replication_is_the_same_again_and_in_any_order() {
    for seed in 0..20 {
        let scenario = random(seed);
        let forward: Vec<_> = (0..3).map(|r| outcome(&scenario, 0, r)).collect();
        let mut backward: Vec<_> = (0..3).rev().map(|r| outcome(&scenario, 0, r)).collect();
        backward.reverse();
        assert_eq!(forward, backward, "seed {seed}");
        assert_eq!(forward[1].replication.index, 1);
    }
}

#[test]
fn another_seed_or_replication_is_another_run() {
    // A burst of fixed sizes has no chance in it: of twenty scenarios most differ, not all.
    let differ = |other: &dyn Fn(u64) -> bool| (0..20).filter(|&seed| other(seed)).count();
    let replications = differ(&|seed| {
        let scenario = random(seed);
        outcome(&scenario, 0, 0).audit != outcome(&scenario, 0, 1).audit
    });
    assert!(replications > 10, "{replications} of 20");
    let seeds = differ(&|seed| {
        let (one, mut two) = (random(seed), random(seed));
        two.run.seed += 1;
        outcome(&one, 0, 0).audit != outcome(&two, 0, 0).audit
    });
    assert!(seeds > 10, "{seeds} of 20");
}

#[test]
fn every_policy_meets_the_same_calls() {
    for seed in 0..40 {
        let scenario = random(seed);
        let runs: Vec<_> = (0..2)
            .map(|p| outcome(&scenario, p, 0).replication)
            .collect();
        for (one, two) in runs[0].scopes.iter().zip(&runs[1].scopes) {
            let traits =
                |s: &squall::record::replication::Sums| (s.calls, s.prompt_tokens, s.answer_tokens);
            assert_eq!(traits(one), traits(two), "seed {seed}");
        }
        assert_eq!(
            runs[0].windows.arrived, runs[1].windows.arrived,
            "seed {seed}"
        );
    }
}
