//! Bad input gives a message with its place, its cause and a remedy; and never a panic.
//!
//! Every case changes one thing in a good scenario. A `¦` in the change marks where the message
//! must point; line and column are counted here, from the text.
#![cfg(feature = "scenario")]

use std::path::Path;

use squall::scenario::files::Memory;
use squall::scenario::{DEFAULT, Diagnostics, Loaded, Overrides, Severity, Style, load_from};

const GOOD: &str = r#"[meta]
title = "A question"

[run]
duration = "10m"
warm-up = "1m"
replications = 8

[compare]
baseline = "first"

[workload]
processes = 20
arrivals.poisson = { rate = "40/s" }
tokens.profile = "chat"
stream = true
deadline = "60s"

[provider.alpha]
latency.profile = "frontier-large"
capacity.slots = { count = 400, queue = 800 }
limits = { rpm = 6000 }
price = { input = "$3/M", output = "$15/M" }

[provider.beta]
network = "20ms"

[[fault]]
name = "storm"
on = ["alpha"]
at = "3m"
for = "2m"
effect.rate-limit = { factor = 0.2, retry-after = "missing" }

[[fault]]
name = "silence"
on = ["beta"]
at = "6m"
for = "1m"
effect = "hang"

[policy.first]
route.failover = ["alpha", "beta"]
retry.attempts = 4
retry.on = ["rate-limited", "overloaded"]
retry.backoff.exponential = { base = "1s", factor = 2, cap = "32s", jitter = "none" }

[policy.second]
extends = "first"
retry.backoff.exponential.jitter = "full"
breaker.time-window = { failures = "20%", span = "60s", open = "30s" }
hedge.fixed = { after = "5s", to = "other" }

[[expect]]
policy = "first"
during = "storm"
metric.amplification = { max = 2.0 }
metric.latency_good_ms_p99 = { max = "30s" }

[[expect]]
order.amplification = ["first", "second"]
"#;

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
    try_all(include_str!("bad_input/names.txt"), Severity::Mistake);
}

#[test]
fn values_of_another_kind_are_told_what_was_expected() {
    try_all(include_str!("bad_input/values.txt"), Severity::Mistake);
}

#[test]
fn what_is_missing_is_named_where_it_should_be() {
    try_all(include_str!("bad_input/missing.txt"), Severity::Mistake);
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
    try_all(include_str!("bad_input/sense.txt"), Severity::Mistake);
}

#[test]
fn what_does_nothing_is_warned_of() {
    try_all(include_str!("bad_input/warnings.txt"), Severity::Warning);
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

/// One case with several files: the files, the place and what must be said.
fn files_case(files: &[(&str, &[u8])], place: &str, says: &[&str]) {
    let mut memory = Memory::default();
    for (name, bytes) in files {
        memory = memory.with(name, *bytes);
    }
    let loaded = load_from(&memory, Path::new("dir/s.toml"), Overrides::default());
    let found = findings(&loaded.diagnostics, Severity::Mistake);
    let all = loaded.diagnostics.render(Style::PLAIN);
    assert_eq!(found.len(), 1, "{all}");
    assert!(
        found[0].starts_with(&format!("{place}: ")),
        "not at {place}\n{all}"
    );
    for part in says {
        assert!(all.contains(part), "does not say {part:?}\n{all}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let s = "dir/s.toml";
    files_case(
        &[],
        s,
        &["cannot read `dir/s.toml`", "there is no such file"],
    );
    files_case(
        &[(s, b"")],
        s,
        &["the scenario file is empty", "[policy.NAME]"],
    );
    files_case(&[(s, b" \n\t\n")], s, &["the scenario file is empty"]);
    files_case(&[(s, b"\xef\xbb\xbf")], s, &["the scenario file is empty"]);
    let bad = b"[run]\nname = \"\xff\"\n";
    files_case(
        &[(s, bad)],
        "dir/s.toml:2:9",
        &["not UTF-8", "byte 0xff", "save the file as UTF-8"],
    );
    let large = vec![b'#'; (1 << 20) + 1];
    files_case(&[(s, &large)], s, &["it is larger than 1 MiB"]);
    let cut = b"[run]\nduration = \"10";
    files_case(
        &[(s, cut)],
        "dir/s.toml:2:15",
        &["this is no TOML", "the file may be cut off"],
    );
    let twice = b"[run]\nduration = \"10m\"\nduration = \"10m\"\n";
    files_case(
        &[(s, twice)],
        "dir/s.toml:3:1",
        &["duplicate key", "a key may be given once"],
    );
}

#[test]
fn every_syntax_error_of_a_file_is_told() {
    let text = "[run\nduration = \"10m\"\nwarm-up = = 3\nseed = 1\n[workload]\nprocesses 3\n";
    let diagnostics = load(text).diagnostics;
    let lines: Vec<String> = findings(&diagnostics, Severity::Mistake);
    let at = |line: &str| lines.iter().any(|found| found.starts_with(line));
    assert!(
        at("s.toml:1:") && at("s.toml:3:") && at("s.toml:6:"),
        "{lines:?}"
    );
}

#[test]
fn includes_are_checked_where_they_are_named() {
    let main = |include: &str| format!("include = [{include}]\n{GOOD}");
    let s = "dir/s.toml";
    let missing = main("\"no.toml\"");
    let says = &[
        "cannot read `dir/no.toml`",
        "there is no such file",
        "relative to the file",
    ];
    files_case(&[(s, missing.as_bytes())], "dir/s.toml:1:12", says);
    let number = main("\"a.toml\", 3");
    files_case(
        &[(s, number.as_bytes()), ("dir/a.toml", b"")],
        "dir/s.toml:1:22",
        &["`include` cannot hold a whole number"],
    );
    let circle = main("\"a.toml\"");
    files_case(
        &[
            (s, circle.as_bytes()),
            ("dir/a.toml", b"include = [\"../dir/s.toml\"]\n"),
        ],
        "dir/a.toml:1:12",
        &[
            "a file that includes itself",
            "dir/s.toml includes dir/a.toml includes dir/s.toml",
        ],
    );
    let wrong = b"[policy.third]\nretry.atempts = 3\n";
    files_case(
        &[(s, circle.as_bytes()), ("dir/a.toml", wrong)],
        "dir/a.toml:2:7",
        &["unknown key `atempts`", "dir/s.toml:1:12", "included here"],
    );
}

#[test]
fn traces_are_checked_line_by_line() {
    let s = "dir/s.toml";
    let text = GOOD.replace(
        "arrivals.poisson = { rate = \"40/s\" }",
        "arrivals.trace = \"t.csv\"",
    );
    let with = |trace: &'static [u8], place: &str, says: &[&str]| {
        files_case(&[(s, text.as_bytes()), ("dir/t.csv", trace)], place, says);
    };
    let named = "dir/s.toml:14:18";
    files_case(
        &[(s, text.as_bytes())],
        named,
        &["cannot read the trace `dir/t.csv`", "no such file"],
    );
    with(b"", named, &["it is empty", "t_ms,in_tokens,out_tokens"]);
    with(
        b"t_ms,in_tokens,out_tokens\n",
        named,
        &["a header and no calls"],
    );
    with(
        b"a,b\n1,2\n",
        "dir/t.csv:1:1",
        &["the header is not", "the trace is named here"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,2,3\n2,x,3\n",
        "dir/t.csv:3:1",
        &["`x` is no whole number", "2,x,3"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,2,3\n2,3,",
        "dir/t.csv:3:1",
        &["the file may be cut off"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,\xff,3\n",
        "dir/t.csv:2:1",
        &["it is not UTF-8 text"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n9000000,1,3\n",
        named,
        &["nothing arrives before the run is over"],
    );
}

#[test]
fn varied_keys_are_checked_where_they_are_varied() {
    let vary = |axes: &'static str| ("replications = 8", axes);
    let cases = [
        (
            vary("vary = { ¦\"polcy.first.retry.attempts\" = [1] }"),
            "did you mean `policy`?",
        ),
        (
            vary("vary = { ¦\"policy.firts.retry.attempts\" = [1] }"),
            "did you mean `first`?",
        ),
        (
            vary("vary = { ¦\"policy.first.retry.atempts\" = [1, 2] }"),
            "unknown key `atempts`",
        ),
        (
            vary("vary = { \"policy.first.retry.attempts\" = [1, ¦\"x\"] }"),
            "cannot be a string",
        ),
        (
            vary("vary = { \"policy.first.retry.attempts\" = ¦[] }"),
            "an empty list",
        ),
        (
            vary("vary = { \"policy.first.retry.attempts\" = ¦4 }"),
            "a list of values",
        ),
        (
            vary("vary = { \"policy.first.retry.attempts\" = [4, ¦4] }"),
            "the same point twice",
        ),
        (vary("vary = { ¦\"a b\" = [4] }"), "this is no key"),
        (
            vary("vary = { ¦\"run.seed\" = [4] }"),
            "`run.seed` cannot be varied",
        ),
        (vary("vary = ¦3"), "`vary` cannot be a whole number"),
    ];
    for ((from, to), says) in cases {
        let (text, place) = unmarked("s.toml", &GOOD.replacen(from, to, 1));
        let diagnostics = load(&text).diagnostics;
        let found = findings(&diagnostics, Severity::Mistake);
        let all = diagnostics.render(Style::PLAIN);
        assert_eq!(found.len(), 1, "{to}\n{all}");
        assert!(
            found[0].starts_with(&format!("{place}: ")),
            "not at {place}\n{all}"
        );
        assert!(all.contains(says), "{to}: does not say {says:?}\n{all}");
    }
}

#[test]
fn points_of_expectations_must_exist() {
    let vary = "vary = { \"policy.first.retry.attempts\" = [1, 2] }";
    let good = GOOD.replacen("replications = 8", vary, 1);
    let cases = [
        (
            "at = { ¦\"policy.first.retry.attempt\" = 1 }",
            "did you mean `policy.first.retry.attempts`?",
        ),
        (
            "at = { \"policy.first.retry.attempts\" = ¦3 }",
            "expected: 1, 2",
        ),
        ("at = ¦3", "`at` names no point"),
    ];
    for (at, says) in cases {
        let change = format!("{at}\norder.amplification");
        let (text, place) = unmarked("s.toml", &good.replacen("order.amplification", &change, 1));
        let diagnostics = load(&text).diagnostics;
        let found = findings(&diagnostics, Severity::Mistake);
        let all = diagnostics.render(Style::PLAIN);
        assert_eq!(found.len(), 1, "{at}\n{all}");
        assert!(
            found[0].starts_with(&format!("{place}: ")),
            "not at {place}\n{all}"
        );
        assert!(all.contains(says), "{at}: does not say {says:?}\n{all}");
    }
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

/// A small generator of its own: the fuzzing must not depend on the crate under test.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

/// What means something in TOML.
const SIGNS: &[u8] = b"{}[]\"'=.#,\n 0-";

fn survive(bytes: &[u8]) {
    let trace = b"t_ms,in_tokens,out_tokens\n1,2,3\n";
    let files = Memory::default()
        .with("s.toml", bytes)
        .with("traces/azure2023_conv.csv", *trace);
    let loaded = load_from(&files, Path::new("s.toml"), Overrides::default());
    for unicode in [true, false] {
        let style = Style {
            color: unicode,
            unicode,
        };
        assert!(!loaded.diagnostics.render(style).is_empty());
    }
    for scenario in &loaded.scenarios {
        assert!(!squall::scenario::explain(scenario).is_empty());
    }
}

#[test]
fn no_truncated_file_makes_it_panic() {
    for text in [GOOD, DEFAULT] {
        // Every byte of the short file; of the manual every seventh, for it is long.
        let step = if text.len() > 5000 { 7 } else { 1 };
        for end in (0..text.len()).step_by(step) {
            survive(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn no_flipped_byte_makes_it_panic() {
    for seed in 0..1500u64 {
        let mut random = Lcg(seed);
        let text = if seed % 4 == 0 { DEFAULT } else { GOOD };
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes[at] = SIGNS[random.below(SIGNS.len())],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, bytes[at]),
            }
        }
        let outcome = std::panic::catch_unwind(|| survive(&bytes));
        assert!(
            outcome.is_ok(),
            "seed {seed}:\n{}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn no_swapped_lines_make_it_panic() {
    for seed in 0..500u64 {
        let mut random = Lcg(seed);
        let mut lines: Vec<&str> = GOOD.lines().chain(DEFAULT.lines()).collect();
        for _ in 0..20 {
            let (a, b) = (random.below(lines.len()), random.below(lines.len()));
            lines.swap(a, b);
        }
        let from = random.below(lines.len());
        let text = lines[from..(from + 60).min(lines.len())]
            .join("\n")
            .replace("\n#r", "\nr");
        let outcome = std::panic::catch_unwind(|| survive(text.as_bytes()));
        assert!(outcome.is_ok(), "seed {seed}:\n{text}");
    }
}

#[test]
fn odd_files_do_not_make_it_panic() {
    let deep = format!("a = {}1{}", "[".repeat(5000), "]".repeat(5000));
    let dotted = format!("{} = 1", vec!["a"; 5000].join("."));
    let tables = "[policy.x.retry.backoff.y]\n".repeat(50);
    let wide = (0..5000)
        .map(|i| format!("k{i} = {i}\n"))
        .collect::<String>();
    let chain = (0..20_000)
        .map(|i| format!("[policy.p{i}]\nextends = \"p{}\"\n", i + 1))
        .collect::<String>();
    let crlf = GOOD.replace('\n', "\r\n");
    let control = "[policy.\"a\\u0000b\"]\n[policy.\"\u{202e}é漢\"]\nretry = 1\n\tx = \"\t\"\n";
    for text in [
        &deep,
        &dotted,
        tables.as_str(),
        &wide,
        &chain,
        &crlf,
        control,
        "= 1",
        "\u{feff}[run]",
        "a",
    ] {
        survive(text.as_bytes());
    }
    assert_eq!(load(&crlf).scenarios.len(), 1);
}
