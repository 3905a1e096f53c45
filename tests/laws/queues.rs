//! Queues: whole calls, one slot per server, service by the first token alone.

use crate::fly::{MEAN, P99, fly};

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
