//! The closed forms, from the settings of a file.

use squall::base::dist::Dist;
use squall::base::quantile::{normal, normal_cdf};
use squall::base::{Duration, units::Rate};
use squall::policy::hedge;
use squall::provider::{capacity, latency};
use squall::scenario::Scenario;
use squall::workload::arrivals;

use crate::policies;

/// What a law says of one metric.
pub(crate) struct Figure {
    /// The policy that the expectation names.
    pub(crate) policy: Option<&'static str>,
    pub(crate) metric: &'static str,
    pub(crate) value: f64,
}

pub(crate) fn of(policy: Option<&'static str>, metric: &'static str, value: f64) -> Figure {
    Figure {
        policy,
        metric,
        value,
    }
}

pub(crate) fn all(metric: &'static str, value: f64) -> Figure {
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
        "hedging-correlation" => hedged_in_common(scenario),
        "tail-at-scale" => leaves(scenario),
        other => policies::figures(other, scenario),
    }
}

/// Poisson arrivals per second.
pub(crate) fn rate(scenario: &Scenario) -> f64 {
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
        Dist::Constant(value) => (value.as_s_f64(), libm::pow(value.as_s_f64(), 2.0)),
        Dist::Exponential(law) => (
            law.mean.as_s_f64(),
            2.0 * libm::pow(law.mean.as_s_f64(), 2.0),
        ),
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
    let d = delay_s(scenario) / mean;
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

/// The delay of the second policy's hedge.
fn delay_s(scenario: &Scenario) -> f64 {
    match &scenario.policies[1].1.hedge {
        hedge::Config::Fixed(fixed) => fixed.after.as_s_f64(),
        other => panic!("{other:?}"),
    }
}

/// Where a survival function that falls reaches a share, between nothing and an hour.
fn reaches(survival: impl Fn(f64) -> f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 3600.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        match survival(middle) > share {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

/// P(X > x, Y > y) of two standard normals with a correlation, by Simpson's rule over the first.
fn bivariate_tail(x: f64, y: f64, correlation: f64) -> f64 {
    if correlation >= 1.0 {
        return normal_cdf(-x.max(y));
    }
    let spread = (1.0 - correlation * correlation).sqrt();
    let density = |z: f64| libm::exp(-z * z / 2.0) / std::f64::consts::TAU.sqrt();
    let at = |z: f64| density(z) * normal_cdf((correlation * z - y) / spread);
    let (steps, end) = (2000, 9.0);
    let h = (end - x) / f64::from(steps);
    let weight = |i: u32| match i {
        0 => 1.0,
        i if i == steps => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let sum: f64 = (0..=steps)
        .map(|i| weight(i) * at(x + f64::from(i) * h))
        .sum();
    sum * h / 3.0
}

/// Log-normal latencies whose tries have a share of their variance in common.
fn hedged_in_common(scenario: &Scenario) -> Vec<Figure> {
    let (median, sigma) = match law(scenario) {
        Dist::LogNormal(law) => (law.median.as_s_f64(), law.sigma),
        other => panic!("{other:?}"),
    };
    let (d, common) = (delay_s(scenario), scenario.providers[0].1.variance.call.0);
    let score = |t: f64| libm::log(t / median) / sigma;
    let survival = |t: f64| match t > d {
        true => bivariate_tail(score(t), score(t - d), common),
        false => normal_cdf(-score(t)),
    };
    let plain = 1000.0 * median * libm::exp(sigma * normal(0.99));
    vec![
        all("latency_verdict_ms_p50", 1000.0 * median),
        of(Some("plain"), "latency_verdict_ms_p99", plain),
        of(Some("hedged"), "hedge_ratio", normal_cdf(-score(d))),
        of(
            Some("hedged"),
            "latency_verdict_ms_p99",
            1000.0 * reaches(survival, 0.01),
        ),
    ]
}

/// The survival function of a leaf, straight between its quantiles, and the same with a hedge.
fn leaf(scenario: &Scenario) -> (impl Fn(f64) -> f64, impl Fn(f64) -> f64) {
    let (at, values) = match law(scenario) {
        Dist::Quantiles(law) => (law.at.clone(), law.values.clone()),
        other => panic!("{other:?}"),
    };
    let plain = move |t: f64| {
        let next = values.partition_point(|value| value.as_s_f64() <= t);
        if next == 0 || next == values.len() {
            return if next == 0 { 1.0 } else { 0.0 };
        }
        let (from, to) = (values[next - 1].as_s_f64(), values[next].as_s_f64());
        1.0 - at[next - 1] - (at[next] - at[next - 1]) * (t - from) / (to - from)
    };
    let (d, alone) = (delay_s(scenario), plain.clone());
    let hedged = move |t: f64| alone(t) * if t < d { 1.0 } else { alone(t - d) };
    (plain, hedged)
}

fn leaves(scenario: &Scenario) -> Vec<Figure> {
    let (plain, hedged) = leaf(scenario);
    let ms = |t: f64| 1000.0 * t;
    vec![
        of(
            Some("plain"),
            "latency_verdict_ms_p99",
            ms(reaches(&plain, 0.01)),
        ),
        of(
            Some("plain"),
            "latency_verdict_ms_p999",
            ms(reaches(&plain, 0.001)),
        ),
        of(
            Some("hedged"),
            "latency_verdict_ms_p99",
            ms(reaches(&hedged, 0.01)),
        ),
        of(
            Some("hedged"),
            "latency_verdict_ms_p999",
            ms(reaches(&hedged, 0.001)),
        ),
        of(Some("hedged"), "hedge_ratio", plain(delay_s(scenario))),
    ]
}

/// The slowest of a hundred leaves: 1800 ms in one read of a thousand, with hedges 74 ms, for 2 % more requests.
pub(crate) fn hundred_leaves(scenario: &Scenario) {
    let (plain, hedged) = leaf(scenario);
    let one_in_a_thousand = 1.0 - libm::pow(0.999, 0.01);
    let read = |survival: &dyn Fn(f64) -> f64| 1000.0 * reaches(survival, one_in_a_thousand);
    let (without, with) = (read(&plain), read(&hedged));
    println!("99.9th percentile of 100 leaves: {without:.1} ms, with hedges {with:.1} ms");
    assert!((without / 1800.0 - 1.0).abs() < 0.01, "{without}");
    assert!((with / 74.0 - 1.0).abs() < 0.01, "{with}");
    assert!((plain(delay_s(scenario)) - 0.02).abs() < 1e-9);
}
