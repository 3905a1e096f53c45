//! Retry budgets: what all calls together may add.

use crate::failures::failing;
use crate::fly::{MEAN, fly};

/// Retries at once, as many as the budget allows.
fn budget(ratio: f64, deposit: &str) -> String {
    format!(
        r#"
        [policy.budget]
        retry.attempts = 1000
        budget.share = {{ ratio = {ratio}, reserve = 20, deposit = "{deposit}" }}
        "#
    )
}

#[test]
fn a_deposit_per_call_lets_an_outage_grow_the_load_to_one_plus_the_ratio() {
    for (seed, ratio) in [(301, 0.1), (302, 0.25)] {
        let flown = fly(&failing(seed, 50, 1.0, &budget(ratio, "per-call")));
        println!("r = {ratio}, nothing succeeds");
        flown.law("budget", "amplification", 1.0 + ratio, 0.002);
    }
}

#[test]
fn a_deposit_per_call_bounds_the_load_wherever_failures_want_more() {
    let (p, ratio) = (0.5, 0.2);
    assert!(p / (1.0 - p) > 2.0 * ratio, "the budget binds");
    let flown = fly(&failing(303, 50, p, &budget(ratio, "per-call")));
    flown.law("budget", "amplification", 1.0 + ratio, 0.01);
}

/// Of a attempts per call a·(1 − p) succeed, each earns r, and a − 1 is what was earned.
#[test]
fn a_deposit_per_success_earns_its_retries_from_answers() {
    for (seed, p, ratio) in [(304, 0.6, 0.3), (305, 0.3, 0.2)] {
        assert!(p > ratio * (1.0 - p), "the budget binds");
        let flown = fly(&failing(seed, 80, p, &budget(ratio, "per-success")));
        println!("p = {p}, r = {ratio}");
        let law = 1.0 / (1.0 - ratio * (1.0 - p));
        flown.law("budget", "amplification", law, 0.01);
    }
}

#[test]
fn a_deposit_per_success_allows_no_retry_in_an_outage_but_its_reserve() {
    let flown = fly(&failing(306, 10, 1.0, &budget(0.5, "per-success")));
    for run in flown.runs("budget") {
        let all = &run.scopes[0];
        // The reserve is spent on the calls of the warm-up, if it has ten of them.
        assert!(all.attempts[1] <= 20 && all.calls > 100);
        assert_eq!(run.windows.retry.iter().sum::<u32>(), 20);
    }
    // Far more calls than the reserve: what is left is one attempt per call.
    flown.law("budget", "amplification", 1.0, MEAN);
}

#[test]
fn a_budget_that_does_not_bind_changes_nothing() {
    let (p, n) = (0.1, 3);
    let policies = format!(
        "[policy.retry]\nretry.attempts = {n}\n\
         [policy.budget]\nretry.attempts = {n}\nbudget.share = {{ ratio = 0.5, reserve = 1000 }}"
    );
    let flown = fly(&failing(307, 50, p, &policies));
    assert_eq!(flown.runs("retry"), flown.runs("budget"));
    let law = (1.0 - crate::failures::power(p, n)) / (1.0 - p);
    flown.law("budget", "amplification", law, MEAN);
}
