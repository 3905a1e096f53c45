//! README shows what the command does: its examples are run, its scenario is loaded.

use std::path::{Path, PathBuf};

use crate::command::{Dir, squall};

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// What a command line of README prints, without the line that tells the time it took. It is run in
/// a directory of its own beside a copy of the scenarios, so that paths look as a user sees them.
fn printed(line: &str) -> String {
    let arguments: Vec<&str> = line.strip_prefix("$ squall ").unwrap().split(' ').collect();
    let dir = Dir::new("readme");
    copy(
        &readme().with_file_name("scenarios"),
        &dir.path("scenarios"),
    );
    let output = squall()
        .current_dir(dir.path(""))
        .args(&arguments)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|l| !l.contains(" of traffic in "));
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (
            entry.as_ref().unwrap().path(),
            to.join(entry.unwrap().file_name()),
        );
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// README as it would be if every command in a `console` block had just been run.
fn refreshed(text: &str) -> String {
    let mut fresh = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        fresh.push(line.to_string());
        if line != "```console" {
            continue;
        }
        let command = lines.next().unwrap();
        fresh.push(command.to_string());
        fresh.push(printed(command));
        lines.by_ref().find(|l| *l == "```").unwrap();
        fresh.push("```".to_string());
    }
    fresh.join("\n") + "\n"
}

#[test]
fn readme_shows_what_the_command_prints() {
    let text = std::fs::read_to_string(readme()).unwrap();
    let fresh = refreshed(&text);
    assert!(fresh.contains("$ squall run"), "README shows a run");
    if std::env::var("SQUALL_README").as_deref() == Ok("write") {
        std::fs::write(readme(), fresh).unwrap();
        return;
    }
    for (i, (is, would)) in text.lines().zip(fresh.lines()).enumerate() {
        assert_eq!(is, would, "README.md:{}", i + 1);
    }
    assert_eq!(text.lines().count(), fresh.lines().count());
}

#[test]
fn every_scenario_shown_in_the_documents_loads() {
    let text = std::fs::read_to_string(readme()).unwrap();
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let toml = block.split("```").next().unwrap();
        let loaded = squall::scenario::check_str("README.md", toml);
        if let Err(mistakes) = loaded {
            panic!("{}", mistakes.summary());
        }
    }
}

#[test]
fn the_scenario_that_is_explained_is_the_shipped_one_whose_result_is_shown() {
    let text = std::fs::read_to_string(readme()).unwrap();
    let (before, rest) = text.split_once("```toml\n").unwrap();
    let named = before.lines().rfind(|line| !line.is_empty()).unwrap();
    let file = named.split('`').nth(1).unwrap();
    let (explained, after) = rest.split_once("```").unwrap();
    let shipped = std::fs::read_to_string(readme().with_file_name(file)).unwrap();
    assert_eq!(explained, shipped, "{file}");
    assert!(after.contains(&format!("```console\n$ squall run {file}\n")));
}
