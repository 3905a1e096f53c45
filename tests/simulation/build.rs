//! Scenarios built in code, without the scenario's own reader.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use squall::base::{Check, Duration};
use squall::scenario::Scenario;
use squall::scenario::model::{Compare, Run};
use squall::sim::Outcome;
use squall::sim::frame::Setup;
use squall::sim::run::run;
use squall::workload::trace::Trace;

use crate::settings::typed;

/// A scenario of seconds: `[workload]`, `[provider.NAME]`, `[[fault]]`, `[policy.NAME]`.
///
/// # Panics
/// If it would not pass its checks: a run of nonsense shows nothing.
pub(crate) fn scenario(text: &str, duration_s: u64, warm_up_s: u64, seed: u64) -> Scenario {
    let mut file: BTreeMap<String, Value> = typed(text);
    let mut part = |name: &str| file.remove(name).unwrap_or(Value::Null);
    let scenario = Scenario {
        name: "by-hand".into(),
        file: "by-hand.toml".into(),
        hash: "0".repeat(16),
        inputs: String::new(),
        resolved: text.into(),
        title: "Does it add up?".into(),
        why: "Because it must.".into(),
        run: Run {
            duration: Duration::from_s(duration_s),
            warm_up: Duration::from_s(warm_up_s),
            replications: 3,
            seed,
        },
        compare: Compare {
            baseline: "p".into(),
            metrics: Vec::new(),
            min_effect: BTreeMap::new(),
        },
        workload: one(part("workload")),
        providers: named(part("provider")),
        pools: Vec::new(),
        faults: list(part("fault")),
        policies: named(part("policy")),
        expectations: Vec::new(),
        point: Vec::new(),
        trace: None,
        warnings: Vec::new(),
    };
    check(&scenario);
    scenario
}

/// The same with arrivals from a trace.
pub(crate) fn with_trace(mut scenario: Scenario, csv: &str) -> Scenario {
    scenario.trace = Some(Arc::new(
        Trace::parse(csv.as_bytes()).expect("the test's own trace"),
    ));
    scenario
}

/// Runs one replication of one policy.
pub(crate) fn outcome(scenario: &Scenario, policy: usize, replication: u32) -> Outcome {
    let setup = Setup::new(scenario).expect("every route names providers");
    run(&setup, policy, replication)
}

fn one<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("settings as they stand in a file")
}

fn named<T: DeserializeOwned>(value: Value) -> Vec<(String, T)> {
    one::<BTreeMap<String, Value>>(value)
        .into_iter()
        .map(|(name, v)| (name, one(v)))
        .collect()
}

fn list<T: DeserializeOwned>(value: Value) -> Vec<T> {
    if value.is_null() {
        Vec::new()
    } else {
        one(value)
    }
}

fn check(scenario: &Scenario) {
    let mut check = Check::new();
    scenario.workload.check(&mut check);
    scenario
        .providers
        .iter()
        .for_each(|(_, provider)| provider.check(&mut check));
    scenario
        .faults
        .iter()
        .for_each(|fault| fault.check(&mut check));
    scenario
        .policies
        .iter()
        .for_each(|(_, policy)| policy.check(&mut check));
    let mistakes: Vec<_> = check
        .into_mistakes()
        .into_iter()
        .filter(|m| !m.warning)
        .collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}\n{}", scenario.resolved);
}
