//! From runs to results.

use super::*;
use crate::experiment::fixture::{run, scenario, weather};
use crate::record::histogram::grid;
use crate::record::results::Judgement;

const FRAME: Frame = Frame {
    window_ns: 1_000_000_000,
};

fn runs(n: u32, success: u64, retries: u64, locked: impl Fn(u32) -> bool) -> Vec<Replication> {
    (0..n)
        .map(|r| run(r, success - weather(r), retries + weather(r), locked(r)))
        .collect()
}

#[test]
fn a_comparison_is_judged_at_the_level_of_its_family() {
    let scenario = scenario(&["plain", "retrying"], vec![]);
    let lists = vec![runs(32, 1900, 0, |_| false), runs(32, 1990, 400, |_| false)];
    let found = results(&scenario, lists, FRAME);
    // Nothing has a price, so two of the three headline metrics are left.
    assert_eq!(
        found.compare.metrics,
        ["success_ratio", "latency_good_ms_p99"]
    );
    assert_eq!((found.compare.family, found.compare.level), (2, 0.975));
    let of = |name: &str| found.differences.iter().find(|d| d.metric == name).unwrap();
    let success = of("success_ratio");
    assert_eq!(success.verdict, Some(Judgement::Better));
    assert_eq!((success.level, success.min_effect), (0.975, Some(0.001)));
    assert!((success.value - 0.045).abs() < 1e-12);
    let retries = of("amplification");
    assert_eq!(
        (retries.level, retries.verdict, retries.min_effect),
        (0.95, None, None)
    );
    assert_eq!(found.scopes[1].name, "outage");
    assert_eq!(found.policies[0].during["outage"]["success_ratio"].n, 32);
    assert_eq!(found.meta.simulated_calls, 2 * 32 * 2000);
    assert_eq!(found.better_overall("retrying"), Some(true));
    assert!(
        found.policies[0]
            .stability
            .as_ref()
            .is_some_and(|s| s.locked == 0)
    );
    assert!(!found.policies[0].metrics.contains_key("cost_usd_total"));
    assert!(!found.policies[0].metrics.contains_key("breaker_trips"));
}

#[test]
fn under_sixteen_replications_nothing_is_judged() {
    let scenario = scenario(&["plain", "retrying"], vec![]);
    let lists = vec![runs(15, 1900, 0, |_| false), runs(15, 1990, 0, |_| false)];
    let found = results(&scenario, lists, FRAME);
    assert!(found.differences.iter().all(|d| d.verdict.is_none()));
    assert_eq!(found.better_overall("retrying"), None);
    assert!(
        found.warnings[0].starts_with("15 replications"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn a_mixture_is_named() {
    let scenario = scenario(&["plain"], vec![]);
    let found = results(&scenario, vec![runs(32, 1900, 0, |r| r == 7)], FRAME);
    assert!(
        found.policies[0]
            .stability
            .as_ref()
            .is_some_and(|s| s.mixture)
    );
    let named = |w: &String| w.starts_with("`plain` locked up in 1 of 32 runs");
    assert!(found.warnings.iter().any(named), "{:?}", found.warnings);
}

#[test]
fn told_to_stop_it_says_nothing() {
    let scenario = scenario(&["plain", "retrying"], vec![]);
    let lists = || vec![runs(20, 1900, 0, |_| false), runs(20, 1990, 3, |_| false)];
    let stop = Stop::default();
    assert!(results_until(&scenario, lists(), (FRAME, None), &stop).is_some());
    stop.say();
    assert!(results_until(&scenario, lists(), (FRAME, None), &stop).is_none());
}

#[test]
fn the_same_runs_give_the_same_bytes_and_every_number_can_be_written() {
    let scenario = scenario(&["plain", "retrying"], vec![]);
    for n in [0, 1, 2, 20] {
        let lists = || {
            let mut lists = vec![runs(n, 1900, 0, |_| false), runs(n, 1990, 3, |r| r == 1)];
            let all = lists.iter_mut().flatten().flat_map(|run| &mut run.scopes);
            for (value, _) in all.flat_map(|sums| &mut sums.latency_good.histogram.counts) {
                // As every recorder does.
                *value = grid::highest(grid::bucket(*value)).unwrap();
            }
            lists
        };
        let write = |r: &Results| serde_json::to_string(r).unwrap();
        let (a, b) = (
            results(&scenario, lists(), FRAME),
            results(&scenario, lists(), FRAME),
        );
        assert!(write(&a) == write(&b), "{n} replications");
        // A NaN would be written as null and could not be read as a number.
        let back: Result<Results, _> = serde_json::from_str(&write(&a));
        assert!(back.is_ok(), "{n} replications: {:?}", back.err());
    }
}
