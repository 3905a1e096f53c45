//! What lies around a run: saved scenarios, seeds, what a killed run left.

use std::path::Path;

use crate::command::{Dir, run, squall, stderr};
use crate::user::{SMALL, text};

#[test]
fn a_resolved_scenario_with_a_trace_can_be_saved_anywhere() {
    let dir = Dir::new("resolved-trace");
    let check = |file: &str| {
        let output = squall()
            .args(["check", file, "--resolved"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let resolved = check("scenarios/azure-trace.toml");
    let saved = dir.write("saved.toml", &resolved);
    assert_eq!(check(text(&saved)), resolved, "it says the same there");
}

#[test]
fn a_seed_out_of_range_is_told_the_range() {
    for seed in ["-1", "1.5", "x", "9223372036854775808"] {
        let output = squall()
            .args(["run", "x.toml", "--seed", seed])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{seed}");
        let told = stderr(&output);
        let range = "not a whole number from 0 to 9223372036854775807";
        assert!(told.contains(range) && told.contains("--seed"), "{told}");
    }
}

#[test]
fn what_a_killed_run_left_in_the_directory_of_reports_is_removed() {
    let dir = Dir::new("probe");
    let file = dir.write("small.toml", SMALL);
    let out = dir.path("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join(".squall-probe-1"), "").unwrap();
    let output = run(text(&file), &out, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let left = std::fs::read_dir(&out).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["small"]);
}

#[test]
fn several_resolved_scenarios_can_be_split_into_files_that_say_the_same() {
    let dir = Dir::new("resolved-several");
    let varied = SMALL.replace("[run]", "[run]\nvary = { \"workload.processes\" = [1, 2] }");
    let files = [
        dir.write("varied.toml", &varied),
        dir.write("small.toml", SMALL),
    ];
    let check = |files: &[&Path]| {
        let mut command = squall();
        let output = command.args(["check", "--resolved"]).args(files).output();
        output.unwrap()
    };
    let paths = files.each_ref().map(|file| file.as_path());
    let all = check(&paths);
    assert_eq!(all.status.code(), Some(0), "{}", stderr(&all));
    assert!(
        stderr(&all).contains("note: 3 scenarios"),
        "{}",
        stderr(&all)
    );
    let all = String::from_utf8(all.stdout).unwrap();
    // As a whole they are no file, so that nobody takes the last of them for all.
    let whole = check(&[&dir.write("whole.toml", &all)]);
    assert_eq!(whole.status.code(), Some(2));
    let parts: Vec<&str> = all.split("# file: ").skip(1).collect();
    assert_eq!(parts.len(), 3);
    for (part, processes) in parts.iter().zip([Some(1), Some(2), None]) {
        let file = part.lines().next().unwrap();
        let source = if processes.is_some() {
            &files[0]
        } else {
            &files[1]
        };
        assert_eq!(file, text(source));
        let point = processes.map(|n| format!("processes = {n}"));
        assert!(point.is_none_or(|point| part.contains(&point)), "{part}");
        let part = format!("# file: {part}");
        let saved = dir.write("part.toml", &part);
        let again = check(&[&saved]);
        assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
        let settings = |text: &str| {
            let lines = text
                .lines()
                .filter(|line| !line.starts_with('#') && !line.is_empty());
            lines.map(String::from).collect::<Vec<_>>()
        };
        let again = String::from_utf8(again.stdout).unwrap();
        assert_eq!(settings(&again), settings(&part), "it says the same there");
    }
}
