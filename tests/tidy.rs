//! The house keeps its plan: folders import only from floors below, files stay small, every public
//! name is used with one spelling. Breaking a rule names the file and the line.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The floors of ARCHITECTURE.md.
const FLOORS: [(&str, u8); 13] = [
    ("base", 0),
    ("policy", 1),
    ("provider", 1),
    ("fault", 1),
    ("workload", 1),
    ("engine", 2),
    ("world", 2),
    ("record", 3),
    ("scenario", 4),
    ("sim", 5),
    ("experiment", 6),
    ("report", 6),
    ("cli", 7),
];

fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left = vec![root.join(dir)];
    let mut files = Vec::new();
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root).unwrap().to_path_buf(), text));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no sources in {dir}");
    files
}

fn floor(room: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

/// The rooms a line of code refers to by `crate::room` or `crate::{room, other::…}`.
fn rooms_named(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for part in text.split("crate::").skip(1) {
        let mut rest = part;
        if let Some(list) = part.strip_prefix('{') {
            // Rooms are the first word of each item at depth one.
            let mut depth = 1;
            let mut word = String::new();
            let mut fresh = true;
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => {
                        rooms.push(std::mem::take(&mut word));
                        fresh = true;
                    }
                    ':' if depth == 1 => fresh = false,
                    c if depth == 1 && fresh && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            rooms.push(word);
            continue;
        }
        rest = rest
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .next()
            .unwrap_or("");
        rooms.push(rest.to_string());
    }
    rooms
}

#[test]
fn a_folder_imports_only_from_floors_below() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let Some(room) = path
            .components()
            .nth(1)
            .and_then(|c| c.as_os_str().to_str())
        else {
            continue;
        };
        let Some(own) = floor(room) else {
            assert!(
                ["lib.rs", "main.rs"].contains(&room),
                "{room} has no floor in tests/tidy.rs"
            );
            continue;
        };
        for named in rooms_named(&text) {
            if let Some(other) = floor(&named)
                && named != room
                && other >= own
            {
                wrong.push(format!(
                    "{}: floor {own} imports `{named}`, floor {other}",
                    path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_them() {
    let text = "use crate::base::{Check, Duration}; use crate::{fault, policy::config, x::{y, z}};";
    assert_eq!(rooms_named(text), ["base", "fault", "policy", "x"]);
}

#[test]
fn files_have_a_size_a_reader_can_hold() {
    let mut wrong = Vec::new();
    for dir in ["src", "tests", "benches"] {
        for (path, text) in sources(dir) {
            let lines = text.lines().count();
            if lines > 500 {
                wrong.push(format!(
                    "{}: {lines} lines; split it at a reason to exist",
                    path.display()
                ));
            }
            for (i, line) in text.lines().enumerate() {
                if line.chars().count() > 120 {
                    wrong.push(format!("{}:{}: over 120 columns", path.display(), i + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words that are not to be found in the sources, each with what to write instead.
const BANNED: [(&str, &str); 7] = [
    (concat!("to", "do!("), "the thing itself"),
    (concat!("unimpl", "emented!("), "the thing itself"),
    (concat!("#[al", "low("), "#[expect(lint, reason = \"…\")]"),
    (concat!("#![al", "low("), "#![expect(lint, reason = \"…\")]"),
    (concat!("FIX", "ME"), "a fix, or a note in CONTRIBUTING"),
    (concat!("thread_", "rng"), "a keyed draw"),
    (
        concat!("#[ig", "nore]"),
        "#[ignore = \"reason and the command that runs it\"]",
    ),
];

#[test]
fn nothing_is_left_half_done() {
    let mut wrong = Vec::new();
    for dir in ["src", "tests", "benches"] {
        for (path, text) in sources(dir) {
            for (i, line) in text.lines().enumerate() {
                for (word, instead) in BANNED {
                    if line.contains(word) {
                        wrong.push(format!(
                            "{}:{}: `{word}`: write {instead}",
                            path.display(),
                            i + 1
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Below `cli` nothing reads a clock, a socket, a thread's own generator, or a hash map's order.
#[test]
fn only_the_command_line_knows_what_time_it_is() {
    let banned = [
        "Instant::now",
        "SystemTime",
        "std::net",
        "rand::rng(",
        "HashMap",
        "HashSet",
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        if path.starts_with("src/cli") {
            continue;
        }
        for (i, line) in text
            .lines()
            .enumerate()
            .filter(|(_, l)| !l.trim_start().starts_with("//"))
        {
            for word in banned.iter().filter(|w| line.contains(**w)) {
                wrong.push(format!("{}:{}: `{word}`", path.display(), i + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
