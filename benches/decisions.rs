//! What each kind of policy adds to a call, in the engine alone: no world, no queue, no record.
//!
//! A call arrives every millisecond, its attempts end after 20 ms, one in ten with a 503. Every row is a policy with
//! one kind switched on; `off` has none. Rounds in turn and in CPU time of the thread: the difference to `off`
//! in the same round, median of the rounds. `cargo bench --bench decisions` prints the table of `benches/README.md`.

#[path = "full_stack/clock.rs"]
mod clock;

use std::collections::VecDeque;
use std::hint::black_box;

use clock::thread_cpu;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Advice, Code, Priority, Request, Signal};
use squall::base::{CallId, Draws, Duration, Ending, Instant, Receipt, Usage};
use squall::engine::{Call, Client, ClientFact, Fact, Output, Policy};
use squall::policy::Config;
use squall::scenario::check_str;

/// What is switched on, beside a retry.
const ROWS: &[(&str, &str)] = &[
    ("off", ""),
    (
        "retry.backoff.exponential",
        "retry.backoff.exponential = { base = \"5ms\", jitter = \"full\" }",
    ),
    ("retry.server-wait", "retry.server-wait.jitter = 0.5"),
    (
        "retry.skip-hopeless",
        "retry.skip-hopeless = { quantile = 0.5 }",
    ),
    ("timeout.total", "timeout.total = \"5s\""),
    ("budget.share", "budget.share.ratio = 0.2"),
    ("budget.expiring-share", "budget.expiring-share = {}"),
    ("budget.retry-quota", "budget.retry-quota = {}"),
    ("budget.retry-throttle", "budget.retry-throttle = {}"),
    ("budget.concurrent", "budget.concurrent = {}"),
    ("budget.time", "budget.time.limit = \"8s\""),
    (
        "budget.tokens",
        "budget.tokens = { share = \"20%\", reserve = 1000000 }",
    ),
    (
        "budget.dollars",
        "budget.dollars = { share = \"20%\", reserve = \"$1\" }",
    ),
    (
        "breaker.consecutive",
        "breaker.consecutive = { failures = 20, open = \"1s\" }",
    ),
    (
        "breaker.count-window",
        "breaker.count-window = { failures = \"90%\", size = 100, open = \"1s\" }",
    ),
    (
        "breaker.time-window",
        "breaker.time-window = { failures = \"90%\", span = \"10s\", open = \"1s\" }",
    ),
    (
        "breaker.ema",
        "breaker.ema = { success = \"20%\", span = \"10s\", open = \"1s\" }",
    ),
    (
        "breaker.max-fails",
        "breaker.max-fails = { failures = 100000, span = \"1s\", open = \"1s\" }",
    ),
    (
        "breaker.outlier",
        "breaker.outlier = { min-endpoints = 2, open = \"1s\" }",
    ),
    ("throttle.adaptive", "throttle.adaptive = {}"),
    ("hedge.fixed", "hedge.fixed.after = \"5s\""),
    (
        "hedge.percentile",
        "hedge.percentile = { at = \"99%\", floor = \"1s\" }",
    ),
    (
        "quota.requests",
        "quota.requests = { rate = \"100000/s\", burst = 1000 }",
    ),
    (
        "quota.tokens",
        "quota.tokens = { rate = \"1000000000/s\", burst = 100000000 }",
    ),
    ("quota.adaptive", "quota.adaptive = {}"),
    ("limiter.fixed", "limiter.fixed.limit = 100000"),
    (
        "limiter.aimd",
        "limiter.aimd = { initial = 100000, min = 100000, max = 100000 }",
    ),
    (
        "limiter.vegas",
        "limiter.vegas = { initial = 100000, min = 100000, max = 100000 }",
    ),
    (
        "limiter.gradient2",
        "limiter.gradient2 = { initial = 100000, min = 100000, max = 100000 }",
    ),
    (
        "limiter.gradient",
        "limiter.gradient = { min = 100000, max = 100000 }",
    ),
    ("route.round-robin", "route = \"round-robin\""),
    ("route.weighted", "route = \"weighted\""),
    ("route.least-busy", "route = \"least-busy\""),
    ("route.latency", "route = \"latency\""),
    ("route.usage", "route = \"usage\""),
    (
        "steering",
        "steering = { away = \"30s\", back-over = \"10s\" }",
    ),
];

fn policy(text: &str) -> Config {
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n[provider.b]\n\
         [policy.p]\nretry.attempts = 3\n{text}\n"
    );
    let scenarios = check_str("s.toml", &text).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
    let mut scenario = scenarios.into_iter().next().expect("one scenario");
    scenario.policies.remove(0).1
}

/// Calls of a round: the clock is exact to a tick, so a round must last tens of them.
const CALLS: u32 = 200_000;

/// Places for calls: far more than are ever open.
const PLACES: usize = 1024;

/// Rounds; odd for the median.
const ROUNDS: usize = 11;

/// How long an attempt takes.
const TAKES: Duration = Duration::from_ms(20);

/// One client and what is in flight: all attempts take as long, so the oldest ends first.
struct Bench {
    policy: Policy,
    client: Client,
    calls: Vec<Call>,
    in_flight: VecDeque<(Instant, usize, Receipt)>,
    outputs: Vec<Output>,
    ended: u64,
}

impl Bench {
    fn new(config: &Config) -> Bench {
        let policy = Policy::new(config, &["a", "b"]).expect("a route of a and b");
        let draws = Draws::new(Root::new(1, Stage::Run, 0));
        Bench {
            client: Client::new(&policy, 2, draws),
            policy,
            calls: Vec::with_capacity(PLACES),
            in_flight: VecDeque::new(),
            outputs: Vec::new(),
            ended: 0,
        }
    }

    /// All calls of a round, to their end.
    fn run(&mut self) -> u64 {
        let request = Request {
            prompt_tokens: 100,
            max_tokens: 100,
            stream: false,
            priority: Priority::Normal,
            sender: squall::base::Sender::NOBODY,
            needs: squall::base::Capabilities::NONE,
        };
        for n in 0..u64::from(CALLS) {
            let now = Instant::ZERO + Duration::from_ms(n);
            self.end_until(now);
            let deadline = now + Duration::from_s(30);
            let call = Call::new(CallId::new(0, n), n as u32, request, deadline);
            let place = n as usize % PLACES;
            if place == self.calls.len() {
                self.calls.push(call);
            } else {
                assert!(self.calls[place].is_finished(), "its place is free");
                self.calls[place] = call;
            }
            self.tell(now, place, Fact::Submitted);
        }
        self.end_until(Instant::NEVER);
        self.ended
    }

    fn end_until(&mut self, until: Instant) {
        while let Some(&(at, call, receipt)) = self.in_flight.front()
            && at <= until
        {
            self.in_flight.pop_front();
            self.ended += 1;
            let ending = match self.ended % 10 {
                0 => Ending::Status {
                    status: 503,
                    code: Code::None,
                    advice: Advice::NONE,
                },
                _ => Ending::text(100),
            };
            let attempt = receipt.attempt;
            self.tell(
                at,
                call,
                Fact::Signal {
                    attempt,
                    signal: Signal::End(ending),
                },
            );
            let usage = Usage {
                input_tokens: 100,
                output_tokens: 50,
                pico_usd: 1_000_000,
            };
            let bill = ClientFact::Settled { receipt, usage };
            self.client
                .handle_own(&self.policy, at, bill, &mut self.outputs);
            self.outputs.clear();
            // A backoff's wait is cut short: only what it is decided by is measured.
            if !self.calls[call].is_finished() && self.calls[call].in_flight() == 0 {
                let wake = self.calls[call].wake_at();
                self.tell(wake, call, Fact::Wake);
            }
        }
    }

    fn tell(&mut self, now: Instant, call: usize, fact: Fact) {
        self.client.handle(
            &self.policy,
            &mut self.calls[call],
            now,
            fact,
            &mut self.outputs,
        );
        for output in self.outputs.drain(..) {
            if let Output::Dispatch { receipt, .. } = output {
                self.in_flight.push_back((now + TAKES, call, receipt));
            }
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let only_runs = !std::env::args().any(|a| a == "--bench");
    let configs: Vec<Config> = ROWS.iter().map(|(_, text)| policy(text)).collect();
    let rounds = if only_runs { 1 } else { ROUNDS };
    let mut took: Vec<Vec<f64>> = vec![Vec::new(); ROWS.len()];
    for _ in 0..rounds {
        for (config, took) in configs.iter().zip(&mut took) {
            let mut bench = Bench::new(config);
            let start = thread_cpu();
            let ended = black_box(bench.run());
            let ns = (thread_cpu() - start).as_secs_f64() * 1e9;
            assert!(ended >= u64::from(CALLS), "every call was sent");
            took.push(ns / f64::from(CALLS));
        }
    }
    println!("{rounds} rounds of {CALLS} calls, medians; one attempt in ten fails");
    println!("{:<28} {:>8} {:>8}", "", "ns/call", "adds");
    for ((name, _), ns) in ROWS.iter().zip(&took) {
        let adds = ns.iter().zip(&took[0]).map(|(ns, off)| ns - off).collect();
        println!(
            "{name:<28} {:>8.0} {:>8.0}",
            median(ns.clone()),
            median(adds)
        );
    }
}
