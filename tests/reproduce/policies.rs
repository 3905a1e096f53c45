//! The closed forms of what clients do: retries, budgets, throttles, breakers and monitors.

use squall::base::Duration;
use squall::fault::{self, effect, hits, schedule};
use squall::policy::budget::{self, share::Deposit};
use squall::policy::monitor::{self, watch::Watch};
use squall::policy::{self, breaker, throttle};
use squall::scenario::Scenario;
use squall::workload::arrivals;

use crate::chains;
use crate::closed_forms::{Figure, all, of, rate};

const ATTEMPTS: &str = "amplification";

/// The figures of a file at one of its points, as those of the other laws.
pub(crate) fn figures(file: &str, scenario: &Scenario) -> Vec<Figure> {
    match file {
        "independent-failures" => independent(scenario),
        "budget-deposits" => deposits(scenario),
        "grpc-throttle" => vec![all(ATTEMPTS, retry_throttle(scenario))],
        "aws-quota" => vec![all(ATTEMPTS, retry_quota(scenario))],
        "adaptive-throttling" => adaptive(scenario),
        "limit-windows" => vec![all("success_ratio", worst_minute(scenario))],
        "limit-storm" => storm(scenario),
        "breaker-runs" => runs_of_failures(scenario),
        "breaker-outage" => in_an_outage(scenario),
        "breaker-lag" => vec![all("breaker_open_good_s", in_vain(scenario))],
        "breaker-shards" => {
            let left = 1.0 - share_hit(scenario);
            let at = |policy| of(Some(policy), "success_ratio", left);
            vec![at("no-breaker"), at("above")]
        }
        "drift-delay" => vec![all("alert_delay_s", delay_s(scenario))],
        "drift-false-alarms" => vec![all("false_alerts", false_alarms(scenario))],
        _ => Vec::new(),
    }
}

fn policy<'a>(scenario: &'a Scenario, name: &str) -> &'a policy::Config {
    let mut named = scenario.policies.iter().filter(|(n, _)| n == name);
    &named.next().expect("a policy of the file").1
}

fn fault(scenario: &Scenario) -> &fault::Config {
    &scenario.faults[0]
}

/// The share of attempts that fail.
fn failing(scenario: &Scenario) -> f64 {
    match &fault(scenario).effect {
        effect::Config::ErrorRate(rate) => rate.bad.0,
        other => panic!("{other:?}"),
    }
}

fn attempts(policy: &policy::Config) -> u32 {
    policy.retry.attempts.into()
}

fn budget(policy: &policy::Config) -> &budget::Config {
    policy.budget.0.first().expect("a budget")
}

/// By the sum over the attempts that are made, not by the closed form that the file quotes.
fn attempts_of_a_call(p: f64, most: u32) -> f64 {
    (0..most).map(|k| libm::pow(p, f64::from(k))).sum()
}

fn independent(scenario: &Scenario) -> Vec<Figure> {
    let p = failing(scenario);
    let mut figures = Vec::new();
    for (name, more_than_one) in [
        ("one-attempt", false),
        ("two-attempts", true),
        ("three-attempts", true),
        ("five-attempts", true),
    ] {
        let n = attempts(policy(scenario, name));
        figures.push(of(Some(name), "failed_ratio", libm::pow(p, f64::from(n))));
        if more_than_one {
            figures.push(of(Some(name), ATTEMPTS, attempts_of_a_call(p, n)));
        }
    }
    figures
}

fn deposits(scenario: &Scenario) -> Vec<Figure> {
    let p = failing(scenario);
    let mut figures = Vec::new();
    for name in ["per-call", "per-success"] {
        let budget::Config::Share(share) = budget(policy(scenario, name)) else {
            panic!("another budget");
        };
        let r = share.ratio.0;
        // All that is allowed is used, for p is far above r: the load of which a share r comes on top.
        let load = match share.deposit {
            Deposit::PerCall => 1.0 + r,
            Deposit::PerSuccess => (0..100).fold(1.0, |load, _| 1.0 + r * (1.0 - p) * load),
        };
        figures.push(of(Some(name), ATTEMPTS, load));
    }
    let most = attempts(policy(scenario, "no-budget"));
    figures.push(of(Some("no-budget"), ATTEMPTS, attempts_of_a_call(p, most)));
    figures
}

fn retry_throttle(scenario: &Scenario) -> f64 {
    let policy = policy(scenario, "throttled");
    let budget::Config::RetryThrottle(throttle) = budget(policy) else {
        panic!("another budget");
    };
    // In what one success brings.
    let token = libm::round(1.0 / throttle.ratio.0) as usize;
    let (full, most) = (token * throttle.max_tokens as usize, attempts(policy));
    chains::attempts_of_a_call(failing(scenario), full, |left, failed, attempt| {
        if !failed {
            return ((left + 1).min(full), false);
        }
        let left = left.saturating_sub(token);
        (left, attempt < most && 2 * left > full)
    })
}

fn retry_quota(scenario: &Scenario) -> f64 {
    let policy = policy(scenario, "quota");
    let budget::Config::RetryQuota(quota) = budget(policy) else {
        panic!("another budget");
    };
    let (full, cost) = (quota.capacity as usize, quota.cost as usize);
    let (income, most) = (quota.income as usize, attempts(policy));
    chains::attempts_of_a_call(failing(scenario), full, |left, failed, attempt| {
        let back = if attempt == 1 { income } else { cost };
        match failed {
            false => ((left + back).min(full), false),
            true if attempt < most && left >= cost => (left - cost, true),
            true => (left, false),
        }
    })
}

fn adaptive(scenario: &Scenario) -> Vec<Figure> {
    let demand = rate(scenario);
    let rpm = scenario.providers[0].1.limits.rpm.expect("a limit");
    let capacity = rpm as f64 / 60.0;
    let sent = |name: &str| {
        let throttle::Config::Adaptive(adaptive) = &policy(scenario, name).throttle else {
            panic!("no throttle");
        };
        let k = 1.0 / adaptive.success.0;
        match adaptive.counts_refused {
            true => k * capacity / demand,
            // What is sent, s, is counted alone: s = demand·K·capacity ÷ s.
            false => libm::sqrt(k * capacity / demand),
        }
    };
    let at = |name| of(Some(name), ATTEMPTS, sent(name));
    vec![
        all("success_ratio", capacity / demand),
        at("k-2"),
        at("k-1-25"),
        at("sent-ones-only"),
    ]
}

/// The share of calls that a limit lets pass in a full minute after an empty half.
fn worst_minute(scenario: &Scenario) -> f64 {
    let limits = &scenario.providers[0].1.limits;
    let limit = limits.rpm.expect("a limit") as f64;
    let offered = match &scenario.workload.arrivals {
        arrivals::Config::Batch(batch) => 20.0 * 60.0 / batch.every.as_s_f64(),
        other => panic!("{other:?}"),
    };
    let times = match scenario.point[0].1.as_str() {
        "bucket" | "gcra" | "calendar-window" => 2.0,
        "fixed-window" | "sliding-log" => 1.0,
        other => panic!("{other}"),
    };
    times * limit / offered
}

/// Window by window, not by the closed form that the file quotes.
fn storm(scenario: &Scenario) -> Vec<Figure> {
    let jobs = match &scenario.workload.arrivals {
        arrivals::Config::Burst(burst) => u64::from(burst.count),
        other => panic!("{other:?}"),
    };
    let limit = scenario.providers[0].1.limits.rpm.expect("a limit");
    let (mut calls, mut left) = (0, jobs);
    while left > 0 {
        calls += left;
        left = left.saturating_sub(limit);
    }
    let each = calls as f64 / jobs as f64;
    vec![
        of(Some("as-told"), ATTEMPTS, each),
        of(Some("jitter"), ATTEMPTS, each),
        of(Some("pacing"), ATTEMPTS, 1.0),
    ]
}

fn consecutive(policy: &policy::Config) -> &breaker::consecutive::Config {
    match &policy.breaker {
        breaker::Config::Consecutive(breaker) => breaker,
        other => panic!("{other:?}"),
    }
}

/// Calls of a run that come one at a time.
fn one_by_one(scenario: &Scenario, time: Duration) -> f64 {
    match &scenario.workload.arrivals {
        arrivals::Config::Batch(batch) => time.as_s_f64() / batch.every.as_s_f64(),
        other => panic!("{other:?}"),
    }
}

fn runs_of_failures(scenario: &Scenario) -> Vec<Figure> {
    let (p, calls) = (
        failing(scenario),
        one_by_one(scenario, scenario.run.duration),
    );
    let trips = |name| {
        let k = consecutive(policy(scenario, name)).failures;
        // To k in a row from k − 1: one more call, and with 1 − p all over again.
        let mean = (0..k).fold(0.0, |mean, _| (mean + 1.0) / p);
        of(Some(name), "breaker_trips", calls / mean)
    };
    vec![trips("two"), trips("three"), trips("five")]
}

fn in_an_outage(scenario: &Scenario) -> Vec<Figure> {
    let lasts = fault(scenario).lasts;
    let sent = |name| {
        let breaker = consecutive(policy(scenario, name));
        let rounds = lasts.0 / breaker.open.0;
        let each = u64::from(breaker.failures) + u64::from(breaker.probes) * rounds;
        let all = each * u64::from(scenario.workload.processes);
        of(
            Some(name),
            ATTEMPTS,
            all as f64 / one_by_one(scenario, lasts),
        )
    };
    vec![sent("one-probe"), sent("three-probes")]
}

fn in_vain(scenario: &Scenario) -> f64 {
    let schedule::Config::Incidents(incidents) = &fault(scenario).schedule else {
        panic!("another schedule");
    };
    let gap = incidents.gap;
    let mean = gap.scale.as_s_f64() * libm::tgamma(1.0 + 1.0 / gap.shape);
    let open = consecutive(policy(scenario, "breaker")).open.as_s_f64();
    scenario.run.duration.as_s_f64() / mean * open / 2.0
}

fn share_hit(scenario: &Scenario) -> f64 {
    match &fault(scenario).hits {
        hits::Config::Share(share) => share.of.0,
        other => panic!("{other:?}"),
    }
}

fn chart(watch: &Watch) -> chains::Chart {
    match &watch.test {
        monitor::Config::BernoulliCusum(chart) => chains::Chart {
            usual: chart.usual.0,
            risen: chart.risen.0,
            threshold: chart.threshold.expect("a threshold") as usize,
        },
        other => panic!("{other:?}"),
    }
}

fn delay_s(scenario: &Scenario) -> f64 {
    let policy = policy(scenario, "watched");
    let bad = match &fault(scenario).effect {
        effect::Config::Drift(drift) => 1.0 - drift.factor,
        other => panic!("{other:?}"),
    };
    let sampled = policy
        .guard
        .0
        .iter()
        .find_map(|guard| match guard {
            policy::guard::Config::Judge(judge) => Some(judge.sample.0),
            _ => None,
        })
        .expect("a judge");
    chart(&policy.monitor["quality"]).run_length(bad) / (rate(scenario) * sampled)
}

fn false_alarms(scenario: &Scenario) -> f64 {
    let broken = scenario.providers[0]
        .1
        .json
        .as_ref()
        .expect("JSON")
        .broken
        .0;
    let chart = chart(&policy(scenario, "watched").monitor["schema"]);
    one_by_one(scenario, scenario.run.duration) / chart.run_length(broken)
}
