//! The command as a user meets it: exit codes, nothing half written, mistakes that help.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

use std::process::Stdio;

use crate::command::{Dir, run, squall, stderr};

/// A scenario that is done in an instant.
pub(crate) const SMALL: &str = r#"
[run]
duration = "20s"
replications = 2
[workload]
arrivals.poisson = { rate = "10/s" }
deadline = "10s"
[provider.api]
latency.distribution = { first-token = "100ms" }
[policy.plain]
"#;

/// A path as an argument.
pub(crate) fn text(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_run_prints_and_writes_a_report() {
    let dir = Dir::new("report");
    let file = dir.write("small.toml", SMALL);
    let output = run(text(&file), &dir.path("out"), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains("plain") && printed.contains("squall run"),
        "{printed}"
    );
    for name in [
        "index.html",
        "results.json",
        "results.csv",
        "charts/timeline.png",
    ] {
        let size = std::fs::metadata(dir.path("out/small").join(name))
            .unwrap()
            .len();
        assert!(size > 0, "{name} is empty");
    }
    assert_eq!(stderr(&output), "", "no progress where nobody watches");
}

#[test]
fn of_several_scenarios_each_summary_has_its_heading() {
    let dir = Dir::new("several");
    let vary = "[run]\nvary = { \"workload.arrivals.poisson.rate\" = [\"5/s\", \"10/s\"] }";
    let file = dir.write("several.toml", &SMALL.replacen("[run]", vary, 1));
    let output = run(text(&file), &dir.path("out"), &[]);
    let printed = String::from_utf8_lossy(&output.stdout);
    let headings: Vec<&str> = printed.lines().filter(|l| l.starts_with("== ")).collect();
    let names = ["several@poisson.rate=5_s", "several@poisson.rate=10_s"];
    assert_eq!(headings, names.map(|name| format!("== {name}")));
    let one = run(
        "scenarios/drift.toml",
        &dir.path("out"),
        &["--replications", "2"],
    );
    assert!(!String::from_utf8_lossy(&one.stdout).contains("== "));
}

#[test]
fn quiet_is_quiet() {
    let dir = Dir::new("quiet");
    let file = dir.write("small.toml", SMALL);
    let output = run(text(&file), &dir.path("out"), &["--quiet"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn a_failed_expectation_is_exit_code_one_and_the_report_is_written() {
    let dir = Dir::new("gate");
    let wrong = format!("{SMALL}\n[[expect]]\nmetric.success_ratio = {{ max = 0.5 }}\n");
    let file = dir.write("gate.toml", &wrong);
    let output = run(text(&file), &dir.path("out"), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(dir.path("out/gate/index.html").exists());
}

#[test]
fn bad_input_is_exit_code_two_and_nothing_is_written() {
    let dir = Dir::new("bad");
    let good = dir.write("good.toml", SMALL);
    let bad = dir.write(
        "bad.toml",
        &SMALL.replace("arrivals.poisson", "arrivals.poison"),
    );
    let out = dir.path("out");
    let output = squall()
        .arg("run")
        .args([&good, &bad])
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(
        told.contains("bad.toml:6:") && told.contains("poisson"),
        "{told}"
    );
    assert!(
        !out.exists(),
        "one bad file of two, and something was written"
    );
}

#[test]
fn what_cannot_be_written_is_said_before_anything_is_run() {
    let dir = Dir::new("unwritable");
    let file = dir.write("small.toml", SMALL);
    let blocked = dir.write("blocked", "a file where a directory should be");
    let output = run(text(&file), &blocked.join("out"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--out"), "{}", stderr(&output));
}

#[test]
fn wrong_flags_are_exit_code_two() {
    for arguments in [
        &["run"][..],
        &["run", "x.toml", "--jobs", "0"],
        &["run", "x.toml", "--replications", "0"],
        &["run", "x.toml", "--seed", "-1"],
        &["fly"],
        &[],
    ] {
        let output = squall().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let dir = Dir::new("pipe");
    let file = dir.write("small.toml", SMALL);
    let mut child = squall()
        .args(["run", text(&file), "--out"])
        .arg(dir.path("out"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_check_resolved_prints_is_the_same_scenario() {
    let dir = Dir::new("resolved");
    let resolved = squall()
        .args(["check", "scenarios/outage.toml", "--resolved"])
        .output()
        .unwrap();
    assert_eq!(resolved.status.code(), Some(0));
    let file = dir.write("outage.toml", &String::from_utf8(resolved.stdout).unwrap());
    let csv = |file: &str, name: &str| {
        run(file, &dir.path(name), &["--replications", "2"]);
        std::fs::read_to_string(dir.path(name).join("outage/results.csv")).unwrap()
    };
    assert_eq!(csv("scenarios/outage.toml", "a"), csv(text(&file), "b"));
}

#[test]
fn a_report_is_replaced_and_other_files_beside_it_are_kept() {
    let dir = Dir::new("replace");
    let file = dir.write("small.toml", SMALL);
    let out = dir.path("out");
    run(text(&file), &out, &["--seed", "1"]);
    std::fs::write(out.join("small/notes.txt"), "mine").unwrap();
    let before = std::fs::read(out.join("small/results.json")).unwrap();
    let output = run(text(&file), &out, &["--seed", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_ne!(
        before,
        std::fs::read(out.join("small/results.json")).unwrap()
    );
    assert_eq!(
        std::fs::read_to_string(out.join("small/notes.txt")).unwrap(),
        "mine"
    );
}

/// A report prints the scenario as it was run, and TOML has no number above that.
#[test]
fn a_seed_that_no_file_could_hold_is_refused() {
    let dir = Dir::new("seed");
    let file = dir.write("seed.toml", SMALL);
    let flags = ["--seed", "9223372036854775808"];
    let output = run(text(&file), &dir.path("out"), &flags);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("--seed") && said.contains("9223372036854775807"),
        "{said}"
    );
    assert!(!dir.path("out").exists());
    let most = ["--seed", "9223372036854775807"];
    let output = run(text(&file), &dir.path("out"), &most);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
