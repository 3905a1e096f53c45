//! What a policy inherits, and what the presets are.

use crate::base::Duration;
use crate::policy::backoff::Step;
use crate::policy::{self, Config};
use crate::scenario::check_str;
use crate::scenario::presets::PRESETS;

const FRAME: &str = "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n\
                     [provider.p]\n";

fn policies(text: &str) -> Vec<(String, Config)> {
    match check_str("s.toml", &format!("{FRAME}{text}")) {
        Ok(mut scenarios) => scenarios.remove(0).policies,
        Err(all) => panic!("{}", all.render(crate::scenario::Style::PLAIN)),
    }
}

fn last(text: &str) -> Config {
    policies(text).pop().unwrap().1
}

#[test]
fn the_same_kind_merges_and_another_kind_replaces_whole() {
    let base = "[policy.a]\nretry.attempts = 3\n\
                retry.backoff.exponential = { base = \"2s\", cap = \"9s\" }\n[policy.b]\n\
                extends = \"a\"\n";
    let same = last(&format!(
        "{base}retry.backoff.exponential.jitter = \"full\"\n"
    ));
    let long = "[policy.x]\nretry.attempts = 3\n\
                retry.backoff.exponential = { base = \"2s\", cap = \"9s\", jitter = \"full\" }\n";
    assert_eq!(same, last(long));
    let other = last(&format!(
        "{base}retry.backoff.linear = {{ base = \"2s\", step = \"1s\" }}\n"
    ));
    let policy::backoff::Config::Linear(linear) = other.retry.backoff else {
        panic!("not linear");
    };
    assert_eq!(linear.cap, None, "the cap of another kind must not survive");
    assert_eq!(other.retry.attempts, 3);
}

#[test]
fn budgets_add_up_and_none_clears_them() {
    let base = "[policy.a]\nretry.attempts = 3\nbudget.time.limit = \"8s\"\n[policy.b]\n\
                extends = \"a\"\n";
    let kinds = |config: Config| config.budget.0.iter().map(|b| b.kind()).collect::<Vec<_>>();
    let both = last(&format!(
        "{base}budget.share.ratio = 0.1\nbudget.time.scope = \"call\"\n"
    ));
    assert_eq!(kinds(both), ["time", "share"]);
    assert!(kinds(last(&format!("{base}budget = \"none\"\n"))).is_empty());
}

#[test]
fn the_preset_lies_lowest_then_the_parent_then_the_policy_itself() {
    let text = "[policy.parent]\nretry.attempts = 7\nretry.on = [\"transport\"]\n\
                [policy.heir]\npreset = \"guide-hammer\"\nextends = \"parent\"\n\
                retry.on = [\"overloaded\"]\n";
    let heir = last(text);
    assert_eq!(heir.retry.attempts, 7, "the parent's, not the preset's 4");
    assert_eq!(heir.retry.on, [crate::base::Class::Overloaded]);
    assert!(!heir.retry.server_wait.honour, "only the preset says so");
}

#[test]
fn a_parent_may_stand_below_its_heirs_and_have_parents_itself() {
    let text = "[policy.c]\nextends = \"b\"\n[policy.b]\nextends = \"a\"\nmode = \"observe\"\n\
                [policy.a]\nretry.attempts = 5\n";
    let all = policies(text);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["c", "b", "a"], "the order of the file");
    assert_eq!(
        (all[0].1.retry.attempts, all[0].1.mode),
        (5, policy::Mode::Observe)
    );
}

/// Longest waits of a preset before each of its retries, in ms.
fn waits(name: &str) -> Vec<u64> {
    let config = last(&format!("[policy.p]\npreset = \"{name}\"\n"));
    let mut previous = Duration::ZERO;
    let mut waits = Vec::new();
    for retry in 1..u32::from(config.retry.attempts).min(6) {
        previous = config.retry.backoff.wait(
            Step {
                previous,
                ..Step::at(retry)
            },
            || 1.0,
        );
        waits.push(previous.0 / 1_000_000);
    }
    waits
}

#[test]
fn presets_wait_as_their_guides_say() {
    // The guides' own figures: 1, 2, 4, 8 s; 1 s always; 2 s and up to 2 more; up to 1, 2, 4, 8.
    assert_eq!(waits("guide-basic"), [1000, 2000, 4000, 8000]);
    assert_eq!(waits("guide-hammer"), [1000, 1000, 1000]);
    assert_eq!(waits("guide-tenacity"), [4000, 4000]);
    assert_eq!(waits("guide-full-jitter"), [1000, 2000, 4000, 8000]);
    assert_eq!(waits("guide-naive"), [0u64; 0]);
    assert_eq!(waits("guide-8s-budget")[..4], [1000, 2000, 4000, 8000]);
}

#[test]
fn every_preset_is_a_policy_file_with_one_policy_of_its_name() {
    for preset in PRESETS {
        // Two providers of two groups with limits, for a preset may go from one to another and count what is left.
        let both = "group = \"a\"\nlimits = { rpm = 60, tpm = 6_000_000 }\n[provider.q]\n\
                    group = \"b\"\nlimits = { rpm = 120, tpm = 6_000_000 }\n";
        let text = format!("{FRAME}{both}{}", preset.text);
        let scenario = check_str("s.toml", &text).unwrap().remove(0);
        assert_eq!(scenario.policies.len(), 1);
        assert_eq!(scenario.policies[0].0, preset.name);
        // Software that is not asked to try again by default says how it would wait; software without
        // failover has no use for the second.
        let meant = ["nobody ever waits for this", "nobody asks this provider"];
        let mut warnings = scenario.warnings.clone();
        warnings.retain(|warning| !meant.iter().any(|m| warning.starts_with(m)));
        assert!(warnings.is_empty(), "{}: {warnings:?}", preset.name);
        assert!(preset.summary().len() > 20, "{}", preset.name);
    }
}
