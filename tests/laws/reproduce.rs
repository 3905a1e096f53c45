//! The published results under `scenarios/reproduce/`: every expectation of every file holds.

use std::path::Path;

use squall::record::results::Outcome;
use squall::scenario::{Overrides, load};

use crate::fly::fly_scenario;

#[test]
fn every_published_result_is_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reproduce");
    let entries = std::fs::read_dir(folder).expect("the scenarios are there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let points = load(&file, Overrides::default()).expect("a shipped scenario is right");
        for scenario in points {
            println!("{}", scenario.name);
            let results = fly_scenario(&scenario).results;
            assert!(!results.expectations.is_empty(), "{}", scenario.name);
            for expected in &results.expectations {
                let (text, found) = (&expected.text, &expected.found);
                assert_eq!(expected.outcome, Outcome::Passed, "{text}: {found}");
            }
        }
    }
}
