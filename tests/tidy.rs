//! The house keeps its plan: folders import only from floors below, files and functions stay small,
//! nothing is left half done, only the command line reads a clock. Breaking a rule names the file
//! and the line.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The floors of ARCHITECTURE.md.
const FLOORS: [(&str, u8); 14] = [
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
    ("deploy", 6),
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

/// The functions of a rustfmt-formatted text that have a body: line, name, number of lines. A
/// function ends at the first brace that stands where the function's first line begins.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let (before, after) = match line.split_once("fn ") {
            Some(parts) if !line.trim_start().starts_with("//") => parts,
            _ => continue,
        };
        let words = ["pub", "const", "async", "unsafe"];
        let is_qualifier = |w: &str| words.contains(&w) || w.starts_with("pub(");
        if !before.split_whitespace().all(is_qualifier) {
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_last = |l: &&str| {
            let inner = l.strip_prefix(indent).unwrap_or("");
            inner == "}" || (inner.starts_with("fn ") || inner.starts_with(')')) && l.ends_with(';')
        };
        // A body on the line of its head is short enough.
        let rest = if line.ends_with('}') {
            0
        } else {
            let end = lines[first..].iter().position(is_last);
            end.unwrap_or(lines.len())
        };
        let name: String = after
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        found.push((first + 1, name, rest + 1));
    }
    found
}

#[test]
fn functions_have_a_size_a_reader_can_hold() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        for (line, name, lines) in functions(&text) {
            if lines > 70 {
                let at = path.display();
                wrong.push(format!("{at}:{line}: {name}: {lines} lines; split it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_functions_sees_them() {
    let text = "\
pub(crate) const fn one(
    a: u8,
) -> u8 {
    if a > 0 {
        a
    }
}

trait T {
    fn two(&self);
    // fn no() {
    fn three(&self) {}
    fn four(&self) {
        let f: fn(u8) = g;
    }
}
";
    let found = functions(text);
    let found: Vec<_> = found.iter().map(|(l, n, c)| (*l, n.as_str(), *c)).collect();
    assert_eq!(
        found,
        [
            (1, "one", 7),
            (10, "two", 1),
            (12, "three", 1),
            (13, "four", 3)
        ]
    );
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
