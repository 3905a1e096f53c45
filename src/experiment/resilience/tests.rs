use super::*;
use crate::record::results::{Flown, WorstLoad};

/// The server of scenarios/stability.toml with other settings of the provider and policies.
fn scenario(provider: &str, policies: &str) -> Scenario {
    let text = format!(
        r#"
[run]
duration = "150s"
warm-up = "10s"
[workload]
processes = 4
arrivals.poisson = {{ rate = "16/s" }}
tokens.fixed = {{ input = 100, output = 1 }}
max-tokens = 50
deadline = "20s"
[provider.server]
latency.distribution = {{ first-token = "20ms" }}
{provider}
[[fault]]
name = "brownout"
on = ["server"]
at = "40s"
for = "3s"
effect.brownout = {{ slowdown = 20 }}
{policies}
"#
    );
    let mut all = crate::scenario::check_str("test.toml", &text)
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    all.remove(0)
}

fn measured(scenario: &Scenario) -> alone::Alone {
    let stop = Stop::default();
    let crew = Crew {
        threads: 1,
        stop: &stop,
        done: &|| (),
    };
    alone::measure(scenario, crew).unwrap()
}

/// Load and why it need not keep itself up, of each policy.
fn loads(provider: &str, policies: &str) -> Vec<(f64, Option<String>)> {
    let scenario = scenario(provider, policies);
    let alone = measured(&scenario);
    let of =
        |(_, policy): &(String, crate::policy::Config)| match law::of(&scenario, policy, &alone) {
            Law::Load(worst) => (worst.load, worst.unless),
            other => panic!("{other:?}"),
        };
    scenario.policies.iter().map(of).collect()
}

#[test]
fn the_worst_load_is_calls_times_attempts_over_what_can_be_done() {
    let slots = r#"capacity.slots = { count = 1, queue = 399, when-full = "drop" }"#;
    let policies = r#"
[policy.two]
retry.attempts = 2
timeout.total = "2s"
[policy.once]
timeout.total = "2s"
[policy.unlimited]
retry.attempts = "unlimited"
timeout.total = "2s"
[policy.budget]
extends = "unlimited"
budget.share = { ratio = "25%" }
[policy.throttle]
extends = "unlimited"
budget.retry-throttle = { ratio = 0.1 }
[policy.other-classes]
extends = "two"
retry.on = ["overloaded"]
[policy.breaker]
extends = "two"
breaker.consecutive = { failures = 5, open = "10s" }
[policy.no-timeout]
retry.attempts = 2
[policy.patient]
retry.attempts = 2
timeout.total = "9s"
"#;
    let found = loads(slots, policies);
    // λ/μ = 16/50 to the last digit: every answer takes 20 ms, and λ is the rate.
    let attempts: Vec<f64> = found.iter().map(|(load, _)| load / 0.32).collect();
    // A deadline of 20 s holds ten attempts of 2 s.
    let expected = [2.0, 1.0, 10.0, 1.25, 1.1, 1.0, 2.0, 1.0, 2.0];
    for (found, expected) in attempts.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9, "{attempts:?}");
    }
    let unless: Vec<&str> = found
        .iter()
        .map(|(_, why)| {
            why.as_deref()
                .unwrap_or("")
                .split(' ')
                .take(2)
                .last()
                .unwrap_or("")
        })
        .collect();
    let said = ["", "", "", "", "budget", "", "breaker,", "is", "queue"];
    assert_eq!(unless, said, "{found:?}");
}

#[test]
fn each_kind_of_bound_has_its_law() {
    let policy = "[policy.p]\nretry.attempts = 3\ntimeout.total = \"2s\"\n";
    let load = |provider: &str| loads(provider, policy).remove(0);
    let near = |provider: &str, expected: f64, free: bool| {
        let (found, unless) = load(provider);
        assert!((found / expected - 1.0).abs() < 0.01, "{provider}: {found}");
        assert_eq!(unless.is_none(), free, "{provider}: {unless:?}");
    };
    // Two answers at full speed share; eleven in a batch do 11 ÷ 2 answers' work; each in progress adds 25 ms.
    near(
        "capacity.processor-sharing = { full-speed = 2 }",
        48.0 / 100.0,
        true,
    );
    near(
        "capacity.batching = { slowdown = 0.1, count = 11 }",
        48.0 / 275.0,
        true,
    );
    near(
        "capacity.concurrency = { adds = \"25ms\" }",
        48.0 / 40.0,
        true,
    );
    // What is refused takes nothing of a limit, unless it counts.
    near("limits = { rpm = 1200 }", 16.0 / 20.0, false);
    near(
        "limits = { rpm = 1200, refused = \"requests\" }",
        48.0 / 20.0,
        true,
    );
    near("limits = { tpm = 288_000 }", 16.0 * 150.0 / 4800.0, false);
    let gives_up = "capacity.slots = { count = 1 }\nabandoned = { keeps-slot = false }";
    near(gives_up, 0.96, false);
    let scenario = scenario("", policy);
    let law = law::of(&scenario, &scenario.policies[0].1, &measured(&scenario));
    assert_eq!(law, Law::Unbounded);
}

#[test]
fn law_and_search_make_a_colour_together() {
    let law = |load: f64, unless: Option<&str>| {
        Law::Load(WorstLoad {
            load,
            unless: unless.map(String::from),
            ..WorstLoad::default()
        })
    };
    let grows = trigger::tests::of_seconds(3.0);
    let flown = |shipped: u64, largest: u64| Found {
        flown: [(3.0, shipped), (12.0, largest)]
            .map(|(size, locked)| Flown {
                size,
                locked,
                of: 60,
            })
            .to_vec(),
        ..Found::default()
    };
    let told = |law: &Law, found: &Found| colour(law, Some(&grows), found).0;
    assert_eq!(told(&law(0.9, None), &flown(0, 0)), Colour::Green);
    assert_eq!(told(&law(0.9, None), &flown(0, 1)), Colour::Amber);
    assert_eq!(told(&law(0.91, None), &flown(0, 0)), Colour::Amber);
    assert_eq!(told(&law(1.1, None), &flown(0, 0)), Colour::Red);
    assert_eq!(
        told(&law(1.1, Some("it ends")), &flown(0, 0)),
        Colour::Amber
    );
    assert_eq!(told(&law(0.1, None), &flown(30, 60)), Colour::Red);
    assert_eq!(told(&law(0.1, None), &flown(29, 60)), Colour::Amber);
    assert_eq!(told(&Law::Unbounded, &flown(0, 0)), Colour::Green);
    assert_eq!(told(&Law::None("?".into()), &flown(0, 0)), Colour::Amber);
    // What was not watched shows nothing.
    let unseen = Found {
        flown: vec![Flown {
            size: 3.0,
            locked: 0,
            of: 0,
        }],
        ..Found::default()
    };
    assert_eq!(told(&law(0.5, None), &unseen), Colour::Amber);
    assert_eq!(
        colour(&law(0.5, None), None, &Found::default()).0,
        Colour::Amber
    );
}

#[test]
fn a_trigger_grows_and_is_watched_as_long() {
    let shipped = scenario("", "[policy.p]\n");
    let grows = Grows::of(&shipped).unwrap();
    let longer = grows.at(&shipped, grows.size(4.0));
    assert_eq!(longer.faults[0].lasts.as_s_f64(), 12.0);
    assert_eq!(longer.run.duration.as_s_f64(), 159.0);
    let watched = |s: &Scenario| s.run.duration.0 - s.faults[0].to().0;
    assert_eq!(watched(&longer), watched(&shipped));
    let mut spike = shipped.clone();
    spike.faults.clear();
    assert_eq!(Grows::of(&spike), None);
    let text = r#"
[run]
duration = "100s"
[workload]
arrivals.spike = { rate = "10/s", peak = "30/s", at = "30s", for = "5s" }
[provider.server]
[policy.p]
"#;
    let spike = crate::scenario::check_str("spike.toml", text)
        .unwrap()
        .remove(0);
    let grows = Grows::of(&spike).unwrap();
    assert_eq!((grows.shipped(), grows.size(4.0)), (3.0, 9.0));
    let higher = grows.at(&spike, 9.0);
    assert_eq!(higher.workload.top_rate(), Some(90.0));
    assert_eq!(higher.faults[grows.fault(&higher)].to().0, 35_000_000_000);
}
