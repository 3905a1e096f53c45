//! `[run] vary` and the points of expectations.

use squall::scenario::{Severity, Style};

use super::{GOOD, findings, load, unmarked};

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
