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
        .with("calm.toml", WEATHER)
        .with("seed.toml", WEATHER.replace("[run]\n", "[run]\nseed = 9\n"));
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
    let cases: [(&str, &str, &[&str]); 26] = [
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
        (
            "limits.success_ratio = { min = \"99%\" }",
            "limits.latency_good_ms_max = { max = \"9s\" }",
            &[
                "no runs can show a limit on `latency_good_ms_max`",
                "_p999",
                "tune.toml:9",
            ],
        ),
        (
            "{ min = \"99%\" }",
            "{ min = 99 }",
            &["no policy can meet this limit on `success_ratio`", "100%"],
        ),
        (
            "{ min = \"99%\" }",
            "{ min = nan }",
            &["no setting is infinite or not a number", "tune.toml:9"],
        ),
        (
            "{ min = \"99%\" }",
            "{ min = \"99%\", max = \"98%\" }",
            &["`success_ratio` cannot be both", "swap"],
        ),
        (
            "\"breaker\" = [",
            "retry.attempts = { from = 1, to = 3 }\n\"breaker\" = [",
            &[
                "`retry.attempts` varies twice",
                "tune.toml:12",
                "keep one of them",
            ],
        ),
        (
            "suite = [\"calm.toml\"]",
            "suite = [\"calm.toml\"]\nheld-out = [\"seed.toml\"]",
            &["`seed` is the weather of `calm`", "of another kind or size"],
        ),
        (
            "[policy.today]",
            "[providr.x]\nprice = 3\n[policy.today]",
            &["unknown key `providr`", "tune.toml:1", "tune.suite"],
        ),
        (
            "[policy.today]",
            "[provider.x]\n[policy.today]",
            &[
                "`[provider]` without a weather of its own",
                "meta, run, policy",
            ],
        ),
        (
            "[policy.today]",
            "[run]\nseed = -4\nduration = \"1m\"\n[policy.today]",
            &["this is no seed", "unknown key `duration`"],
        ),
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
fn the_question_and_the_seed_are_the_files_own() {
    let text = format!("[meta]\ntitle = \"Which?\"\n[run]\nseed = 7\n{GOOD}");
    let files = Memory::default().with("tune.toml", text).with(
        "calm.toml",
        WEATHER.replace("[run]\n", "[meta]\ntitle = \"No\"\n[run]\nseed = 9\n"),
    );
    let tuning = load_tuning(&files, Path::new("tune.toml"), Overrides::default()).unwrap();
    assert_eq!((tuning.title.as_str(), tuning.seed), ("Which?", 7));
}

#[test]
fn no_beginning_of_a_file_panics() {
    for end in 0..GOOD.len() {
        said(&GOOD[..end]);
    }
}
