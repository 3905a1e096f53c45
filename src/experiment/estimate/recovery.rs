//! How runs came back after a fault, or after each of its incidents if they are drawn.
//!
//! Of one fault a run has one recovery, and replications are what is counted. Of drawn incidents it has as many
//! as it happens to have: what is told of them are ratios over all of them (Σ over runs ÷ Σ over runs), and the
//! percentile of them all together. One that was not seen to recover took for ever, and counts in the mean as
//! long as it was watched.

use std::sync::Arc;

use super::absent::Absent;
use super::percentile::{self, Pooled};
use super::{View, ratio};
use crate::experiment::sample::Sample;
use crate::record::Sparse;
use crate::record::replication::{Recovery, Replication, Times};

impl View<'_> {
    /// The recoveries of each run that this scope is about: those of its own fault, or of the last one, or
    /// of all incidents if all are drawn.
    fn recoveries(&self) -> Result<Vec<Vec<Recovery>>, Absent> {
        if !self.setting.scopes[self.scope].is_whole() {
            return Err(Absent::WholeRuns);
        }
        let of_fault = |run: &Replication, fault: usize| {
            let one = run.recovery.get(fault).copied().flatten();
            let drawn = run.incidents.get(fault).cloned().unwrap_or_default();
            one.into_iter().chain(drawn).collect::<Vec<_>>()
        };
        let of_run = |run: &Replication| match (self.scope, self.setting.last_fault) {
            (0, Some(last)) => of_fault(run, last),
            (0, None) => run.incidents.concat(),
            (scope, _) => of_fault(run, scope - 1),
        };
        Ok(self.runs.iter().map(of_run).collect())
    }

    /// Mean of min(recovery, horizon) over those that can be told.
    pub(super) fn recovery(&self) -> Result<Sample, Absent> {
        let each = self.recoveries()?.into_iter().map(|run| {
            let took = |r: &Recovery| r.recovered_ns.unwrap_or(r.horizon_ns).min(r.horizon_ns);
            let sum: u128 = run.iter().map(|r| u128::from(took(r))).sum();
            (sum, run.len() as u128)
        });
        let (y, x): (Vec<u128>, Vec<u128>) = each.unzip();
        ratio::ratio(&y, &x, 1e-9).ok_or(Absent::NoRecovery)
    }

    /// The median of them, those that were not seen to recover being the longest.
    pub(super) fn recovery_median(&self) -> Result<Sample, Absent> {
        let each: Vec<Times> = self.recoveries()?.iter().map(|run| times(run)).collect();
        let parts: Vec<&Times> = each.iter().collect();
        let pooled = Arc::new(Pooled::new(&parts).in_units_of(1e9));
        let sample =
            self.pooled_percentile(&parts, &pooled, 0.5)
                .map_err(|absent| match absent {
                    Absent::Nothing => Absent::NoRecovery,
                    other => other,
                })?;
        match sample.value.is_finite() {
            true => Ok(sample),
            false => Err(Absent::NotRecovered),
        }
    }

    /// Share of them that were seen to recover; of one fault the share of runs, with its exact interval.
    pub(super) fn recovered(&self) -> Result<Sample, Absent> {
        let runs = self.recoveries()?;
        let has = |recovery: &Recovery| recovery.recovered_ns.is_some();
        if runs.iter().all(|run| run.len() <= 1) {
            let each = runs.iter().map(|run| run.first().map(has));
            return Sample::share(each.collect()).ok_or(Absent::NoRecovery);
        }
        let each = runs.iter().map(|run| {
            let recovered = run.iter().filter(|recovery| has(recovery)).count();
            (recovered as u128, run.len() as u128)
        });
        let (y, x): (Vec<u128>, Vec<u128>) = each.unzip();
        ratio::ratio(&y, &x, 1.0).ok_or(Absent::NoRecovery)
    }
}

/// Recoveries as times, to the µs.
fn times(run: &[Recovery]) -> Times {
    let us = |r: &Recovery| r.recovered_ns.map_or(percentile::NEVER_US, |ns| ns / 1000);
    let mut counts: Vec<(u64, u64)> = run.iter().map(|r| (us(r), 1)).collect();
    counts.sort_unstable();
    Times {
        n: run.len() as u64,
        max_ns: u64::MAX,
        histogram: Sparse::pooled([&Sparse { counts }]),
        ..Times::default()
    }
}
