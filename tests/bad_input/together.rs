//! Mistakes that come together: every one of them at once, and nothing that only follows from one.

use std::path::Path;

use squall::scenario::files::Memory;
use squall::scenario::{Diagnostics, Overrides, Severity, Style, load_from};

use super::{GOOD, findings, load};

fn changed(changes: &[(&str, &str)]) -> String {
    let mut text = GOOD.to_string();
    for (from, to) in changes {
        assert!(text.contains(from), "{from:?} is not in the good scenario");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The titles of all mistakes, and of all warnings after them, in order of place.
fn titles(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.all().iter().map(|d| d.title.clone()).collect()
}

fn told(changes: &[(&str, &str)]) -> Vec<String> {
    titles(&load(&changed(changes)).diagnostics)
}

#[test]
fn a_typing_mistake_hides_no_check_of_its_own_part() {
    let duration = ("duration = \"10m\"", "duration = \"10\"");
    let cases: [(&[_], &[&str]); 6] = [
        (
            &[duration, ("replications = 8", "replications = 0")],
            &[
                "`duration` is not a duration",
                "an absurd number of replications",
            ],
        ),
        (
            &[
                ("poisson", "poison"),
                ("deadline = \"60s\"", "deadline = \"2h\""),
            ],
            &["unknown kind of arrivals `poison`", "an absurd deadline"],
        ),
        (
            &[("at = \"3m\"", "at = 3"), ("[\"alpha\"]", "[\"alfa\"]")],
            &["unknown provider `alfa`", "`at` cannot be 3"],
        ),
        (
            &[
                ("base = \"1s\"", "base = 1"),
                (
                    "jitter = \"none\"",
                    "jitter.proportional = { low = 2, high = 1 }",
                ),
                ("exponential.jitter", "constant.jitter"),
            ],
            &[
                "`base` cannot be 1",
                "an absurd jitter",
                "`wait` is missing",
            ],
        ),
        (
            &[("queue = 800", "queues = 800"), ("$3/M", "$30000/M")],
            &["unknown key `queues`", "an absurd price"],
        ),
        (
            &[
                (
                    "metric.amplification = { max = 2.0 }",
                    "metric.amplification = { mx = 2.0 }",
                ),
                ("during = \"storm\"", "during = \"strom\""),
            ],
            &["unknown fault `strom`", "unknown key `mx`"],
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(told(changes), expected, "{changes:?}");
    }
}

#[test]
fn a_typing_mistake_hides_no_check_across_parts() {
    let run = ("replications = 8", "replicatons = 8");
    let late = ("at = \"3m\"", "at = \"30m\"");
    let expected = [
        "unknown key `replicatons`",
        "this fault begins after the run",
    ];
    assert_eq!(told(&[run, late]), expected);
    let provider = ("network = \"20ms\"", "network = 20");
    let storm = ("on = [\"alpha\"]", "on = [\"beta\"]");
    let expected = [
        "`network` cannot be 20",
        "a 429 storm needs limits that can shrink",
    ];
    assert_eq!(told(&[provider, storm]), expected);
    let processes = ("processes = 20", "proceses = 20");
    let slow = (
        "base = \"1s\", factor = 2, cap = \"32s\"",
        "base = \"90s\", factor = 2, cap = \"90s\"",
    );
    let expected = [
        "unknown key `proceses`",
        "a retry after this backoff always comes too late",
    ];
    assert_eq!(told(&[processes, slow]), expected);
}

#[test]
fn nothing_is_told_that_only_follows_from_another_mistake() {
    let cases: [(&[_], &str); 13] = [
        // The provider, policy or fault is there, though wrong.
        (
            &[("latency.profile", "latncy.profile")],
            "unknown key `latncy`",
        ),
        (
            &[("[provider.beta]", "[providr.beta]")],
            "unknown key `providr`",
        ),
        (
            &[("[policy.second]", "[polcy.second]")],
            "unknown key `polcy`",
        ),
        (&[("name = \"storm\"", "name = 3")], "`name` cannot be 3"),
        // What the wrong value would have been is not known.
        (
            &[("duration = \"10m\"", "duration = 10")],
            "`duration` cannot be 10",
        ),
        (
            &[("duration = \"10m\"", "duraton = \"10m\"")],
            "unknown key `duraton`",
        ),
        (
            &[("duration = \"10m\"", "duration = \"0s\"")],
            "an absurd length of a run",
        ),
        (&[("limits = { rpm", "limits = { rmp")], "unknown key `rmp`"),
        (
            &[("retry.attempts = 4", "retry.atempts = 4")],
            "unknown key `atempts`",
        ),
        (
            &[
                ("stream = true", "stram = true"),
                ("hedge.fixed", "timeout.first-token = \"5s\"\nhedge.fixed"),
            ],
            "unknown key `stram`",
        ),
        // Of the elements that are left nothing is said.
        (&[("on = [\"alpha\"]", "on = [3]")], "`on` cannot be 3"),
        (
            &[("[\"first\", \"second\"]", "[\"first\", 2]")],
            "`amplification` cannot be 2",
        ),
        (
            &[("max = 2.0", "value = 2.0, within = true")],
            "`within` cannot be `true`",
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(told(changes), [expected], "{changes:?}");
    }
}

#[test]
fn what_stands_in_for_a_missing_name_is_never_told() {
    let storm = "name = \"storm\"";
    assert_eq!(told(&[(storm, "")]), ["`name` is missing"]);
    let two = told(&[(storm, ""), ("name = \"silence\"", "")]);
    assert_eq!(two, ["`name` is missing"; 2]);
}

#[test]
fn a_missing_include_hides_nothing_that_does_not_depend_on_it() {
    let load = |text: &str| {
        let files = Memory::default().with("dir/s.toml", text);
        load_from(&files, Path::new("dir/s.toml"), Overrides::default()).diagnostics
    };
    let text = changed(&[
        ("[meta]", "include = [\"no.toml\"]\n[meta]"),
        ("processes", "proceses"),
        ("duration = \"10m\"", "duration = \"10\""),
        ("$3/M", "$30000/M"),
        ("factor = 0.2", "factor = 2"),
        ("cap = \"32s\"", "cap = \"500ms\""),
    ]);
    let expected = [
        "cannot read `dir/no.toml`",
        "`duration` is not a duration",
        "unknown key `proceses`",
        "an absurd price",
        "a storm shrinks limits",
        "the longest wait is shorter than the first",
    ];
    assert_eq!(titles(&load(&text)), expected);
    // Everything that is named here may be in the file that is missing, and so may what is left out.
    let rest = "include = [\"no.toml\"]\n[workload]\nprocesses = 2\n[provider.near]\nlimits.rpm = 5\n\
                [[fault]]\nname = \"x\"\non = [\"far\"]\nat = \"1m\"\nfor = \"1m\"\neffect = \"hang\"\n\
                [policy.mine]\nextends = \"theirs\"\nroute.failover = [\"far\"]\n\
                retry.backoff.exponential.cap = \"1s\"\nhedge.fixed.to = \"other\"\n\
                [compare]\nbaseline = \"theirs\"\n[[expect]]\npolicy = \"theirs\"\n\
                during = \"y\"\nmetric.success_ratio.min = 0.5\n\
                at = { \"policy.theirs.retry.attempts\" = 2 }\n";
    assert_eq!(titles(&load(rest)), ["cannot read `dir/no.toml`"]);
}

#[test]
fn a_trace_tells_its_bad_lines_once_and_not_without_end() {
    let text = changed(&[(
        "arrivals.poisson = { rate = \"40/s\" }",
        "arrivals.trace = \"t.csv\"",
    )]);
    let load = |text: &str, rows: &str| {
        let trace = format!("t_ms,in_tokens,out_tokens\n{rows}");
        let files = Memory::default().with("s.toml", text).with("t.csv", trace);
        load_from(&files, Path::new("s.toml"), Overrides::default()).diagnostics
    };
    let places = |diagnostics: &Diagnostics| {
        let found = findings(diagnostics, Severity::Mistake);
        let place = |line: &String| line.split(": ").next().unwrap_or_default().to_string();
        found.iter().map(place).collect::<Vec<_>>()
    };
    let rows = "1,2,3\n2,x,3\n3,1,1\n2,1,1\n4,1\n";
    let three = ["t.csv:3:3", "t.csv:5:1", "t.csv:6:4"];
    assert_eq!(places(&load(&text, rows)), three);
    let varied = text.replacen(
        "replications = 8",
        "vary = { \"policy.first.retry.attempts\" = [2, 3, 4] }",
        1,
    );
    assert_eq!(places(&load(&varied, rows)), three, "once for all points");
    let many = load(&text, &"1,x,1\n".repeat(50));
    assert_eq!(places(&many).len(), 20);
    let drawn = many.render(Style::PLAIN);
    assert_eq!(drawn.matches("and 30 more lines of this trace").count(), 1);
}

#[test]
fn whoever_is_not_told_every_mistake_of_a_table_is_told_that_there_are_more() {
    for (keys, more) in [(100, false), (101, true)] {
        let unknown: String = (0..keys).map(|i| format!("zzz{i} = 1\n")).collect();
        let text = GOOD.replacen("[run]\n", &format!("[run]\n{unknown}"), 1);
        let diagnostics = load(&text).diagnostics;
        assert_eq!(diagnostics.mistakes().count(), 100, "{keys}");
        assert_eq!(diagnostics.has_more(), more, "{keys}");
    }
}
