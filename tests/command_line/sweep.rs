//! `squall sweep` as a user meets it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::command::{Dir, squall, stderr};
use crate::determinism::bytes;
use crate::interrupts::{ended, kill};
use crate::user::text;

/// Two policies at an error rate, beside a fault whose name has a space.
const TWO: &str = r#"
[run]
duration = "30s"
replications = 4
[workload]
arrivals.poisson = { rate = "10/s" }
deadline = "10s"
[provider.api]
latency.distribution = { first-token = "100ms" }
[[fault]]
name = "bad errors"
on = ["api"]
at = "10s"
for = "10s"
effect.error-rate = { bad = "20%" }
[policy.plain]
[policy.retries]
retry.attempts = 3
"#;

const RATE: &str = "workload.arrivals.poisson.rate=5/s..20/s:3";
const ATTEMPTS: &str = "policy.retries.retry.attempts=1,2,4";

fn sweep(file: &Path, out: &Path, arguments: &[&str]) -> Output {
    let mut command = squall();
    command.args(["sweep", text(file), "--out"]).arg(out);
    command.args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn record(out: &Path) -> Value {
    let bytes = std::fs::read(out.join("two@sweep/sweep.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn every_point_is_in_every_file_and_a_second_sweep_replaces_the_first() {
    let dir = Dir::new("sweep");
    let (file, out) = (dir.write("two.toml", TWO), dir.path("out"));
    let output = sweep(&file, &out, &["--vary", RATE, "--vary", ATTEMPTS]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let found = record(&out);
    let keys: Vec<&Value> = found["axes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["key"])
        .collect();
    assert_eq!(
        keys,
        [
            "workload.arrivals.poisson.rate",
            "policy.retries.retry.attempts"
        ]
    );
    assert_eq!(
        found["axes"][0]["values"],
        serde_json::json!(["5/s", "12.5/s", "20/s"])
    );
    assert_eq!(found["cells"].as_array().unwrap().len(), 3 * 3 * 2);
    let read = |name: &str| std::fs::read_to_string(out.join("two@sweep").join(name)).unwrap();
    let metrics = found["metrics"].as_array().unwrap().len();
    let csv = read("sweep.csv");
    assert!(
        csv.lines().count() > 18 && csv.lines().count() <= 1 + 18 * metrics,
        "{csv}"
    );
    assert!(
        csv.starts_with("workload.arrivals.poisson.rate,policy.retries.retry.attempts,policy,")
    );
    assert!(read("index.html").contains("12.5/s"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains("12.5/s") && printed.contains("sweep.csv"),
        "{printed}"
    );
    // Another metric: nothing of the first sweep is left.
    let one = ["--vary", ATTEMPTS, "--metric", "amplification"];
    let output = sweep(&file, &out, &one);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let names: Vec<String> = bytes(&out).into_keys().collect();
    let expected = [
        "charts/amplification.png",
        "index.html",
        "sweep.csv",
        "sweep.json",
    ];
    assert_eq!(names, expected.map(|name| format!("two@sweep/{name}")));
}

#[test]
fn threads_change_no_byte_and_quiet_says_nothing() {
    let dir = Dir::new("sweep-threads");
    let file = dir.write("two.toml", TWO);
    for jobs in ["1", "3"] {
        let output = sweep(
            &file,
            &dir.path(jobs),
            &["--vary", RATE, "--jobs", jobs, "--quiet"],
        );
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
    assert!(bytes(&dir.path("1")) == bytes(&dir.path("3")));
    // A cell is what a run of that point says.
    let found = record(&dir.path("1"));
    let at = TWO.replace("10/s", "20/s");
    let alone = dir.write("alone.toml", &at);
    let run = crate::command::run(text(&alone), &dir.path("run"), &["--quiet"]);
    assert_eq!(code(&run), 0, "{}", stderr(&run));
    let bytes = std::fs::read(dir.path("run/alone/results.json")).unwrap();
    let results: Value = serde_json::from_slice(&bytes).unwrap();
    for (place, policy) in results["policies"].as_array().unwrap().iter().enumerate() {
        let cells = found["cells"].as_array().unwrap();
        let mut cells = cells
            .iter()
            .filter(|c| c["policy"] == policy["name"] && c["at"][0] == 2);
        let cell = &cells.next().unwrap()["metrics"]["success_ratio"]["estimate"];
        assert_eq!(*cell, policy["metrics"]["success_ratio"], "{place}");
    }
}

#[test]
fn what_the_file_varies_is_swept_without_being_told() {
    let dir = Dir::new("sweep-file");
    let vary = "replications = 4\nvary.\"policy.retries.retry.attempts\" = [2, 3]";
    let file = dir.write("two.toml", &TWO.replace("replications = 4", vary));
    let output = sweep(&file, &dir.path("out"), &[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(
        record(&dir.path("out"))["axes"][0]["values"],
        serde_json::json!(["2", "3"])
    );
}

#[test]
fn a_fault_whose_name_has_spaces_is_varied_with_and_without_quotes() {
    let dir = Dir::new("sweep-spaces");
    let file = dir.write("two.toml", TWO);
    for (place, key) in ["fault.bad errors.for", "fault.\"bad errors\".for"]
        .iter()
        .enumerate()
    {
        let out = dir.path(&place.to_string());
        let output = sweep(&file, &out, &["--vary", &format!("{key}=2s,5s")]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert_eq!(record(&out)["axes"][0]["key"], "fault.\"bad errors\".for");
    }
}

#[test]
fn mistakes_name_the_path_and_end_with_two() {
    let dir = Dir::new("sweep-wrong");
    let file = dir.write("two.toml", TWO);
    let cases: [(&[&str], &[&str]); 14] = [
        (&[], &["0 keys vary", "--vary KEY=VALUES"]),
        (&["--vary", "nonsense"], &["--vary nonsense", "KEY=A,B,C"]),
        (
            &["--vary", "policy.nobody.retry.attempts=1,2"],
            &["unknown policy `nobody`", "retries"],
        ),
        (
            &["--vary", "polcy.retries.retry.attempts=1,2"],
            &["`polcy` cannot be varied", "policy"],
        ),
        (
            &["--vary", "policy.retries.retry.attemps=1,2"],
            &["attemps", "attempts", "--vary:1"],
        ),
        (
            &["--vary", "policy.retries.retry.attempts=1,many"],
            &["many", "--vary:1"],
        ),
        (
            &["--vary", "policy.retries.retry.attempts=4..1"],
            &["an empty range", "--vary:1"],
        ),
        (
            &["--vary", "workload.arrivals.poisson.rate=0/s..9/s:3:log"],
            &["logarithmic", "--vary:1"],
        ),
        (
            &["--vary", "policy.retries.retry.attempts=1..4:1"],
            &["no number of points"],
        ),
        (&["--vary", ATTEMPTS, "--vary", ATTEMPTS], &["--vary"]),
        (
            &[
                "--vary",
                "fault.0.for=1s,2s",
                "--vary",
                "fault.bad errors.for=3s,4s",
            ],
            &["is varied twice", "one list"],
        ),
        (
            &["--vary", "policy.retries.retry.attempts=2,2"],
            &["the same point twice"],
        ),
        (
            &[
                "--vary",
                ATTEMPTS,
                "--vary",
                RATE,
                "--vary",
                "workload.deadline=5s,10s",
            ],
            &["3 keys vary"],
        ),
        (
            &["--vary", ATTEMPTS, "--metric", "nonsense"],
            &["unknown metric `nonsense`"],
        ),
    ];
    for (arguments, said) in cases {
        let output = sweep(&file, &dir.path("out"), arguments);
        let told = stderr(&output);
        assert_eq!(code(&output), 2, "{arguments:?}: {told}");
        for part in said {
            assert!(
                told.contains(part),
                "{arguments:?}: {part} is not in {told}"
            );
        }
        assert!(output.stdout.is_empty());
    }
    let output = sweep(
        &dir.path("nowhere.toml"),
        &dir.path("out"),
        &["--vary", ATTEMPTS],
    );
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("nowhere.toml"));
    assert_eq!(dir.names(), ["two.toml"], "nothing was written");
}

#[test]
fn an_interrupted_sweep_leaves_the_older_one() {
    let dir = Dir::new("sweep-interrupt");
    let (file, out) = (dir.write("two.toml", TWO), dir.path("out"));
    assert_eq!(code(&sweep(&file, &out, &["--vary", ATTEMPTS])), 0);
    let before = bytes(&out);
    let long = dir.write("two.toml", &TWO.replace("30s", "1000d"));
    let child = squall()
        .args(["sweep", text(&long), "--vary", ATTEMPTS, "--out"])
        .arg(&out)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    kill(&child, "-INT");
    let output = ended(child);
    assert_eq!(code(&output), 130, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("interrupted: nothing written"),
        "{}",
        stderr(&output)
    );
    assert!(before == bytes(&out), "the older sweep is as it was");
}
