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

/// Four calls a second for ten minutes; nine in ten of those from 200 s to 240 s fail.
fn log_with_an_incident() -> String {
    let mut text = String::from(
        "{}gen_ai.provider.name,gen_ai.usage.input_tokens,gen_ai.usage.output_tokens,\
         http.response.status_code,gen_ai.server.time_to_first_token,gen_ai.client.operation.duration\n",
    )
    .replace("{}", "start_s,");
    let mut random = 12_345_u64;
    let mut unit = || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 11) as f64 / (1u64 << 53) as f64
    };
    for n in 0..2400 {
        let at = f64::from(n) * 0.25;
        let bad = (200.0..240.0).contains(&at) && unit() < 0.9;
        let (first, pace) = (0.5 + 0.5 * unit(), 0.01 + 0.01 * unit());
        let answer = 100 + (200.0 * unit()) as u32;
        let line = match bad {
            true => format!("{at},lab,500,,503,,"),
            false => {
                let took = first + pace * f64::from(answer - 1);
                format!("{at},lab,500,{answer},200,{first:.3},{took:.3}")
            }
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[test]
fn an_incident_of_a_log_is_flown_again_at_its_recorded_time() {
    let dir = Dir::new("fit-replay");
    let log = dir.write("calls.csv", &log_with_an_incident());
    let out = dir.path("again.toml");
    let fit = |more: &[&str]| {
        let mut command = squall();
        command.args(["fit", text(&log)]).args(more);
        command.output().unwrap()
    };
    let output = fit(&["--replay", "--out", text(&out)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        dir.names(),
        [
            "again.lab-failures.csv",
            "again.toml",
            "again.trace.csv",
            "calls.csv"
        ]
    );
    let incidents = std::fs::read_to_string(dir.path("again.lab-failures.csv")).unwrap();
    let lines: Vec<&str> = incidents.lines().collect();
    let [_, incident] = lines[..] else {
        panic!("{incidents}")
    };
    let number = |i: usize| -> f64 { incident.split(',').nth(i).unwrap().parse().unwrap() };
    // 200 s and 40 s, by half a dozen calls.
    assert!((number(0) * 60.0 - 200.0).abs() < 2.0, "{incidents}");
    assert!((number(1) * 60.0 - 40.0).abs() < 2.0, "{incidents}");
    assert!((number(2) - 0.9).abs() < 0.1, "{incidents}");
    // What was recorded is what its replay gives: of all calls, and of those in the incident.
    let reports = dir.path("reports");
    let run = squall()
        .args(["run", text(&out), "--out", text(&reports)])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{told}{}", stderr(&run));
    assert!(
        told.contains("✓ as-logged, failures of lab: success_ratio"),
        "{told}"
    );
    let printed = fit(&["--replay"]);
    assert_eq!(printed.status.code(), Some(2), "several files need a place");
    assert!(stderr(&printed).contains("--out FILE"));
}
