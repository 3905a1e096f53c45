//! From replications to a value with an interval, for every metric.

pub mod absent;
pub mod alerts;
mod conversations;
pub mod peak;
pub mod percentile;
pub mod ratio;
mod recovery;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::absent::Absent;
use self::percentile::Pooled;
use super::sample::Sample;
use crate::base::Stop;
use crate::policy::Alarms;
use crate::record::metric::{Clock, Formula, METRICS, Metric};
use crate::record::replication::{Replication, Sums, Times};
use crate::record::results::Scope;

/// What estimates must know beside the replications.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The scopes of the sums: first all calls, then one per fault, then parts of the calls.
    pub scopes: Vec<Scope>,
    /// Width of the windows, ns.
    pub window_ns: u64,
    /// H, ns.
    pub horizon_ns: u64,
    /// The fault that ends last, of those whose times are not drawn: recovery over all calls is that from it.
    /// None: it is that from all incidents that are drawn.
    pub last_fault: Option<usize>,
    /// Whether any provider has a price.
    pub priced: bool,
    /// Whether a policy has a breaker, in order of the file.
    pub breakers: Vec<bool>,
    /// What of it raises alerts.
    pub alerts: Vec<Alarms>,
    /// Whether the traffic is a closed loop: open traffic has the throughput of its arrivals.
    pub closed: bool,
}

/// Every metric of one policy in one scope, by name.
#[derive(Clone, Debug, Default)]
pub struct Samples(BTreeMap<&'static str, Result<Sample, Absent>>);

impl Samples {
    /// Estimates every metric from the replications of one policy; None if it was told to stop.
    /// `policy` is its place in the file, `scope` one in [`Setting::scopes`].
    pub fn of(
        runs: &[Replication],
        (policy, scope): (usize, usize),
        setting: &Setting,
        stop: &Stop,
    ) -> Option<Samples> {
        let view = View::new(runs, (policy, scope), setting, stop)?;
        let one = |metric: &'static Metric| {
            stop.check()?;
            Some((metric.name, view.sample(metric)))
        };
        METRICS.iter().map(one).collect::<Option<_>>().map(Samples)
    }

    /// Estimates a few metrics over all calls, in their order, each present or absent; None if it was
    /// told to stop. If `few`, percentiles are taken however few calls lie beyond them.
    pub fn some(
        runs: &[Replication],
        metrics: &[&Metric],
        setting: &Setting,
        few: bool,
        stop: &Stop,
    ) -> Option<Vec<Result<Sample, Absent>>> {
        let view = View {
            few,
            ..View::new(runs, (0, 0), setting, stop)?
        };
        Some(metrics.iter().map(|metric| view.sample(metric)).collect())
    }

    /// One metric.
    ///
    /// # Errors
    /// If it is absent, with the reason.
    pub fn of_metric(&self, metric: &Metric) -> Result<&Sample, Absent> {
        match self.0.get(metric.name) {
            Some(Ok(sample)) => Ok(sample),
            Some(Err(absent)) => Err(*absent),
            None => Err(Absent::Nothing),
        }
    }

    /// The metrics that apply, in the order of tables.
    pub fn present(&self) -> impl Iterator<Item = (&'static Metric, &Sample)> {
        let found = |metric| Some((metric, self.of_metric(metric).ok()?));
        METRICS.iter().filter_map(found)
    }
}

/// One metric of one run by itself, `run` being that run alone: a value that stands on its calls. A percentile
/// is theirs, however few lie beyond it.
///
/// # Errors
/// If it is absent, with the reason.
pub fn in_run(
    metric: &Metric,
    run: &[Replication],
    (policy, scope): (usize, usize),
    setting: &Setting,
) -> Result<Sample, Absent> {
    let sums: Vec<&Sums> = run.iter().filter_map(|run| run.scopes.get(scope)).collect();
    let view = View {
        runs: run,
        policy,
        scope,
        setting,
        // Only percentiles look there, and those are told below.
        pooled: Vec::new(),
        few: true,
        sums,
    };
    let (clock, p) = match metric.formula {
        Formula::Percentile(clock, p) => (clock, p),
        Formula::ConversationCost(p) if setting.priced => return view.cost_of_conversations(p),
        _ => return view.sample(metric),
    };
    let times: Vec<&Times> = view.sums.iter().map(|sums| clock.of(sums)).collect();
    let pooled = Pooled::new(&times);
    let value = pooled.quantile(p).ok_or(Absent::Nothing)?;
    Ok(view.cut(clock, Sample::bare(value, pooled.n())))
}

/// The replications of one policy, seen in one scope.
struct View<'a> {
    runs: &'a [Replication],
    sums: Vec<&'a Sums>,
    policy: usize,
    scope: usize,
    setting: &'a Setting,
    /// By place in [`CLOCKS`]: pooling is what costs, and several percentiles share it.
    pooled: Vec<Arc<Pooled>>,
    /// Whether percentiles are taken however few calls lie beyond them.
    few: bool,
}

/// Every time that is measured.
pub const CLOCKS: [Clock; 7] = [
    Clock::Good,
    Clock::Verdict,
    Clock::Success,
    Clock::Ttft,
    Clock::QueueWait,
    Clock::FailoverAdded,
    Clock::DeferredDelay,
];

impl<'a> View<'a> {
    fn new(
        runs: &'a [Replication],
        (policy, scope): (usize, usize),
        setting: &'a Setting,
        stop: &Stop,
    ) -> Option<View<'a>> {
        let sums: Vec<&Sums> = runs
            .iter()
            .filter_map(|run| run.scopes.get(scope))
            .collect();
        let pool = |clock: Clock| {
            stop.check()?;
            let times: Vec<&Times> = sums.iter().map(|sums| clock.of(sums)).collect();
            Some(Arc::new(Pooled::new(&times)))
        };
        let pooled = CLOCKS.into_iter().map(pool).collect::<Option<_>>()?;
        Some(View {
            runs,
            sums,
            policy,
            scope,
            setting,
            pooled,
            few: false,
        })
    }

    fn sample(&self, metric: &Metric) -> Result<Sample, Absent> {
        if metric.unit == "usd" && !self.setting.priced {
            return Err(Absent::Unpriced);
        }
        if metric.name == "throughput_per_s" && !self.setting.closed {
            return Err(Absent::OpenTraffic);
        }
        let breakers = self.setting.breakers.get(self.policy);
        if metric.name.starts_with("breaker_") && breakers != Some(&true) {
            return Err(Absent::NoBreaker);
        }
        if alerts::is_about(metric) {
            let alarms = self.setting.alerts.get(self.policy);
            alerts::applies(metric, alarms.copied().unwrap_or_default())?;
        }
        match metric.formula {
            Formula::Ratio(above, below, scale) => {
                let (y, x) = (self.each(above), self.each(below));
                ratio::ratio(&y, &x, scale).ok_or(Absent::Nothing)
            }
            Formula::PerSecond(count) => {
                let y = self.each(count);
                ratio::mean(&y, 1.0, self.seconds()?).ok_or(Absent::Nothing)
            }
            Formula::Total(total, scale) => {
                ratio::mean(&self.each(total), scale, 1.0).ok_or(Absent::Nothing)
            }
            Formula::Mean(clock) => {
                let (y, x) = (
                    self.each(|sums| clock.of(sums).sum_ns),
                    self.each(|sums| u128::from(clock.of(sums).n)),
                );
                ratio::ratio(&y, &x, 1e-6).ok_or(Absent::Nothing)
            }
            Formula::Percentile(clock, p) => self.percentile(clock, p),
            Formula::ConversationCost(p) => self.conversation_cost(p),
            Formula::Max(clock) => self.max(clock),
            Formula::AmplificationPeak => self.peak(),
            Formula::RunTotal(total, scale) => self.run_total(total, scale),
            Formula::Recovery => self.recovery(),
            Formula::RecoveryMedian => self.recovery_median(),
            Formula::RecoveredRatio => self.recovered(),
            Formula::AlertDelay => self.alert_delay(),
            Formula::AlertedRatio => self.alerted(),
            Formula::LockUpShare => {
                self.whole_runs()?;
                let answers = self.runs.iter().map(|run| run.lock_up).collect();
                Sample::share(answers).ok_or(Absent::NoRecovery)
            }
        }
    }

    /// One exact number per replication.
    fn each(&self, part: impl Fn(&Sums) -> u128) -> Vec<u128> {
        self.sums.iter().map(|sums| part(sums)).collect()
    }

    fn seconds(&self) -> Result<f64, Absent> {
        let scope = &self.setting.scopes[self.scope];
        match scope.partly {
            true => Err(Absent::NowAndThen),
            false => Ok(scope.to_ns.saturating_sub(scope.from_ns) as f64 / 1e9),
        }
    }

    fn whole_runs(&self) -> Result<(), Absent> {
        if self.scope == 0 {
            Ok(())
        } else {
            Err(Absent::WholeRuns)
        }
    }

    fn percentile(&self, clock: Clock, p: f64) -> Result<Sample, Absent> {
        let times: Vec<&Times> = self.sums.iter().map(|sums| clock.of(sums)).collect();
        let sample = self.pooled_percentile(&times, self.pooled(clock), p)?;
        Ok(self.cut(clock, sample))
    }

    /// A percentile of what is pooled: of however few, if that was asked for.
    fn pooled_percentile(
        &self,
        parts: &[&Times],
        pooled: &Arc<Pooled>,
        p: f64,
    ) -> Result<Sample, Absent> {
        match self.few {
            true => percentile::of_few(parts, pooled, p),
            false => percentile::percentile(parts, pooled, p),
        }
    }

    fn pooled(&self, clock: Clock) -> &Arc<Pooled> {
        let place = CLOCKS.iter().position(|&c| c == clock);
        &self.pooled[place.unwrap_or_default()]
    }

    /// Notes H for times that are cut there: those to a good answer, and those to a verdict where
    /// calls stayed unfinished.
    fn cut(&self, clock: Clock, mut sample: Sample) -> Sample {
        let cut = match clock {
            Clock::Good => true,
            Clock::Verdict => self.sums.iter().any(|sums| sums.unfinished > 0),
            _ => false,
        };
        sample.horizon_ms = cut.then_some(self.setting.horizon_ns as f64 / 1e6);
        sample
    }

    fn max(&self, clock: Clock) -> Result<Sample, Absent> {
        let times = self.sums.iter().map(|sums| clock.of(sums));
        let n: u64 = times.clone().map(|times| times.n).sum();
        if n == 0 {
            return Err(Absent::Nothing);
        }
        let max = times.map(|times| times.max_ns).max().unwrap_or_default();
        Ok(self.cut(clock, Sample::bare(max as f64 / 1e6, n)))
    }

    fn peak(&self) -> Result<Sample, Absent> {
        let windows: Vec<_> = self.runs.iter().map(|run| &run.windows).collect();
        let scope = &self.setting.scopes[self.scope];
        if scope.priority.is_some() || scope.tenant.is_some() {
            // The windows count all calls.
            return Err(Absent::WholeRuns);
        }
        if scope.partly {
            return Err(Absent::NowAndThen);
        }
        peak::amplification_peak(
            &windows,
            self.setting.window_ns,
            (scope.from_ns, scope.to_ns),
        )
    }

    fn run_total(&self, total: fn(&Replication) -> u128, scale: f64) -> Result<Sample, Absent> {
        self.whole_runs()?;
        let y: Vec<u128> = self.runs.iter().map(total).collect();
        ratio::mean(&y, scale, 1.0).ok_or(Absent::Nothing)
    }
}

#[cfg(test)]
mod tests;
