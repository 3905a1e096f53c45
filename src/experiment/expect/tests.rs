//! Expectations against runs whose outcome is known.

use super::*;
use crate::experiment::fixture::{run, scenario, weather};
use crate::experiment::{Frame, results};
use crate::record::Replication;
use crate::record::results::{Calls, MinEffect, Results, Severity};

fn metric(name: &str) -> &'static Metric {
    Metric::named(name).unwrap()
}

fn expect(policy: Option<&str>, during: Option<&str>, condition: Condition) -> Expect {
    Expect {
        policy: policy.map(str::to_owned),
        calls: Calls {
            during: during.map(str::to_owned),
            ..Calls::default()
        },
        layer: None,
        gate: Gate::Bound,
        severity: Severity::Fail,
        conditions: vec![condition],
    }
}

/// `calm` has 0 to 36 retries by the weather, `eager` 400 more, `twin` as many as `calm`.
fn flown(expectations: Vec<Expect>, replications: u32) -> Results {
    let of = |more: u64| -> Vec<Replication> {
        let each = (0..replications).map(|r| run(r, 1980, weather(r) + more, false));
        each.collect()
    };
    let scenario = scenario(&["calm", "eager", "twin"], expectations);
    results(
        &scenario,
        vec![of(0), of(400), of(0)],
        Frame {
            window_ns: 1_000_000_000,
        },
    )
}

fn judged(condition: Condition, policy: Option<&str>, replications: u32) -> Expectation {
    let all = flown(vec![expect(policy, None, condition)], replications);
    all.expectations[0].clone()
}

fn max(name: &str, limit: f64) -> Condition {
    Condition::Max(metric(name), limit)
}

#[test]
fn a_limit_is_passed_failed_or_not_shown_by_the_one_sided_bound() {
    let at = |limit| judged(max("amplification", limit), Some("eager"), 32);
    let passed = at(1.25);
    assert_eq!(passed.outcome, Outcome::Passed);
    assert_eq!(passed.text, "eager: amplification ≤ 1.25");
    assert!(passed.found.starts_with("1.2"), "{}", passed.found);
    assert_eq!(passed.bound, Some(Bound::AtMost));
    let failed = at(1.2);
    assert_eq!(
        (failed.outcome, failed.bound),
        (Outcome::Failed, Some(Bound::AtLeast))
    );
    let value = flown(vec![], 32).policies[1].metrics["amplification"].value;
    let open = at(value + 0.0005);
    assert_eq!(open.outcome, Outcome::NotShown);
    assert!(open.replications_needed.unwrap() > 32);
    let hopeless = at(value - 0.0005);
    assert_eq!(
        (hopeless.outcome, hopeless.replications_needed),
        (Outcome::NotShown, None)
    );
}

#[test]
fn the_replications_it_needs_are_enough() {
    let value = flown(vec![], 64).policies[1].metrics["amplification"].value;
    let open = judged(max("amplification", value + 0.0008), Some("eager"), 32);
    let needed = open.replications_needed.unwrap() as u32;
    // The weather repeats after 37 replications: take whole turns of it.
    let then = judged(
        max("amplification", value + 0.0008),
        Some("eager"),
        needed.div_ceil(37) * 37,
    );
    assert_eq!(then.outcome, Outcome::Passed, "needed {needed}: {then:?}");
}

#[test]
fn by_the_mean_only_the_value_counts() {
    let value = flown(vec![], 32).policies[1].metrics["amplification"].value;
    let mut close = expect(Some("eager"), None, max("amplification", value + 1e-9));
    close.gate = Gate::Mean;
    assert_eq!(
        flown(vec![close], 32).expectations[0].outcome,
        Outcome::Passed
    );
}

#[test]
fn without_a_policy_every_policy_is_held_to_the_limit() {
    let all = flown(
        vec![expect(None, Some("outage"), max("amplification", 1.1))],
        32,
    );
    let found: Vec<_> = all
        .expectations
        .iter()
        .map(|e| (e.text.as_str(), e.outcome))
        .collect();
    let expected = [
        ("calm, outage: amplification ≤ 1.1", Outcome::Passed),
        ("eager, outage: amplification ≤ 1.1", Outcome::Failed),
        ("twin, outage: amplification ≤ 1.1", Outcome::Passed),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_does_not_vary_is_its_own_bound() {
    let exact = judged(
        Condition::Min(metric("success_ratio"), 0.99),
        Some("calm"),
        32,
    );
    assert_eq!(exact.outcome, Outcome::Passed, "{exact:?}");
    let above = judged(
        Condition::Min(metric("success_ratio"), 0.9901),
        Some("calm"),
        32,
    );
    assert_eq!(above.outcome, Outcome::Failed);
}

#[test]
fn a_maximum_is_judged_by_its_value_and_a_failure_fits_under_no_limit() {
    let at = |name, limit| judged(max(name, limit), Some("calm"), 32).outcome;
    assert_eq!(at("latency_good_ms_p50", 1500.0), Outcome::Passed);
    let bare = judged(max("latency_good_ms_max", 1500.0), Some("calm"), 32);
    assert_eq!(bare.bound, None, "{}", bare.found);
    // One call in a hundred fails: its time is at least H, and 90 s are longer than H.
    assert_eq!(at("latency_good_ms_max", 90_000.0), Outcome::Failed);
    assert_eq!(at("latency_good_ms_p999", 90_000.0), Outcome::Failed);
    assert_eq!(at("latency_good_ms_p999", 30_000.0), Outcome::Failed);
}

#[test]
fn a_metric_that_does_not_apply_fails_with_its_reason() {
    let cost = judged(max("cost_usd_total", 1.0), Some("calm"), 32);
    assert_eq!(cost.outcome, Outcome::Failed);
    assert_eq!(cost.found, "does not apply: no provider has a price");
    let few = judged(max("latency_good_ms_p999", 1.0), Some("calm"), 2);
    assert_eq!(
        (few.outcome, few.replications_needed),
        (Outcome::NotShown, Some(5))
    );
}

#[test]
fn a_law_is_judged_by_its_own_rule_and_from_fifty_replications() {
    let law = |value, within, n| {
        let metric = metric("amplification");
        judged(
            Condition::Within {
                metric,
                value,
                within,
            },
            Some("eager"),
            n,
        )
    };
    let value = flown(vec![], 74).policies[1].metrics["amplification"].value;
    assert_eq!(law(value + 0.004, 0.01, 74).outcome, Outcome::Passed);
    assert_eq!(law(value + 0.02, 0.01, 74).outcome, Outcome::Failed);
    let early = law(value, 0.01, 32);
    assert_eq!(
        (early.outcome, early.replications_needed),
        (Outcome::NotShown, Some(50))
    );
    let vague = law(value, 0.001, 74);
    assert_eq!(vague.outcome, Outcome::NotShown);
    assert!(vague.replications_needed.unwrap() > 74);
}

#[test]
fn an_order_is_shown_pair_by_pair() {
    let of = |names: [&str; 2]| {
        let names = names.map(str::to_owned).to_vec();
        judged(Condition::Order(metric("amplification"), names), None, 32)
    };
    let right = of(["calm", "eager"]);
    assert_eq!(right.outcome, Outcome::Passed);
    assert_eq!(right.text, "amplification: calm < eager");
    assert_eq!(right.found, "calm − eager = −0.2000 [−0.2000, −0.2000]");
    assert_eq!(of(["eager", "calm"]).outcome, Outcome::Failed);
    assert_eq!(of(["calm", "twin"]).outcome, Outcome::NotShown);
}

#[test]
fn sameness_is_shown_within_the_least_effect() {
    let of = |other: &str, effect| {
        let names = vec!["calm".to_owned(), other.to_owned()];
        judged(
            Condition::Same(metric("amplification"), names, effect),
            None,
            32,
        )
    };
    let twin = of("twin", MinEffect::Relative(0.02));
    assert_eq!(twin.outcome, Outcome::Passed);
    assert_eq!(twin.text, "amplification: calm, twin equal within ± 2 %");
    assert_eq!(
        of("eager", MinEffect::Absolute(0.1)).outcome,
        Outcome::Failed
    );
    assert_eq!(
        of("eager", MinEffect::Absolute(0.3)).outcome,
        Outcome::Passed
    );
}

#[test]
fn a_time_at_the_horizon_is_at_least_that_and_never_shown_to_be_it() {
    // One call in a hundred fails at H = 60 s, so both of these lie there.
    for (name, n) in [("latency_good_ms_max", 8), ("latency_good_ms_p999", 60)] {
        let metric = metric(name);
        let law = |value, within| {
            let law = Condition::Within {
                metric,
                value,
                within,
            };
            judged(law, Some("calm"), n)
        };
        for (value, within) in [(60_000.0, 1000.0), (59_500.0, 500.0), (90_000.0, 1000.0)] {
            let open = law(value, within);
            let said = (open.outcome, open.replications_needed);
            assert_eq!(said, (Outcome::NotShown, None), "{name} {value}");
        }
        assert_eq!(law(50_000.0, 1000.0).outcome, Outcome::Failed, "{name}");
    }
    let same = |name| {
        let names = vec!["calm".to_owned(), "twin".to_owned()];
        let same = Condition::Same(metric(name), names, MinEffect::Relative(0.02));
        let found = judged(same, None, 32);
        (found.outcome, found.replications_needed)
    };
    assert_eq!(same("latency_good_ms_p50"), (Outcome::Passed, None));
    assert_eq!(same("latency_good_ms_p999"), (Outcome::NotShown, None));
    // A mean counts each failure as H by definition: it is a number like others.
    assert_eq!(same("latency_good_ms_mean"), (Outcome::Passed, None));
}
