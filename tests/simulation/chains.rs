//! Chains of services: what layers multiply, what passes between them, and identities at random.

use rand::RngExt;
use squall::base::Duration;
use squall::policy::layers::{Abort, Layer, Place};
use squall::policy::monitor::watch::{Subject, Watch};
use squall::policy::{Config, fallback};
use squall::record::{Replication, Sums};
use squall::scenario::Scenario;
use squall::sim::Outcome;

use super::build::{outcome, scenario};
use super::identities::broken;
use super::random::random;
use crate::policies::rng;

/// A scenario whose one policy is a chain of all policies of the text, in the order of their names.
fn chain(text: &str, places: &[Place]) -> Scenario {
    let mut scenario = scenario(text, 100, 0, 1);
    let layers = std::mem::take(&mut scenario.policies);
    assert_eq!(layers.len(), places.len());
    let layer = |((name, config), place): ((String, _), &Place)| Layer {
        name,
        config,
        place: *place,
    };
    let chain: Vec<Layer> = layers.into_iter().zip(places).map(layer).collect();
    let whole = Config {
        layers: chain.iter().map(|layer| layer.name.clone()).collect(),
        chain,
        ..Config::default()
    };
    scenario.policies = vec![("p".into(), whole)];
    scenario
}

fn checked(scenario: &Scenario) -> Replication {
    let outcome = outcome(scenario, 0, 0);
    assert_eq!(broken(scenario, &outcome), [""; 0]);
    assert_eq!(telescopes(scenario, &outcome), None);
    outcome.replication
}

/// What does not add up between layers: the last one's attempts are those of all origins.
fn telescopes(scenario: &Scenario, outcome: &Outcome) -> Option<String> {
    // A layer that sent nothing may not be listed.
    let innermost = scenario.policies[0].1.chain.len() - 1;
    let wrong = |sums: &Sums| {
        let last = sums.layers.get(innermost).copied().unwrap_or(0);
        (last != sums.attempts_total()).then(|| format!("{last}, {:?}", sums.attempts))
    };
    outcome.replication.scopes.iter().find_map(wrong)
}

#[test]
fn a_chain_that_tries_more_often_than_can_be_counted_is_a_mistake() {
    let layers = |n: usize, attempts: u32| {
        let names: Vec<String> = (0..n).map(|i| format!("\"l{i}\"")).collect();
        let policy = |i: usize| format!("[policy.l{i}]\nretry.attempts = {attempts}\n");
        let policies: String = (0..n).map(policy).collect();
        let text = format!(
            "[run]\nduration = \"60s\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n{policies}\
             [policy.all]\nlayers = [{}]\n",
            names.join(", ")
        );
        match squall::scenario::check_str("chain.toml", &text) {
            Ok(_) => String::new(),
            Err(wrong) => format!("{wrong:?}"),
        }
    };
    assert!(layers(8, 4).contains("more tries of one call than are counted"));
    let seven = layers(7, 4);
    assert_eq!(seven, "", "16 384 are counted");
}

const HERE: Place = Place {
    processes: None,
    network: Duration::ZERO,
    abort: Abort::Cancels,
};

/// So many equal layers of so many attempts, before one provider.
fn equal(layers: usize, attempts: u16, world: &str) -> Scenario {
    let policy = |i| {
        format!("[policy.l{i}]\nretry = {{ attempts = {attempts}, backoff = {{ none = {{}} }} }}\n")
    };
    let policies: String = (0..layers).map(policy).collect();
    chain(&format!("{world}{policies}"), &vec![HERE; layers])
}

const OUTAGE: &str = r#"
    [workload]
    arrivals.burst.count = 3
    [provider.a]
    latency.linear = { base = "10ms" }
    [[fault]]
    name = "outage"
    on = ["a"]
    at = "0s"
    for = "90s"
    effect.outage = {}
"#;

/// "Three retries at each of five layers are 243 calls" is three attempts at each.
#[test]
fn nested_layers_multiply_attempts_in_a_total_outage() {
    for (layers, attempts, each) in [
        (1, 7, 7),
        (2, 3, 9),
        (3, 4, 64),
        (5, 3, 243),
        (5, 4, 1024),
        (4, 1, 1),
    ] {
        let run = checked(&equal(layers, attempts, OUTAGE));
        let all = &run.scopes[0];
        assert_eq!((all.calls, all.failed), (3, 3));
        assert_eq!(all.attempts_total(), 3 * each, "{layers} × {attempts}");
        assert_eq!(all.attempts[0], 3, "one of each call is its first");
        let powers: Vec<u64> = (1..=layers as u32)
            .map(|d| 3 * u64::from(attempts).pow(d))
            .collect();
        assert_eq!(all.layers, powers);
    }
}

/// Independent failures: n attempts at a thing that fails with p are (1 − pⁿ)/(1 − p) and fail with pⁿ, and the
/// layer outside meets that.
#[test]
fn nested_loops_over_independent_failures_follow_the_closed_form() {
    for (p, layers, n) in [(0.5, 2, 3), (0.3, 3, 2), (0.8, 2, 4)] {
        let world = format!(
            "[workload]\narrivals.poisson.rate = \"400/s\"\n\
             [provider.a]\nlatency.linear.base = \"1ms\"\n\
             [[fault]]\nname = \"x\"\non = [\"a\"]\nat = \"0s\"\nfor = \"99s\"\n\
             effect.error-rate = {{ bad = {p} }}\n"
        );
        let run = checked(&equal(layers, n, &world));
        let (mut fails, mut product) = (p, 1.0);
        let mut by_layer = Vec::new();
        for _ in 0..layers {
            let through: f64 = 1.0 - fails;
            let fails_all = libm::pow(fails, f64::from(n));
            by_layer.push((1.0 - fails_all) / through);
            product *= (1.0 - fails_all) / through;
            fails = fails_all;
        }
        // The innermost meets the provider.
        by_layer.reverse();
        let during = &run.scopes[1];
        let mut before = during.calls;
        for (layer, (sent, law)) in during.layers.iter().zip(&by_layer).enumerate() {
            let ratio = *sent as f64 / before as f64;
            assert!(
                (ratio / law - 1.0).abs() < 0.02,
                "p {p}, layer {layer}: {ratio}, {law}"
            );
            before = *sent;
        }
        let all = during.attempts_total() as f64 / during.calls as f64;
        assert!(
            (all / product - 1.0).abs() < 0.02,
            "p {p}: {all}, {product}"
        );
        let failed = during.failed as f64 / during.calls as f64;
        let slack = 4.0 * (fails * (1.0 - fails) / during.calls as f64).sqrt();
        assert!((failed - fails).abs() <= slack, "p {p}: {failed}, {fails}");
    }
}

/// The outer layer waits a second and a half for an inner one that tries every second.
fn impatient(abort: Abort, workload: &str) -> Sums {
    let text = format!(
        "{OUTAGE}
        [policy.outer]
        timeout.total = \"1500ms\"
        retry.attempts = 1
        [policy.inner]
        retry = {{ attempts = 5, backoff = {{ constant = {{ wait = \"1s\" }} }} }}"
    );
    let text = text.replace("[workload]", &format!("[workload]\n{workload}"));
    // In order of the names: `inner` comes first.
    let text = text
        .replace("policy.outer", "policy.a")
        .replace("policy.inner", "policy.b");
    let places = [HERE, Place { abort, ..HERE }];
    checked(&chain(&text, &places)).scopes[0].clone()
}

#[test]
fn an_abort_reaches_the_next_layer_or_does_not() {
    let cancelled = impatient(Abort::Cancels, "");
    assert_eq!(cancelled.attempts_total(), 3 * 2, "at 0 s and at 1 s");
    let on = impatient(Abort::GoesOn, "");
    assert_eq!(
        on.attempts_total(),
        3 * 5,
        "nobody waits for the last three"
    );
    for sums in [cancelled, on] {
        assert_eq!((sums.calls, sums.failed), (3, 3));
    }
}

#[test]
fn deadlines_pass_inward() {
    let on = impatient(Abort::GoesOn, "deadline = \"2500ms\"");
    assert_eq!(on.attempts_total(), 3 * 3, "at 0, 1 and 2 s");
}

/// A caller sees of a layer what any client sees: an answer that took two ways more.
#[test]
fn the_network_between_layers_takes_its_time() {
    let text = r#"
        [workload]
        arrivals.burst.count = 1
        tokens.fixed = { input = 100, output = 101 }
        stream = true
        [provider.a]
        latency.distribution = { first-token.constant = "1s", per-token.constant = "10ms" }
        price = { input = "$3/M", output = "$15/M" }
        [policy.a]
        [policy.b]
        [policy.c]
    "#;
    let place = |ms| Place {
        network: Duration::from_ms(ms),
        ..HERE
    };
    let run = checked(&chain(text, &[place(10), place(200), HERE]));
    let all = &run.scopes[0];
    assert_eq!((all.success, all.good), (1, 1));
    assert_eq!(all.latency_good.sum_ns, 2_420_000_000);
    assert_eq!(all.ttft.sum_ns, 1_420_000_000);
    assert_eq!(all.pico_usd(), 100 * 3_000_000 + 101 * 15_000_000);
}

/// A 429 passes every layer with its `Retry-After`: the outermost waits as the provider said.
#[test]
fn a_layer_passes_on_how_long_to_wait() {
    let text = r#"
        [workload]
        arrivals.burst.count = 2
        [provider.a]
        latency.linear = { base = "10ms" }
        limits = { rpm = 6, slice = "10s" }
        [policy.a]
        retry = { attempts = 2, on = ["rate-limited"], backoff.none = {} }
        [policy.b]
        retry.attempts = 1
        [policy.c]
        retry.attempts = 1
    "#;
    let run = checked(&chain(text, &[HERE, HERE, HERE]));
    let all = &run.scopes[0];
    assert_eq!((all.calls, all.success), (2, 2));
    assert_eq!(all.statuses.get(&429), Some(&1));
    let seconds = all.latency_verdict.max_ns / 1_000_000_000;
    assert_eq!(seconds, 10, "one request in ten seconds");
}

/// An SDK behind a router asks the provider that the router chose, though its own route is `single`.
#[test]
fn a_single_route_behind_a_router_asks_where_it_is_sent() {
    let text = r#"
        [workload]
        arrivals.burst.count = 4
        [provider.a]
        latency.linear = { base = "10ms" }
        [provider.b]
        latency.linear = { base = "10ms" }
        [[fault]]
        name = "outage"
        on = ["a"]
        at = "0s"
        for = "90s"
        effect.outage = {}
        [policy.a]
        retry.attempts = 1
        [policy.b]
        retry = { attempts = 2, backoff.none = {} }
        route.failover = {}
        [policy.c]
        retry = { attempts = 3, backoff.none = {} }
        route.single = {}
    "#;
    let run = checked(&chain(text, &[HERE, HERE, HERE]));
    let all = &run.scopes[0];
    assert_eq!((all.calls, all.success), (4, 4));
    assert_eq!(all.layers, [4, 8, 4 * 3 + 4]);
    // Seen from outside: three tries at the first, of which two are retries, and one elsewhere.
    assert_eq!(all.attempts, [4, 8, 4, 0]);
}

/// A layer's fallback is passed on like an answer, and makes no success of the call.
#[test]
fn a_fallback_of_an_inner_layer_degrades_the_call() {
    let text = format!(
        "{OUTAGE}
        [policy.a]
        retry.attempts = 3
        [policy.b]
        fallback.message = {{}}"
    );
    let run = checked(&chain(&text, &[HERE, HERE]));
    let all = &run.scopes[0];
    assert_eq!((all.degraded, all.success, all.attempts_total()), (3, 0, 3));
    assert_eq!(all.fallbacks.given("message"), 3);
}

const SCENARIOS: u64 = 250;

/// What an inner layer cannot do is taken out, as a checked file's policies have none of it.
fn fits(config: &mut Config, place: usize, last: bool) {
    if place > 0 {
        let defers = |kind: &fallback::Config| matches!(kind, fallback::Config::Defer(_));
        config.fallback.0.retain(|kind| !defers(kind));
    }
    if !last {
        let embeds = |watch: &Watch| watch.watch == Subject::Embedding;
        config.monitor.retain(|_, watch| !embeds(watch));
    }
    for own in config.priority.values_mut() {
        fits(own, place, last);
    }
}

/// A random scenario whose one policy is a chain of random policies, at random places.
fn random_chain(seed: u64) -> Scenario {
    let mut scenario = random(seed);
    let r = &mut rng(seed, 21);
    let known = std::mem::take(&mut scenario.policies);
    let layers = r.random_range(1..4);
    let mut whole = Config::default();
    for place in 0..layers {
        let (name, mut config) = known[r.random_range(0..known.len())].clone();
        fits(&mut config, place, place + 1 == layers);
        whole.layers.push(name.clone());
        whole.chain.push(Layer {
            name,
            config,
            place: Place {
                processes: (place > 0 && r.random_bool(0.5)).then(|| r.random_range(1..5)),
                network: Duration::from_ms(r.random_range(0..3) * 20),
                abort: [Abort::Cancels, Abort::GoesOn][r.random_range(0..2)],
            },
        });
    }
    scenario.policies = vec![("p".into(), whole)];
    scenario
}

#[test]
fn every_identity_holds_in_random_chains() {
    for seed in 5000..5000 + SCENARIOS {
        println!("seed {seed}");
        let scenario = random_chain(seed);
        let first = outcome(&scenario, 0, 0);
        let mut wrong = broken(&scenario, &first);
        // A provider may answer when nobody waits further out; what was put off may be answered by an inner
        // layer's fallback, and a judge may be shown one.
        let of_answers = [
            "successes and attempts that won",
            "successes that were bad",
            "late answers and attempts that gave them",
            "than came",
            // An outer layer's guard refuses what the layer that asked the provider took for an answer.
            "given up",
            "and refused",
        ];
        wrong.retain(|text| !of_answers.iter().any(|known| text.contains(known)));
        assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
        assert_eq!(telescopes(&scenario, &first), None, "seed {seed}");
        if seed % 10 == 0 {
            assert_eq!(first, outcome(&scenario, 0, 0), "seed {seed}");
        }
    }
}

/// A chain of one layer is that policy by itself, whatever it is.
#[test]
fn a_chain_of_one_is_its_policy() {
    for seed in 7000..7060 {
        println!("seed {seed}");
        let flat = random(seed);
        let mut chained = flat.clone();
        let (name, config) = chained.policies.remove(0);
        let mut whole = Config::default();
        whole.layers.push(name.clone());
        whole.chain.push(Layer {
            name,
            config,
            place: HERE,
        });
        chained.policies.insert(0, ("p".into(), whole));
        let mut of_chain = outcome(&chained, 0, 0);
        for sums in &mut of_chain.replication.scopes {
            sums.layers.clear();
        }
        assert_eq!(of_chain, outcome(&flat, 0, 0), "seed {seed}");
    }
}
