//! What lies around a run: saved scenarios, seeds, what a killed run left.

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
