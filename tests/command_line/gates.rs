//! What CI does with a run: gates, verdicts until they are settled, and a run against an earlier one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::{Dir, run, stderr};
use crate::user::{SMALL, text};

/// Two policies, of which one retries what fails at random.
const TWO: &str = r#"
[run]
duration = "40s"
replications = 16
[workload]
arrivals.poisson = { rate = "20/s" }
deadline = "10s"
[provider.api]
latency.distribution = { first-token = "100ms" }
[[fault]]
name = "errors"
on = ["api"]
at = "10s"
for = "10s"
effect.error-rate = { bad = "20%" }
[policy.plain]
[policy.retries]
retry.attempts = 3
"#;

fn results(out: &Path, name: &str) -> Value {
    let bytes = std::fs::read(out.join(name).join("results.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn what_only_warns_is_told_and_does_not_fail_the_run() {
    let dir = Dir::new("severity");
    let never = "[[expect]]\nmetric.success_ratio.max = \"1%\"\n";
    let file = dir.write("gate.toml", &format!("{SMALL}{never}severity = \"warn\"\n"));
    let output = run(text(&file), &dir.path("out"), &[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("it only warns"), "{printed}");
    let read = |name: &str| std::fs::read_to_string(dir.path("out/gate").join(name)).unwrap();
    let junit = read("junit.xml");
    assert!(junit.contains("failures=\"0\"") && junit.contains("<skipped message=\"warning, "));
    assert!(read("summary.md").contains("**✓ Passed**: 1 expectation, 1 warning."));
    let file = dir.write("gate.toml", &format!("{SMALL}{never}"));
    let output = run(text(&file), &dir.path("out"), &[]);
    assert_eq!(code(&output), 1);
    assert!(read("junit.xml").contains("<failure message=\"failed: "));
    assert!(read("summary.md").contains("**✗ Failed**: 1 of 1 expectation not met."));
}

#[test]
fn a_share_of_runs_is_shown_by_fifty_nine_clean_ones() {
    let dir = Dir::new("share");
    let gate = "[[expect]]\nruns = \"95%\"\nmetric.success_ratio.min = \"99%\"\n";
    let file = dir.write("share.toml", &format!("{SMALL}{gate}"));
    for (replications, exit) in [("58", 1), ("59", 0)] {
        let arguments = ["--replications", replications];
        let output = run(text(&file), &dir.path("out"), &arguments);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(code(&output), exit, "{printed}");
        let said = format!("met in {replications} of {replications} runs");
        assert!(printed.contains(&said), "{printed}");
        let needs = "95 % takes 59 clean runs";
        assert_eq!(printed.contains(needs), exit == 1, "{printed}");
    }
}

#[test]
fn settled_verdicts_stop_the_run_and_keep_the_replications_of_earlier_looks() {
    let dir = Dir::new("settled");
    let file = dir.write("two.toml", TWO);
    let settled = ["--until-settled", "--max-replications", "64"];
    let output = run(text(&file), &dir.path("settled"), &settled);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let printed = String::from_utf8_lossy(&output.stdout);
    let again = "--until-settled --max-replications 64";
    assert!(
        printed.contains(again) || printed.contains("--max-replications"),
        "{printed}"
    );
    let found = results(&dir.path("settled"), "two");
    assert_eq!(found["settling"]["looks"], serde_json::json!([32, 64]));
    let runs = found["meta"]["replications"].as_u64().unwrap();
    assert!([32, 64].contains(&runs), "{runs}");
    let m = found["compare"]["family"].as_f64().unwrap();
    let level = found["compare"]["level"].as_f64().unwrap();
    assert!((level - (1.0 - 0.05 / (2.0 * m))).abs() < 1e-12);
    let all = ["--replications", &runs.to_string()];
    let output = run(text(&file), &dir.path("fixed"), &all);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let fixed = results(&dir.path("fixed"), "two");
    for place in 0..2 {
        let of = |results: &Value| results["policies"][place]["replications"].clone();
        assert_eq!(of(&found), of(&fixed));
    }
}

#[test]
fn what_cannot_be_settled_is_refused() {
    let dir = Dir::new("unsettled");
    let file = dir.write("one.toml", SMALL);
    let output = run(text(&file), &dir.path("out"), &["--until-settled"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("nothing to settle"),
        "{}",
        stderr(&output)
    );
    for wrong in [
        &["--until-settled", "--replications", "20"][..],
        &["--max-replications", "64"],
        &["--until-settled", "--max-replications", "31"],
    ] {
        assert_eq!(
            code(&run(text(&file), &dir.path("out"), wrong)),
            2,
            "{wrong:?}"
        );
    }
    assert_eq!(dir.names(), ["one.toml"], "nothing was written");
}

#[test]
fn a_changed_policy_is_held_against_itself_before() {
    let dir = Dir::new("against");
    let file = dir.write("two.toml", TWO);
    assert_eq!(code(&run(text(&file), &dir.path("old"), &[])), 0);
    let old = dir.path("old/two/results.json");
    let fail_on = ["--against", text(&old), "--fail-on", "worse"];
    let output = run(text(&file), &dir.path("same"), &fail_on);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let same = results(&dir.path("same"), "two");
    for row in same["against"]["rows"].as_array().unwrap() {
        assert_eq!(row["difference"]["value"], 0.0, "{row}");
    }
    // A directory of reports does as well; one policy is worse now.
    let worse = TWO.replace("retry.attempts = 3", "retry.attempts = 1");
    let file = dir.write("two.toml", &worse);
    let reports = dir.path("old");
    let fail_on = ["--against", text(&reports), "--fail-on", "worse"];
    let output = run(text(&file), &dir.path("new"), &fail_on);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(code(&output), 1, "{printed}{}", stderr(&output));
    assert!(
        printed.contains("retries changed: retry.attempts: 3 before, 1 now"),
        "{printed}"
    );
    let found = results(&dir.path("new"), "two");
    let verdict = |policy: &str| {
        let rows = found["against"]["rows"].as_array().unwrap();
        let mut rows = rows.iter().map(|row| &row["difference"]);
        let row = rows.find(|d| d["policy"] == policy && d["metric"] == "success_ratio");
        row.unwrap()["verdict"].clone()
    };
    assert_eq!(
        (verdict("plain"), verdict("retries")),
        ("equivalent".into(), "worse".into())
    );
    let summary = std::fs::read_to_string(dir.path("new/two/summary.md")).unwrap();
    assert!(summary.contains("| **worse** |"), "{summary}");
    assert!(
        summary.contains("**✗ Failed**") && summary.contains("--fail-on worse"),
        "{summary}"
    );
    let junit = std::fs::read_to_string(dir.path("new/two/junit.xml")).unwrap();
    assert!(
        junit.contains("name=\"retries: success not worse than before\""),
        "{junit}"
    );
    assert!(junit.contains("type=\"worse\""), "{junit}");
    let without = run(text(&file), &dir.path("new"), &["--against", text(&old)]);
    assert_eq!(code(&without), 0, "it is told, and fails nothing by itself");
}

#[test]
fn earlier_results_that_are_no_pairs_or_not_whole_are_refused() {
    let dir = Dir::new("unlike");
    let file = dir.write("two.toml", TWO);
    assert_eq!(code(&run(text(&file), &dir.path("old"), &[])), 0);
    let old = dir.path("old/two/results.json");
    let refused = |file: &Path, old: &Path, more: &[&str]| {
        let arguments = [&["--against", text(old)], more].concat();
        let output = run(text(file), &dir.path("new"), &arguments);
        assert_eq!(code(&output), 2);
        assert!(!dir.path("new").exists(), "nothing was run");
        stderr(&output)
    };
    let busy = dir.write("busy.toml", &TWO.replace("20/s", "30/s"));
    let said = refused(&busy, &old, &[]);
    let rate = "workload.arrivals.poisson.rate: \"20/s\" before, \"30/s\" now";
    assert!(said.contains(rate), "{said}");
    let said = refused(&file, &old, &["--seed", "5"]);
    assert!(
        said.contains("seed 1 before, 5 now: run with --seed 1"),
        "{said}"
    );
    let bytes = std::fs::read(&old).unwrap();
    let cut = dir.path("cut.json");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refused(&file, &cut, &[]).contains("was it cut off?"));
    // Whole as JSON, and not what was written: another version, another shape, runs that are missing.
    let mut other: Value = serde_json::from_slice(&bytes).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = other.clone();
        change(&mut changed);
        std::fs::write(&cut, changed.to_string()).unwrap();
        refused(&file, &cut, &[])
    };
    let said = with(&|results| results["model_version"] = 1.into());
    assert!(said.contains("model version 1 before"), "{said}");
    let said = with(&|results| results["schema_version"] = 999.into());
    assert!(said.contains("999"), "{said}");
    let said = with(&|results| {
        let runs = &mut results["policies"][0]["replications"];
        runs.as_array_mut().unwrap().remove(3);
    });
    assert!(
        said.contains("the replications of `plain` in it are not whole"),
        "{said}"
    );
    let said = with(&|results| results["policies"] = "none".into());
    assert!(said.contains("cut.json"), "{said}");
    let said = with(&|results| {
        for policy in results["policies"].as_array_mut().unwrap() {
            policy["name"] = format!("other {}", policy["name"]).into();
        }
    });
    assert!(said.contains("no policy is in both"), "{said}");
    other["meta"]["resolved"] = "[".into();
    std::fs::write(&cut, other.to_string()).unwrap();
    let said = refused(&file, &cut, &[]);
    assert!(said.contains("cannot be read"), "{said}");
    std::fs::write(&cut, b"not JSON").unwrap();
    assert!(refused(&file, &cut, &[]).contains("it is no JSON"));
    let said = refused(&file, &dir.path("nowhere.json"), &[]);
    assert!(said.contains("nowhere.json"), "{said}");
}

#[test]
fn looks_and_an_earlier_run_together_are_sure_over_all_looks() {
    let dir = Dir::new("looks-against");
    let file = dir.write("two.toml", TWO);
    assert_eq!(code(&run(text(&file), &dir.path("old"), &[])), 0);
    let old = dir.path("old/two/results.json");
    let both = [
        "--until-settled",
        "--max-replications",
        "64",
        "--against",
        text(&old),
    ];
    let output = run(text(&file), &dir.path("new"), &both);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let found = results(&dir.path("new"), "two");
    let m = found["against"]["family"].as_f64().unwrap();
    let level = found["against"]["level"].as_f64().unwrap();
    assert!((level - (1.0 - 0.05 / (2.0 * m))).abs() < 1e-12, "{level}");
}

#[test]
fn a_verdict_on_stability_is_asked_for_and_told_everywhere() {
    let dir = Dir::new("stability");
    // What it expects takes more replications than this test does.
    let shipped = std::fs::read_to_string("scenarios/stability.toml").unwrap();
    let (without, _) = shipped.split_once("[[expect]]").unwrap();
    let file = dir.write("stability.toml", without);
    let output = run(
        text(&file),
        &dir.path("out"),
        &["--stability", "--replications", "2"],
    );
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(code(&output), 0, "{printed}{}", stderr(&output));
    let found = results(&dir.path("out"), "stability");
    let policies = found["policies"].as_array().unwrap();
    let told: Vec<[&str; 2]> = policies
        .iter()
        .map(|policy| [&policy["name"], &policy["stability_verdict"]["colour"]])
        .map(|pair| pair.map(|text| text.as_str().unwrap()))
        .collect();
    let expected = [
        ["one-retry", "green"],
        ["two-retries", "amber"],
        ["three-retries", "red"],
        ["budget", "green"],
        ["breaker", "amber"],
    ];
    assert_eq!(told, expected);
    let page = std::fs::read_to_string(dir.path("out/stability/index.html")).unwrap();
    let summary = std::fs::read_to_string(dir.path("out/stability/summary.md")).unwrap();
    for text in [&*printed, &page, &summary] {
        assert!(
            text.contains("none up to 12\u{202f}s") || text.contains("none up to 12 s"),
            "{text}"
        );
        assert!(
            text.contains("Does an overload outlive its trigger?"),
            "{text}"
        );
    }
    // The same bytes on any number of threads, and none of it where it is not asked for.
    let bytes = |name: &str| std::fs::read(dir.path(name).join("stability/results.json")).unwrap();
    let one = ["--stability", "--replications", "2", "--jobs", "1"];
    run(text(&file), &dir.path("one"), &one);
    assert!(bytes("out") == bytes("one"));
    run(text(&file), &dir.path("plain"), &["--replications", "2"]);
    assert!(!String::from_utf8_lossy(&bytes("plain")).contains("stability_verdict"));
}
