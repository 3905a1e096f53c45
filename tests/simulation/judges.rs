//! A judge in front of the answers, against what can be worked out in closed form.

use squall::record::Sums;
use squall::scenario::Scenario;

use super::build::{outcome, scenario};
use super::identities::broken;

const CALLS: f64 = 30_000.0;
/// Bad answers, sensitivity, specificity, attempts.
const BAD: f64 = 0.3;
const SENSITIVITY: f64 = 0.8;
const SPECIFICITY: f64 = 0.9;
const ATTEMPTS: i32 = 3;
const SEED: u64 = 11;

/// 30 000 calls to `a`, whose answers take two seconds, with a judge `j` that takes one.
fn judged(guard: &str) -> Scenario {
    let text = format!(
        r#"
        [workload]
        arrivals.burst.count = {CALLS}
        tokens.fixed = {{ input = 100, output = 101 }}
        deadline = "60s"
        [provider.a]
        latency.distribution = {{ first-token.constant = "1s", per-token.constant = "10ms" }}
        price = {{ input = "$3/M", output = "$15/M" }}
        quality = {}
        [provider.j]
        latency.distribution = {{ first-token.constant = "1s" }}
        price = {{ input = "$1/M", output = "$5/M" }}
        judge = {{ sensitivity = {SENSITIVITY}, specificity = {SPECIFICITY} }}
        [policy.p]
        route.failover = {{ endpoints = ["a"] }}
        retry = {{ attempts = {ATTEMPTS}, on = ["bad-answer"] }}
        guard.judge = {{ endpoint = "j", prompt-tokens = 50, answer-tokens = 8, {guard} }}
    "#,
        1.0 - BAD
    );
    scenario(&text, 100, 0, SEED)
}

fn all(scenario: &Scenario) -> Sums {
    let outcome = outcome(scenario, 0, 0);
    assert_eq!(broken(scenario, &outcome), [""; 0]);
    outcome.replication.scopes[0].clone()
}

/// Whether a count is within five standard deviations of n coins of probability p.
fn fits(what: &str, count: u64, n: f64, p: f64) {
    let off = (count as f64 - n * p).abs();
    let allowed = 5.0 * (n * p * (1.0 - p)).sqrt();
    assert!(
        off < allowed,
        "seed {SEED}: {what}: {count} of {n}, expected a share of {p}"
    );
}

/// The bill of one judgement: 50 + 100 + 101 tokens in, 8 out.
const VERDICT_PICO: u128 = 251 * 1_000_000 + 8 * 5_000_000;

#[test]
fn an_inline_judge_lets_through_what_its_error_rates_say() {
    let sums = all(&judged(""));
    // An attempt is accepted with α = b (1 − s) + (1 − b) p; up to n are made.
    let accepted = BAD * (1.0 - SENSITIVITY) + (1.0 - BAD) * SPECIFICITY;
    let refused = 1.0 - accepted;
    fits(
        "success",
        sums.success,
        CALLS,
        1.0 - libm::pow(refused, f64::from(ATTEMPTS)),
    );
    let bad = BAD * (1.0 - SENSITIVITY) / accepted;
    fits(
        "bad answers accepted",
        sums.success - sums.good,
        sums.success as f64,
        bad,
    );
    // Attempts are truncated-geometric: mean (1 − ρⁿ) / α, and a variance below that of the geometric.
    let attempts = (1.0 - libm::pow(refused, f64::from(ATTEMPTS))) / accepted;
    let off = (sums.attempts_total() as f64 / CALLS - attempts).abs();
    let sd = (refused / (accepted * accepted) / CALLS).sqrt();
    assert!(
        off < 5.0 * sd,
        "seed {SEED}: {} attempts, expected {attempts} a call",
        sums.attempts_total()
    );
    // Every whole answer is judged once, and judgements are no attempts.
    let judge = sums.guarding.judge;
    assert_eq!(judge.asked, sums.attempts_total());
    assert_eq!(
        sums.pico_usd_judge(),
        u128::from(judge.asked) * VERDICT_PICO
    );
    let attempt = 100 * 3_000_000 + 101 * 15_000_000;
    assert_eq!(
        sums.pico_usd(),
        u128::from(judge.asked) * (VERDICT_PICO + attempt)
    );
    fits(
        "bad answers flagged",
        sums.guarding.flagged_bad,
        sums.bad_answers() as f64,
        SENSITIVITY,
    );
    let wrongly = 1.0 - SPECIFICITY;
    fits(
        "good answers flagged",
        sums.guarding.flagged_good,
        sums.good_answers() as f64,
        wrongly,
    );
    // Two seconds for each answer and one for each verdict.
    assert_eq!(sums.latency_success.max_ns, 9_000_000_000);
    assert_eq!(
        sums.latency_verdict.sum_ns,
        u128::from(judge.asked) * 3_000_000_000
    );
}

#[test]
fn a_judge_beside_costs_the_same_a_verdict_and_changes_no_call() {
    let sums = all(&judged("when = \"beside\", sample = 0.25"));
    assert_eq!((sums.success, sums.attempts_total()), (30_000, 30_000));
    assert_eq!(sums.latency_success.max_ns, 2_000_000_000);
    let judge = sums.guarding.judge;
    fits("judged", judge.asked, CALLS, 0.25);
    assert_eq!(
        sums.pico_usd_judge(),
        u128::from(judge.asked) * VERDICT_PICO
    );
    fits(
        "bad answers flagged",
        sums.guarding.flagged_bad,
        sums.bad_answers() as f64,
        0.25 * SENSITIVITY,
    );
    let alerts = sums.guarding.measures.get("judge alerted").copied();
    assert_eq!(alerts, Some(judge.flagged_bad + judge.flagged_good));
}

#[test]
fn a_judge_obeys_the_limits_of_its_provider_and_its_absence_is_an_answer() {
    let mut with_limits = judged("on-failure = \"refuse\"");
    with_limits.providers[1].1.limits = crate::settings::typed("rpm = 600");
    let sums = all(&with_limits);
    let judge = sums.guarding.judge;
    assert!(judge.no_verdict > 0);
    assert_eq!(
        sums.guarding.measures.get("no-verdict refused").copied(),
        Some(judge.no_verdict)
    );
    // A minute's requests at once, and ten a second from two to at most eight seconds.
    let verdicts = judge.asked - judge.no_verdict;
    assert!((600..=660).contains(&verdicts), "{verdicts}");
    // A refusal is not billed.
    assert_eq!(sums.pico_usd_judge(), u128::from(verdicts) * VERDICT_PICO);
}
