//! The list of metrics: name, unit, which way is better, and what it is made of.
//!
//! Names are those of `results.json` everywhere: expectations, tables, charts.

use super::replication::{Replication, Sums, Times};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It depends.
    Neither,
}

/// Which of a scope's quantities of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// To a good answer: the headline.
    Good,
    /// To a verdict.
    Verdict,
    /// To success.
    Success,
    /// To the first token.
    Ttft,
    /// In the client's queue.
    QueueWait,
    /// Added by failing over.
    FailoverAdded,
    /// Until a call that was put off is answered.
    DeferredDelay,
}

impl Clock {
    /// That quantity of a scope.
    pub fn of(self, sums: &Sums) -> &Times {
        match self {
            Clock::Good => &sums.latency_good,
            Clock::Verdict => &sums.latency_verdict,
            Clock::Success => &sums.latency_success,
            Clock::Ttft => &sums.ttft,
            Clock::QueueWait => &sums.queue_wait,
            Clock::FailoverAdded => &sums.failover_added,
            Clock::DeferredDelay => &sums.fallbacks.delay,
        }
    }
}

/// A numerator or denominator: an exact integer of one scope, with the seconds of the scope for
/// rates per time. Converted to f64 only when an estimate is made.
pub type Part = fn(&Sums) -> u128;

/// How a metric is computed.
#[derive(Clone, Copy, Debug)]
pub enum Formula {
    /// Σ numerator ÷ Σ denominator × scale, sums over replications.
    Ratio(Part, Part, f64),
    /// Σ numerator ÷ seconds the scope lasts.
    PerSecond(Part),
    /// Mean over replications of a total × scale.
    Total(Part, f64),
    /// Mean of a time, ms.
    Mean(Clock),
    /// Percentile of a time, ms.
    Percentile(Clock, f64),
    /// Largest time over all replications, ms; no interval.
    Max(Clock),
    /// Peak of attempts ÷ arrivals over windows of [`peak_window_ns`].
    AmplificationPeak,
    /// Mean over replications of a count that is not split by scope.
    RunTotal(fn(&Replication) -> u128, f64),
    /// Mean of min(recovery, horizon) in seconds.
    Recovery,
    /// Share of replications that recovered.
    RecoveredRatio,
    /// Share of replications that locked up.
    LockUpShare,
    /// Mean over faults of min(time to the first alert, length) in seconds.
    AlertDelay,
    /// Share of faults that an alert met.
    AlertedRatio,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name in results, expectations and reports.
    pub name: &'static str,
    /// The unit: `ratio`, `per_s`, `ms`, `s`, `usd`, `count`, `attempts_per_call`.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// One line.
    pub summary: &'static str,
    /// How it is computed.
    pub formula: Formula,
}

impl Metric {
    /// The metric of a name.
    pub fn named(name: &str) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.name == name)
    }
}

/// Width of the windows of `amplification_peak`, ns: 10 s in entries of [`super::Windows`] of this
/// width, or one entry where that is wider.
pub fn peak_window_ns(window_ns: u64) -> u64 {
    const PEAK_NS: u64 = 10_000_000_000;
    PEAK_NS.div_ceil(window_ns.max(1)) * window_ns.max(1)
}

const fn metric(
    name: &'static str,
    unit: &'static str,
    better: Better,
    formula: Formula,
    summary: &'static str,
) -> Metric {
    Metric {
        name,
        unit,
        better,
        summary,
        formula,
    }
}

/// Six percentiles, the mean and the maximum of one quantity of time.
macro_rules! times {
    ($name:literal, $clock:expr, $what:literal) => {
        [
            metric(
                concat!($name, "_ms_mean"),
                "ms",
                Better::Lower,
                Formula::Mean($clock),
                concat!("mean ", $what),
            ),
            metric(
                concat!($name, "_ms_p50"),
                "ms",
                Better::Lower,
                Formula::Percentile($clock, 0.5),
                concat!("median ", $what),
            ),
            metric(
                concat!($name, "_ms_p90"),
                "ms",
                Better::Lower,
                Formula::Percentile($clock, 0.9),
                concat!("90th percentile of ", $what),
            ),
            metric(
                concat!($name, "_ms_p95"),
                "ms",
                Better::Lower,
                Formula::Percentile($clock, 0.95),
                concat!("95th percentile of ", $what),
            ),
            metric(
                concat!($name, "_ms_p99"),
                "ms",
                Better::Lower,
                Formula::Percentile($clock, 0.99),
                concat!("99th percentile of ", $what),
            ),
            metric(
                concat!($name, "_ms_p999"),
                "ms",
                Better::Lower,
                Formula::Percentile($clock, 0.999),
                concat!("99.9th percentile of ", $what),
            ),
            metric(
                concat!($name, "_ms_max"),
                "ms",
                Better::Lower,
                Formula::Max($clock),
                concat!("longest ", $what),
            ),
        ]
    };
}

const SCALARS: [Metric; 27] = [
    metric(
        "success_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(|s| s.success.into(), |s| s.calls.into(), 1.0),
        "calls with a complete answer by the deadline",
    ),
    metric(
        "degraded_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| s.degraded.into(), |s| s.calls.into(), 1.0),
        "calls that ended with a fallback",
    ),
    metric(
        "failed_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| s.failed.into(), |s| s.calls.into(), 1.0),
        "calls without an answer",
    ),
    metric(
        "unfinished_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| s.unfinished.into(), |s| s.calls.into(), 1.0),
        "calls still open when the run was cut",
    ),
    metric(
        "good_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(|s| s.good.into(), |s| s.calls.into(), 1.0),
        "calls with a truly good answer by the deadline",
    ),
    metric(
        "bad_answer_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| (s.success - s.good).into(), |s| s.success.into(), 1.0),
        "successes whose answer was bad",
    ),
    metric(
        "goodput_per_s",
        "per_s",
        Better::Higher,
        Formula::PerSecond(|s| s.good.into()),
        "truly good answers per second",
    ),
    metric(
        "amplification",
        "attempts_per_call",
        Better::Lower,
        Formula::Ratio(|s| s.attempts_total().into(), |s| s.calls.into(), 1.0),
        "attempts per call, refused calls included",
    ),
    metric(
        "attempts_per_sent_call",
        "attempts_per_call",
        Better::Lower,
        Formula::Ratio(|s| s.attempts_total().into(), |s| s.sent_calls.into(), 1.0),
        "attempts per call that sent one",
    ),
    metric(
        "retry_ratio",
        "attempts_per_call",
        Better::Lower,
        Formula::Ratio(|s| s.attempts[1].into(), |s| s.calls.into(), 1.0),
        "retries per call",
    ),
    metric(
        "failover_ratio",
        "attempts_per_call",
        Better::Neither,
        Formula::Ratio(|s| s.attempts[2].into(), |s| s.calls.into(), 1.0),
        "failovers per call",
    ),
    metric(
        "hedge_ratio",
        "attempts_per_call",
        Better::Neither,
        Formula::Ratio(|s| s.attempts[3].into(), |s| s.calls.into(), 1.0),
        "hedges per call",
    ),
    metric(
        "amplification_peak",
        "attempts_per_call",
        Better::Lower,
        Formula::AmplificationPeak,
        "most attempts per arriving call in any 10 s (of a run over 10 000 s: in any of its windows)",
    ),
    metric(
        "retries_peak_per_100ms",
        "count",
        Better::Lower,
        Formula::RunTotal(|r| r.retries_peak_per_100ms.into(), 1.0),
        "most attempts other than first ones in any 100 ms",
    ),
    metric(
        "cost_usd_total",
        "usd",
        Better::Lower,
        Formula::Total(|s| s.pico_usd(), 1e-12),
        "money spent in one run",
    ),
    metric(
        "cost_usd_per_success",
        "usd",
        Better::Lower,
        Formula::Ratio(|s| s.pico_usd(), |s| s.success.into(), 1e-12),
        "money per success",
    ),
    metric(
        "cost_usd_per_good_answer",
        "usd",
        Better::Lower,
        Formula::Ratio(|s| s.pico_usd(), |s| s.good.into(), 1e-12),
        "money per truly good answer",
    ),
    metric(
        "cost_usd_wasted",
        "usd",
        Better::Lower,
        Formula::Total(|s| s.pico_usd_wasted(), 1e-12),
        "money for attempts that answered no call, in one run",
    ),
    metric(
        "cost_usd_judge",
        "usd",
        Better::Lower,
        Formula::Total(|s| s.pico_usd_judge(), 1e-12),
        "money for judges of answers, in one run",
    ),
    metric(
        "judgements_per_call",
        "attempts_per_call",
        Better::Neither,
        Formula::Ratio(|s| s.guarding.judge.asked.into(), |s| s.calls.into(), 1.0),
        "requests to judges per call",
    ),
    metric(
        "bad_answers_flagged_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(
            |s| s.guarding.flagged_bad.into(),
            |s| s.bad_answers().into(),
            1.0,
        ),
        "truly bad answers that a guard refused or raised an alert about, of all that came whole",
    ),
    metric(
        "good_answers_flagged_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.guarding.flagged_good.into(),
            |s| s.good_answers().into(),
            1.0,
        ),
        "truly good answers that a guard refused or raised an alert about, of all that came whole",
    ),
    metric(
        "breaker_trips",
        "count",
        Better::Neither,
        Formula::RunTotal(|r| r.breaker_trips.into(), 1.0),
        "breakers that opened, in one run",
    ),
    metric(
        "breaker_open_good_s",
        "s",
        Better::Lower,
        Formula::RunTotal(|r| r.breaker_open_good_ns, 1e-9),
        "time breakers were open in vain, summed over processes",
    ),
    metric(
        "breaker_open_bad_s",
        "s",
        Better::Neither,
        Formula::RunTotal(|r| r.breaker_open_bad_ns, 1e-9),
        "time breakers were rightly open, summed over processes",
    ),
    metric(
        "recovery_s",
        "s",
        Better::Lower,
        Formula::Recovery,
        "mean time to recover after the fault, capped at the time watched",
    ),
    metric(
        "recovered_ratio",
        "ratio",
        Better::Higher,
        Formula::RecoveredRatio,
        "runs that recovered",
    ),
];

const LOCK_UP: [Metric; 1] = [metric(
    "lock_up_share",
    "ratio",
    Better::Lower,
    Formula::LockUpShare,
    "runs that never recovered though watched for 60 s",
)];

const FALLBACKS: [Metric; 6] = [
    metric(
        "degraded_cached_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.fallbacks.given("cached").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that ended with a cached answer",
    ),
    metric(
        "degraded_rule_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.fallbacks.given("rule").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that ended with an answer by rules",
    ),
    metric(
        "degraded_message_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.fallbacks.given("message").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that ended with a message",
    ),
    metric(
        "degraded_deferred_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.fallbacks.given("defer").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that were put off",
    ),
    metric(
        "deferred_answered_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(
            |s| s.fallbacks.answered.into(),
            |s| s.fallbacks.given("defer").into(),
            1.0,
        ),
        "of the calls that were put off: answered before the run was over",
    ),
    metric(
        "deferred_lost_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.fallbacks.lost.into(),
            |s| s.fallbacks.given("defer").into(),
            1.0,
        ),
        "of the calls that were put off: too old before they were answered",
    ),
];

const ALERTS: [Metric; 4] = [
    metric(
        "alerts",
        "count",
        Better::Neither,
        Formula::RunTotal(|r| r.alerts.count().into(), 1.0),
        "alerts of drift monitors, in one run, over all processes and endpoints",
    ),
    metric(
        "false_alerts",
        "count",
        Better::Lower,
        Formula::RunTotal(|r| r.alerts.false_alerts.into(), 1.0),
        "alerts about an endpoint that no fault was on at, in one run",
    ),
    metric(
        "alert_delay_s",
        "s",
        Better::Lower,
        Formula::AlertDelay,
        "mean time from the start of a fault to the first alert about it, capped at its length",
    ),
    metric(
        "alerted_ratio",
        "ratio",
        Better::Higher,
        Formula::AlertedRatio,
        "faults that an alert met while they were on",
    ),
];

const LISTS: [&[Metric]; 11] = [
    &SCALARS,
    &LOCK_UP,
    &FALLBACKS,
    &ALERTS,
    &times!("latency_good", Clock::Good, "time to a good answer"),
    &times!("latency_verdict", Clock::Verdict, "time to a verdict"),
    &times!("latency_success", Clock::Success, "time to success"),
    &times!("ttft", Clock::Ttft, "time to the first token"),
    &times!(
        "queue_wait",
        Clock::QueueWait,
        "wait in the client's own queue, of calls that waited"
    ),
    &times!(
        "failover_added",
        Clock::FailoverAdded,
        "time added by failing over"
    ),
    &times!(
        "deferred_delay",
        Clock::DeferredDelay,
        "time from the verdict to the late answer, of calls that were put off and answered"
    ),
];

const COUNT: usize = {
    let (mut n, mut i) = (0, 0);
    while i < LISTS.len() {
        n += LISTS[i].len();
        i += 1;
    }
    n
};

/// Every metric, in the order of tables.
pub const METRICS: [Metric; COUNT] = {
    let mut all = [SCALARS[0]; COUNT];
    let (mut n, mut i) = (0, 0);
    while i < LISTS.len() {
        let mut j = 0;
        while j < LISTS[i].len() {
            all[n] = LISTS[i][j];
            n += 1;
            j += 1;
        }
        i += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_unique_and_can_be_found() {
        for metric in &METRICS {
            assert_eq!(
                METRICS.iter().filter(|m| m.name == metric.name).count(),
                1,
                "{}",
                metric.name
            );
            assert!(Metric::named(metric.name).is_some());
        }
    }
}
