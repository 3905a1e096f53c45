//! Keyed draws seen from outside: what one changes in a file changes nothing else's luck.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use squall::base::draw::{Draws, Purpose, Root, Stage};
use squall::base::wire::Request;
use squall::record::{Replication, Sparse};
use squall::scenario::{Overrides, Scenario, check_str, load};
use squall::sim::{self, Setup};

/// Everything random at once: sizes, processes, priorities, network, service, errors in spells,
/// quality, and a queue in which policies meet.
const WEATHER: &str = r#"
    [run]
    duration = "30s"
    warm-up = "2s"
    seed = 901
    [workload]
    processes = 3
    arrivals.poisson = { rate = "20/s" }
    tokens.profile = "chat"
    stream = true
    deadline = "20s"
    priority = { batch = 0.2, critical = 0.1 }
    [provider.one]
    network.out.exponential.mean = "20ms"
    network.back.uniform = { low = "5ms", high = "40ms" }
    latency.distribution = { first-token.exponential.mean = "400ms", per-token.exponential.mean = "3ms" }
    capacity.slots = { count = 12, queue = 20 }
    price = { input = "$3/M", output = "$15/M" }
    quality = 0.9
    [provider.two]
    network = "30ms"
    latency.linear = { base = "300ms", sigma = 0.5, per-token = "4ms", per-token-sigma = 0.2 }
    limits = { rpm = 300, slice = "1s" }
    quality = 0.95
    [[fault]]
    name = "errors"
    on = ["one"]
    at = "5s"
    for = "20s"
    effect.error-rate = { bad = 0.7, good = 0.1, bad-for = "2s", good-for = "3s" }
"#;

const RETRY: &str = r#"
    [policy.retry]
    retry.attempts = 4
    retry.backoff.exponential = { base = "200ms", jitter = "full" }
    retry.server-wait.jitter = 0.3
"#;
const HEDGE: &str = r#"
    [policy.hedge]
    retry.attempts = 3
    retry.backoff.exponential = { base = "200ms", jitter = "decorrelated" }
    hedge.fixed.after = "600ms"
    breaker.consecutive = { failures = 3, open = "2s" }
"#;
const OTHER: &str = r#"
    [policy.other]
    route.failover = ["two", "one"]
    retry.attempts = 6
    retry.backoff.constant = { wait = "100ms", jitter = "equal" }
"#;

fn scenario(text: &str) -> Scenario {
    let points = check_str("keys.toml", text);
    points.expect("the text is right").remove(0)
}

/// The whole data of a policy's first replications, as bytes.
fn bytes(text: &str, policy: &str) -> Vec<String> {
    let scenario = scenario(text);
    let setup = Setup::new(&scenario).expect("the policies fit");
    let place = scenario
        .policies
        .iter()
        .position(|(name, _)| name == policy);
    let place = place.expect("the policy is in the file");
    let one = |r| {
        let run = sim::run(&setup, place, r).replication;
        assert!(run.scopes[0].calls > 400 && run.scopes[0].success > 0);
        serde_json::to_string(&run).expect("a run is data")
    };
    (0..3).map(one).collect()
}

fn file(policies: &[&str]) -> String {
    format!("{WEATHER}{}", policies.concat())
}

#[test]
fn a_run_is_the_same_bytes_every_time() {
    let text = file(&[RETRY]);
    println!("seed 901");
    assert_eq!(bytes(&text, "retry"), bytes(&text, "retry"));
}

#[test]
fn adding_a_policy_changes_no_other_policys_run() {
    let alone = bytes(&file(&[RETRY]), "retry");
    assert_eq!(alone, bytes(&file(&[RETRY, HEDGE]), "retry"));
    assert_eq!(alone, bytes(&file(&[HEDGE, OTHER, RETRY]), "retry"));
}

#[test]
fn reordering_policies_changes_no_run() {
    let (one, two) = (file(&[RETRY, HEDGE, OTHER]), file(&[OTHER, HEDGE, RETRY]));
    for policy in ["retry", "hedge", "other"] {
        assert_eq!(bytes(&one, policy), bytes(&two, policy), "{policy}");
    }
}

#[test]
fn another_policys_settings_change_no_run() {
    let text = file(&[RETRY, HEDGE]);
    let changed = file(&[
        RETRY,
        &HEDGE
            .replace("600ms", "100ms")
            .replace("attempts = 3", "attempts = 9"),
    ]);
    assert_eq!(bytes(&text, "retry"), bytes(&changed, "retry"));
    assert_ne!(bytes(&text, "hedge"), bytes(&changed, "hedge"));
}

#[test]
fn a_policys_name_does_not_enter_its_draws() {
    let renamed = RETRY.replace("policy.retry", "policy.quite-another-name");
    let text = file(&[RETRY, OTHER, &renamed]);
    assert_eq!(bytes(&text, "retry"), bytes(&text, "quite-another-name"));
}

/// What a call is: all but when it comes.
#[derive(Clone, Debug, PartialEq)]
struct Traits {
    process: u32,
    request: Request,
    answer_tokens: u32,
}

/// The first calls of a replication by id, each with its moment in units of the mean gap.
fn calls(text: &str, per_s: f64) -> BTreeMap<u64, (Traits, f64)> {
    let scenario = scenario(text);
    let setup = Setup::new(&scenario).expect("the policies fit");
    let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(0));
    let one = |_| {
        let call = traffic.next(&draws).expect("Poisson traffic never ends");
        let traits = Traits {
            process: call.process.0,
            request: call.request,
            answer_tokens: call.answer_tokens,
        };
        (call.id.word(), (traits, call.at.0 as f64 / 1e9 * per_s))
    };
    (0..1000).map(one).collect()
}

#[test]
fn another_rate_moves_calls_and_makes_none_another_call() {
    let text = file(&[RETRY]);
    let slow = calls(&text, 20.0);
    let fast = calls(&text.replace("20/s", "300/s"), 300.0);
    assert_eq!(slow.len(), 1000);
    for ((id, (traits, at)), (other_id, (others, other_at))) in slow.iter().zip(&fast) {
        assert_eq!((id, traits), (other_id, others));
        // Moments are rounded to a nanosecond.
        assert!((at - other_at).abs() < 1e-6, "call {id}: {at} {other_at}");
    }
    // The traits differ between calls, so equal ones are no accident.
    let lengths: BTreeSet<u32> = slow
        .values()
        .map(|(traits, _)| traits.answer_tokens)
        .collect();
    assert!(lengths.len() > 100);
}

/// Whether every value of `few` is among those of `many`, as often.
fn is_part_of(few: &Sparse, many: &Sparse) -> bool {
    let many: BTreeMap<u64, u64> = many.counts.iter().copied().collect();
    let enough = |&(value, n): &(u64, u64)| many.get(&value).is_some_and(|m| *m >= n);
    few.counts.iter().all(enough)
}

/// Where calls do not meet in a queue, each has its own fate, whoever else calls.
#[test]
fn more_calls_change_nothing_for_those_that_were_there() {
    let burst = |n: u32| -> Replication {
        let text = file(&[RETRY])
            .replace(
                "arrivals.poisson = { rate = \"20/s\" }",
                &format!("arrivals.burst = {{ count = {n}, at = \"6s\" }}"),
            )
            .replace(
                "capacity.slots = { count = 12, queue = 20 }",
                "capacity = \"unlimited\"",
            )
            .replace("limits = { rpm = 300, slice = \"1s\" }", "");
        let scenario = scenario(&text);
        let setup = Setup::new(&scenario).expect("the policies fit");
        sim::run(&setup, 0, 0).replication
    };
    let (few, many) = (burst(200), burst(300));
    let (few, many) = (&few.scopes[0], &many.scopes[0]);
    assert_eq!((few.calls, many.calls), (200, 300));
    assert!(few.attempts_total() > 210, "some calls are tried again");
    assert!(is_part_of(
        &few.latency_good.histogram,
        &many.latency_good.histogram
    ));
    assert!(is_part_of(&few.ttft.histogram, &many.ttft.histogram));
    assert!(!is_part_of(&many.ttft.histogram, &few.ttft.histogram));
}

/// seed + replication would make seeds 1 and 2 share all replications but one.
#[test]
fn different_seeds_and_replications_share_no_draw() {
    let mut seen = BTreeSet::new();
    for seed in 1..=4 {
        for replication in 0..8 {
            let draws = Draws::new(Root::new(seed, Stage::Run, replication));
            for n in 0..500 {
                for purpose in [Purpose::Arrival, Purpose::OutputTokens] {
                    let u = draws.unit(purpose, n, 0);
                    assert!(
                        seen.insert(u.to_bits()),
                        "seed {seed}, replication {replication}"
                    );
                }
            }
        }
    }
}

#[test]
fn different_seeds_and_replications_share_no_run() {
    let mut seen = BTreeSet::new();
    for seed in 1..=3 {
        let text = file(&[RETRY]).replace("seed = 901", &format!("seed = {seed}"));
        let scenario = scenario(&text);
        let setup = Setup::new(&scenario).expect("the policies fit");
        for r in 0..4 {
            let all = sim::run(&setup, 0, r).replication.scopes.remove(0);
            assert!(
                seen.insert(all.latency_verdict.sum_ns),
                "seed {seed}, replication {r}"
            );
        }
    }
}

/// Debug builds remember every key of a run and assert that none is drawn twice.
#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "only debug builds remember their keys"
)]
fn no_shipped_scenario_draws_a_key_twice() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = std::fs::read_dir(&shipped)
        .expect("the scenarios are there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 7);
    for path in files {
        let scenarios = load(&path, Overrides::default()).expect("shipped scenarios are right");
        for scenario in scenarios {
            println!("{}, seed {}", scenario.name, scenario.run.seed);
            let setup = Setup::new(&scenario).expect("the policies fit");
            for policy in 0..setup.policies.len() {
                let outcome = sim::run(&setup, policy, 0);
                let audit = outcome.audit;
                assert!(outcome.replication.submitted > 0);
                assert_eq!(
                    audit.calls_integral_ns, audit.calls_time_ns,
                    "{}",
                    scenario.name
                );
                assert_eq!(
                    audit.billed_pico_usd, audit.clients_pico_usd,
                    "{}",
                    scenario.name
                );
            }
        }
    }
}
