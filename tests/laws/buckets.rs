//! Token buckets: in any window of length T at most B + r·T pass, and under overload no less.

use squall::base::wire::{Ending, Priority, Signal};
use squall::base::{EndpointId, Instant, Receipt};
use squall::scenario::Scenario;
use squall::sim::Setup;
use squall::workload::traffic::Submission;
use squall::world::{Fact, NewJob, Output, Truth, World};

use crate::fly::{fly, scenario};

/// What passed: when, and how many tokens.
type Passed = Vec<(Instant, u64)>;

/// A bucket of `capacity` tokens that gains `refill` per minute.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    capacity: u64,
    refill: u64,
}

const MINUTE_NS: i128 = 60_000_000_000;

impl Bucket {
    /// Asserts the bound for every window that begins and ends with something that passed, in
    /// integers: for all i ≤ j, (w_i + … + w_j)·P ≤ B·P + r·(t_j − t_i).
    fn bounds(&self, passed: &Passed) {
        let (mut sum, mut least) = (0i128, i128::MAX);
        for &(at, tokens) in passed {
            let gained = i128::from(at.0) * i128::from(self.refill);
            least = least.min(sum * MINUTE_NS - gained);
            sum += i128::from(tokens);
            let most = sum * MINUTE_NS - gained - least;
            assert!(
                most <= i128::from(self.capacity) * MINUTE_NS,
                "{self:?}: too much by {at:?}"
            );
        }
    }

    /// Asserts that between two refusals, with the bucket never full in between, exactly what came
    /// in went out, but for less than the second refusal asked for.
    fn is_used_up(&self, passed: &Passed, first: Instant, last: (Instant, u64)) {
        let between = passed.iter().filter(|(at, _)| (first..last.0).contains(at));
        let sum: u64 = between.map(|(_, n)| n).sum();
        let gained = i128::from(last.0.since(first).0) * i128::from(self.refill);
        let left = gained - i128::from(sum) * MINUTE_NS;
        assert!(
            left < i128::from(last.1) * MINUTE_NS,
            "{self:?}: something was lost on the way"
        );
    }
}

/// Ten minutes of Poisson traffic at one provider without delays.
fn overloaded(seed: u64, limits: &str, fault: &str) -> Scenario {
    scenario(&format!(
        r#"
        [run]
        duration = "10m"
        seed = {seed}
        [workload]
        arrivals.spike = {{ rate = "3/s", peak = "60/s", at = "4m", for = "1m" }}
        tokens.distribution = {{ input.exponential.mean = 300, output.constant = 10 }}
        max-tokens = 100
        [provider.api]
        latency.distribution = {{ first-token.constant = "0s" }}
        limits = {{ {limits} }}
        {fault}
        [policy.plain]
        "#
    ))
}

/// Sends every call of the first replication to the world by itself: what passed of requests,
/// prompt tokens and reserved answer tokens, and the calls that were refused.
fn admitted(scenario: &Scenario) -> (Vec<Submission>, Vec<Submission>) {
    let setup = Setup::new(scenario).expect("the policy fits");
    println!("seed {}", scenario.run.seed);
    let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(0));
    let mut world = setup.world.world(setup.draws(0));
    let (mut passed, mut refused) = (Vec::new(), Vec::new());
    let mut fault = scenario.faults.first().map(|fault| fault.from());
    while let Some(call) = traffic.next(&draws).filter(|c| c.at < setup.frame.duration) {
        if fault.is_some_and(|at| at <= call.at) {
            let starts = Fact::FaultStarts { fault: 0 };
            world.handle(fault.take().expect("it is some"), starts, &mut Vec::new());
        }
        match answer(&mut world, &call) {
            Ending::Answer { .. } => passed.push(call),
            Ending::Status { status: 429, .. } => refused.push(call),
            other => panic!("{other:?}"),
        }
    }
    (passed, refused)
}

/// How a call ends at a world that takes no time.
fn answer(world: &mut World<()>, call: &Submission) -> Ending {
    let receipt = Receipt {
        call: call.id,
        endpoint: EndpointId(0),
        attempt: 0,
        nth_at_endpoint: 0,
        priority: Priority::Normal,
    };
    let job = NewJob {
        note: (),
        receipt,
        request: call.request,
        truth: Truth::of_call(call.answer_tokens),
    };
    let (job, at) = world.request(call.at, job);
    assert_eq!(at, call.at, "nothing takes time here");
    let mut todo = vec![Fact::Wake { job }];
    let mut ending = None;
    while let Some(fact) = todo.pop() {
        let mut outputs = Vec::new();
        world.handle(call.at, fact, &mut outputs);
        for output in outputs {
            match output {
                Output::Next { job, at } => {
                    assert_eq!(at, call.at, "nothing takes time here");
                    todo.push(Fact::Wake { job });
                }
                Output::Signal {
                    signal: Signal::End(end),
                    ..
                } => ending = Some(end),
                Output::Signal { .. } | Output::Settled { .. } | Output::Tick { .. } => {}
            }
        }
    }
    world.release(job);
    ending.expect("every request is answered")
}

fn sizes(calls: &[Submission], size: fn(&Submission) -> u64) -> Passed {
    calls.iter().map(|call| (call.at, size(call))).collect()
}

#[test]
fn every_limit_of_a_provider_passes_what_its_bucket_holds_and_gains() {
    let per_call: fn(&Submission) -> u64 = |_| 1;
    let prompt: fn(&Submission) -> u64 = |call| u64::from(call.request.prompt_tokens);
    let answer: fn(&Submission) -> u64 = |call| u64::from(call.request.max_tokens);
    let both: fn(&Submission) -> u64 =
        |call| u64::from(call.request.prompt_tokens + call.request.max_tokens);
    let bucket = |capacity, refill| Bucket { capacity, refill };
    for (seed, limits, bucket, size) in [
        (701, "rpm = 120", bucket(120, 120), per_call),
        (702, "rpm = 120, slice = \"5s\"", bucket(10, 120), per_call),
        (703, "rpm = 60, slice = \"1s\"", bucket(1, 60), per_call),
        (704, "tpm = 40_000", bucket(40_000, 40_000), both),
        (705, "input-tpm = 30_000", bucket(30_000, 30_000), prompt),
        (706, "output-tpm = 9_000", bucket(9_000, 9_000), answer),
    ] {
        let (passed, refused) = admitted(&overloaded(seed, limits, ""));
        let sizes = sizes(&passed, size);
        println!(
            "{limits}: {} passed, {} refused",
            passed.len(),
            refused.len()
        );
        bucket.bounds(&sizes);
        // In the spike demand is far above the rate: the bucket is never full again.
        let spike = Instant(240_000_000_000)..Instant(300_000_000_000);
        let mut refused = refused.iter().filter(|call| spike.contains(&call.at));
        let first = refused.next().expect("there is too much");
        let last = refused.next_back().expect("there is far too much");
        assert!(last.at.since(first.at).0 > 50_000_000_000);
        bucket.is_used_up(&sizes, first.at, (last.at, size(last)));
    }
}

#[test]
fn several_limits_hold_all_at_once() {
    let limits = "rpm = 150, tpm = 60_000, input-tpm = 45_000, output-tpm = 15_000";
    let (passed, refused) = admitted(&overloaded(711, limits, ""));
    assert!(!passed.is_empty() && !refused.is_empty());
    let bucket = |n| Bucket {
        capacity: n,
        refill: n,
    };
    bucket(150).bounds(&sizes(&passed, |_| 1));
    bucket(60_000).bounds(&sizes(&passed, |c| {
        u64::from(c.request.prompt_tokens + c.request.max_tokens)
    }));
    bucket(45_000).bounds(&sizes(&passed, |c| u64::from(c.request.prompt_tokens)));
    bucket(15_000).bounds(&sizes(&passed, |c| u64::from(c.request.max_tokens)));
}

#[test]
fn a_storm_shrinks_bucket_and_rate_alike() {
    let storm = r#"
        [[fault]]
        name = "storm"
        on = ["api"]
        at = "2m"
        for = "8m"
        effect.rate-limit = { factor = 0.25 }
    "#;
    // Before it the bucket is full: the rate of calls is below that of the limit.
    let (passed, refused) = admitted(&overloaded(721, "rpm = 240", storm));
    assert!(!refused.is_empty());
    let from = Instant(120_000_000_000);
    let inside: Vec<Submission> = passed.iter().filter(|c| c.at >= from).copied().collect();
    assert!(inside.len() > 200);
    let shrunk = Bucket {
        capacity: 60,
        refill: 60,
    };
    shrunk.bounds(&sizes(&inside, |_| 1));
    let whole = Bucket {
        capacity: 240,
        refill: 240,
    };
    whole.bounds(&sizes(&passed, |_| 1));
}

/// The same bound from outside, over whole runs with retries: answers by window of time.
#[test]
fn no_window_of_a_run_has_more_answers_than_the_limit_lets_pass() {
    let flown = fly(r#"
        [run]
        duration = "20s"
        replications = 50
        seed = 731
        [workload]
        arrivals.poisson = { rate = "60/s" }
        tokens.fixed = { input = 1, output = 1 }
        deadline = "10s"
        [provider.api]
        latency.distribution = { first-token.constant = "0s" }
        limits = { rpm = 1200, slice = "1s" }
        [policy.retry]
        retry.attempts = 5
        retry.backoff.exponential = { base = "200ms", jitter = "full" }
        [policy.told]
        retry.attempts = 5
        retry.server-wait = { honour = true, cap = "60s" }
    "#);
    for policy in ["retry", "told"] {
        for run in flown.runs(policy) {
            let good = &run.windows.good;
            // Windows of 100 ms; 20 at once and 2 per window.
            assert_eq!(good.len(), 200);
            for from in 0..good.len() {
                let mut sum = 0;
                for (i, n) in good[from..].iter().enumerate() {
                    sum += n;
                    assert!(sum as usize <= 20 + 2 * (i + 1), "{policy}: {sum} in {i}");
                }
            }
            // Three times the limit: it is used up.
            assert!(good.iter().sum::<u32>() >= 20 + 2 * 200 - 8);
        }
    }
}
