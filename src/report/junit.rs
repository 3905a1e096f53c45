//! `junit.xml`: the expectations as test cases, for what shows tests in CI.
//!
//! One suite for the scenario and one case for each expectation, and with `--fail-on worse` for each verdict against
//! the earlier run. What failed or was not shown is a failure;
//! what only warns is a skipped case with a message, which dashboards show and which fails nothing. The shape
//! is that of the Jenkins schema (junit-10.xsd), without times: the same results give the same bytes.

use std::fmt::Write as _;

use super::before::{self, Line};
use super::html::escape;
use crate::record::Results;
use crate::record::results::{Expectation, Judgement, Outcome};

/// The expectations as JUnit's XML.
pub fn junit(results: &Results) -> String {
    let all = &results.expectations;
    let count = |of: fn(&Expectation) -> bool| all.iter().filter(|e| of(e)).count();
    let gate = results
        .against
        .as_ref()
        .filter(|against| against.fail_on_worse);
    let rows = gate.map_or(0, |against| against.rows.len());
    let worse = gate.map_or(0, |against| against.failures().count());
    let (tests, failures, skipped) = (
        all.len() + rows,
        count(Expectation::fails) + worse,
        count(Expectation::warns),
    );
    let name = xml(&results.scenario);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"squall\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n  <testsuite name=\"{name}\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n"
    );
    for expectation in all {
        case(&mut out, &name, expectation);
    }
    if let Some(against) = gate {
        for line in before::lines(results, against) {
            before_case(&mut out, &name, &line);
        }
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, scenario: &str, expectation: &Expectation) {
    let text = xml(&expectation.text);
    let found = xml(&found(expectation));
    let _ = writeln!(
        out,
        "    <testcase classname=\"{scenario}\" name=\"{text}\">"
    );
    let kind = match expectation.outcome {
        Outcome::Failed => "failed",
        Outcome::Passed | Outcome::NotShown => "not shown",
    };
    let _ = if expectation.fails() {
        writeln!(
            out,
            "      <failure message=\"{kind}: {found}\" type=\"{kind}\">{text}\n{found}</failure>"
        )
    } else if expectation.warns() {
        writeln!(out, "      <skipped message=\"warning, {kind}: {found}\"/>")
    } else {
        writeln!(out, "      <system-out>{found}</system-out>")
    };
    out.push_str("    </testcase>\n");
}

/// One verdict against the earlier run: worse is a failure.
fn before_case(out: &mut String, scenario: &str, line: &Line) {
    let name = xml(&format!(
        "{}: {} not worse than before",
        line.policy, line.label
    ));
    let found = [&line.values, &line.difference, &line.verdict];
    let found: Vec<&str> = found.iter().map(|part| part.as_str()).collect();
    let found = xml(&found.join(", "));
    let _ = writeln!(
        out,
        "    <testcase classname=\"{scenario}\" name=\"{name}\">"
    );
    let _ = match line.judgement {
        Some(Judgement::Worse) => writeln!(
            out,
            "      <failure message=\"worse: {found}\" type=\"worse\">{name}\n{found}</failure>"
        ),
        _ => writeln!(out, "      <system-out>{found}</system-out>"),
    };
    out.push_str("    </testcase>\n");
}

/// What was found, and what would decide it where it was not shown.
pub(super) fn found(expectation: &Expectation) -> String {
    match expectation.replications_needed {
        Some(needed) => format!(
            "{}; about {needed} replications would decide it",
            expectation.found
        ),
        None => expectation.found.clone(),
    }
}

/// Text that is safe in XML: between tags and in attributes.
fn xml(text: &str) -> String {
    // No characters of XML 1.0, though they are of Unicode.
    escape(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests;
