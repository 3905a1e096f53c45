//! The claims of five guides against runs of their own presets: what was quoted, what comes out, and
//! whether the claim holds. The table in reports/published/guides is made here, and held to be the same;
//! `SQUALL_GUIDES=write cargo test --test guides` writes it anew.

#![cfg(feature = "cli")]

#[path = "guides/claim.rs"]
mod claim;
#[path = "guides/flight.rs"]
mod flight;
#[path = "guides/page.rs"]
mod page;

use std::path::PathBuf;

use claim::{Claim, Figure, Found, List};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn list() -> List {
    claim::read(&root().join("tests/guides/claims"))
}

/// Every claim with the figure that a run gives for it, in order of the list.
fn answered(claims: Vec<Claim>) -> Vec<(Claim, Figure)> {
    let flights = flight::all(&root().join("scenarios/guides"));
    let answer = |claim: Claim| {
        let figure = claim.figure(&flights);
        (claim, figure)
    };
    claims.into_iter().map(answer).collect()
}

/// What is said of a claim, and its run does not say.
fn wrong((claim, figure): &(Claim, Figure)) -> Option<String> {
    let found = match claim.found(figure) {
        Found::Holds if claim.verdict.holds() => return None,
        Found::Fails if !claim.verdict.holds() => return None,
        found => found,
    };
    let (says, policy, run) = (&claim.says, &claim.policy, &claim.scenario);
    Some(format!("{says} ({policy} of {run}): {found:?}, {figure:?}"))
}

#[test]
fn every_claim_of_a_guide_is_what_its_run_says_and_the_published_table_is_of_these_runs() {
    let List { claims, sums } = list();
    for sum in &sums {
        assert_eq!(sum.holds(), sum.verdict.holds(), "{}", sum.says);
    }
    let answered = answered(claims);
    let wrong: Vec<String> = answered.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = root().join("reports/published/guides/README.md");
    let page = page::page(&answered, &sums);
    if std::env::var("SQUALL_GUIDES").is_ok_and(|how| how == "write") {
        std::fs::write(&path, &page).expect("it can be written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        published, page,
        "renew it with SQUALL_GUIDES=write cargo test --test guides"
    );
}

#[test]
fn every_scenario_of_a_guide_answers_some_claim() {
    let claims = list().claims;
    for file in flight::files(&root().join("scenarios/guides")) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let answers = |claim: &Claim| claim.file() == name;
        assert!(claims.iter().any(answers), "{name}");
    }
}
