//! The list of metrics: name, unit, which way is better, and what it is made of.
//!
//! Names are those of `results.json` everywhere: expectations, tables, charts.

mod alerts;
mod billing;
mod fallbacks;
mod limited;
mod lists;

use super::replication::{Replication, Sums, Times};
use alerts::ALERTS;
use billing::BILLING;
use fallbacks::FALLBACKS;
use limited::LIMITED;
use lists::{LOCK_UP, SCALARS};

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

impl Clock {
    /// The same, to be changed.
    pub fn of_mut(self, sums: &mut Sums) -> &mut Times {
        match self {
            Clock::Good => &mut sums.latency_good,
            Clock::Verdict => &mut sums.latency_verdict,
            Clock::Success => &mut sums.latency_success,
            Clock::Ttft => &mut sums.ttft,
            Clock::QueueWait => &mut sums.queue_wait,
            Clock::FailoverAdded => &mut sums.failover_added,
            Clock::DeferredDelay => &mut sums.fallbacks.delay,
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
    /// Percentile of what conversations cost, in dollars.
    ConversationCost(f64),
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
    /// Median of the recoveries in seconds, those that were not seen being the longest.
    RecoveryMedian,
    /// Share of replications that recovered, or of drawn incidents after which they did.
    RecoveredRatio,
    /// Share of replications that locked up.
    LockUpShare,
    /// Mean time to the first alert in seconds, over the faults that an alert met: a miss has no delay.
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

const LISTS: [&[Metric]; 13] = [
    &SCALARS,
    &LOCK_UP,
    &FALLBACKS,
    &ALERTS,
    &LIMITED,
    &BILLING,
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
