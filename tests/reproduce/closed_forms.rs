//! The closed forms, from the settings of a file.

use squall::base::dist::Dist;
use squall::base::{Duration, units::Rate};
use squall::policy::hedge;
use squall::provider::{capacity, latency};
use squall::scenario::Scenario;
use squall::workload::arrivals;

/// What a law says of one metric.
pub(crate) struct Figure {
    /// The policy that the expectation names.
    pub(crate) policy: Option<&'static str>,
    pub(crate) metric: &'static str,
    pub(crate) value: f64,
}

fn of(policy: Option<&'static str>, metric: &'static str, value: f64) -> Figure {
    Figure {
        policy,
        metric,
        value,
    }
}

fn all(metric: &'static str, value: f64) -> Figure {
    of(None, metric, value)
}

/// The figures of a file at one of its points; none for files whose results have no closed form.
pub(crate) fn figures(file: &str, scenario: &Scenario) -> Vec<Figure> {
    let mean = |seconds: f64| vec![all("latency_verdict_ms_mean", 1000.0 * seconds)];
    match file {
        "erlang-b" => {
            let (c, a) = (slots(scenario).0, rate(scenario) * service(scenario).0);
            vec![
                all("failed_ratio", erlang_b(c, a)),
                all("latency_success_ms_mean", 1000.0 * service(scenario).0),
            ]
        }
        "erlang-c" => mean(m_m_c(slots(scenario).0, scenario)),
        "shared-fleet" => mean(m_m_c(full_speed(scenario), scenario)),
        "mm1" => m_m_1(scenario),
        "mm1k" => m_m_1_k(scenario),
        "mg1" => {
            let (lambda, (first, second)) = (rate(scenario), service(scenario));
            mean(first + lambda * second / (2.0 * (1.0 - lambda * first)))
        }
        "processor-sharing" => {
            assert_eq!(full_speed(scenario), 1);
            let first = service(scenario).0;
            mean(first / (1.0 - rate(scenario) * first))
        }
        "batching" => mean(batched(scenario)),
        "concurrency" => {
            let k = match &scenario.providers[0].1.capacity {
                capacity::Config::Concurrency(crowd) => crowd.adds.as_s_f64(),
                other => panic!("{other:?}"),
            };
            mean(service(scenario).0 / (1.0 - k * rate(scenario)))
        }
        "hedging" => hedged(scenario),
        _ => Vec::new(),
    }
}

/// Poisson arrivals per second.
fn rate(scenario: &Scenario) -> f64 {
    match &scenario.workload.arrivals {
        arrivals::Config::Poisson(poisson) => Rate::per_s(poisson.rate),
        other => panic!("{other:?}"),
    }
}

/// Slots and places in the queue.
fn slots(scenario: &Scenario) -> (u32, Option<u32>) {
    match &scenario.providers[0].1.capacity {
        capacity::Config::Slots(slots) => (slots.count, slots.queue),
        other => panic!("{other:?}"),
    }
}

fn full_speed(scenario: &Scenario) -> u32 {
    match &scenario.providers[0].1.capacity {
        capacity::Config::ProcessorSharing(sharing) => sharing.full_speed,
        other => panic!("{other:?}"),
    }
}

fn law(scenario: &Scenario) -> &Dist<Duration> {
    match &scenario.providers[0].1.latency {
        latency::Config::Distribution(distribution) => &distribution.first_token,
        other => panic!("{other:?}"),
    }
}

/// The first and the second moment of service, in seconds.
fn service(scenario: &Scenario) -> (f64, f64) {
    match law(scenario) {
        Dist::Constant(value) => (value.as_s_f64(), value.as_s_f64().powi(2)),
        Dist::Exponential(law) => (law.mean.as_s_f64(), 2.0 * law.mean.as_s_f64().powi(2)),
        Dist::LogNormal(law) => {
            let (m, s2) = (law.median.as_s_f64(), law.sigma * law.sigma);
            (m * libm::exp(s2 / 2.0), m * m * libm::exp(2.0 * s2))
        }
        other => panic!("{other:?}"),
    }
}

/// The chance that all of `c` servers are busy at offered load `a`, if nobody waits.
fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// The mean time in a system of `c` servers with an endless queue.
fn m_m_c(c: u32, scenario: &Scenario) -> f64 {
    let (lambda, mean) = (rate(scenario), service(scenario).0);
    let rho = lambda * mean / f64::from(c);
    let b = erlang_b(c, lambda * mean);
    let waits = b / (1.0 - rho + rho * b);
    mean + waits / (f64::from(c) / mean - lambda)
}

fn m_m_1(scenario: &Scenario) -> Vec<Figure> {
    let mean_ms = 1000.0 / (1.0 / service(scenario).0 - rate(scenario));
    vec![
        all("latency_verdict_ms_mean", mean_ms),
        all("latency_verdict_ms_p50", mean_ms * libm::log(2.0)),
        all("latency_verdict_ms_p99", mean_ms * libm::log(100.0)),
    ]
}

fn m_m_1_k(scenario: &Scenario) -> Vec<Figure> {
    let (lambda, mean) = (rate(scenario), service(scenario).0);
    let (count, queue) = slots(scenario);
    assert_eq!(count, 1);
    let k = 1 + queue.expect("a short queue");
    let weight = |n: u32| libm::pow(lambda * mean, f64::from(n));
    let sum: f64 = (0..=k).map(weight).sum();
    let lost = weight(k) / sum;
    let inside: f64 = (0..=k).map(|n| f64::from(n) * weight(n)).sum::<f64>() / sum;
    vec![
        all("failed_ratio", lost),
        all(
            "latency_success_ms_mean",
            1000.0 * inside / (lambda * (1.0 - lost)),
        ),
    ]
}

/// By the sum over the number in progress, not by the closed form that the file quotes.
fn batched(scenario: &Scenario) -> f64 {
    let slowdown = match &scenario.providers[0].1.capacity {
        capacity::Config::Batching(batching) => batching.slowdown.0,
        other => panic!("{other:?}"),
    };
    let (lambda, a) = (rate(scenario), rate(scenario) * service(scenario).0);
    let (mut weight, mut sum, mut inside) = (1.0, 1.0, 0.0);
    for n in 1..5000 {
        let n = f64::from(n);
        weight *= a * (1.0 + slowdown * (n - 1.0)) / n;
        sum += weight;
        inside += n * weight;
    }
    inside / sum / lambda
}

fn hedged(scenario: &Scenario) -> Vec<Figure> {
    let mean = service(scenario).0;
    assert!(matches!(law(scenario), Dist::Exponential(_)));
    let d = match &scenario.policies[1].1.hedge {
        hedge::Config::Fixed(fixed) => fixed.after.as_s_f64() / mean,
        other => panic!("{other:?}"),
    };
    let ms = 1000.0 * mean;
    let (sent, ln_100) = (libm::exp(-d), libm::log(100.0));
    vec![
        all("latency_verdict_ms_p50", ms * libm::log(2.0)),
        of(Some("plain"), "latency_verdict_ms_mean", ms),
        of(Some("plain"), "latency_verdict_ms_p99", ms * ln_100),
        of(
            Some("hedged"),
            "latency_verdict_ms_mean",
            ms * (1.0 - sent / 2.0),
        ),
        of(
            Some("hedged"),
            "latency_verdict_ms_p99",
            ms * (d + ln_100) / 2.0,
        ),
        of(Some("hedged"), "hedge_ratio", sent),
    ]
}
