//! The engine against a simple model: random policies, random endpoints, thousands of cases.
//!
//! The model keeps books of its own from nothing but the facts told and the outputs heard, as
//! plainly as it can (lists, floats, whole seconds), and knows nothing of how the engine does it.
//! Every seed is printed by the case that fails; `SQUALL_SEED=n` runs that one alone.

#![cfg(feature = "scenario")]

mod policies;
mod settings;

#[path = "reference/case.rs"]
mod case;
#[path = "reference/driver.rs"]
mod driver;
#[path = "reference/model.rs"]
mod model;
#[path = "reference/naive.rs"]
mod naive;

const CASES: u64 = 12_000;

#[test]
fn the_engine_keeps_its_contract_in_every_random_case() {
    let only = std::env::var("SQUALL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seeds = only.map_or(0..CASES, |seed: u64| seed..seed + 1);
    let mut seen = driver::Seen::default();
    let mut wrong = Vec::new();
    for seed in seeds {
        let violations = driver::run(seed, &mut seen);
        if !violations.is_empty() {
            wrong.push((seed, violations));
        }
    }
    let count = wrong.len();
    wrong.truncate(3);
    let shown: Vec<String> = wrong
        .iter()
        .map(|(seed, why)| {
            format!(
                "seed {seed}\n{}\n❌ {}\n",
                policies::policy_text(*seed),
                why.join("\n❌ ")
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{count} cases break the contract; the first:\n{}",
        shown.join("\n")
    );
    // A generator that no longer reaches a corner would leave it untested without a word.
    if only.is_none() {
        seen.assert_everything_was_met();
    }
}

#[test]
fn a_case_is_the_same_case_again() {
    for seed in [1, 2, 3, 1234] {
        let one = driver::trace(seed);
        assert!(one.len() > 3, "seed {seed}: {one:?}");
        assert_eq!(one, driver::trace(seed), "seed {seed}");
    }
}
