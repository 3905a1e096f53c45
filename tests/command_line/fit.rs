//! `squall fit` as a user meets it: a log in, a scenario out, nothing half written.

use crate::command::{Dir, squall, stderr};
use crate::user::text;

const TRACE: &str = "scenarios/traces/azure2023_conv.csv";

#[test]
fn a_shipped_trace_becomes_a_scenario_that_can_be_checked() {
    let dir = Dir::new("fit");
    let out = dir.path("fitted.toml");
    let fit = || {
        let mut command = squall();
        command.args(["fit", TRACE, "--out"]).arg(&out);
        command.output().unwrap()
    };
    let output = fit();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("not independent") && told.contains("answer tokens"),
        "{told}"
    );
    assert_eq!(dir.names(), ["fitted.toml", "fitted.trace.csv"]);
    let check = squall().args(["check", text(&out)]).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{}", stderr(&check));
    // What is there may hold prices that somebody wrote.
    let before = std::fs::read(&out).unwrap();
    let again = fit();
    assert_eq!(again.status.code(), Some(2));
    assert!(
        stderr(&again).contains("is there already: nothing written"),
        "{}",
        stderr(&again)
    );
    assert_eq!(std::fs::read(&out).unwrap(), before);
}

#[test]
fn lines_that_cannot_be_used_are_told_with_place_and_remedy_and_nothing_is_written() {
    let dir = Dir::new("fit-wrong");
    let log = dir.write(
        "calls.csv",
        "t_ms,status,in_tokens\n0,200,5\n5,200,many\n9,999,5\n",
    );
    let out = dir.path("fitted.toml");
    let output = squall()
        .args(["fit", text(&log), "--out"])
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    for part in [
        "calls.csv:3:7",
        "`many` is no whole number",
        "calls.csv:4:3",
        "`999` is no HTTP status",
        "help",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(dir.names(), ["calls.csv"]);
    let missing = squall().args(["fit", "no-such.csv"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        stderr(&missing).contains("there is no such file"),
        "{}",
        stderr(&missing)
    );
}

#[test]
fn a_profile_is_held_against_a_log() {
    let output = squall()
        .args(["fit", TRACE, "--against", "chat"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("measured") && told.contains("own fit"),
        "{told}"
    );
    let unknown = squall()
        .args(["fit", TRACE, "--against", "chit"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        stderr(&unknown).contains("reasoning-api"),
        "{}",
        stderr(&unknown)
    );
}

#[test]
fn help_names_every_column() {
    let output = squall().args(["fit", "--help"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    for name in [
        "gen_ai.usage.input_tokens",
        "error.type",
        "ttft_ms",
        "http.response.status_code",
    ] {
        assert!(told.contains(name), "{name}: {told}");
    }
}
