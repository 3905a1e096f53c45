//! The settings of a policy as they are written out.

use squall::deploy::settings::lines;
use squall::policy::config::Config;
use squall::scenario::presets::PRESETS;

use crate::common::scenario;
use crate::policies::policy_text;

fn written(config: &Config) -> String {
    // A set of nothing has a word of its own.
    let value =
        |line: &squall::deploy::settings::Line| match (line.key.as_str(), line.value.as_str()) {
            ("budget" | "quota" | "guard" | "fallback", "{}") => "\"none\"".to_string(),
            (_, value) => value.to_string(),
        };
    let all = lines(config);
    let is_chain = |key: &str| key.starts_with("layer");
    let all = all.iter().filter(|line| !is_chain(&line.key));
    all.map(|line| format!("{} = {}\n", line.key, value(line)))
        .collect()
}

fn comes_back(text: &str, what: &str) {
    let first = scenario(&["a", "b", "c"], text).policies.pop().unwrap().1;
    let written = written(&first);
    let again = scenario(&["a", "b", "c"], &written)
        .policies
        .pop()
        .unwrap()
        .1;
    assert_eq!(again, first, "{what}\n{written}");
}

#[test]
fn every_setting_of_every_preset_is_written_as_it_is_read() {
    for preset in PRESETS {
        // A chain is made of other policies.
        if !preset.text.contains("layers") {
            comes_back(&format!("preset = \"{}\"\n", preset.name), preset.name);
        }
    }
}

#[test]
fn so_is_every_setting_of_random_policies() {
    for seed in 0..200 {
        comes_back(&policy_text(seed), &format!("seed {seed}"));
    }
}

#[test]
fn a_policy_file_of_squall_is_the_policy() {
    for seed in 0..50 {
        let first = scenario(&["a", "b", "c"], &policy_text(seed));
        let export = crate::common::export(&first, "squall");
        let body = export.text.split_once("[policy.p]\n").unwrap().1;
        let again = scenario(&["a", "b", "c"], body);
        assert_eq!(
            again.policies, first.policies,
            "seed {seed}\n{}",
            export.text
        );
    }
}
