//! Parts of the calls that expectations ask for: after a fault, of a priority, of a tenant, and together.

use squall::record::{Replication, Sums};
use squall::scenario::{Scenario, check_str, scopes};

use super::build::outcome;
use super::identities::broken;

/// Two faults, two priorities, two tenants; windows of the run are whole seconds.
const WORLD: &str = r#"
    [workload]
    arrivals.poisson = { rate = "30/s" }
    tokens.fixed = { input = 100, output = 50 }
    deadline = "5s"
    priority.critical = "30%"
    tenant.acme = { share = "40%", priority.critical = "80%" }
    tenant.bolt = { share = "20%" }
    [provider.a]
    latency.distribution = { first-token.constant = "50ms" }
    [[fault]]
    name = "first"
    on = ["a"]
    at = "40s"
    for = "20s"
    effect = "outage"
    [[fault]]
    name = "second"
    on = ["a"]
    at = "80s"
    for = "20s"
    effect = "outage"
    [policy.p]
"#;

const ASKED: [&str; 7] = [
    "after = \"first\"",
    "after = \"second\"",
    "priority = \"critical\"",
    "tenant = \"acme\"",
    "during = \"first\"\npriority = \"critical\"",
    "after = \"first\"\ntenant = \"acme\"\npriority = \"critical\"",
    "after = \"first\"\ntenant = \"acme\"\npriority = \"normal\"",
];

fn world() -> Scenario {
    let expect = |asked: &&str| format!("[[expect]]\n{asked}\nmetric.success_ratio.min = 0\n");
    let expectations: String = ASKED.iter().map(expect).collect();
    scenario(&format!("{WORLD}{expectations}"))
}

fn scenario(text: &str) -> Scenario {
    let run = "[run]\nduration = \"150s\"\nwarm-up = \"10s\"\n";
    let loaded = check_str("parts.toml", &format!("{run}{text}"));
    loaded.expect("it has no mistake").remove(0)
}

fn sums<'r>(scenario: &Scenario, run: &'r Replication, name: &str) -> &'r Sums {
    let all = scopes(scenario);
    let place = all.iter().position(|scope| scope.name == name);
    &run.scopes[place.unwrap_or_else(|| panic!("no scope {name} among {all:?}"))]
}

/// Calls that arrived in these seconds, by the counts of windows, which know nothing of scopes.
fn arrived(run: &Replication, window_s: u64, seconds: std::ops::Range<u64>) -> u64 {
    let windows = seconds.start / window_s..seconds.end / window_s;
    let list = &run.windows.arrived[windows.start as usize..windows.end as usize];
    list.iter().map(|&n| u64::from(n)).sum()
}

#[test]
fn every_part_holds_the_calls_that_are_meant() {
    let scenario = world();
    let outcome = outcome(&scenario, 0, 0);
    assert_eq!(broken(&scenario, &outcome), [""; 0]);
    let run = &outcome.replication;
    let calls = |name: &str| sums(&scenario, run, name).calls;
    assert_eq!(run.windows.arrived.len(), 150, "windows of one second");
    // The first fault is over at 60 s, and the second begins at 80 s; the run ends at 150 s.
    assert_eq!(calls("after first"), arrived(run, 1, 60..80));
    assert_eq!(calls("after second"), arrived(run, 1, 100..150));
    assert_eq!(calls("first"), arrived(run, 1, 40..60));
    assert_eq!(
        sums(&scenario, run, "after first").success,
        calls("after first")
    );
    assert_eq!(sums(&scenario, run, "first, critical calls").success, 0);
    // Shares: 40 % acme, of those 80 % critical; 30 % of the rest.
    let share = |part: u64, of: u64| part as f64 / of as f64;
    let all = calls("all");
    assert!((share(calls("calls of acme"), all) - 0.4).abs() < 0.03);
    assert!((share(calls("calls of bolt"), all) - 0.2).abs() < 0.03);
    let critical = 0.4 * 0.8 + 0.6 * 0.3;
    assert!((share(calls("critical calls"), all) - critical).abs() < 0.03);
    assert_eq!(calls("critical calls") + calls("normal calls"), all);
    let both = ["critical", "normal"].map(|p| calls(&format!("after first, {p} calls of acme")));
    assert!(both[0] > both[1] && both[1] > 0, "{both:?}");
    assert!(both[0] + both[1] < calls("after first"));
}

#[test]
fn what_is_asked_for_changes_no_figure_of_the_rest() {
    let plain = outcome(&scenario(WORLD), 0, 0).replication;
    let asked = outcome(&world(), 0, 0).replication;
    assert!(asked.scopes.len() > plain.scopes.len());
    assert_eq!(plain.scopes, asked.scopes[..plain.scopes.len()]);
    assert_eq!(plain.windows, asked.windows);
}
