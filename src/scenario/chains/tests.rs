//! Chains as they are written: what they come out as, and what is said of mistakes.

use crate::scenario::{Scenario, Style, check_str, explain};

const HEAD: &str = "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n\
                    deadline = \"30s\"\n[provider.a]\n";

fn one(policies: &str) -> Scenario {
    match check_str("s.toml", &format!("{HEAD}{policies}")) {
        Ok(mut scenarios) => scenarios.remove(0),
        Err(all) => panic!("{}", all.render(Style::PLAIN)),
    }
}

fn wrong(policies: &str) -> String {
    match check_str("s.toml", &format!("{HEAD}{policies}")) {
        Ok(_) => String::new(),
        Err(all) => all.render(Style::PLAIN),
    }
}

fn names(scenario: &Scenario) -> Vec<&str> {
    scenario
        .policies
        .iter()
        .map(|(name, _)| name.as_str())
        .collect()
}

const APP: &str = "[policy.app]\nretry.attempts = 3\n";

#[test]
fn layers_are_policies_or_presets_and_are_not_compared() {
    let scenario = one(&format!(
        "{APP}[policy.stack]\nlayers = [\"app\", \"openai-python-3\"]\nlayer.app.network = \"2ms\"\n"
    ));
    assert_eq!(names(&scenario), ["stack"]);
    let chain = &scenario.policies[0].1.chain;
    let attempts: Vec<u16> = chain.iter().map(|l| l.config.retry.attempts).collect();
    assert_eq!(attempts, [3, 3], "the SDK retries twice");
    assert_eq!(chain[0].place.network, crate::base::Duration::from_ms(2));
    assert_eq!(scenario.compare.baseline, "stack");
    let again = check_str("r.toml", &scenario.resolved).unwrap().remove(0);
    assert_eq!(again.hash, scenario.hash, "resolved it is the same");
    assert_eq!(again.policies, scenario.policies);
}

#[test]
fn a_layer_is_compared_by_itself_where_the_file_says_so() {
    let scenario = one(&format!(
        "{APP}[policy.stack]\nlayers = [\"app\", \"app\"]\n[compare]\nalso = [\"app\"]\n"
    ));
    assert_eq!(names(&scenario), ["app", "stack"]);
}

#[test]
fn an_audit_adds_the_chain_without_each_layer_that_retries() {
    let scenario = one(&format!(
        "{APP}[policy.once]\n[policy.stack]\nlayers = [\"app\", \"once\", \"app\"]\nlayers-audit = true\n"
    ));
    let all = ["stack", "stack without app (1)", "stack without app (3)"];
    assert_eq!(names(&scenario), all);
    let attempts = |policy: usize| -> Vec<u16> {
        let chain = &scenario.policies[policy].1.chain;
        chain.iter().map(|l| l.config.retry.attempts).collect()
    };
    assert_eq!(attempts(1), [1, 1, 3]);
    assert_eq!(attempts(2), [3, 1, 1]);
    let said = explain(&scenario);
    assert!(said.contains("3 × 1 × 3 = 9"), "{said}");
}

#[test]
fn mistakes_in_chains_say_what_to_do() {
    let cases = [
        (
            "[policy.stack]\nlayers = [\"app\"]\nretry.attempts = 2\n",
            "no settings of its own",
        ),
        ("[policy.stack]\nlayers = [\"ap\"]\n", "unknown layer `ap`"),
        (
            "[policy.low]\nlayers = [\"app\"]\n[policy.stack]\nlayers = [\"low\"]\n",
            "a chain within a chain",
        ),
        (
            "[policy.p]\n[policy.b]\nlayers = [\"c\"]\n[policy.c]\nlayers = [\"b\"]\n",
            "a chain within a chain",
        ),
        (
            "[policy.b]\nlayers = [\"b\"]\n[policy.p]\n",
            "a chain within a chain",
        ),
        ("[policy.stack]\nlayers = []\n", "a chain without layers"),
        (
            "[policy.stack]\nlayers = [\"app\"]\nlayer.app.processes = 3\n",
            "are the workload's",
        ),
        (
            "[policy.put]\nfallback.defer = {}\n[policy.stack]\nlayers = [\"app\", \"put\"]\n",
            "only the outermost layer can put calls off",
        ),
        (
            "[policy.stack]\nlayers = [\"app\"]\n[compare]\nalso = [\"stack\"]\n",
            "`stack` is no layer",
        ),
        (
            "[policy.stack]\nlayers = [\"app\", \"app\"]\nlayer.app.processes = 0\n",
            "an absurd number of processes",
        ),
    ];
    for (policies, said) in cases {
        let text = wrong(&format!("{APP}{policies}"));
        assert!(text.contains(said), "{policies}\n{text}");
        assert!(text.contains("help") || text.contains("expected"), "{text}");
    }
}

#[test]
fn what_does_nothing_in_a_chain_is_warned_of() {
    for (more, said) in [
        ("layer.sdk.network = \"1ms\"", "there is no next layer"),
        (
            "layer.app.abort = \"goes-on\"",
            "nobody calls the outermost layer",
        ),
        ("layer.other.network = \"1ms\"", "a layer that is not there"),
    ] {
        let scenario = one(&format!(
            "{APP}[policy.sdk]\n[policy.stack]\nlayers = [\"app\", \"sdk\"]\n{more}\n"
        ));
        let warnings = scenario.warnings.join("\n");
        assert!(warnings.contains(said), "{more}: {warnings}");
    }
}

#[test]
fn layers_whose_attempts_multiply_beyond_reason_are_warned_of() {
    let warned = |attempts: u32| {
        let scenario = one(&format!(
            "[policy.many]\nretry.attempts = {attempts}\n[policy.stack]\n\
             layers = [\"many\", \"many\", \"many\", \"many\"]\n"
        ));
        scenario.warnings.join("\n")
    };
    assert!(!warned(10).contains("multiply"), "{}", warned(10));
    assert!(
        warned(13).contains("up to 28561 attempts"),
        "{}",
        warned(13)
    );
}
