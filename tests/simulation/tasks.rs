//! Each model has its own rate of bad answers for each task: failing over costs quality.

use std::collections::BTreeMap;

use squall::base::Ending;
use squall::base::wire::Content;
use squall::scenario::check_str;
use squall::sim::Setup;
use squall::sim::journal::Attempt;
use squall::sim::run::run_noted;

/// Attempts of ten thousand calls, three in ten of which extract, two in ten translate.
fn flown(providers: &str, policy: &str) -> Vec<Attempt> {
    let text = format!(
        "[run]\nduration = \"1000s\"\n[workload]\narrivals.poisson.rate = \"10/s\"\n\
        tokens.fixed = {{ input = 100, output = 10 }}\ndeadline = \"30s\"\n\
        task.extract.share = \"30%\"\ntask.translate.share = \"20%\"\n{providers}\n[policy.p]\n{policy}"
    );
    let scenarios = check_str("tasks.toml", &text).unwrap_or_else(|why| panic!("{why:?}"));
    let setup = Setup::new(&scenarios[0]).expect("its policy fits");
    run_noted(&setup, 0, 0).1
}

const TAKES: &str = "latency.distribution = { first-token = \"10ms\" }";

fn share(of: usize, all: usize) -> f64 {
    of as f64 / all as f64
}

/// Within four standard errors.
fn near(found: f64, expected: f64, n: usize) {
    let error = (expected * (1.0 - expected) / n as f64).sqrt();
    assert!(
        (found - expected).abs() <= 4.0 * error,
        "seed 1: {found} of {expected}"
    );
}

#[test]
fn failing_over_costs_the_quality_that_the_tables_say() {
    let providers = format!(
        "[provider.a]\n{TAKES}\ntask.extract.quality = 0.9\n\
        [provider.b]\n{TAKES}\nquality = 0.95\ntask.extract.quality = 0.4\ntask.translate.quality = 0.7\n\
        [[fault]]\nname = \"down\"\non = [\"a\"]\nat = \"500s\"\nfor = \"500s\"\neffect.refused-connections = {{}}"
    );
    let attempts = flown(
        &providers,
        "route.failover = [\"a\", \"b\"]\nretry.attempts = 3\nretry.backoff = \"none\"\n",
    );
    for (endpoint, expected) in [
        (0, 0.3 * 0.9 + 0.7),
        (1, 0.3 * 0.4 + 0.2 * 0.7 + 0.5 * 0.95),
    ] {
        let answered = |a: &&Attempt| {
            a.receipt.endpoint.0 == endpoint && matches!(a.heard, Some((_, Ending::Answer { .. })))
        };
        let answers: Vec<_> = attempts.iter().filter(answered).collect();
        let good = answers.iter().filter(|a| a.good).count();
        println!("endpoint {endpoint}: {good} of {}", answers.len());
        assert!(answers.len() > 4_000);
        near(share(good, answers.len()), expected, answers.len());
    }
}

#[test]
fn a_task_is_the_calls_own_wherever_and_however_often_it_is_tried() {
    // Hopeless at it, both of them: whoever fails once fails always.
    let hopeless = format!("{TAKES}\njson = {{}}\ntask.extract.json.broken = 1.0\n");
    let providers = format!("[provider.a]\n{hopeless}[provider.b]\n{hopeless}");
    let policy = "route.failover = [\"a\", \"b\"]\nretry.attempts = 4\nretry.backoff = \"none\"\n\
        guard.schema = {}\non.malformed = { attempts = 4, fail-over = \"now\" }\n";
    let mut by_call = BTreeMap::<u64, Vec<bool>>::new();
    for a in flown(&providers, policy) {
        if let Some((_, Ending::Answer { content, .. })) = a.heard {
            let calls = by_call.entry(a.receipt.call.word()).or_default();
            calls.push(content == Content::BrokenJson);
        }
    }
    let broken = by_call.values().filter(|tries| tries[0]).count();
    near(share(broken, by_call.len()), 0.3, by_call.len());
    assert!(
        by_call
            .values()
            .all(|tries| tries.iter().all(|broken| *broken == tries[0]))
    );
    let most = by_call.values().map(Vec::len).max();
    assert!(most > Some(1), "nobody tried again: {most:?}");
}
