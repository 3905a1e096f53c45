//! Chance: error rates, spells, quality. Every seed is printed by the assertion that fails.

use crate::street::Street;

const QUICK: &str = "latency.distribution = { first-token.constant = \"1ms\" }";

/// Requests, one every `step` ms: whether each failed.
fn failures(provider: &str, fault: &str, n: usize, step: u64, seed: u64) -> Vec<bool> {
    let mut street = Street::seeded(provider, &[fault], seed).whole();
    for _ in 0..n {
        street.send();
        street.pass(step);
    }
    street.pass(1000);
    street
        .fates
        .iter()
        .map(|fate| fate.bills[0].1.output_tokens == 0)
        .collect()
}

/// Whether a count of n coins of probability p is within 4.5 standard deviations.
fn fits(count: usize, n: usize, p: f64) -> bool {
    let (n, count) = (n as f64, count as f64);
    (count - n * p).abs() < 4.5 * (n * p * (1.0 - p)).sqrt()
}

#[test]
fn without_spells_errors_are_coins_of_their_rate() {
    let fault = "at = \"0s\"\nfor = \"10h\"\n\
                 effect.error-rate = { bad = 0.3, status = 504 }";
    let failed = failures(QUICK, fault, 4000, 10, 5);
    let n = failed.iter().filter(|f| **f).count();
    assert!(fits(n, 4000, 0.3), "seed 5: {n} of 4000");
    let twice = failed.windows(2).filter(|pair| pair[0] && pair[1]).count();
    assert!(fits(twice, 3999, 0.09), "seed 5: {twice} pairs");
}

#[test]
fn two_error_rates_at_once_are_two_coins() {
    let fault = "at = \"0s\"\nfor = \"10h\"\n\
                 effect.error-rate = { bad = 0.5 }";
    let mut street = Street::seeded(QUICK, &[fault, fault], 6).whole();
    (0..4000).for_each(|_| _ = street.send());
    street.pass(1000);
    let n = street
        .told("end")
        .iter()
        .filter(|line| line.contains("500"))
        .count();
    assert!(fits(n, 4000, 0.75), "seed 6: {n} of 4000");
}

#[test]
fn in_spells_neighbours_share_their_fate() {
    let fault = "at = \"0s\"\nfor = \"10h\"\n\
        effect.error-rate = { bad = 1, good = 0, bad-for = \"2s\", good-for = \"6s\" }";
    let failed = failures(QUICK, fault, 20_000, 100, 7);
    let n = failed.iter().filter(|f| **f).count() as f64 / 20_000.0;
    // 2000 s hold 250 pairs of spells: the standard error of the share is 0.017.
    assert!((n - 0.25).abs() < 0.07, "seed 7: {n}");
    let changes = failed.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(
        (400..600).contains(&changes),
        "seed 7: {changes} changes, 500 expected"
    );
}

#[test]
fn errors_stop_when_the_fault_does() {
    let fault = "at = \"1s\"\nfor = \"1s\"\neffect.error-rate = { bad = 1 }";
    let failed = failures(QUICK, fault, 30, 100, 8);
    let expected: Vec<bool> = (0..30).map(|i| (10..20).contains(&i)).collect();
    assert_eq!(failed, expected);
}

fn good(provider: &str, faults: &[&str]) -> usize {
    let mut street = Street::seeded(&format!("{QUICK}\n{provider}"), faults, 9);
    (0..4000).for_each(|_| _ = street.send());
    street.pass(1000);
    street.fates.iter().filter(|fate| fate.good).count()
}

#[test]
fn quality_is_the_share_of_good_answers_and_drift_a_factor_on_it() {
    let drift =
        |factor| format!("at = \"0s\"\nfor = \"1h\"\neffect.drift = {{ factor = {factor} }}");
    assert_eq!(good("", &[]), 4000);
    let n = good("quality = 0.9", &[]);
    assert!(fits(n, 4000, 0.9), "seed 9: {n}");
    let n = good("quality = 0.9", &[&drift(0.5)]);
    assert!(fits(n, 4000, 0.45), "seed 9: {n}");
    assert_eq!(good("", &[&drift(0.0)]), 0);
}
