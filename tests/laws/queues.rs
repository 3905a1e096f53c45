//! Queues: whole calls, one slot per server, service by the first token alone.

use squall::experiment::Sample;
use squall::sim::{self, Outcome, Setup};

use crate::fly::{MEAN, P99, fly, holds, scenario};

/// One provider with so many servers and a law of service, and Poisson arrivals per second.
fn queue(
    seed: u64,
    rate: f64,
    servers: u32,
    room: Option<u32>,
    service: &str,
    calls: f64,
) -> String {
    let room = room.map_or(String::new(), |room| format!(", queue = {room}"));
    let warm_up = 20.0;
    let seconds = warm_up + (calls / rate).round();
    format!(
        r#"
        [run]
        duration = "{seconds}s"
        warm-up = "{warm_up}s"
        replications = 60
        seed = {seed}

        [workload]
        arrivals.poisson = {{ rate = "{rate}/s" }}
        tokens.fixed = {{ input = 1, output = 1 }}

        [provider.queue]
        latency.distribution = {{ first-token.{service} }}
        capacity.slots = {{ count = {servers}{room} }}

        [policy.plain]
        "#
    )
}

/// The chance that all of `c` servers are busy at offered load `a`, if nobody waits (Erlang B).
fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// The chance that a call has to wait (Erlang C).
fn erlang_c(c: u32, a: f64) -> f64 {
    let b = erlang_b(c, a);
    let idle = 1.0 - a / f64::from(c);
    b / (idle + (1.0 - idle) * b)
}

#[test]
fn one_server_with_exponential_service_keeps_calls_for_an_exponential_time() {
    let (lambda, mu) = (50.0, 100.0);
    let service = format!("exponential.mean = \"{}ms\"", 1000.0 / mu);
    let flown = fly(&queue(101, lambda, 1, None, &service, 16_000.0));
    let mean_ms = 1000.0 / (mu - lambda);
    flown.law("plain", "latency_verdict_ms_mean", mean_ms, MEAN);
    flown.law(
        "plain",
        "latency_verdict_ms_p50",
        mean_ms * libm::log(2.0),
        MEAN,
    );
    flown.law(
        "plain",
        "latency_verdict_ms_p99",
        mean_ms * libm::log(100.0),
        P99,
    );
}

#[test]
fn several_servers_keep_calls_as_long_as_erlang_says() {
    for (seed, servers, load, calls) in [(102, 2, 1.2, 12_000.0), (103, 8, 6.0, 12_000.0)] {
        let mu = 20.0;
        let lambda = load * mu;
        let service = format!("exponential.mean = \"{}ms\"", 1000.0 / mu);
        let flown = fly(&queue(seed, lambda, servers, None, &service, calls));
        let waiting = erlang_c(servers, load) / (f64::from(servers) * mu - lambda);
        let mean_ms = 1000.0 * (1.0 / mu + waiting);
        println!("c = {servers}, a = {load}");
        flown.law("plain", "latency_verdict_ms_mean", mean_ms, MEAN);
    }
}

/// Calls that find no room fail: Erlang B without a queue, the truncated geometric law with one.
#[test]
fn calls_without_room_are_lost_as_often_as_the_law_says() {
    let service = "exponential.mean = \"50ms\"";
    let (servers, load) = (5, 4.0);
    let flown = fly(&queue(
        104,
        load * 20.0,
        servers,
        Some(0),
        service,
        12_000.0,
    ));
    let lost = erlang_b(servers, load);
    flown.law("plain", "failed_ratio", lost, MEAN);
    flown.law("plain", "latency_success_ms_mean", 50.0, MEAN);

    // More than the one server can do; K calls in the system at most, the one in service included.
    let (rho, k) = (1.2, 5);
    let flown = fly(&queue(105, rho * 20.0, 1, Some(k - 1), service, 12_000.0));
    let weights: Vec<f64> = (0..=k).map(|n| libm::pow(rho, f64::from(n))).collect();
    let all: f64 = weights.iter().sum();
    let lost = weights[k as usize] / all;
    let in_system: f64 = weights
        .iter()
        .zip(0u32..)
        .map(|(w, n)| w * f64::from(n))
        .sum::<f64>()
        / all;
    flown.law("plain", "failed_ratio", lost, MEAN);
    let mean_ms = 1000.0 * in_system / (rho * 20.0 * (1.0 - lost));
    flown.law("plain", "latency_success_ms_mean", mean_ms, MEAN);
}

/// Pollaczek and Khinchine: the wait is λ·E[S²] ÷ 2(1 − ρ).
#[test]
fn one_server_keeps_calls_as_long_as_the_spread_of_its_service_says() {
    let (rho, mean) = (0.5, 0.02);
    let lambda = rho / mean;
    let sigma: f64 = 0.7;
    let median = mean * libm::exp(-sigma * sigma / 2.0);
    let rows = [
        (106, format!("constant = \"{}us\"", 1e6 * mean), mean * mean),
        (
            107,
            format!("uniform = {{ low = \"0s\", high = \"{}us\" }}", 2e6 * mean),
            4.0 * mean * mean / 3.0,
        ),
        (
            108,
            format!(
                "log-normal = {{ median = \"{:.0}ns\", sigma = {sigma} }}",
                1e9 * median
            ),
            median * median * libm::exp(2.0 * sigma * sigma),
        ),
    ];
    for (seed, service, second_moment) in rows {
        let flown = fly(&queue(seed, lambda, 1, None, &service, 10_000.0));
        println!("{service}");
        let wait = lambda * second_moment / (2.0 * (1.0 - rho));
        flown.law(
            "plain",
            "latency_verdict_ms_mean",
            1000.0 * (mean + wait),
            MEAN,
        );
    }
}

/// L = λ·W from the other side: the calls in the system, integrated over time.
#[test]
fn the_mean_number_of_calls_in_the_system_is_that_of_the_law() {
    let rho = 0.5;
    let text = queue(
        109,
        rho * 100.0,
        1,
        None,
        "exponential.mean = \"10ms\"",
        12_000.0,
    );
    let scenario = scenario(&text);
    println!(
        "seed {}, R = {}",
        scenario.run.seed, scenario.run.replications
    );
    let setup = Setup::new(&scenario).expect("the policy fits");
    let in_system = |r| {
        let Outcome { replication, audit } = sim::run(&setup, 0, r);
        assert_eq!(audit.calls_integral_ns, audit.calls_time_ns);
        audit.calls_integral_ns as f64 / replication.end_ns as f64
    };
    let each: Vec<f64> = (0..scenario.run.replications).map(in_system).collect();
    let mean = Sample::mean(&each).expect("there are replications");
    holds(
        "calls in the system",
        &mean.estimate("count"),
        rho / (1.0 - rho),
        MEAN,
    );
}

/// Where every call belongs to the cohort, the record's times are the integral as well.
#[test]
fn the_times_of_the_record_add_up_to_the_integral() {
    let text = queue(
        110,
        50.0,
        3,
        Some(40),
        "exponential.mean = \"10ms\"",
        1000.0,
    )
    .replace("warm-up = \"20s\"", "warm-up = \"0s\"")
    .replace(
        "arrivals.poisson = { rate = \"50/s\" }",
        "arrivals.burst = { count = 70, at = \"3s\" }",
    );
    let scenario = scenario(&text);
    let setup = Setup::new(&scenario).expect("the policy fits");
    for r in 0..50 {
        let Outcome { replication, audit } = sim::run(&setup, 0, r);
        let all = &replication.scopes[0];
        assert_eq!((all.calls, all.success, all.failed), (70, 43, 27));
        assert_eq!(all.latency_verdict.sum_ns, audit.calls_integral_ns);
        assert_eq!(all.latency_success.sum_ns, audit.calls_integral_ns);
    }
}
