//! Runs against earlier ones whose figures are known.

use super::*;
use crate::experiment::fixture::{run, scenario, weather};
use crate::experiment::results;
use crate::record::results::Judgement;

const FRAME: Frame = Frame {
    window_ns: 1_000_000_000,
};

const RESOLVED: &str = "[workload]\narrivals.poisson.rate = \"4/s\"\n[policy.calm]\n\
                        retry.attempts = 3\n[policy.eager]\n";

/// Replications with so many successes more than the weather allows.
fn flown(more: u64, replications: u32) -> Vec<Replication> {
    let each = (0..replications).map(|r| run(r, 1900 + weather(r) + more, 0, false));
    each.collect()
}

fn small(resolved: &str) -> Scenario {
    let mut scenario = scenario(&["calm", "eager"], Vec::new());
    scenario.resolved = resolved.to_owned();
    scenario
}

fn earlier(replications: u32) -> Results {
    let runs = vec![flown(20, replications), flown(0, replications)];
    results(&small(RESOLVED), runs, FRAME)
}

fn refused(scenario: &Scenario, results: Results) -> Vec<String> {
    Earlier::new(results, "old.json".into(), scenario).unwrap_err()
}

#[test]
fn every_policy_is_held_against_itself_in_the_same_weather() {
    let now = small(&RESOLVED.replace("attempts = 3", "attempts = 4"));
    let earlier = Earlier::new(earlier(40), "old.json".into(), &now).unwrap();
    let runs = vec![flown(10, 32), flown(0, 32)];
    let found = against(&now, &runs, (FRAME, None), &earlier, &Stop::default()).unwrap();
    let looks = Looks::new(512);
    let settled = against(
        &now,
        &runs,
        (FRAME, Some(&looks)),
        &earlier,
        &Stop::default(),
    )
    .unwrap();
    let m = f64::from(settled.family);
    assert_eq!(
        (settled.level, found.level),
        (1.0 - 0.05 / (5.0 * m), 1.0 - 0.05 / m)
    );
    assert_eq!(
        (found.replications, found.family),
        (32, 4),
        "nothing has a price"
    );
    let verdict = |policy: &str| {
        let mut rows = found.rows.iter().map(|row| &row.difference);
        let row = rows.find(|d| d.policy == policy && d.metric == "success_ratio");
        let row = row.unwrap();
        (row.verdict.unwrap(), row.value)
    };
    // Ten of 2000 calls fewer in every run; what the weather does to both cancels.
    let (judgement, value) = verdict("calm");
    assert_eq!(judgement, Judgement::Worse);
    assert!((value + 0.005).abs() < 1e-12, "{value}");
    assert_eq!(verdict("eager"), (Judgement::Equivalent, 0.0));
    let changed: Vec<_> = found.changed.iter().map(|c| c.policy.as_str()).collect();
    assert_eq!(changed, ["calm"]);
    assert_eq!(
        found.changed[0].settings,
        ["retry.attempts: 3 before, 4 now"]
    );
}

#[test]
fn what_is_no_pair_is_refused_and_says_what_differs() {
    let now = small(&RESOLVED.replace("4/s", "5/s"));
    let said = refused(&now, earlier(4));
    let rate = "workload.arrivals.poisson.rate: \"4/s\" before, \"5/s\" now";
    assert_eq!(said, [rate]);
    let same = small(RESOLVED);
    let mut old = earlier(4);
    old.seed = 7;
    old.model_version += 1;
    old.inputs_hash = "other".into();
    let said = refused(&same, old).join("\n");
    for part in [
        "seed 7 before, 1 now: run with --seed 7",
        "model version",
        "incidents",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let mut old = earlier(4);
    old.policies[0].replications.remove(1);
    assert_eq!(
        refused(&same, old),
        ["the replications of `calm` in it are not whole"]
    );
    let mut old = earlier(4);
    old.policies.iter_mut().for_each(|p| p.name.push('x'));
    assert_eq!(refused(&same, old), ["no policy is in both"]);
}
