//! Sums over the calls of one scope.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::base::{
    Class, Dimension, Duration, EndpointId, Failure, Fallback, Guard, Instant, Measure, Origin,
    Refusal, Request, Sender, Verdict,
};
use crate::record::Sparse;
use crate::record::fallbacks::Fallbacks;
use crate::record::guarding::Guarding;
use crate::record::histogram::grid;
use crate::record::replication::{Sums, Times, UsageRow};

use super::super::frame::Frame;
use super::observing::Observing;
use super::{AttemptRecord, Billed, CallRecord};

/// One quantity of time while it is being recorded.
#[derive(Debug)]
struct Clock {
    n: u64,
    sum_ns: u128,
    max_ns: u64,
    /// Microseconds; made when the first value comes.
    histogram: Option<Histogram<u64>>,
    highest_us: u64,
}

impl Clock {
    fn new(highest_us: u64) -> Clock {
        Clock {
            n: 0,
            sum_ns: 0,
            max_ns: 0,
            histogram: None,
            highest_us,
        }
    }

    fn record(&mut self, time: Duration) {
        self.n += 1;
        self.sum_ns += u128::from(time.0);
        self.max_ns = self.max_ns.max(time.0);
        let us = (time.0.saturating_add(500) / 1000).max(1);
        let highest = self.highest_us;
        let histogram = self.histogram.get_or_insert_with(|| {
            Histogram::new_with_bounds(1, highest, DIGITS)
                .expect("the bounds hold for every horizon: 1 < highest, 3 digits")
        });
        histogram.saturating_record(us);
    }

    fn into_times(self) -> Times {
        let list = |h: Histogram<u64>| {
            h.iter_recorded()
                .map(|v| (v.value_iterated_to(), v.count_at_value()))
                .collect()
        };
        Times {
            n: self.n,
            sum_ns: self.sum_ns,
            max_ns: self.max_ns,
            histogram: Sparse {
                counts: self.histogram.map(list).unwrap_or_default(),
            },
        }
    }
}

/// Significant digits of the histograms.
const DIGITS: u8 = 3;

/// Bills of one endpoint and class.
#[derive(Clone, Copy, Debug, Default)]
struct Bill {
    attempts: u64,
    input: u64,
    output: u64,
    pico_usd: u128,
    bad: u64,
    cached_input: u64,
    cache_write: u64,
    reasoning: u64,
}

impl Bill {
    fn add(&mut self, (usage, classes): Billed) {
        if let Some(classes) = classes {
            self.cached_input += u64::from(classes.cached_input);
            self.cache_write += u64::from(classes.cache_write);
            self.reasoning += u64::from(classes.reasoning);
        }
        self.attempts += 1;
        self.input += usage.input_tokens;
        self.output += usage.output_tokens;
        self.pico_usd += u128::from(usage.pico_usd);
    }
}

/// Endings, and one more for attempts that were in flight when the run was cut.
const ENDINGS: usize = Class::COUNT + 2;

/// Answers to calls that had been put off.
const LATE: usize = Class::COUNT + 1;

/// Sums over the calls of one scope.
#[derive(Debug)]
pub(super) struct ScopeSums {
    horizon: Duration,
    sums: Sums,
    failures: [u64; Failure::COUNT],
    refusals: [u64; Refusal::COUNT],
    limited: [u64; Dimension::COUNT],
    /// Few, the most frequent mostly among the first: faster to search than a tree.
    statuses: Vec<(u16, u64)>,
    /// By endpoint, then by ending.
    bills: Vec<[Bill; ENDINGS]>,
    /// Those of judges likewise; empty until the first comes.
    judge_bills: Vec<[Bill; ENDINGS]>,
    measures: [[u64; Measure::COUNT]; Guard::COUNT],
    pub(super) guarding: Guarding,
    pub(super) observed: Observing,
    good: Clock,
    verdict: Clock,
    success: Clock,
    ttft: Clock,
    queue_wait: Clock,
    failover_added: Clock,
    deferred_delay: Clock,
    /// By bucket of nano-dollars: how many conversations cost that much.
    conversation_cost: BTreeMap<u64, u64>,
    given: [u64; Fallback::COUNT],
}

impl ScopeSums {
    pub(super) fn new(frame: &Frame, endpoints: usize) -> ScopeSums {
        // Twice the longest a call can take within the run; an hour at least.
        let longest = frame.duration + frame.horizon + frame.horizon;
        let highest_us = (longest.0 / 1000).max(3_600_000_000);
        let clock = || Clock::new(highest_us);
        ScopeSums {
            horizon: frame.horizon,
            sums: Sums::default(),
            failures: [0; Failure::COUNT],
            refusals: [0; Refusal::COUNT],
            limited: [0; Dimension::COUNT],
            statuses: Vec::new(),
            bills: vec![[Bill::default(); ENDINGS]; endpoints],
            judge_bills: Vec::new(),
            measures: [[0; Measure::COUNT]; Guard::COUNT],
            guarding: Guarding::default(),
            observed: Observing::default(),
            good: clock(),
            verdict: clock(),
            success: clock(),
            ttft: clock(),
            queue_wait: clock(),
            failover_added: clock(),
            deferred_delay: clock(),
            conversation_cost: BTreeMap::new(),
            given: [0; Fallback::COUNT],
        }
    }

    pub(super) fn on_submit(&mut self, request: &Request, answer_tokens: u32) {
        self.sums.calls += 1;
        let Sender {
            conversation, turn, ..
        } = request.sender;
        self.sums.conversations += u64::from(conversation > 0 && turn == 0);
        self.sums.prompt_tokens += u64::from(request.prompt_tokens);
        self.sums.answer_tokens += u64::from(answer_tokens);
    }

    /// A conversation cost so much in all.
    pub(super) fn on_conversation(&mut self, pico_usd: u128) {
        let nano_usd = u64::try_from((pico_usd + 500) / 1000).unwrap_or(u64::MAX);
        let bucket = grid::bucket(nano_usd);
        *self.conversation_cost.entry(bucket).or_default() += 1;
    }

    /// `fresh` is the first of its call, which may be one that was put off.
    pub(super) fn on_attempt(&mut self, origin: Origin, probe: bool, fresh: bool, again: bool) {
        self.sums.attempts[origin.index()] += 1;
        self.sums.probes += u64::from(probe);
        let sent = match again {
            true => &mut self.sums.fallbacks.sent_again,
            false => &mut self.sums.sent_calls,
        };
        *sent += u64::from(fresh);
    }

    /// A layer of a chain sent an attempt.
    pub(super) fn on_layer_sent(&mut self, layer: usize) {
        let layers = &mut self.sums.layers;
        if layers.len() <= layer {
            layers.resize(layer + 1, 0);
        }
        layers[layer] += 1;
    }

    pub(super) fn on_status(&mut self, status: u16) {
        match self.statuses.iter_mut().find(|(s, _)| *s == status) {
            Some((_, n)) => *n += 1,
            None => self.statuses.push((status, 1)),
        }
    }

    pub(super) fn on_limited(&mut self, dimension: Dimension) {
        self.limited[dimension.index()] += 1;
    }

    pub(super) fn on_degraded(&mut self, by: Fallback) {
        self.given[by.index()] += 1;
    }

    /// A call that was put off is answered after this long, or never.
    pub(super) fn on_forgotten(&mut self, answered: Option<Duration>) {
        match answered {
            Some(after) => {
                self.sums.fallbacks.answered += 1;
                self.deferred_delay.record(after);
            }
            None => self.sums.fallbacks.lost += 1,
        }
    }

    pub(super) fn on_refused(&mut self, refusal: Refusal) {
        self.refusals[refusal.index()] += 1;
    }

    pub(super) fn on_filed(
        &mut self,
        endpoint: EndpointId,
        attempt: &AttemptRecord,
        billed: Billed,
    ) {
        let ending = match attempt.class {
            Some(Class::Ok) if attempt.again => LATE,
            Some(class) => class.index(),
            None => Class::COUNT,
        };
        let bill = &mut self.bills[usize::from(endpoint.0)][ending];
        bill.add(billed);
        bill.bad += u64::from(attempt.bad);
    }

    /// A guard did something; `first` is whether the answer is bad that it is the first to find fault
    /// with.
    pub(super) fn on_guarded(&mut self, guard: Guard, measure: Measure, first: Option<bool>) {
        self.measures[guard.index()][measure.index()] += 1;
        match first {
            Some(true) => self.guarding.flagged_bad += 1,
            Some(false) => self.guarding.flagged_good += 1,
            None => {}
        }
    }

    pub(super) fn on_judge_filed(
        &mut self,
        endpoint: EndpointId,
        class: Option<Class>,
        billed: Billed,
    ) {
        let ending = class.map_or(Class::COUNT, Class::index);
        let endpoints = self.bills.len();
        self.judge_bills
            .resize(endpoints, [Bill::default(); ENDINGS]);
        self.judge_bills[usize::from(endpoint.0)][ending].add(billed);
    }

    pub(super) fn on_finish(
        &mut self,
        now: Instant,
        call: &CallRecord,
        verdict: Verdict,
        good: bool,
        queue_wait: Duration,
    ) {
        let took = now.since(call.arrived);
        self.verdict.record(took);
        // Without a deadline an answer may take longer than H; it never costs more than a failure.
        let cost = if good {
            took.min(self.horizon)
        } else {
            self.horizon
        };
        self.good.record(cost);
        if !queue_wait.is_zero() {
            self.queue_wait.record(queue_wait);
        }
        match verdict {
            Verdict::Success => self.on_success(call, took, good),
            Verdict::Degraded => self.sums.degraded += 1,
            Verdict::Failed(failure) => {
                self.sums.failed += 1;
                self.failures[failure.index()] += 1;
            }
        }
    }

    fn on_success(&mut self, call: &CallRecord, took: Duration, good: bool) {
        self.sums.success += 1;
        self.sums.good += u64::from(good);
        self.success.record(took);
        if let Some(time) = call.ttft() {
            self.ttft.record(time);
        }
        if let Some(time) = call.failover_added() {
            self.failover_added.record(time);
        }
    }

    pub(super) fn on_unfinished(&mut self) {
        self.sums.unfinished += 1;
        self.verdict.record(self.horizon);
        self.good.record(self.horizon);
    }

    pub(super) fn into_sums(self, endpoints: &[String]) -> Sums {
        let mut usage = usage_rows(&self.bills, endpoints, |class| match class {
            Some(Class::Ok) => "won",
            _ => "lost",
        });
        usage.extend(usage_rows(&self.judge_bills, endpoints, |_| "judge"));
        let guarding = Guarding {
            measures: measures(&self.measures),
            ..self.guarding
        };
        let costs = self.conversation_cost.into_iter();
        let costs = costs.filter_map(|(bucket, n)| Some((grid::highest(bucket)?, n)));
        Sums {
            conversation_cost: Sparse {
                counts: costs.collect(),
            },
            failures: named(Failure::ALL, &self.failures, Failure::name),
            refusals: named(Refusal::ALL, &self.refusals, Refusal::name),
            statuses: self.statuses.into_iter().collect(),
            limited: named(Dimension::ALL, &self.limited, Dimension::name),
            usage,
            guarding,
            observed: self.observed.close(),
            latency_good: self.good.into_times(),
            latency_verdict: self.verdict.into_times(),
            latency_success: self.success.into_times(),
            ttft: self.ttft.into_times(),
            queue_wait: self.queue_wait.into_times(),
            failover_added: self.failover_added.into_times(),
            fallbacks: Fallbacks {
                given: named(Fallback::ALL, &self.given, Fallback::name),
                delay: self.deferred_delay.into_times(),
                ..self.sums.fallbacks
            },
            ..self.sums
        }
    }
}

fn usage_rows(
    bills: &[[Bill; ENDINGS]],
    endpoints: &[String],
    outcome: impl Fn(Option<Class>) -> &'static str,
) -> Vec<UsageRow> {
    let mut rows = Vec::new();
    for (endings, endpoint) in bills.iter().zip(endpoints) {
        for (i, bill) in endings
            .iter()
            .enumerate()
            .filter(|(_, bill)| bill.attempts > 0)
        {
            let late = i == LATE;
            let class = Class::ALL.get(i).or(late.then_some(&Class::Ok));
            rows.push(UsageRow {
                endpoint: endpoint.clone(),
                class: class.map_or("unfinished", |c| c.name()).into(),
                outcome: match late {
                    true => "late",
                    false => outcome(class.copied()),
                }
                .into(),
                attempts: bill.attempts,
                input_tokens: bill.input,
                output_tokens: bill.output,
                pico_usd: bill.pico_usd,
                bad_answers: bill.bad,
                cached_input_tokens: bill.cached_input,
                cache_write_tokens: bill.cache_write,
                reasoning_tokens: bill.reasoning,
            });
        }
    }
    rows
}

fn measures(counts: &[[u64; Measure::COUNT]; Guard::COUNT]) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (guard, by_measure) in Guard::ALL.iter().zip(counts) {
        for (measure, n) in Measure::ALL.iter().zip(by_measure).filter(|(_, n)| **n > 0) {
            all.insert(format!("{guard} {measure}"), *n);
        }
    }
    all
}

pub(super) fn named<T: Copy>(
    all: &[T],
    counts: &[u64],
    name: fn(T) -> &'static str,
) -> BTreeMap<String, u64> {
    let pairs = all.iter().zip(counts).filter(|(_, n)| **n > 0);
    pairs
        .map(|(value, n)| (name(*value).to_string(), *n))
        .collect()
}
