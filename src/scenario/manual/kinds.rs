//! What the manual says between the braces of a kind is true: the keys it calls required are, and
//! every other one may be dropped without a change.

use super::DEFAULT;
use super::probe::{Found, at};
use super::tests::with;
use crate::scenario::{Diagnostics, Scenario, Style, check_str};
use crate::{fault, policy, provider, workload};

/// One setting of the manual that stands between braces, and what its comment says of its keys.
struct Braces {
    line: &'static str,
    section: &'static str,
    /// The keys before the braces, with their dots.
    name: &'static str,
    /// The settings between them.
    inside: Vec<&'static str>,
    required: Vec<&'static str>,
    /// Those that do nothing unless they are written.
    absent: Vec<&'static str>,
}

impl Braces {
    /// All the manual, and in it this setting without some of its keys.
    fn without(&self, dropped: &[&str]) -> Result<Vec<Scenario>, Diagnostics> {
        let kept = |part: &&&str| !dropped.contains(&key(part));
        let kept: Vec<&str> = self.inside.iter().filter(kept).copied().collect();
        let setting = format!("{} = {{ {} }}", self.name, kept.join(", "));
        if self.line.starts_with('#') {
            return with(self.section, &setting).into_result();
        }
        check_str("default.toml", &DEFAULT.replacen(self.line, &setting, 1))
    }
}

/// The name of a setting, without what is below it: `output.log-normal` is about `output`.
fn key(setting: &str) -> &str {
    setting.split(['.', ' ', '=']).next().unwrap_or_default()
}

/// Everything between the braces, split at the commas that are in no braces of their own.
fn settings(inside: &'static str) -> Vec<&'static str> {
    let (mut depth, mut quoted, mut from) = (0, false, 0);
    let mut all = Vec::new();
    for (i, c) in inside.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(inside[from..i].trim());
                from = i + 1;
            }
            _ => {}
        }
    }
    all.push(inside[from..].trim());
    all
}

/// The keys after a word of a comment such as `# required: rate, peak; none by default: at`.
fn named(comment: &'static str, word: &str) -> Vec<&'static str> {
    let rest = comment.split(word).nth(1).unwrap_or_default();
    let list = rest.split(';').next().unwrap_or_default();
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Every line with braces but the examples; expectations and points have no defaults.
fn all() -> Vec<Braces> {
    let mut section = "";
    let mut all = Vec::new();
    for line in DEFAULT.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let setting = line.strip_prefix('#').unwrap_or(line);
        let (Some((name, rest)), false) = (setting.split_once(" = { "), setting.starts_with(' '))
        else {
            continue;
        };
        let end = rest.rfind(" }").expect("braces end on their line");
        let comment = &rest[end + 2..];
        if section == "[[expect]]" || name == "vary" || comment.contains("for example") {
            continue;
        }
        all.push(Braces {
            line,
            section,
            name,
            inside: settings(&rest[..end]),
            required: named(comment, "required: "),
            absent: named(comment, "none by default: "),
        });
    }
    all
}

/// Everything typed of a good scenario.
fn typed(loaded: Result<Vec<Scenario>, Diagnostics>) -> String {
    let scenarios = loaded.unwrap_or_else(|wrong| panic!("{}", wrong.render(Style::PLAIN)));
    let s = &scenarios[0];
    let parts = (&s.run, &s.compare, &s.workload, &s.providers);
    format!("{parts:?} {:?} {:?}", s.faults, s.policies)
}

#[test]
fn what_stands_between_braces_is_the_default_unless_it_is_said_to_be_none() {
    let all = all();
    assert!(all.len() > 25, "{}", all.len());
    for braces in &all {
        let line = braces.line;
        let whole = typed(braces.without(&[]));
        for name in braces.inside.iter().map(|setting| key(setting)) {
            if braces.required.contains(&name) {
                let wrong = braces.without(&[name]).err();
                let told = wrong
                    .map(|wrong| wrong.render(Style::PLAIN))
                    .unwrap_or_default();
                let missing = format!("`{name}` is missing");
                let or = format!("`{name}` or `threshold` is missing");
                assert!(
                    told.contains(&missing) || told.contains(&or),
                    "without {name}: {line}\n{told}"
                );
            } else if !braces.absent.contains(&name) {
                let dropped = typed(braces.without(&[name]));
                assert_eq!(dropped, whole, "{name} is no default: {line}");
            }
        }
        if !braces.absent.is_empty() {
            let dropped = typed(braces.without(&braces.absent));
            assert_ne!(dropped, whole, "the same as by default: {line}");
        }
        let written: Vec<&str> = braces.inside.iter().map(|setting| key(setting)).collect();
        for name in braces.required.iter().chain(&braces.absent) {
            assert!(written.contains(name), "`{name}` is not there: {line}");
        }
    }
}

/// The keys of the table before the braces, asked of the code.
fn fields(braces: &Braces) -> Option<&'static [&'static str]> {
    let path: Vec<&'static str> = braces.name.split('.').collect();
    let found = match (braces.section, &path[..]) {
        // What one call may cost or what all may: not both can stand there.
        ("[policy.default]", ["budget", "tokens" | "dollars"]) => return None,
        ("[policy.default]", ["budget", kind @ ..]) => at::<policy::budget::Config>(kind),
        ("[policy.default]", ["guard", kind @ ..]) => at::<policy::guard::Config>(kind),
        ("[policy.default]", ["quota", kind @ ..]) => at::<policy::quota::Config>(kind),
        // Its threshold is written or follows from its interval: not both can stand there.
        ("[policy.default]", ["monitor", _, "test", ..]) => return None,
        ("[policy.default]", path) => at::<policy::Config>(path),
        ("[provider.default]", path) => at::<provider::Config>(path),
        ("[workload]", path) => at::<workload::Config>(path),
        ("[[fault]]", path) => at::<fault::Config>(path),
        _ => return None,
    };
    match found {
        Found::Fields(fields) => Some(fields),
        Found::Kinds(_) | Found::Value => None,
    }
}

#[test]
fn every_key_of_a_kind_stands_between_its_braces() {
    let mut compared = 0;
    for braces in all() {
        let Some(fields) = fields(&braces) else {
            continue;
        };
        compared += 1;
        let mut written: Vec<&str> = braces.inside.iter().map(|setting| key(setting)).collect();
        let mut fields = fields.to_vec();
        written.sort_unstable();
        fields.sort_unstable();
        assert_eq!(written, fields, "{}", braces.line);
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn the_reader_of_lines_sees_what_their_comments_say() {
    let comment = "   # required: base, step; none by default: cap";
    assert_eq!(named(comment, "required: "), ["base", "step"]);
    assert_eq!(named(comment, "none by default: "), ["cap"]);
    let inside = "a = \"x, y\", b.c = { d = 1, e = 2 }, f = [1, 2]";
    let keys: Vec<&str> = settings(inside).into_iter().map(key).collect();
    assert_eq!(keys, ["a", "b", "f"]);
}
