//! A client's own pacing: in any window at most burst + rate·T attempts go out, in order of arrival.

use std::collections::VecDeque;

use squall::base::wire::{Advice, Code, Ending, Signal};
use squall::base::{Instant, Origin};
use squall::engine::{Call, Client, ClientFact, Fact, Output};
use squall::sim::Setup;

use crate::fly::{fly, scenario};

/// Attempts as they went out: when, of which call, why.
type Sent = Vec<(Instant, u32, Origin)>;

/// Runs one process by itself against an endpoint that answers at once: with an error for the first
/// attempt of every third call, and else with an answer. Returns what was sent and how many calls
/// succeeded.
fn sent(text: &str) -> (Sent, usize) {
    let scenario = scenario(text);
    println!("seed {}", scenario.run.seed);
    let setup = Setup::new(&scenario).expect("the policy fits");
    let policy = &setup.policies[0];
    let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(0));
    let mut client = Client::new(policy, 1, setup.draws(0));
    let mut calls: Vec<Call> = Vec::new();
    let (mut sent, mut successes) = (Sent::new(), 0);
    let mut next = traffic.next(&draws);
    loop {
        let arrival = next.as_ref().map_or(Instant::NEVER, |call| call.at);
        let open = || {
            calls
                .iter()
                .enumerate()
                .filter(|(_, call)| !call.is_finished())
        };
        let wakes = open()
            .map(|(slot, call)| (call.wake_at(), slot as u32))
            .min();
        let own = client.wake_at();
        let now = arrival
            .min(own)
            .min(wakes.map_or(Instant::NEVER, |(at, _)| at));
        if now == Instant::NEVER {
            assert_eq!(open().count(), 0, "nobody is forgotten in the line");
            return (sent, successes);
        }
        let mut todo: VecDeque<(u32, Fact)> = VecDeque::new();
        if let Some((_, slot)) = wakes.filter(|(at, _)| *at == now) {
            todo.push_back((slot, Fact::Wake));
        } else if own == now {
            let mut outputs = Vec::new();
            client.handle_own(policy, now, ClientFact::Wake, &mut outputs);
            todo.extend(outputs.iter().filter_map(|output| match output {
                Output::Ready { slot } => Some((*slot, Fact::Wake)),
                _ => None,
            }));
            assert!(
                !todo.is_empty() || client.wake_at() > now,
                "a wake-up does something"
            );
        } else if let Some(call) = next.take() {
            let slot = calls.len() as u32;
            let deadline = scenario
                .workload
                .deadline
                .map_or(Instant::NEVER, |d| now + d);
            calls.push(Call::new(call.id, slot, call.request, deadline));
            todo.push_back((slot, Fact::Submitted));
            next = traffic
                .next(&draws)
                .filter(|call| call.at < setup.frame.duration);
        }
        while let Some((slot, fact)) = todo.pop_front() {
            let mut outputs = Vec::new();
            let call = &mut calls[slot as usize];
            client.handle(policy, call, now, fact, &mut outputs);
            for output in outputs {
                match output {
                    Output::Dispatch {
                        receipt, origin, ..
                    } => {
                        sent.push((now, slot, origin));
                        let fails = receipt.attempt == 0 && slot % 3 == 0;
                        let ending = if fails { error() } else { complete() };
                        let signal = Signal::End(ending);
                        let attempt = receipt.attempt;
                        todo.push_back((slot, Fact::Signal { attempt, signal }));
                    }
                    Output::Ready { slot } => todo.push_back((slot, Fact::Wake)),
                    Output::Deliver { .. } => successes += 1,
                    _ => {}
                }
            }
        }
    }
}

fn error() -> Ending {
    Ending::Status {
        status: 500,
        code: Code::None,
        advice: Advice::NONE,
    }
}

fn complete() -> Ending {
    Ending::text(100)
}

fn text(seed: u64, arrivals: &str, policy: &str) -> String {
    format!(
        r#"
        [run]
        duration = "60s"
        seed = {seed}
        [workload]
        arrivals.{arrivals}
        tokens.fixed = {{ input = 1, output = 1 }}
        [provider.api]
        [policy.paced]
        {policy}
        "#
    )
}

/// (n − 1)·period ≤ (burst − 1)·period + rate·(t_j − t_i), in integers, for every pair i ≤ j.
fn bounded(sent: &Sent, burst: u64, per_second: u64) {
    let ns = |at: Instant| i128::from(at.0) * i128::from(per_second);
    let second = 1_000_000_000i128;
    let mut least = i128::MAX;
    for (j, &(at, ..)) in sent.iter().enumerate() {
        least = least.min(j as i128 * second - ns(at));
        let most = (j as i128 + 1) * second - ns(at) - least;
        assert!(
            most <= i128::from(burst) * second,
            "attempt {j} at {at:?} is one too many"
        );
    }
}

#[test]
fn no_window_has_more_attempts_than_burst_and_rate_allow() {
    for (seed, arrivals, rate, burst) in [
        (741, "burst.count = 300", 7, 1),
        (742, "burst.count = 300", 50, 20),
        (743, "poisson.rate = \"12/s\"", 15, 5),
        (
            744,
            "spike = { rate = \"3/s\", peak = \"50/s\", at = \"20s\", for = \"5s\" }",
            9,
            3,
        ),
    ] {
        let policy = format!(
            "retry.attempts = 2\n\
             quota.requests = {{ rate = \"{rate}/s\", burst = {burst}, max-wait = \"1h\" }}"
        );
        let (sent, successes) = sent(&text(seed, arrivals, &policy));
        let calls = 1 + sent
            .iter()
            .map(|(_, slot, _)| *slot)
            .max()
            .expect("something is sent");
        println!(
            "{arrivals}, {rate}/s, burst {burst}: {} attempts of {calls} calls",
            sent.len()
        );
        bounded(&sent, burst, rate);
        assert_eq!(successes, calls as usize, "every call has its turn");
        assert_eq!(sent.len(), (calls + calls.div_ceil(3)) as usize);
        // First attempts go out in the order the calls came.
        let firsts = sent.iter().filter(|(.., origin)| *origin == Origin::First);
        assert!(firsts.map(|(_, slot, _)| *slot).is_sorted());
    }
}

#[test]
fn a_line_that_is_never_empty_sends_at_the_rate_to_the_nanosecond() {
    let (sent, _) = sent(&text(
        745,
        "burst.count = 300",
        "quota.requests = { rate = \"8/s\", burst = 4, max-wait = \"1h\" }",
    ));
    for (i, &(at, slot, _)) in sent.iter().enumerate() {
        assert_eq!(
            (at.0, slot),
            ((i as u64).saturating_sub(3) * 125_000_000, i as u32)
        );
    }
    assert_eq!(sent.len(), 300);
}

/// The same bound from outside, over whole runs: attempts by window of time.
#[test]
fn no_window_of_a_run_has_more_attempts_than_the_quota_lets_go() {
    let flown = fly(r#"
        [run]
        duration = "20s"
        replications = 50
        seed = 746
        [workload]
        arrivals.poisson = { rate = "40/s" }
        tokens.fixed = { input = 1, output = 1 }
        deadline = "5s"
        [provider.api]
        latency.distribution = { first-token.exponential.mean = "200ms" }
        [[fault]]
        name = "errors"
        on = ["api"]
        at = "0s"
        for = "1h"
        effect.error-rate = { bad = 0.3 }
        [policy.paced]
        retry.attempts = 4
        quota.requests = { rate = "30/s", burst = 6, max-wait = "3s" }
    "#);
    for run in flown.runs("paced") {
        let windows = run.windows.first.iter().zip(&run.windows.retry);
        let sent: Vec<u32> = windows.map(|(first, retry)| first + retry).collect();
        assert_eq!(sent.len(), 200);
        for from in 0..sent.len() {
            let mut sum = 0;
            for (i, n) in sent[from..].iter().enumerate() {
                sum += n;
                assert!(
                    sum as usize <= 6 + 3 * (i + 1),
                    "{sum} in {} windows",
                    i + 1
                );
            }
        }
        assert!(
            sent.iter().sum::<u32>() >= 6 + 3 * 200 - 12,
            "demand is above the rate"
        );
    }
}

/// Errors that come in the very instant of a token do not overtake those who wait for it: no call
/// is tried again before the last of the crowd was tried once.
#[test]
fn a_retry_joins_the_end_of_the_line() {
    let flown = fly(r#"
        [run]
        duration = "20s"
        replications = 50
        seed = 747
        [workload]
        arrivals.burst.count = 40
        tokens.fixed = { input = 1, output = 1 }
        [provider.api]
        network.out.constant = "0s"
        network.back.constant = "125ms"
        [[fault]]
        name = "outage"
        on = ["api"]
        at = "0s"
        for = "1h"
        effect.outage = {}
        [policy.paced]
        retry.attempts = 2
        quota.requests = { rate = "8/s", burst = 1, max-wait = "1h" }
    "#);
    for run in flown.runs("paced") {
        // Windows of 100 ms: attempt i goes out at i · 125 ms.
        let windows = |attempts: std::ops::Range<usize>| {
            let mut counts = vec![0u32; 200];
            attempts.for_each(|i| counts[i * 125 / 100] += 1);
            counts
        };
        assert_eq!(run.windows.first, windows(0..40));
        assert_eq!(run.windows.retry, windows(40..80));
    }
}
