//! A small scenario and replications for the tests of this floor.

use crate::base::Duration;
use crate::record::metric::Metric;
use crate::record::replication::{Recovery, Times};
use crate::record::{Replication, Sparse, Sums, Windows};
use crate::scenario::Scenario;
use crate::scenario::model::{Compare, Expect, Run};
use crate::{policy, provider, workload};

/// Calls per replication in each scope.
pub(super) const CALLS: u64 = 2000;

/// Ten minutes with one outage from 3:00 to 5:00, the first policy as baseline.
pub(super) fn scenario(policies: &[&str], expectations: Vec<Expect>) -> Scenario {
    let metrics = [
        "success_ratio",
        "latency_good_ms_p99",
        "cost_usd_per_success",
    ];
    Scenario {
        name: "small".into(),
        file: "small.toml".into(),
        hash: "0123456789abcdef".into(),
        inputs: String::new(),
        resolved: String::new(),
        title: "What does an outage cost?".into(),
        why: "To know.".into(),
        run: Run {
            duration: Duration::from_s(600),
            warm_up: Duration::from_s(60),
            replications: 32,
            seed: 1,
        },
        compare: Compare {
            baseline: policies[0].into(),
            metrics: metrics
                .iter()
                .filter_map(|name| Metric::named(name))
                .collect(),
            min_effect: Default::default(),
        },
        workload: workload(),
        providers: vec![("one".into(), provider::Config::default())],
        pools: Vec::new(),
        faults: vec![outage()],
        policies: policies
            .iter()
            .map(|&name| (name.into(), policy::Config::default()))
            .collect(),
        expectations,
        point: Vec::new(),
        warnings: Vec::new(),
        trace: None,
    }
}

fn workload() -> workload::Config {
    let written = serde_json::json!({
        "arrivals": { "poisson": { "rate": "4/s" } },
        "deadline": "60s",
    });
    serde_json::from_value(written).unwrap()
}

fn outage() -> crate::fault::Config {
    let written = serde_json::json!({
        "name": "outage",
        "on": ["one"],
        "at": "3m",
        "for": "2m",
        "effect": { "outage": {} },
    });
    serde_json::from_value(written).unwrap()
}

/// One replication: so many successes in 1 s, the rest failures; so many retries; whether it
/// locked up.
pub(super) fn run(index: u32, success: u64, retries: u64, locked: bool) -> Replication {
    let failed = CALLS - success;
    let second = 1_000_000_000;
    let sums = Sums {
        calls: CALLS,
        sent_calls: CALLS,
        success,
        good: success,
        failed,
        attempts: [CALLS, retries, 0, 0],
        latency_good: Times {
            n: CALLS,
            sum_ns: u128::from(second * success + 60 * second * failed),
            max_ns: if failed > 0 { 60 * second } else { second },
            histogram: Sparse {
                counts: [(1_000_000, success), (60_000_000, failed)]
                    .into_iter()
                    .filter(|&(_, n)| n > 0)
                    .collect(),
            },
        },
        ..Sums::default()
    };
    Replication {
        index,
        scopes: vec![sums.clone(), sums],
        windows: Windows {
            arrived: vec![4; 600],
            first: vec![4; 600],
            good: vec![4; 600],
            ..Windows::default()
        },
        recovery: vec![Some(Recovery {
            recovered_ns: (!locked).then_some(3 * second),
            horizon_ns: 300 * second,
        })],
        lock_up: Some(locked),
        submitted: CALLS,
        ..Replication::default()
    }
}

/// A number that differs between replications and is the same for every policy.
pub(super) fn weather(r: u32) -> u64 {
    u64::from(r * 29 % 37)
}
