//! Bad input gives a message with its place, its cause and a remedy; and never a panic.
//!
//! Every case changes one thing in a good scenario. A `¦` in the change marks where the message
//! must point; line and column are counted here, from the text.
#![cfg(feature = "scenario")]

mod files;
mod fuzz;
mod heed;
mod points;
mod together;
mod tune;
mod vain;

use std::path::Path;

use squall::scenario::files::Memory;
use squall::scenario::{Diagnostics, Loaded, Overrides, Severity, Style, load_from};

/// A scenario without a mistake.
const GOOD: &str = include_str!("good.toml");

/// One change of the good scenario, from a file of cases.
#[derive(Debug, Default)]
struct Case {
    from: Vec<&'static str>,
    to: Vec<&'static str>,
    says: Vec<&'static str>,
}

/// Cases are blocks of lines `- what is replaced`, `+ by what`, `> what must be said`.
fn cases(text: &'static str) -> Vec<Case> {
    let mut cases = Vec::new();
    for block in text
        .split("\n\n")
        .filter(|block| !block.trim_start().starts_with('#'))
    {
        let mut case = Case::default();
        for line in block.lines() {
            match line.split_at_checked(2) {
                Some(("- ", from)) => case.from.push(from),
                Some(("+ ", to)) => case.to.push(to),
                Some(("> ", says)) => case.says.push(says),
                _ if line == "+" => case.to.push(""),
                _ if line == "-" => case.from.push(""),
                _ => panic!("no part of a case: {line:?}"),
            }
        }
        cases.push(case);
    }
    cases
}

fn load(text: &str) -> Loaded {
    let files = Memory::default().with("s.toml", text);
    load_from(&files, Path::new("s.toml"), Overrides::default())
}

/// The text without its mark, and the place of the mark as `file:line:column`.
fn unmarked(file: &str, text: &str) -> (String, String) {
    let at = text.find('¦').expect("a case marks its place");
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at]
        .rsplit('\n')
        .next()
        .map_or(0, |l| l.chars().count())
        + 1;
    (text.replacen('¦', "", 1), format!("{file}:{line}:{column}"))
}

fn findings(diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    let all = diagnostics.all().iter().filter(|d| d.severity == severity);
    all.map(|d| format!("{}: {}", diagnostics.place(d.place), d.title))
        .collect()
}

fn try_case(case: &Case, severity: Severity) -> Result<(), String> {
    let (from, to) = (case.from.join("\n"), case.to.join("\n"));
    assert!(GOOD.contains(&from), "{from:?} is not in the good scenario");
    let (text, place) = unmarked("s.toml", &GOOD.replacen(&from, &to, 1));
    let diagnostics = load(&text).diagnostics;
    let found = findings(&diagnostics, severity);
    let all = diagnostics.render(Style::PLAIN);
    let wrong = |why: &str| Err(format!("{to}\n=> {why}\n{all}"));
    if found.len() != 1 {
        return wrong(&format!("{} findings and not one", found.len()));
    }
    if !found[0].starts_with(&format!("{place}: ")) {
        return wrong(&format!("not at {place}"));
    }
    match case.says.iter().find(|part| !all.contains(*part)) {
        Some(part) => wrong(&format!("does not say {part:?}")),
        None => Ok(()),
    }
}

/// Tries every case and shows all that fail, not only the first.
fn try_all(text: &'static str, severity: Severity) {
    let cases = cases(text);
    assert!(!cases.is_empty());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| try_case(case, severity).err())
        .collect();
    let (n, of) = (wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{n} of {of}\n{}", wrong.join("\n\n"));
}

#[test]
fn the_good_scenario_is_good() {
    let loaded = load(GOOD);
    assert_eq!(
        loaded.diagnostics.render(Style::PLAIN),
        "s.toml: no mistakes\n"
    );
    assert_eq!(loaded.scenarios.len(), 1);
}

#[test]
fn unknown_names_are_told_with_the_nearest_one() {
    try_all(include_str!("names.txt"), Severity::Mistake);
}

#[test]
fn values_of_another_kind_are_told_what_was_expected() {
    try_all(include_str!("values.txt"), Severity::Mistake);
}

#[test]
fn traffic_that_makes_no_sense_is_told_of() {
    try_all(include_str!("traffic.txt"), Severity::Mistake);
}

#[test]
fn what_is_missing_is_named_where_it_should_be() {
    try_all(include_str!("missing.txt"), Severity::Mistake);
}

#[test]
fn a_part_that_is_missing_is_told_of_the_file() {
    let cases = [
        ("[run]", "[runn]", "the scenario has no [run]"),
        (
            "[workload]",
            "[workloads]",
            "the scenario has no [workload]",
        ),
    ];
    for (from, to, title) in cases {
        let diagnostics = load(&GOOD.replacen(from, to, 1)).diagnostics;
        let found = findings(&diagnostics, Severity::Mistake);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0], format!("s.toml: {title}"));
        assert!(found[1].contains("unknown key"), "{found:?}");
    }
    let diagnostics = load("[run]\nduration = \"1m\"\n").diagnostics;
    let text = diagnostics.render(Style::PLAIN);
    for part in [
        "no [workload]",
        "no provider",
        "no policy",
        "add at least one [policy.NAME]",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_told_across_parts() {
    try_all(include_str!("sense.txt"), Severity::Mistake);
}

#[test]
fn what_differs_by_priority_is_checked_as_a_policy() {
    try_all(include_str!("priorities.txt"), Severity::Mistake);
}

#[test]
fn what_does_nothing_is_warned_of() {
    try_all(include_str!("warnings.txt"), Severity::Warning);
}

#[test]
fn a_timeout_for_first_tokens_needs_a_stream() {
    let text = GOOD.replace("stream = true", "stream = false");
    let text = text.replace("hedge.fixed", "timeout.first-token = \"10s\"\nhedge.fixed");
    let diagnostics = load(&text).diagnostics;
    let found = findings(&diagnostics, Severity::Warning);
    assert_eq!(found, ["s.toml:52:9: this timeout never fires"]);
}

#[test]
fn several_mistakes_come_at_once_and_none_twice() {
    let text = GOOD
        .replace("duration = \"10m\"", "duration = \"10\"")
        .replace("poisson", "poison")
        .replace("factor = 0.2", "factor = 2")
        .replace(
            "retry.attempts = 4",
            "retry.attempts = 4\nretry.attempt = 5",
        )
        .replace("cap = \"32s\"", "cap = \"5ms\"");
    let diagnostics = load(&text).diagnostics;
    let expected = [
        "s.toml:5:12: `duration` is not a duration",
        "s.toml:14:10: unknown kind of arrivals `poison`",
        "s.toml:33:23: a storm shrinks limits",
        "s.toml:45:7: unknown key `attempt`",
        "s.toml:47:56: the longest wait is shorter than the first",
    ];
    assert_eq!(findings(&diagnostics, Severity::Mistake), expected);
    let last = diagnostics.render(Style::PLAIN);
    assert!(
        last.ends_with("s.toml: 5 mistakes, nothing was run\n"),
        "{last}"
    );
}

#[test]
fn a_mistake_is_drawn_as_in_the_mock() {
    let text = GOOD.replacen("cap = \"32s\"", "cap = \"500ms\"", 1);
    let drawn = load(&text).diagnostics.render(Style::PLAIN);
    let expected = r#"error: the longest wait is shorter than the first
  --> s.toml:46:56
   |
46 | retry.backoff.exponential = { base = "1s", factor = 2, cap = "500ms", jitter = "none" }
   |                               -----------              ^^^^^^^^^^^^^ below `base`
   |                               |
   |                               the first wait is 1s
...
49 | extends = "first"
   | ----------------- `second` inherits it here
   |
   = help: `cap` is an upper bound for every wait; raise it to "1s" or more

s.toml: 1 mistake, nothing was run
"#;
    assert_eq!(drawn, expected);
}
