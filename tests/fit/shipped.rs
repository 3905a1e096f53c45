//! Fits to the traces that ship, and the shipped profiles against them.

use std::path::Path;

use squall::experiment::fit::against::{against, names};
use squall::experiment::fit::fit;
use squall::experiment::fit::log::{Format, Log};

fn shipped(name: &str) -> Log {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios/traces")
        .join(name);
    let text = std::fs::read_to_string(path).expect("the trace ships");
    Log::parse(&text, Format::Csv).expect("a trace is a log")
}

#[test]
fn a_fit_to_the_conversations_of_azure_is_within_the_limits() {
    let found = fit(&shipped("azure2023_conv.csv"));
    for law in [&found.input, &found.output] {
        let law = law.as_ref().expect("it has tokens");
        assert!(
            law.distance.is_close(),
            "{}: {}",
            law.kind(),
            law.distance.told()
        );
    }
    // The published index of dispersion is 1.35 in a second and 15 in a minute: no Poisson process.
    let arrivals = found.arrivals.expect("it has times");
    assert!(!arrivals.are_independent(), "{}", arrivals.told());
}

#[test]
fn a_profile_can_be_held_against_its_own_trace() {
    let log = shipped("azure2023_conv.csv");
    let rows = against(&log, "chat").expect("it is a profile");
    assert_eq!(rows.len(), 2);
    for row in &rows {
        let own = row.own.as_ref().expect("it can be fitted");
        assert!(
            own.distance.is_close(),
            "{}: {}",
            row.what,
            own.distance.told()
        );
        assert!(
            row.profile.w1 < 0.15,
            "{}: {}",
            row.what,
            row.profile.told()
        );
    }
    assert_eq!(
        against(&log, "frontier-mid"),
        Some(Vec::new()),
        "a trace has no times of answers"
    );
    assert_eq!(against(&log, "nonsense"), None);
    assert!(names().contains(&"small-fast"));
}
