//! The file as an independent reader sees it, and the rules of the schema.

use std::collections::BTreeMap;

use super::*;
use crate::record::results::{Against, Difference, Row, Severity};
use crate::report::fixture;

/// One element, read by a parser that knows nothing of who wrote it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

/// Reads a document of elements, attributes in double quotes, text and the five entities and numbers; panics at
/// whatever is not well-formed.
fn parse(document: &str) -> Element {
    let body = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let mut rest = body.expect("it begins with a declaration").trim_start();
    let root = element(&mut rest);
    assert_eq!(rest.trim(), "", "one root");
    root
}

fn element(rest: &mut &str) -> Element {
    let (tag, after) = rest.strip_prefix('<').unwrap().split_once('>').unwrap();
    *rest = after;
    let (tag, empty) = match tag.strip_suffix('/') {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut found = Element {
        name: name.to_owned(),
        ..Element::default()
    };
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    while !attributes.trim().is_empty() {
        let (key, after) = attributes.trim_start().split_once("=\"").unwrap();
        let (value, after) = after.split_once('"').unwrap();
        let twice = found.attributes.insert(key.to_owned(), plain(value));
        assert_eq!(twice, None, "{key} twice");
        attributes = after;
    }
    if empty {
        return found;
    }
    loop {
        let (text, _) = rest.split_once('<').expect("every element is closed");
        found.text.push_str(&plain(text));
        *rest = &rest[text.len()..];
        if let Some(after) = rest.strip_prefix("</") {
            let (closed, after) = after.split_once('>').unwrap();
            assert_eq!(closed, name);
            *rest = after;
            break;
        }
        found.children.push(element(rest));
    }
    found
}

/// Text with its entities resolved; every character must be one of XML 1.0.
fn plain(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').expect("an entity ends");
        out.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("no entity: {other}"),
        });
        out.push_str(after);
    }
    assert!(!out.contains(['\u{fffe}', '\u{ffff}']), "{out:?}");
    assert!(
        out.chars().all(|c| c >= ' ' || "\n\t\r".contains(c)),
        "{out:?}"
    );
    out
}

/// (element, attributes that must be there, that may be, children) by the Jenkins schema.
type Rule = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const RULES: [Rule; 6] = [
    (
        "testsuites",
        &[],
        &["name", "tests", "failures", "errors", "time"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests"],
        &["failures", "errors", "skipped", "time"],
        &["testcase"],
    ),
    (
        "testcase",
        &["name"],
        &["classname", "time"],
        &["failure", "skipped", "system-out"],
    ),
    ("failure", &[], &["message", "type"], &[]),
    ("skipped", &[], &["message"], &[]),
    ("system-out", &[], &[], &[]),
];

fn hold(element: &Element) {
    let (_, must, may, children) = RULES
        .iter()
        .find(|rule| rule.0 == element.name)
        .unwrap_or_else(|| panic!("no such element: {}", element.name));
    for key in element.attributes.keys() {
        assert!(must.contains(&key.as_str()) || may.contains(&key.as_str()));
    }
    assert!(must.iter().all(|key| element.attributes.contains_key(*key)));
    for child in &element.children {
        assert!(children.contains(&child.name.as_str()), "{child:?}");
        hold(child);
    }
}

fn number(element: &Element, key: &str) -> usize {
    element.attributes[key].parse().unwrap()
}

#[test]
fn every_expectation_is_a_case_and_the_counts_are_those_of_the_cases() {
    let mut results = fixture::outage();
    results.expectations[2].severity = Severity::Warn;
    let evil = "a\u{0}b \u{ffff} <&\"'> ]]> \u{1b}[31m";
    results.expectations[1].text = evil.into();
    results.expectations[1].found = evil.into();
    let document = junit(&results);
    let root = parse(&document);
    hold(&root);
    let suite = &root.children[0];
    assert_eq!(suite.attributes["name"], "outage");
    let with = |name: &str| {
        let cases = suite.children.iter();
        let has = |case: &&Element| case.children.iter().any(|child| child.name == name);
        cases.filter(has).count()
    };
    assert_eq!(number(suite, "tests"), results.expectations.len());
    assert_eq!(suite.children.len(), results.expectations.len());
    assert_eq!(number(suite, "failures"), with("failure"));
    assert_eq!(number(suite, "skipped"), with("skipped"));
    assert_eq!((with("failure"), with("skipped")), (1, 1));
    let failed = &suite.children[1];
    assert!(failed.attributes["name"].ends_with("<&\"'> ]]> \u{fffd}[31m"));
    let message = &suite.children[2].children[0].attributes["message"];
    assert!(
        message.starts_with("warning, not shown: 99.89 %; about 430 replications"),
        "{message}"
    );
    assert_eq!(suite.children[0].children[0].text, "99.99 %");
}

#[test]
fn without_expectations_there_is_an_empty_suite() {
    let root = parse(&junit(&fixture::lone()));
    hold(&root);
    assert_eq!(number(&root.children[0], "tests"), 0);
    assert!(root.children[0].children.is_empty());
}

#[test]
fn with_fail_on_worse_every_verdict_against_the_earlier_run_is_a_case() {
    let mut results = fixture::lone();
    let row = |verdict| Row {
        difference: Difference {
            policy: "a<b".into(),
            metric: "success_ratio".into(),
            verdict: Some(verdict),
            ..Difference::default()
        },
        ..Row::default()
    };
    results.against = Some(Against {
        fail_on_worse: true,
        rows: vec![row(Judgement::Worse), row(Judgement::Better)],
        ..Against::default()
    });
    let root = parse(&junit(&results));
    hold(&root);
    let suite = &root.children[0];
    assert_eq!((number(suite, "tests"), number(suite, "failures")), (2, 1));
    let [worse, better] = suite.children.as_slice() else {
        panic!("{suite:?}");
    };
    assert_eq!(
        worse.attributes["name"],
        "a<b: success not worse than before"
    );
    assert_eq!(
        (
            worse.children[0].name.as_str(),
            better.children[0].name.as_str()
        ),
        ("failure", "system-out")
    );
    results.against.as_mut().unwrap().fail_on_worse = false;
    assert_eq!(number(&parse(&junit(&results)).children[0], "tests"), 0);
}
