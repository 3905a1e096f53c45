//! What is added up, over all calls that count and over those that arrived in the outage.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use squall::base::{Class, Duration, Failure, Instant, Origin, Refusal, Usage, Verdict};
use squall::record::Sparse;
use squall::record::replication::{self, Times, UsageRow};

use super::super::model::{DEADLINE, FULL_STATUS, Model, Numbers, OUTAGE_STATUS};
use super::super::totals::Totals;
use super::client::Call;

/// Everything that is added up.
pub(super) struct Sums {
    scopes: [Scope; 2],
    warm_up: Instant,
    duration: Instant,
    outage: (Instant, Instant),
    submitted: u64,
    breaker_trips: u64,
    /// The tenth of a second of the newest attempt that was not a first one, how many it has, and
    /// the most that any had.
    peak: (u64, u64, u64),
}

struct Scope {
    plain: replication::Sums,
    failures: [u64; Failure::COUNT],
    refusals: [u64; Refusal::COUNT],
    statuses: [u64; STATUSES.len()],
    bills: [[UsageRow; Class::COUNT]; 2],
    good: Clock,
    verdict: Clock,
    success: Clock,
    ttft: Clock,
    failover_added: Clock,
}

const STATUSES: [u16; 4] = [200, 429, OUTAGE_STATUS, FULL_STATUS];

struct Clock {
    times: Times,
    histogram: Histogram<u64>,
}

impl Clock {
    fn new(model: &Model) -> Clock {
        let longest = model.duration + DEADLINE + DEADLINE;
        let highest_us = (longest.0 / 1000).max(3_600_000_000);
        Clock {
            times: Times::default(),
            histogram: Histogram::new_with_bounds(1, highest_us, 3).expect("the bounds hold"),
        }
    }

    fn record(&mut self, time: Duration) {
        self.times.n += 1;
        self.times.sum_ns += u128::from(time.0);
        self.times.max_ns = self.times.max_ns.max(time.0);
        self.histogram
            .saturating_record(((time.0 + 500) / 1000).max(1));
    }

    fn into_times(mut self) -> Times {
        let counts = self.histogram.iter_recorded();
        let counts = counts.map(|v| (v.value_iterated_to(), v.count_at_value()));
        self.times.histogram = Sparse {
            counts: counts.collect(),
        };
        self.times
    }
}

impl Sums {
    pub(super) fn new(model: &Model) -> Sums {
        let scope = || Scope {
            plain: replication::Sums::default(),
            failures: [0; Failure::COUNT],
            refusals: [0; Refusal::COUNT],
            statuses: [0; STATUSES.len()],
            bills: std::array::from_fn(|_| std::array::from_fn(|_| UsageRow::default())),
            good: Clock::new(model),
            verdict: Clock::new(model),
            success: Clock::new(model),
            ttft: Clock::new(model),
            failover_added: Clock::new(model),
        };
        Sums {
            scopes: [scope(), scope()],
            warm_up: Instant::ZERO + model.warm_up(),
            duration: Instant::ZERO + model.duration,
            outage: model.outage(),
            submitted: 0,
            breaker_trips: 0,
            peak: (0, 0, 0),
        }
    }

    /// Does something to every scope of a call.
    fn each(&mut self, scopes: u8, mut f: impl FnMut(&mut Scope)) {
        if scopes & 1 != 0 {
            f(&mut self.scopes[0]);
        }
        if scopes & 2 != 0 {
            f(&mut self.scopes[1]);
        }
    }

    /// Counts a call and says its scopes: bit 0 if it counts, bit 1 if it arrived in the outage.
    pub(super) fn on_submit(&mut self, now: Instant, prompt: u32, answer: u32) -> u8 {
        self.submitted += 1;
        let counts = (self.warm_up..self.duration).contains(&now);
        let hit = counts && (self.outage.0..self.outage.1).contains(&now);
        let scopes = u8::from(counts) | u8::from(hit) << 1;
        self.each(scopes, |s| {
            s.plain.calls += 1;
            s.plain.prompt_tokens += u64::from(prompt);
            s.plain.answer_tokens += u64::from(answer);
        });
        scopes
    }

    pub(super) fn on_attempt(
        &mut self,
        now: Instant,
        scopes: u8,
        origin: Origin,
        probe: bool,
        fresh: bool,
    ) {
        if origin != Origin::First && (self.warm_up..self.duration).contains(&now) {
            let (cell, n, most) = &mut self.peak;
            if *cell != now.0 / 100_000_000 {
                (*cell, *n) = (now.0 / 100_000_000, 0);
            }
            *n += 1;
            *most = (*most).max(*n);
        }
        self.each(scopes, |s| {
            s.plain.attempts[origin.index()] += 1;
            s.plain.probes += u64::from(probe);
            s.plain.sent_calls += u64::from(fresh);
        });
    }

    pub(super) fn on_trip(&mut self, now: Instant) {
        let counts = (self.warm_up..self.duration).contains(&now);
        self.breaker_trips += u64::from(counts);
    }

    pub(super) fn on_refused(&mut self, scopes: u8, refusal: Refusal) {
        self.each(scopes, |s| s.refusals[refusal.index()] += 1);
    }

    pub(super) fn on_status(&mut self, scopes: u8, status: u16) {
        let place = STATUSES.iter().position(|s| *s == status).unwrap_or(0);
        self.each(scopes, |s| s.statuses[place] += 1);
    }

    pub(super) fn on_filed(
        &mut self,
        scopes: u8,
        provider: u8,
        class: Class,
        bill: Usage,
        bad: bool,
    ) {
        self.each(scopes, |s| {
            let row = &mut s.bills[provider as usize][class.index()];
            row.attempts += 1;
            row.input_tokens += bill.input_tokens;
            row.output_tokens += bill.output_tokens;
            row.pico_usd += u128::from(bill.pico_usd);
            row.bad_answers += u64::from(bad);
        });
    }

    pub(super) fn on_finish(&mut self, now: Instant, call: &Call, verdict: Verdict, good: bool) {
        let took = now.since(call.arrived);
        self.each(call.scopes, |s| {
            s.verdict.record(took);
            s.good.record(if good { took } else { DEADLINE });
            match verdict {
                Verdict::Success => s.on_success(call, took, good),
                Verdict::Degraded => s.plain.degraded += 1,
                Verdict::Failed(failure) => {
                    s.plain.failed += 1;
                    s.failures[failure.index()] += 1;
                }
            }
        });
    }

    pub(super) fn into_totals(self, end: Instant, providers: &[Numbers; 2]) -> Totals {
        Totals {
            scopes: self.scopes.map(|s| s.into_sums(providers)).into(),
            submitted: self.submitted,
            retries_peak_per_100ms: self.peak.2,
            breaker_trips: self.breaker_trips,
            end_ns: end.0,
        }
    }
}

impl Scope {
    fn on_success(&mut self, call: &Call, took: Duration, good: bool) {
        self.plain.success += 1;
        self.plain.good += u64::from(good);
        self.success.record(took);
        self.ttft.record(call.first_token.since(call.arrived));
        if let (Some((first, asked)), Some((sent, answered))) = (call.first, call.answered)
            && asked != answered
        {
            self.failover_added.record(sent.since(first));
        }
    }

    fn into_sums(self, providers: &[Numbers; 2]) -> replication::Sums {
        let mut usage = Vec::new();
        for (rows, provider) in self.bills.into_iter().zip(providers) {
            for (row, class) in rows.into_iter().zip(Class::ALL) {
                let outcome = if *class == Class::Ok { "won" } else { "lost" };
                usage.push(UsageRow {
                    endpoint: provider.name.into(),
                    class: class.name().into(),
                    outcome: outcome.into(),
                    ..row
                });
            }
        }
        usage.retain(|row| row.attempts > 0);
        let pairs = STATUSES.into_iter().zip(self.statuses);
        replication::Sums {
            failures: named(Failure::ALL, &self.failures, Failure::name),
            refusals: named(Refusal::ALL, &self.refusals, Refusal::name),
            statuses: pairs.filter(|(_, n)| *n > 0).collect(),
            usage,
            latency_good: self.good.into_times(),
            latency_verdict: self.verdict.into_times(),
            latency_success: self.success.into_times(),
            ttft: self.ttft.into_times(),
            failover_added: self.failover_added.into_times(),
            ..self.plain
        }
    }
}

fn named<T: Copy>(all: &[T], counts: &[u64], name: fn(T) -> &'static str) -> BTreeMap<String, u64> {
    let pairs = all.iter().zip(counts).filter(|(_, n)| **n > 0);
    pairs.map(|(value, n)| (name(*value).into(), *n)).collect()
}
