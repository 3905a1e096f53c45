//! `squall tune`: what it says and how it ends, and its lines for an optimiser of somebody else's.

use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::command::{Dir, squall, stderr};

/// Two candidates of an outside optimiser and four lines that are none, as the README tells it.
const LINES: &str = r#"{"settings":{"retry.attempts":4,"retry.backoff.exponential.base":"200ms"},"replications":2}
{"id":7,"settings":{"retry.attempts":4,"retry.backoff.exponential.base":0.2},"replications":2}
{"settings":{"retry.attempt":4},"replications":2}
{"settings":{"retry.attempts":4.5,"retry.backoff.exponential.base":"9s"}}
{"settings":{"retry.attempts":4},"from":4294967295}
not JSON
"#;

fn tell(text: &[u8], jobs: &str) -> Output {
    let mut child = squall()
        .args([
            "tune",
            "scenarios/tune-impossible.toml",
            "tell",
            "--jobs",
            jobs,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    child.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn an_outside_optimiser_asks_and_is_told_the_same_for_the_same() {
    let example = LINES.lines().next().unwrap();
    let readme = std::fs::read_to_string("README.md").unwrap();
    assert!(
        readme.contains(&format!("echo '{example}' |")),
        "README shows this line"
    );
    let asked = squall()
        .args(["tune", "scenarios/tune-impossible.toml", "ask"])
        .output()
        .unwrap();
    let problem = lines(&asked).remove(0);
    assert_eq!(
        problem["parameters"][0]["name"], "retry.attempts",
        "{problem}"
    );
    assert_eq!(problem["parameters"][1]["from"], "50ms", "{problem}");
    assert_eq!(problem["objective"], "amplification");
    let one = tell(LINES.as_bytes(), "1");
    assert_eq!(one.stdout, tell(LINES.as_bytes(), "2").stdout, "threads");
    let told = lines(&one);
    assert_eq!(told.len(), 6);
    // Seconds are a duration, and an id comes back.
    assert_eq!(told[1]["id"], 7);
    assert_eq!(told[0]["weathers"], told[1]["weathers"]);
    // Attempts per call are success ÷ 0.7 whatever is tried.
    let limits = &told[0]["weathers"][0]["limits"];
    let value = |i: usize| limits[i]["estimate"]["value"].as_f64().unwrap();
    assert!((value(0) - value(1) / 0.7).abs() < 0.05, "{limits}");
    for (line, says) in [
        (2, "unknown parameter `retry.attempt`"),
        (3, "`retry.attempts` is 1 to 8"),
        (4, "`from` leaves room"),
        (5, "expected {\"settings\""),
    ] {
        let error = told[line]["error"].as_str().unwrap();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(one.status.code(), Some(2), "some lines were wrong");
}

#[test]
fn no_line_however_bad_ends_a_session() {
    let deep = "[".repeat(20_000);
    let long = "x".repeat(200_000);
    let mut text = format!("{deep}\n{long}\n\n").into_bytes();
    text.extend(b"\xff\xfe\n{\"settings\":{\"retry.attempts\":1e400}}\n{\"settings\":null}\n");
    text.extend(LINES.lines().next().unwrap().as_bytes());
    let output = tell(&text, "2");
    let told = lines(&output);
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(
        told[..5].iter().all(|line| line["error"].is_string()),
        "{told:?}"
    );
    assert!(told[5]["objective"].is_number(), "{}", told[5]);
    assert_eq!(output.status.code(), Some(2));
}

/// How a tuning of a changed example ends, and what it says.
fn tuned(
    dir: &Dir,
    name: &str,
    changes: &[(&str, &str)],
    arguments: &[&str],
) -> (Option<i32>, String) {
    let mut text = std::fs::read_to_string("scenarios/tune-impossible.toml").unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    let file = dir.write(&format!("{name}.toml"), &text);
    let out = dir.path("out");
    let mut command = squall();
    command
        .arg("tune")
        .arg(file)
        .args(arguments)
        .arg("--out")
        .arg(out);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout.clone()).unwrap() + &stderr(&output);
    (output.status.code(), said)
}

#[test]
fn what_cannot_be_met_ends_with_1_and_says_what_is_nearest() {
    let dir = Dir::new("impossible");
    let (code, said) = tuned(
        &dir,
        "impossible",
        &[("\"2m\"", "\"1m\"")],
        &["--budget", "200"],
    );
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("Nothing that was found in these ranges"),
        "{said}"
    );
    assert!(said.contains("the nearest"), "{said}");
    assert!(said.contains(" s\n"), "the seconds it will take: {said}");
    let page = std::fs::read_to_string(dir.path("out/impossible@tuned/index.html")).unwrap();
    assert!(page.contains("squall tune ") && page.contains("--budget 200"));
    assert!(!dir.path("out/.impossible@tuned.journal").exists());
}

#[test]
fn what_no_budget_and_no_runs_can_do_is_refused_before_the_first() {
    let dir = Dir::new("refused");
    const LIMIT: &str = "limits.amplification = { max = 1.2 }";
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static [&'static str],
    );
    let cases: [Case; 5] = [
        (
            "small",
            &[("budget = 600", "budget = 600\nsuite = [\"small.toml\"]")],
            &["called `small`"],
        ),
        (
            "dollars",
            &[(
                "minimize = \"amplification\"",
                "minimize = \"cost_usd_per_success\"",
            )],
            &["cost_usd_per_success", "no provider has a price"],
        ),
        (
            "locked",
            &[(LIMIT, "limits.lock_up_share = { max = \"1%\" }")],
            &["takes 299 clean runs", "raise tune.certify to 299"],
        ),
        (
            "maximum",
            &[(LIMIT, "limits.latency_good_ms_max = { max = \"9s\" }")],
            &["no runs can show a limit on `latency_good_ms_max`"],
        ),
        (
            "horizon",
            &[
                (LIMIT, "limits.latency_good_ms_p99 = { max = \"1.1x\" }"),
                ("retry.attempts = 3", "retry.attempts = 1"),
            ],
            &["lies at the horizon", "write the limit as a number"],
        ),
    ];
    for (name, changes, says) in cases {
        let (code, said) = tuned(&dir, name, changes, &[]);
        assert_eq!(code, Some(2), "{name}: {said}");
        for part in says {
            assert!(said.contains(part), "{name} does not say {part:?}: {said}");
        }
    }
    // Eight choices of each of two, one arm each, cannot be searched with a hundred runs.
    let waits = "[\"50ms\", \"60ms\", \"70ms\", \"80ms\", \"90ms\", \"1s\", \"2s\", \"3s\"]";
    let changes = [
        ("{ from = 1, to = 8 }", "[1, 2, 3, 4, 5, 6, 7, 8]"),
        ("{ from = \"50ms\", to = \"2s\", scale = \"log\" }", waits),
    ];
    let (code, said) = tuned(&dir, "arms", &changes, &["--budget", "100"]);
    assert_eq!(code, Some(2), "{said}");
    // 64 arms, 2 for the last rung, 8 to select, 2 replications of what was found and of 14 moves.
    assert!(
        said.contains("64 combinations") && said.contains("take 104 at least"),
        "{said}"
    );
}
