//! Files that cannot be read, are no TOML, include themselves; traces that are none.

use std::path::Path;

use squall::scenario::files::Memory;
use squall::scenario::{Overrides, Severity, Style, load_from};

use super::{GOOD, findings, load};

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
        &[("dir/t.toml", b""), ("other/s.tom", b"")],
        s,
        &["= help: did you mean `dir/t.toml`?"],
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
    let near = &["did you mean `no1.toml` in that directory?", "relative to"];
    files_case(
        &[(s, missing.as_bytes()), ("dir/no1.toml", b"")],
        "dir/s.toml:1:12",
        near,
    );
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
    let with = |trace: &[u8], place: &str, says: &[&str]| {
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
        "dir/t.csv:3:3",
        &["`x` is no whole number", "2,x,3"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,2,3\n2,x,0\n",
        "dir/t.csv:3:3",
        &[
            "`x` is no whole number (`in_tokens`)",
            "an answer of no tokens",
        ],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,2,3\n2,3,",
        "dir/t.csv:3:1",
        &["the file may be cut off"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,\xff,3\n",
        "dir/t.csv:2:3",
        &["it is not UTF-8 text"],
    );
    with(
        b"t_ms,in_tokens,out_tokens\n1,3\n",
        "dir/t.csv:2:4",
        &["`out_tokens` is missing"],
    );
    let far = [
        "t_ms,in_tokens,out_tokens\n1,",
        &"9".repeat(95),
        "\u{e9},x\n",
    ]
    .concat();
    with(
        far.as_bytes(),
        "dir/t.csv:2:3",
        &["is no whole number (`in_tokens`)"],
    );
    let header = [b"t_ms,", &b"\xff\xc3\xa9"[..], b"\n1,2,3\n"].concat();
    with(&header, "dir/t.csv:1:1", &["the header is not"]);
    with(
        b"t_ms,in_tokens,out_tokens\n9000000,1,3\n",
        named,
        &["nothing arrives before the run is over"],
    );
}
