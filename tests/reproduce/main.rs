//! Published results and exact laws, each a scenario of `scenarios/reproduce/` with its expectations in it.
//!
//! Every file is flown as `squall run` would fly it, at every point, and every expectation has to pass. Where
//! a law has a closed form it is computed here a second time, from the settings of the file alone, and the
//! figure that the file expects has to be that: a file whose figure was fitted to the simulator fails.

mod chains;
mod closed_forms;
mod contention;
mod fly;
mod policies;
mod resilience;

use std::path::Path;

use squall::scenario::Scenario;

use crate::fly::reproduce;

/// One test for each file, by its name.
macro_rules! reproduced {
    ($($test:ident = $file:literal),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                reproduce($file);
            }
        )+

        const FILES: &[&str] = &[$($file),+];
    };
}

reproduced! {
    erlang_b = "erlang-b",
    erlang_c = "erlang-c",
    one_server = "mm1",
    one_server_with_a_short_queue = "mm1k",
    one_server_with_any_service = "mg1",
    processor_sharing = "processor-sharing",
    processor_sharing_with_a_cap = "shared-fleet",
    batching = "batching",
    latency_that_grows_with_concurrency = "concurrency",
    hedging = "hedging",
    hedging_of_correlated_tries = "hedging-correlation",
    the_tail_at_scale = "tail-at-scale",
    metastable_overload_by_its_load = "metastable-sustain",
    metastable_overload_by_its_queue = "metastable-queue",
    metastable_overload_under_a_budget = "metastable-budget",
    metastable_overload_by_its_trigger = "metastable-trigger",
    nested_layers = "nested-layers",
    independent_failures = "independent-failures",
    what_fills_a_retry_budget = "budget-deposits",
    the_retry_throttle_of_grpc = "grpc-throttle",
    the_retry_quota_of_the_aws_sdks = "aws-quota",
    adaptive_throttling = "adaptive-throttling",
    the_worst_minute_of_a_limit = "limit-windows",
    a_limit_storm = "limit-storm",
    runs_of_failures_that_trip_a_breaker = "breaker-runs",
    what_breakers_send_in_an_outage = "breaker-outage",
    how_long_breakers_are_open_in_vain = "breaker-lag",
    a_breaker_over_shards = "breaker-shards",
    how_soon_a_drift_is_found = "drift-delay",
    false_alarms_of_a_drift_monitor = "drift-false-alarms",
}

#[test]
fn contention_costs_as_many_calls_and_as_much_time_as_in_the_published_loop() {
    let sizes: Vec<u64> = fly::points(CONTENTION).iter().map(clients).collect();
    let published: Vec<u64> = (1..=19).map(|tens| 10 * tens).collect();
    assert_eq!(sizes, published);
    fly::reproduce_and(CONTENTION, |scenario, results| {
        contention::agrees_with_the_published_loop(clients(scenario), results);
    });
}

/// Its points are flown once, for its expectations and for the loop.
const CONTENTION: &str = "contention";

fn clients(scenario: &Scenario) -> u64 {
    scenario.point[0].1.parse().expect("a number of clients")
}

#[test]
fn a_hundred_leaves_of_that_law_are_as_slow_as_was_published() {
    closed_forms::hundred_leaves(&fly::points("tail-at-scale")[0]);
}

#[test]
fn every_file_is_flown() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reproduce");
    let entries = std::fs::read_dir(dir).expect("the scenarios are there");
    let mut found: Vec<String> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    found.sort();
    let mut flown: Vec<&str> = FILES.to_vec();
    flown.push(CONTENTION);
    flown.sort_unstable();
    assert_eq!(found, flown);
}
