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

/// Verdicts take a second, so a timeout below that leaves none of the samples and one above leaves all; what is
/// dropped has been asked and is billed as far as its provider says.
#[test]
fn a_verdict_beside_that_takes_too_long_is_dropped_and_counted() {
    for (timeout, dropped) in [("999ms", true), ("1s", false), ("2s", false)] {
        let text = format!("when = \"beside\", sample = 0.1, timeout = \"{timeout}\"");
        let sums = all(&judged(&text));
        let judge = sums.guarding.judge;
        assert!(judge.asked > 2000, "{}", judge.asked);
        let none = if dropped { judge.asked } else { 0 };
        assert_eq!(judge.no_verdict, none, "{timeout}");
        let verdicts =
            judge.flagged_bad + judge.flagged_good + judge.passed_bad + judge.passed_good;
        assert_eq!(verdicts, judge.asked - none, "{timeout}");
        assert_eq!(
            (sums.success, sums.latency_success.max_ns),
            (30_000, 2_000_000_000)
        );
    }
}

/// All arrive at once and their answers are good until a second after the start of a drift: what is counted
/// as alerts must be what guards are counted to have found, however many that are.
#[test]
fn alerts_of_guards_are_counted_and_only_the_first_is_listed() {
    let mut judged = judged("when = \"beside\"");
    let fault = "name = \"drift\"\nat = \"1s\"\nfor = \"9s\"\non = [\"a\"]\neffect.drift = { factor = 0.5 }";
    judged.faults.push(crate::settings::typed(fault));
    let outcome = outcome(&judged, 0, 0);
    let alerts = &outcome.replication.alerts;
    let judge = outcome.replication.scopes[0].guarding.judge;
    let flagged = judge.flagged_bad + judge.flagged_good;
    assert!(flagged > 1000, "{flagged}");
    let [own] = &alerts.by_name[..] else {
        panic!("one guard raises alerts: {alerts:?}")
    };
    assert_eq!((own.name.as_str(), own.count), ("guard.judge", flagged));
    assert_eq!(own.of, Some(judge.asked));
    assert_eq!((alerts.list.len(), alerts.left_out), (1, flagged - 1));
    // Answers come after two seconds and verdicts after three, all at once.
    assert_eq!(
        (alerts.list[0].at_ns, own.first_ns),
        (3_000_000_000, Some(3_000_000_000))
    );
    assert_eq!(alerts.list[0].monitor, "guard.judge");
    // What looks at each answer is wrong when it finds fault with a good one, whatever the weather, and that
    // one falls into a fault is no discovery.
    assert!(judge.flagged_good > 1000, "{}", judge.flagged_good);
    assert_eq!(
        (own.false_alerts, alerts.false_alerts),
        (Some(judge.flagged_good), judge.flagged_good)
    );
    assert_eq!((own.faults.len(), alerts.faults.len()), (0, 0));
}

/// A limit of hardly anything a call is reached by every call, in a fault and out of it: each is so, and none of them
/// has found the fault.
#[test]
fn a_limit_that_is_reached_is_no_false_alarm_and_meets_no_fault() {
    let text = r#"
        [workload]
        arrivals.poisson.rate = "10/s"
        tokens.fixed = { input = 100, output = 10 }
        [provider.a]
        price = { input = "$3/M", output = "$15/M" }
        latency.distribution.first-token.constant = "100ms"
        [[fault]]
        name = "outage"
        at = "20s"
        for = "20s"
        on = ["a"]
        effect.error-rate.bad = 1.0
        [policy.p]
        limit = { cost-per-call = "$0.000001", then = "alert" }
    "#;
    let scenario = scenario(text, 60, 0, SEED);
    let alerts = outcome(&scenario, 0, 0).replication.alerts;
    let [own] = &alerts.by_name[..] else {
        panic!("one limit raises alerts: {alerts:?}")
    };
    assert!(own.count > 500, "{}", own.count);
    assert_eq!((own.false_alerts, alerts.false_alerts), (None, 0));
    assert_eq!((own.faults.len(), alerts.met()), (0, (0, 0)));
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
