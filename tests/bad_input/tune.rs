//! What is wrong in a file for `squall tune`: each mistake with its place, its cause and a remedy.

use std::path::Path;

use squall::scenario::files::Memory;
use squall::scenario::{Overrides, Style, load_tuning};

const WEATHER: &str = "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"5/s\"\n\
                       [provider.api]\n";

/// A good tuning, a setting a line, so that a case changes one of them.
const GOOD: &str = r#"[policy.today]
retry.attempts = 3
[policy.tuned]
extends = "today"
[tune]
policy = "tuned"
suite = ["calm.toml"]
minimize = "amplification"
limits.success_ratio = { min = "99%" }
[tune.vary]
"retry.attempts" = { from = 1, to = 6 }
"breaker" = ["none", { consecutive = { failures = 5, open = "30s" } }]
"breaker.consecutive.open" = { from = "1s", to = "60s", scale = "log" }
"#;

/// What is said of a file; nothing if it is good.
fn said(text: &str) -> String {
    let files = Memory::default()
        .with("tune.toml", text)
        .with("calm.toml", WEATHER);
    match load_tuning(&files, Path::new("tune.toml"), Overrides::default()) {
        Ok(_) => String::new(),
        Err(found) => found.render(Style::PLAIN),
    }
}

#[test]
fn the_file_the_cases_change_is_good() {
    assert_eq!(said(GOOD), "");
}

#[test]
fn each_mistake_is_said_with_its_place_and_a_remedy() {
    // (what is replaced, by what, what must be said)
    let cases: [(&str, &str, &[&str]); 17] = [
        (
            "policy = \"tuned\"",
            "policy = \"tund\"",
            &["unknown policy `tund`", "tune.toml:6", "tuned"],
        ),
        (
            "calm.toml",
            "clam.toml",
            &["there is no such file", "calm.toml"],
        ),
        (
            "minimize = \"amplification\"",
            "",
            &["nothing to reach", "minimize"],
        ),
        (
            "\"amplification\"",
            "\"amplifcation\"",
            &["unknown metric", "amplification"],
        ),
        (
            "limits.success_ratio",
            "limits.sucess_ratio",
            &["unknown metric", "success_ratio"],
        ),
        (
            "{ min = \"99%\" }",
            "{}",
            &["a limit of nothing", "min, max"],
        ),
        (
            "{ min = \"99%\" }",
            "{ min = \"9s\" }",
            &["no value of `success_ratio`", "tune.toml:9"],
        ),
        (
            "\"retry.attempts\"",
            "\"retry.atempts\"",
            &["unknown key `atempts`", "attempts", "tune.toml:11"],
        ),
        (
            "from = 1, to = 6",
            "from = 6, to = 1",
            &["an empty range", "least value"],
        ),
        (
            "from = 1, to = 6",
            "from = 1, to = \"6s\"",
            &["different units"],
        ),
        (
            "from = 1, to = 6",
            "from = 1, upto = 6",
            &["nothing to choose from"],
        ),
        (
            "from = \"1s\", to = \"60s\"",
            "from = \"0s\", to = \"60s\"",
            &["cannot hold 0"],
        ),
        (
            "breaker.consecutive.open",
            "breaker.ema.open",
            &["applies under no choice", "none, consecutive"],
        ),
        (
            "[\"none\", {",
            "[\"nothing\", {",
            &["unknown kind of breaker `nothing`", "tune.toml:12"],
        ),
        (
            "suite = [\"calm.toml\"]",
            "suite = []",
            &["no weather to tune in", "tune.suite"],
        ),
        (
            "suite = [\"calm.toml\"]",
            "suite = [\"calm.toml\"]\nbudget = 3",
            &["an absurd budget"],
        ),
        ("[tune.vary]", "[tune.var]", &["unknown key `var`", "vary"]),
    ];
    for (old, new, says) in cases {
        assert!(GOOD.contains(old), "{old}");
        let text = said(&GOOD.replacen(old, new, 1));
        for part in says {
            assert!(
                text.contains(part),
                "{old} -> {new}: does not say {part:?}\n{text}"
            );
        }
    }
}

#[test]
fn no_beginning_of_a_file_panics() {
    for end in 0..GOOD.len() {
        said(&GOOD[..end]);
    }
}
